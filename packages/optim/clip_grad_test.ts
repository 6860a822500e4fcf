import { type Tensor, tensor } from "@fdunn/tensor";
import { clipGradNorm, clipGradValue } from "@fdunn/optim";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";

function withGradients(...gradients: number[][]): Tensor[] {
  return gradients.map((gradient) => {
    const p = tensor(gradient, { requiresGrad: true });
    p.mul(tensor(gradient)).sum().backward();
    return p;
  });
}

Deno.test("clipGradNorm() scales all gradients together", () => {
  const params = [
    ...withGradients([3], [0, 4]),
    tensor([1], { requiresGrad: true }),
  ];
  assertEquals(clipGradNorm(params, 1), 5);
  assert(params.slice(0, 2).every((p) => p.slot.owned));
  assertAlmostEquals(params[0]!.grad!.item(), 0.6, 1e-6);
  assertAlmostEquals(params[1]!.grad!.select(0, 1).item(), 0.8, 1e-6);
});

Deno.test("clipGradNorm() leaves small gradients as they are", () => {
  const [p] = withGradients([3, 4]);
  assertEquals(clipGradNorm(p!, 6), 5);
  assertEquals(p!.grad!.toArray(), [3, 4]);
  assertEquals(clipGradNorm([], 1), 0);
});

Deno.test("clipGradNorm() knows other norms", () => {
  const norm = (normType: number) =>
    clipGradNorm(withGradients([-3], [1, 2]), 100, { normType });
  assertEquals(norm(Infinity), 3);
  assertEquals(norm(1), 6);
  assertAlmostEquals(norm(3), 36 ** (1 / 3), 1e-5);
});

Deno.test("clipGradNorm() shows NaN, or throws for it", () => {
  const [p, q] = withGradients([NaN], [1]);
  const options = { errorIfNonfinite: true };
  assertThrows(() => clipGradNorm([p!, q!], 1, options), RangeError, "NaN");
  assertEquals(q!.grad!.item(), 1);
  assertEquals(clipGradNorm([p!, q!], 1), NaN);
  assertEquals(q!.grad!.item(), NaN);
  const infinite = withGradients([NaN], [1]);
  assertEquals(clipGradNorm(infinite, 1, { normType: Infinity }), NaN);
});

Deno.test("clipping takes gradients of any layout", () => {
  const p = tensor([0, 0, 0, 0], { requiresGrad: true });
  p.grad = tensor([1]).expand([4]);
  assertEquals(clipGradNorm([p], 1), 2);
  assertAlmostEquals(p.grad.select(0, 3).item(), 0.5, 1e-6);
  p.grad = tensor([3]).expand([4]);
  clipGradValue(p, 2);
  assertEquals(p.grad.toArray(), [2, 2, 2, 2]);
});

Deno.test("clipGradValue() clamps every element", () => {
  const [p] = withGradients([-3, 0.5, 4]);
  clipGradValue([p!], 1);
  assertEquals(p!.grad!.toArray(), [-1, 0.5, 1]);
});

Deno.test("clipping refuses limits that make no sense", () => {
  assertThrows(() => clipGradNorm([], -1), RangeError, "maxNorm -1");
  assertThrows(() => clipGradNorm([], NaN), RangeError, "maxNorm NaN");
  assertThrows(
    () => clipGradNorm([], 1, { normType: 0 }),
    RangeError,
    "normType 0",
  );
  assertThrows(() => clipGradValue([], -1), RangeError, "value -1");
});
