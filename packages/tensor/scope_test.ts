import { assert, assertEquals, assertThrows } from "@std/assert";
import { full, tensor } from "./create.ts";
import { noGrad } from "./grad_mode.ts";
import { keep, scope } from "./scope.ts";
import { memoryStats } from "./storage.ts";
import type { Tensor } from "./tensor.ts";

Deno.test("scope() frees all but what it returns", () => {
  const before = memoryStats().liveBytes;
  let inner: Tensor | undefined;
  const result = scope(() => {
    inner = full([100_000], 1);
    return { list: [inner.sum()], other: "text" };
  });
  assertEquals(result.list[0]!.item(), 100_000);
  assert(memoryStats().liveBytes < before + 1000);
  assertThrows(() => inner!.sum(), Error, "end of its scope()");
});

Deno.test("scope() leaves kept tensors, leaves' gradients and outer ones", () => {
  const w = tensor([1, 2], { requiresGrad: true });
  const outer = tensor([5]);
  let kept: Tensor | undefined;
  scope(() => {
    kept = keep(tensor([3]));
    w.mul(outer).sum().backward();
  });
  assertEquals(kept!.item(), 3);
  assertEquals(outer.item(), 5);
  assertEquals(w.grad!.toArray(), [5, 5]);
});

Deno.test("scope() leaves what a recorded backward still needs", () => {
  const w = tensor([1, 2], { requiresGrad: true });
  const loss = scope(() => {
    const x = tensor([3, 4]);
    return w.mul(x).sin().sum();
  });
  loss.backward();
  const expected = [3 * Math.cos(3), 4 * Math.cos(8)];
  (w.grad!.toArray() as number[]).forEach((value, i) =>
    assert(Math.abs(value - expected[i]!) < 1e-6)
  );
});

Deno.test("scopes nest, and what one returns belongs to the outer one", () => {
  let middle: Tensor | undefined;
  const out = scope(() => {
    middle = scope(() => tensor([1, 2]).mul(2));
    return middle.sum();
  });
  assertEquals(out.item(), 6);
  assertThrows(() => middle!.sum(), Error, "scope()");
});

Deno.test("scope() frees also when its function throws", () => {
  const before = memoryStats().liveBytes;
  assertThrows(
    () =>
      scope(() => {
        full([100_000], 1);
        throw new Error("inside");
      }),
    Error,
    "inside",
  );
  assert(memoryStats().liveBytes < before + 1000);
});

Deno.test("scope(), noGrad() and enableGrad() refuse promises", () => {
  assertThrows(() => scope(() => Promise.resolve(1)), TypeError, "promise");
  assertThrows(() => noGrad(() => Promise.resolve(1)), TypeError, "promise");
});
