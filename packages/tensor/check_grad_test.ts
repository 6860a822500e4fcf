import { assert, assertEquals, assertThrows } from "@std/assert";
import { noGrad, type Tensor, tensor, zeros } from "./mod.ts";
import { apply, checkGrad, floatKernels, type Op } from "./custom_op.ts";
import { unary } from "./ops/unary.ts";

const leaf = (...values: number[]) => tensor(values, { requiresGrad: true });

/** `x²` with a backward that may be wrong. */
function squareWith(
  slope: (x: Tensor, grad: Tensor) => Tensor,
): (x: Tensor) => Tensor {
  const op: Op = {
    name: "squareWith",
    saves: "inputs",
    forward: (_, x) =>
      unary("square", floatKernels("squareWith", x.dtype).square, x),
    backward: (node, grad) => [slope(node.input(0), grad)],
  };
  return (x) => apply(op, [x], undefined);
}

Deno.test("checkGrad() measures errors where gradients are right", () => {
  const result = checkGrad(squareWith((x, g) => g.mul(x).mul(2)), [
    leaf(1, -2),
  ]);
  assert(result.firstOrder < 1e-7, `${result.firstOrder}`);
  assert(result.secondOrder < 1e-7, `${result.secondOrder}`);
  assert(result.float32 < 1e-6, `${result.float32}`);
});

Deno.test("checkGrad() finds a wrong first order", () => {
  const factors = [0, 1, -2, 2.001];
  for (const factor of factors) {
    assertThrows(
      () =>
        checkGrad(squareWith((x, g) => g.mul(x).mul(factor)), [leaf(1, -2)]),
      Error,
      "checkGrad() found a wrong first-order gradient for inputs [2]: along a random direction finite differences give",
    );
  }
  assertThrows(
    () => checkGrad(squareWith((_, g) => g.mul(NaN)), [leaf(1)]),
    Error,
    "wrong first-order",
  );
});

Deno.test("checkGrad() finds a gradient without a gradient", () => {
  const f = squareWith((x, g) => g.mul(x.detach()).mul(2));
  assertThrows(() => checkGrad(f, [leaf(1, -2)]), Error, "wrong second-order");
  assertEquals(checkGrad(f, [leaf(1, -2)], { order: 1 }).secondOrder, 0);
});

Deno.test("checkGrad() finds float32 gradients that differ", () => {
  const f = squareWith((x, g) =>
    g.mul(x).mul(x.dtype === "float32" ? 2.01 : 2)
  );
  assertThrows(
    () => checkGrad(f, [leaf(1, -2)]),
    Error,
    "checkGrad() found a float32 gradient of input 0 that differs from the float64 one by",
  );
  checkGrad(f, [leaf(1, -2)], { float32Tolerance: 0.1 });
  // A difference counts in either direction.
  const low = squareWith((x, g) =>
    g.mul(x).mul(x.dtype === "float32" ? 1.99 : 2)
  );
  for (const f32 of [f, low]) {
    assertThrows(() => checkGrad(f32, [leaf(3)]), Error, "float32 gradient");
  }
});

Deno.test("checkGrad() finds an input whose gradient is forgotten", () => {
  const op: Op = {
    name: "halfMul",
    saves: "inputs",
    forward: (_, a, b) => {
      const out = unary("neg", floatKernels("halfMul", a.dtype).neg, a);
      return b === undefined ? out : out;
    },
    backward: (_, grad) => [grad.neg(), null],
  };
  // -a does not depend on b: no gradient is the right one.
  checkGrad((a, b) => apply(op, [a!, b!], undefined), [leaf(1), leaf(2)]);
  assertThrows(
    () =>
      checkGrad((a, b) => apply(op, [a!, b!], undefined).mul(b!.detach()), [
        leaf(1),
        leaf(2),
      ]),
    Error,
    "wrong first-order gradient for inputs [1], [1]",
  );
});

Deno.test("checkGrad() notices a kink under its step", () => {
  const wrong = "checkGrad() found a wrong";
  assertThrows(() => checkGrad((x) => x.relu(), [leaf(0)]), Error, wrong);
  checkGrad((x) => x.relu(), [leaf(1e-3)]);
  assertThrows(
    () => checkGrad((x) => x.relu(), [leaf(1e-3)], { step: 0.1 }),
    Error,
    wrong,
  );
});

Deno.test("checkGrad() takes several outputs, integers and constants", () => {
  const index = tensor([1, 0], { dtype: "int32" });
  const constant = tensor([3, 4]);
  const result = checkGrad(
    (x, i, c) => [x!.indexSelect(0, i!).mul(c!), x!.exp(), x!.argmax()],
    [leaf(1, 2), index, constant],
  );
  assert(result.firstOrder < 1e-6);
  assertEquals(
    checkGrad((x) => x.mul(2), [zeros([0], { requiresGrad: true })]).firstOrder,
    0,
  );
});

Deno.test("checkGrad() leaves its inputs as they were", () => {
  const x = leaf(1, 2);
  checkGrad((x) => x.square(), [x]);
  assertEquals([x.grad, x.dtype, x.toArray()], [null, "float32", [1, 2]]);
});

Deno.test("checkGrad() tries the same directions for the same seed", () => {
  const run = (seed: number) =>
    checkGrad((x) => x.exp().sin(), [leaf(1, 2, 3)], { seed });
  assertEquals(run(1), run(1));
  assert(run(1).firstOrder !== run(2).firstOrder);
});

Deno.test("checkGrad() says what it needs", () => {
  assertThrows(
    () => checkGrad((x) => x, [tensor([1])]),
    Error,
    "checkGrad() needs an input that requires grad",
  );
  assertThrows(
    () => noGrad(() => checkGrad((x) => x.square(), [leaf(1)])),
    Error,
    "wrong first-order",
  );
});
