import { noGrad, tensor, zeros } from "@fdunn/tensor";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { assertNear } from "../relative_error.ts";
import { type FixtureData, fixtureValues } from "../fixture.ts";
import { MemoryWatch, messageOf, testProgram } from "../program.ts";
import {
  assertStored,
  descend,
  gradients,
  input,
  leaves,
  programCase,
  SECOND_BACKWARD,
} from "./program_case.ts";

testProgram("gradients accumulate over backward() calls", function* () {
  const entry = programCase<{
    losses: number[];
    grads: Record<string, FixtureData>[];
    final: Record<string, FixtureData>;
  }>("accumulation");
  const [w, b] = leaves(entry, ["w", "b"]);
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) {
    for (let k = 0; k < 4; k++) {
      const x = input(entry, `x${k}`);
      const loss = x.matmul(w!).add(b!).tanh().square().mean().div(4);
      loss.backward();
      losses.push(loss.item() as number);
      yield;
      if (step > 0) continue;
      const { w: gw, b: gb } = entry.grads[k]!;
      assertNear(w!.grad!, fixtureValues(gw!), 1e-4, `w.grad after ${k}`);
      assertNear(b!.grad!, fixtureValues(gb!), 1e-4, `b.grad after ${k}`);
    }
    descend([w!, b!], 0.5);
  }
  assertNear(losses, entry.losses, 1e-5, "losses");
  assertStored([w!, b!], entry.final);
});

Deno.test("two leaves of one add() get gradients of their own", () => {
  const a = zeros([2, 2], { requiresGrad: true });
  const b = zeros([2, 2], { requiresGrad: true });
  a.add(b).sum().backward();
  a.mul(3).sum().backward();
  assertEquals(a.grad!.toArray(), [[4, 4], [4, 4]]);
  assertEquals(b.grad!.toArray(), [[1, 1], [1, 1]]);
});

Deno.test("a leaf and its view get gradients of their own", () => {
  const a = zeros([4], { requiresGrad: true });
  const view = a.reshape([2, 2]);
  view.retainGrad();
  view.add(0).backward(tensor([[1, 2], [3, 4]]), { retainGraph: true });
  a.mul(10).sum().backward();
  assertEquals(a.grad!.toArray(), [11, 12, 13, 14]);
  assertEquals(view.grad!.toArray(), [[1, 2], [3, 4]]);
});

Deno.test("a gradient that was read keeps its value after zeroing", () => {
  const w = tensor([1, 2], { requiresGrad: true });
  const kept = [];
  for (let k = 1; k <= 5; k++) {
    w.mul(k).sum().backward();
    kept.push(w.grad!);
    w.grad = null;
  }
  assertEquals(
    kept.map((g) => g.toArray()),
    [1, 2, 3, 4, 5].map((k) => [k, k]),
  );
});

Deno.test("a gradient that was read keeps its value while others accumulate", () => {
  const w = tensor([1, 2], { requiresGrad: true });
  w.mul(2).sum().backward();
  const first = w.grad!;
  w.mul(3).sum().backward();
  assertEquals(w.grad!.toArray(), [5, 5]);
  const alias = w.grad!.detach();
  w.mul(4).sum().backward();
  assertEquals(w.grad!.toArray(), [9, 9]);
  assertEquals(first.toArray(), [2, 2]);
  assertEquals(alias.toArray(), [5, 5]);
});

Deno.test("the gradient given to backward() stays the caller's", () => {
  const x = zeros([3], { requiresGrad: true });
  const y = zeros([3], { requiresGrad: true });
  const seed = tensor([1, 2, 3]);
  x.add(y).backward(seed);
  seed.mul_(100);
  assertEquals(x.grad!.toArray(), [1, 2, 3]);
  x.mul(1).sum().backward();
  assertEquals(seed.toArray(), [100, 200, 300]);
  assertEquals(y.grad!.toArray(), [1, 2, 3]);
  // The leaf itself as the root: its gradient is the seed's value, not the seed.
  const z = zeros([3], { requiresGrad: true });
  z.backward(seed);
  z.backward(seed);
  assertEquals(seed.toArray(), [100, 200, 300]);
  assertEquals(z.grad!.toArray(), [200, 400, 600]);
});

Deno.test("a gradient that the user set is added to, not written into", () => {
  const mine = tensor([10, 20]);
  const a = zeros([2], { requiresGrad: true });
  const b = zeros([2], { requiresGrad: true });
  a.grad = mine;
  b.grad = mine;
  a.mul(3).add(b).sum().backward();
  assertEquals(mine.toArray(), [10, 20]);
  assertEquals(a.grad!.toArray(), [13, 23]);
  assertEquals(b.grad!.toArray(), [11, 21]);
});

Deno.test("an expanded gradient is accumulated element by element", () => {
  const x = zeros([2, 3], { requiresGrad: true });
  x.sum().backward(); // its gradient is one number, expanded
  x.mul(tensor([[1, 2, 3], [4, 5, 6]])).sum().backward();
  assertEquals(x.grad!.toArray(), [[2, 3, 4], [5, 6, 7]]);
  noGrad(() => x.grad!.add_(tensor([[1, 0, 0], [0, 0, 0]])));
  assertEquals(x.grad!.toArray(), [[3, 3, 4], [5, 6, 7]]);
});

Deno.test("a retained graph accumulates again, a used one throws first", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = tensor([3, 4], { requiresGrad: true });
  const loss = x.mul(y).exp().sum();
  loss.backward(undefined, { retainGraph: true });
  const once = gradients([x, y]);
  loss.backward();
  const twice = gradients([x, y]);
  assertEquals(twice, once.map((g) => g!.map((v) => 2 * v)));
  const error = messageOf(() => loss.backward());
  assertStringIncludes(error, SECOND_BACKWARD);
  assertEquals(gradients([x, y]), twice);
});

testProgram("accumulating without end needs no more memory", function* () {
  const w = zeros([64, 64], { requiresGrad: true });
  const x = tensor(new Float32Array(64 * 64).fill(0.01), { shape: [64, 64] });
  const step = () => x.matmul(w).tanh().sum().backward();
  for (let i = 0; i < 200; i++) step();
  const watch = new MemoryWatch();
  for (let i = 0; i < 2000; i++) {
    step();
    if (i % 100 === 0) yield;
  }
  watch.assertWasmGrowth(0);
});
