import {
  Generator,
  manualSeed,
  memoryStats,
  ones,
  randn,
  type Tensor,
  zeros,
} from "@fdunn/tensor";
import { checkGrad } from "@fdunn/tensor/op";
import { Dropout, dropout } from "@fdunn/nn";
import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";

function values(t: Tensor): number[] {
  return [...t.data()].map(Number);
}

Deno.test("Dropout zeroes a share p and scales the rest by 1 / (1 - p)", () => {
  manualSeed(0);
  const y = values(new Dropout(0.25).forward(ones([20_000])));
  const zeroes = y.filter((v) => v === 0).length;
  assert(Math.abs(zeroes / y.length - 0.25) < 0.01, `${zeroes}`);
  assert(y.every((v) => v === 0 || Math.abs(v - 4 / 3) < 1e-6));
});

Deno.test("Dropout passes gradients where it passed values", () => {
  const x = randn([40], { requiresGrad: true });
  const y = dropout(x, 0.5, { generator: new Generator(1) });
  y.sum().backward();
  const mask = values(x.grad!);
  assertEquals(values(y), values(x).map((v, i) => v * mask[i]!));
  assert(mask.includes(0) && mask.includes(2));
});

Deno.test("Dropout has right gradients, and gradients of those", () => {
  const seeded = (x: Tensor) =>
    dropout(x, 0.5, { generator: new Generator(2) }).square();
  // The same seed gives float32 another mask than float64.
  checkGrad(seeded, [randn([20], { requiresGrad: true })], {
    float32Tolerance: Infinity,
  });
});

Deno.test("Dropout takes any layout and dtype", () => {
  const x = ones([3, 4]).t();
  const y = dropout(x, 0.5, { generator: new Generator(2) });
  assertEquals(y.shape, [4, 3]);
  const z = dropout(ones([8], { dtype: "float64" }), 0.5);
  assertEquals(z.dtype, "float64");
  assertThrows(
    () => dropout(zeros([2], { dtype: "int32" })),
    TypeError,
    "int32",
  );
  assertEquals(dropout(zeros([0])).shape, [0]);
});

Deno.test("Dropout does nothing in eval mode or with p 0", () => {
  const x = ones([3]);
  assertStrictEquals(new Dropout(0.9).eval().forward(x), x);
  assertStrictEquals(new Dropout(0).forward(x), x);
  assertStrictEquals(dropout(x, 0.5, { training: false }), x);
  assertEquals(dropout(x, 1).toArray(), [0, 0, 0]);
});

Deno.test("Dropout repeats itself after manualSeed()", () => {
  const draw = () => {
    manualSeed(7);
    return dropout(ones([50])).toArray();
  };
  assertEquals(draw(), draw());
  assert(
    JSON.stringify(draw()) !== JSON.stringify(dropout(ones([50])).toArray()),
  );
});

Deno.test("Dropout's masks go with the graph", () => {
  const w = ones([1000], { requiresGrad: true });
  const step = () => {
    dropout(w, 0.5).sum().backward();
    w.grad = null;
  };
  for (let i = 0; i < 10; i++) step();
  const before = memoryStats().liveBytes;
  for (let i = 0; i < 100; i++) step();
  assertLessOrEqual(memoryStats().liveBytes, before);
});

Deno.test("Dropout refuses what is no probability", () => {
  assertThrows(() => new Dropout(1.5), RangeError, "p 1.5");
  assertThrows(() => dropout(ones([1]), NaN), RangeError, "NaN");
});
