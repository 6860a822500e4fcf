import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { conv2d, type Conv2dOptions } from "./ops/conv.ts";
import { linear } from "./ops/linear.ts";
import { getNumThreads, setNumThreads } from "./settings.ts";
import { Generator, randn } from "./random.ts";
import type { Tensor } from "./tensor.ts";
import { sameBits } from "./samples_test.ts";
import type { Shape } from "./shape.ts";

function values(shape: Shape, seed: number): Tensor {
  return randn(shape, { generator: new Generator(seed) });
}

const CONVOLUTIONS: readonly [string, Shape, Shape, Conv2dOptions][] = [
  ["3 channels", [5, 3, 32, 32], [64, 3, 3, 3], { padding: 1 }],
  ["64 channels", [5, 64, 8, 8], [64, 64, 3, 3], { padding: 1 }],
  ["stride 2", [6, 16, 17, 17], [32, 16, 3, 3], { stride: 2 }],
  ["5x5", [5, 8, 16, 16], [16, 8, 5, 5], { padding: 2 }],
  ["1x1", [16, 40, 16, 16], [26, 40, 1, 1], {}],
  ["2 groups", [6, 32, 12, 12], [36, 16, 3, 3], { padding: 1, groups: 2 }],
  ["large tiles", [5, 66, 9, 14], [70, 66, 3, 3], { padding: 1 }],
  ["one large tile", [9, 64, 4, 4], [64, 64, 3, 3], { padding: 1 }],
  ["few pixels", [30, 48, 3, 3], [50, 48, 3, 3], { padding: 1 }],
  // A part has few enough pixels for weights as panels, the whole has not.
  ["four pixels", [200, 48, 2, 2], [50, 48, 3, 3], { padding: 1 }],
  ["four strides", [150, 40, 4, 4], [50, 40, 3, 3], { padding: 1, stride: 2 }],
  ["one channel", [16, 1, 31, 30], [24, 1, 3, 3], { padding: 1 }],
  ["a channel each", [16, 24, 31, 30], [24, 1, 3, 3], { groups: 24 }],
];

for (const [name, x, w, options] of CONVOLUTIONS) {
  Deno.test(`convolution with ${name} is the same bits on any number of threads`, async () => {
    const [input, weight] = [
      values(x, 1).requiresGrad_(),
      values(w, 2).requiresGrad_(),
    ];
    const gradient = values(conv2d(input, weight, null, options).shape, 3);
    await sameBits(() => {
      input.grad = weight.grad = null;
      const y = conv2d(input, weight, null, options);
      y.backward(gradient);
      return [y, input.grad!, weight.grad!];
    });
  });
}

Deno.test("matmul is the same bits on any number of threads", async () => {
  const [a, b] = [values([300, 70], 1), values([70, 130], 2)];
  await sameBits(() => [a.matmul(b), b.t().matmul(a.t())]);
  // A row more than two or three parts have, and more depth than one block.
  const [c, d] = [values([129, 500], 3), values([500, 30], 4)];
  await sameBits(() => [c.matmul(d), c.matmul(d.t().contiguous().t())]);
});

Deno.test("batches of products are the same bits on any number of threads", async () => {
  const [a, b] = [values([5, 70, 90], 1), values([5, 90, 80], 2)];
  await sameBits(() => [a.matmul(b), a.matmul(b.select(0, 1))]);
});

const LAYERS: readonly [string, number, number, number][] = [
  ["more rows than columns", 300, 49, 70],
  ["more columns than rows", 20, 130, 400],
  ["deep sums", 60, 130, 800],
  ["few columns", 900, 10, 100],
];

for (const [name, m, n, k] of LAYERS) {
  Deno.test(`linear with ${name} is the same bits on any number of threads`, async () => {
    const [x, w] = [
      values([m, k], 1).requiresGrad_(),
      values([n, k], 2).requiresGrad_(),
    ];
    const b = values([n], 3).requiresGrad_();
    const gradient = values([m, n], 4);
    await sameBits(() => {
      x.grad = w.grad = b.grad = null;
      const y = linear(x, w, b);
      y.backward(gradient);
      return [y, x.grad!, w.grad!, b.grad!];
    });
  });
}

Deno.test("large arrays are the same bits on any number of threads", async () => {
  const size = (1 << 20) + 7;
  const [a, b] = [values([size], 1), values([size], 2)];
  const x = a.detach().requiresGrad_();
  await sameBits(() => {
    x.grad = null;
    const y = [x.relu(), x.sigmoid(), x.tanh(), x.exp(), x.clamp(-1, 0.5)];
    y.reduce((sum, term) => sum.add(term)).backward(b);
    const pairs = [a.add(b), a.mul(2), a.div(b), a.maximum(b)];
    const less = a.lt(b).to("float32");
    return [...y, x.grad!, ...pairs, less];
  });
});

Deno.test("setNumThreads() sets, getNumThreads() tells", () => {
  const before = getNumThreads();
  setNumThreads(2);
  assertEquals(getNumThreads(), 2);
  setNumThreads(before);
  assertThrows(() => setNumThreads(0), RangeError, "setNumThreads() got 0");
});

Deno.test("what getNumThreads() begins with may be set, on any machine", async () => {
  const path = JSON.stringify(new URL("./mod.ts", import.meta.url).href);
  const code = `
    Object.defineProperty(navigator, "hardwareConcurrency", { value: 192 });
    const { getNumThreads, setNumThreads } = await import(${path});
    const count = getNumThreads();
    setNumThreads(count);
    console.log("threads:", count);`;
  const { stdout, stderr } = await new Deno.Command("deno", {
    args: ["eval", "--no-lock", "--no-check", code],
  }).output();
  const text = new TextDecoder().decode(stdout);
  assertStringIncludes(text, "threads: 64", new TextDecoder().decode(stderr));
});
