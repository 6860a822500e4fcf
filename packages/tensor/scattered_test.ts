import { assert, assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import { runtime } from "@fdunn/wasm-kernels";
import {
  arange,
  conv2d,
  type Conv2dOptions,
  grad,
  maxPool2d,
  memoryStats,
  type Tensor,
  tensor,
} from "./mod.ts";
import { count, numbers, onThreads } from "./samples_test.ts";

function floats(shape: number[], seed: number): Tensor {
  return tensor(numbers(count(shape), seed), { shape });
}

type Layer = (x: Tensor) => Tensor;

const relu: Layer = (x) => x.relu();
const sigmoid: Layer = (x) => x.sigmoid();
const tanh: Layer = (x) => x.tanh();
const none: Layer = (x) => x;
const halves: Layer = (x) => maxPool2d(x, 2);
const overlapping: Layer = (x) => maxPool2d(x, 3, { stride: 2, padding: 1 });
const two: Layer = (x) => halves(x).add(maxPool2d(x, 2).mul(3));

/** Gradients of x, weight and bias: inside a pass, and by grad(), which shows all. */
function compare(
  [n, c, o, size, kernel]: [number, number, number, number, number],
  act: Layer,
  pool: Layer,
  options: Conv2dOptions = { padding: 1 },
): void {
  const leaves = (): Tensor[] =>
    [[n, c, size, size], [o, c, kernel, kernel], [o]]
      .map((shape, i) => floats(shape, i).requiresGrad_());
  const loss = ([x, weight, bias]: Tensor[]) => {
    const y = pool(act(conv2d(x!, weight!, bias!, options)));
    return y.mul(floats([...y.shape], 9)).sum();
  };
  const [own, shown] = [leaves(), leaves()];
  loss(own).backward();
  grad(loss(shown), shown).forEach((expected, i) => {
    const actual = own[i]!.grad!;
    assertClose(actual.toArray(), expected!.toArray(), { rtol: 1e-4 });
  });
}

Deno.test("what pooling picked goes down through activation and convolution", () => {
  for (const act of [relu, sigmoid, tanh, none]) {
    for (const pool of [halves, overlapping, two]) {
      compare([2, 3, 5, 9, 3], act, pool);
      compare([2, 1, 4, 8, 3], act, pool);
    }
  }
  compare([2, 4, 3, 11, 5], relu, halves, { padding: 2 });
  // What goes the usual way: strides, dilations, groups, Winograd's tiles.
  compare([2, 4, 6, 11, 3], relu, halves, { stride: 2 });
  compare([2, 4, 6, 11, 3], relu, halves, { dilation: 2 });
  compare([2, 16, 16, 8, 3], relu, halves);
});

Deno.test("few channels never need the whole", () => {
  const kernels = runtime.kernels.float32 as { max_pool2d_backward?: unknown };
  kernels.max_pool2d_backward = () => {
    throw new Error("the whole was made");
  };
  try {
    const weight = floats([4, 3, 3, 3], 1).requiresGrad_();
    const x = floats([2, 3, 8, 8], 2).requiresGrad_();
    for (const act of [relu, sigmoid, tanh, none]) {
      halves(act(conv2d(x, weight))).sum().backward();
    }
    assertThrows(
      () => halves(conv2d(x, weight).exp()).sum().backward(),
      Error,
      "the whole was made",
    );
  } finally {
    delete kernels.max_pool2d_backward;
  }
});

/** Distinct numbers, half of them negative, with a zero. */
function image(): Tensor {
  const x = arange(36, { dtype: "float32" }).mul(7).remainder(36).sub(20);
  return x.reshape([1, 1, 6, 6]).detach().requiresGrad_();
}

/** The gradient of `loss(relu(x))`, as it is and when y's has been looked at. */
function check(loss: (y: Tensor) => Tensor): void {
  const [x, plain] = [image(), image()];
  loss(x.relu()).backward();
  const y = plain.relu();
  y.retainGrad();
  loss(y).backward();
  assertEquals(y.grad!.shape, y.shape);
  assertEquals(x.grad!.toArray(), plain.grad!.toArray());
}

Deno.test("gradients that others add to, or look at, are whole", () => {
  check((y) => maxPool2d(y, 2).mul(arange(9).reshape([3, 3])).sum());
  check((y) => maxPool2d(y, 2).sum().add(y.mul(3).sum()));
  check((y) => y.mul(3).sum().add(maxPool2d(y, 2).sum()));
  check((y) => maxPool2d(y, 2).sum().add(maxPool2d(y, 3).sum()));
  check((y) => maxPool2d(y.reshape([1, 1, 4, 9]), 2).sum());
});

Deno.test("a leaf's gradient outlives the pass", () => {
  const x = image();
  maxPool2d(x, 2).sum().backward();
  maxPool2d(image(), 3).sum().backward();
  assertEquals(x.grad!.sum().item(), 9);
});

Deno.test("a hook sees the whole gradient, and may keep it", () => {
  const x = image();
  const y = x.relu();
  let seen: Tensor | undefined;
  y.registerHook((g) => {
    seen = g.detach();
  });
  maxPool2d(y, 2).sum().backward();
  assertEquals(seen!.sum().item(), 9);
  assertEquals(x.grad!.shape, x.shape);
});

Deno.test("a result that was changed says nothing of what was pooled", () => {
  const [x, plain] = [image(), image()];
  for (const leaf of [x, plain]) {
    const pooled = maxPool2d(leaf.sigmoid(), 2);
    if (leaf === x) pooled.detach().mul_(5);
    pooled.backward(arange(9).reshape([1, 1, 3, 3]));
  }
  assertEquals(x.grad!.toArray(), plain.grad!.toArray());
});

Deno.test("a NaN lets its gradient through, as relu's backward does", () => {
  const x = arange(4).reshape([1, 1, 2, 2]).mul(NaN).detach().requiresGrad_();
  maxPool2d(x.relu(), 2).sum().backward();
  assertEquals(x.grad!.toArray(), [[[[0, 0], [0, 1]]]]);
});

Deno.test("the same bits on any number of threads", async () => {
  const [one, two, three] = await onThreads(() => {
    const weight = floats([16, 8, 3, 3], 2).requiresGrad_();
    const x = floats([8, 8, 32, 32], 1).requiresGrad_();
    const y = maxPool2d(conv2d(x, weight, null, { padding: 1 }).relu(), 2);
    y.sum().backward();
    return [...x.grad!.data(), ...weight.grad!.data()] as number[];
  });
  assertEquals(two, one);
  assertEquals(three, one);
});

Deno.test("memory is that of two steps", () => {
  const weight = floats([4, 1, 3, 3], 1).requiresGrad_();
  const x = floats([4, 1, 28, 28], 2);
  const step = () => {
    weight.grad = null;
    maxPool2d(conv2d(x, weight).sigmoid(), 2).sum().backward();
  };
  for (let i = 0; i < 20; i++) step();
  const { liveBytes } = memoryStats();
  for (let i = 0; i < 200; i++) step();
  assert(memoryStats().liveBytes <= liveBytes + 1000);
});
