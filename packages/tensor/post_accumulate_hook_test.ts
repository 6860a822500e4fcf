import { grad, isGradEnabled, tensor } from "@fdunn/tensor";
import {
  assertAlmostEquals,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";

Deno.test("post-accumulate hooks run after accumulation, once a pass, and can be removed", () => {
  const w = tensor([1, 2], { requiresGrad: true });
  const seen: unknown[] = [];
  const remove = w.registerPostAccumulateGradHook((leaf) => {
    assertStrictEquals(leaf, w);
    assertEquals(isGradEnabled(), false);
    seen.push(leaf.grad!.toArray());
  });
  w.registerPostAccumulateGradHook(() => void seen.push("second"));
  w.mul(3).add(w.mul(w)).sum().backward(); // two paths, one call
  w.sum().backward();
  assertEquals(seen, [[5, 7], "second", [6, 8], "second"]);
  grad(w.sum(), [w]); // accumulates nothing
  remove();
  w.sum().backward();
  assertEquals(seen.slice(4), ["second"]);
});

Deno.test("a post-accumulate hook may free the gradient, step, and record with createGraph", () => {
  const [a, b] = [
    tensor([2], { requiresGrad: true }),
    tensor([3], {
      requiresGrad: true,
    }),
  ];
  for (const leaf of [a, b]) {
    leaf.registerPostAccumulateGradHook((leaf) => {
      leaf.sub_(leaf.grad!.mul(0.1));
      leaf.grad = null;
    });
  }
  for (let step = 0; step < 3; step++) a.mul(b).sum().backward();
  assertEquals([a.grad, b.grad], [null, null]);
  let [x, y] = [2, 3];
  for (let step = 0; step < 3; step++) [x, y] = [x - 0.1 * y, y - 0.1 * x];
  assertAlmostEquals(a.item(), x, 1e-6);
  assertAlmostEquals(b.item(), y, 1e-6);
  const c = tensor([2], { requiresGrad: true });
  let second = NaN;
  c.registerPostAccumulateGradHook((c) => {
    second = grad(c.grad!, [c])[0]!.item();
  });
  c.pow(3).sum().backward(null, { createGraph: true });
  assertEquals(second, 12); // 6 c
});

Deno.test("post-accumulate hooks are for leaves that require grad", () => {
  const w = tensor([1], { requiresGrad: true });
  for (const x of [tensor([1]), w.mul(2)]) {
    assertThrows(
      () => x.registerPostAccumulateGradHook(() => {}),
      Error,
      "registerPostAccumulateGradHook() is for leaves",
    );
  }
});
