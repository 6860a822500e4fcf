import { assertEquals } from "@std/assert";
import { assertClose } from "./assert_close.ts";
import { fixtureValues, loadFixture, type OpCase } from "./fixture.ts";
import * as reference from "./reference.ts";

function values(case_: OpCase, name: string): reference.Flat {
  const array = case_.inputs[name];
  if (!array) throw new Error(`${case_.name} has no input ${name}`);
  return fixtureValues(array);
}

function pair(value: unknown, fallback: number): [number, number] {
  if (value === undefined) return [fallback, fallback];
  if (typeof value === "number") return [value, value];
  const [a, b] = value as [number, number];
  return [a, b];
}

Deno.test("matmul() multiplies in all four layouts", () => {
  const a = [1, 2, 3, 4, 5, 6]; // [2, 3]
  const b = [7, 8, 9, 10, 11, 12]; // [3, 2]
  const product = [58, 64, 139, 154];
  const aT = [1, 4, 2, 5, 3, 6];
  const bT = [7, 9, 11, 8, 10, 12];
  assertClose(reference.matmul(a, b, [2, 2, 3]), product);
  assertClose(
    reference.matmul(aT, bT, [2, 2, 3], { transA: true, transB: true }),
    product,
  );
});

Deno.test("conv2d() and its gradients agree with PyTorch", () => {
  const cases = loadFixture("conv").cases.filter((c) => c.op === "conv2d");
  assertEquals(cases.length > 10, true);
  for (const case_ of cases) {
    const { inputs, options, outputs, cotangents, grads } = case_;
    const [n = 0, c = 0, h = 0, w = 0] = inputs.x?.shape ?? [];
    const [o = 0, , kh = 0, kw = 0] = inputs.weight?.shape ?? [];
    const sizes: reference.Conv2dSizes = {
      ...{ n, c, h, w, o, kh, kw },
      stride: pair(options.stride, 1),
      padding: pair(options.padding, 0),
      dilation: pair(options.dilation, 1),
      groups: Number(options.groups ?? 1),
    };
    const [x, weight] = [values(case_, "x"), values(case_, "weight")];
    const bias = inputs.bias ? values(case_, "bias") : null;
    const close = { rtol: 1e-4, atol: 1e-5, what: case_.name };
    const expected = fixtureValues(outputs[0]!);
    assertClose(reference.conv2d(x, weight, bias, sizes), expected, close);
    const grad = fixtureValues(cotangents![0]!);
    const back = reference.conv2dBackward(x, weight, grad, sizes);
    assertClose(back.x, fixtureValues(grads!.x!), close);
    assertClose(back.weight, fixtureValues(grads!.weight!), close);
    if (bias) assertClose(back.bias, fixtureValues(grads!.bias!), close);
  }
});

Deno.test("the pools agree with PyTorch", () => {
  for (const case_ of loadFixture("pool").cases) {
    const { inputs, options, outputs } = case_;
    if (case_.op === "adaptiveAvgPool2d") continue; // has no reference
    const [n = 0, c = 0, h = 0, w = 0] = inputs.x?.shape ?? [];
    const [kh, kw] = pair(options.kernel, 1);
    const stride = options.stride === undefined
      ? [kh, kw] as [number, number]
      : pair(options.stride, kh);
    const sizes: reference.Pool2dSizes = {
      ...{ planes: n * c, h, w, kh, kw, stride },
      padding: pair(options.padding, 0),
      dilation: pair(options.dilation, 1),
    };
    const x = values(case_, "x");
    const pooled = case_.op === "maxPool2d"
      ? reference.maxPool2d(x, sizes).values
      : reference.avgPool2d(x, sizes, {
        countIncludePad: options.countIncludePad !== false,
      });
    const close = { rtol: 1e-5, atol: 1e-6, what: case_.name };
    assertClose(pooled, fixtureValues(outputs[0]!), close);
  }
});

Deno.test("maxPool2d() keeps the first maximum's place, and NaN", () => {
  const sizes = { planes: 1, h: 2, w: 2, kh: 2, kw: 2 };
  const tie = reference.maxPool2d([3, 3, 1, 3], sizes);
  assertEquals([tie.values[0], tie.indices[0]], [3, 0]);
  assertEquals(reference.maxPool2d([3, NaN, 9, 1], sizes).values[0], NaN);
});

Deno.test("softmax() sums to one over its axis only", () => {
  const x = [1, 2, 3, 4, 5, 6]; // [1, 3, 2]
  const y = reference.softmax(x, [1, 3, 2]);
  assertClose(y[0]! + y[2]! + y[4]!, 1);
  assertClose(y[1]! + y[3]! + y[5]!, 1);
  const total = Math.exp(1) + Math.exp(3) + Math.exp(5);
  assertClose(y[4]!, Math.exp(5) / total);
  assertClose(reference.logSoftmax([1000, 1000], [1, 2, 1]), [
    -Math.log(2),
    -Math.log(2),
  ]);
});

Deno.test("crossEntropy() is minus the target's log probability", () => {
  const loss = reference.crossEntropy([0, 0, 0, Math.log(3)], [1, 1], [2, 2]);
  assertClose(loss, [Math.log(2), -Math.log(3 / 4)]);
});

Deno.test("reduce() folds the middle axis", () => {
  const x = [1, 2, 3, 4, 5, 6, 7, 8]; // [2, 2, 2]
  const sum = reference.reduce(x, [2, 2, 2], 0, (a, b) => a + b);
  assertEquals(sum, Float64Array.of(4, 6, 12, 14));
});
