import { enableGrad, type Tensor, tensor } from "@fdunn/tensor";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { MemoryWatch, messageOf, testProgram } from "../program.ts";
import { descend, gradients, RELEASED } from "./program_case.ts";

/** A weight and a batch whose values depend on the step. */
function weight(): Tensor {
  return tensor([[0.5, -0.25], [0.125, 1]], { requiresGrad: true });
}
function batch(step: number): Tensor {
  return tensor([[step, 1], [2, -step]]);
}

testProgram("hooks that store gradients get what they detach", function* () {
  const w = weight();
  const stored: Tensor[] = [];
  const copies: unknown[] = [];
  for (let step = 0; step < 8; step++) {
    const h = batch(step).matmul(w);
    h.registerHook((g) => {
      stored.push(g.detach());
      copies.push(g.toArray());
    });
    h.tanh().square().sum().backward();
    descend([w], 0.01);
    yield;
  }
  assertEquals(stored.map((g) => g.toArray()), copies);
});

testProgram("a stored gradient is right or says that it is gone", function* () {
  const w = weight();
  const stored: Tensor[] = [];
  const copies: unknown[] = [];
  for (let step = 0; step < 8; step++) {
    const h = batch(step).matmul(w);
    const store = (g: Tensor) => {
      stored.push(g); // detach() forgotten
      copies.push(g.toArray());
    };
    h.registerHook(store);
    const hook = w.registerHook(store); // the leaf's gradient, as it arrives
    h.tanh().square().sum().backward();
    hook();
    yield;
    // Accumulates on purpose: into nothing that a hook has seen.
  }
  stored.forEach((g, i) => assertRightOrGone(g, copies[i]));
});

testProgram("stored gradients of zeroed leaves are not reused", function* () {
  const w = weight();
  const stored: Tensor[] = [];
  const copies: unknown[] = [];
  w.registerHook((g) => {
    stored.push(g);
    copies.push(g.toArray());
  });
  for (let step = 0; step < 8; step++) {
    batch(step).matmul(w).tanh().square().sum().backward();
    // As an optimizer does it: nobody has looked at w.grad.
    w.grad = null;
    yield;
  }
  stored.forEach((g, i) => assertRightOrGone(g, copies[i]));
});

testProgram("stored activations are right or say they are gone", function* () {
  const w = weight();
  const raw: Tensor[] = [];
  const detached: Tensor[] = [];
  const copies: unknown[] = [];
  for (let step = 0; step < 8; step++) {
    const h = batch(step).matmul(w);
    const a = h.sigmoid();
    raw.push(a);
    detached.push(h.sigmoid().detach());
    copies.push(a.toArray());
    a.square().sum().backward();
    descend([w], 0.1);
    // Readable after the step, until the next backward() has finished.
    assertEquals(a.toArray(), copies[step]);
    yield;
  }
  assertEquals(detached.map((a) => a.toArray()), copies);
  for (const a of raw.slice(0, -1)) {
    for (const use of [() => a.toArray(), () => a.data(), () => a.add(1)]) {
      assertStringIncludes(messageOf(use), RELEASED);
    }
    assertStringIncludes(messageOf(() => a.detach()), RELEASED);
    assertStringIncludes(messageOf(() => a.reshape([4])), RELEASED);
    assertStringIncludes(messageOf(() => a.select(0, 0)), RELEASED);
  }
  assertEquals(raw.at(-1)!.toArray(), copies.at(-1));
});

Deno.test("a hook replaces the gradient, in the order of registration", () => {
  const w = weight();
  const h = w.mul(2);
  h.registerHook((g) => g.mul(3));
  const remove = h.registerHook((g) => g.add(1));
  h.registerHook(() => {});
  h.sum().backward(undefined, { retainGraph: true });
  assertEquals(w.grad!.toArray(), [[8, 8], [8, 8]]);
  remove();
  w.grad = null;
  h.sum().backward();
  assertEquals(w.grad!.toArray(), [[6, 6], [6, 6]]);
});

Deno.test("a hook may run another backward()", () => {
  const w = weight();
  const other = tensor([1, 2], { requiresGrad: true });
  const h = w.mul(2);
  // Hooks run without recording, as in PyTorch.
  h.registerHook(() => enableGrad(() => other.square().sum().backward()));
  // The inner pass reaches a leaf of the outer one, too.
  h.registerHook(() => enableGrad(() => w.mul(10).sum().backward()));
  h.sum().backward();
  assertEquals(other.grad!.toArray(), [2, 4]);
  assertEquals(w.grad!.toArray(), [[12, 12], [12, 12]]);
  // And nothing of the machinery is left in a strange state.
  w.grad = null;
  w.mul(3).sum().backward();
  assertEquals(gradients([w]), [[3, 3, 3, 3]]);
});

testProgram("gradients retained inside the graph survive it", function* () {
  const w = weight();
  const kept: Tensor[] = [];
  const expected: unknown[] = [];
  for (let step = 1; step <= 5; step++) {
    const h = w.mul(step);
    h.retainGrad();
    h.square().sum().backward();
    kept.push(h.grad!);
    expected.push(w.detach().mul(2 * step).toArray());
    w.grad = null;
    yield;
  }
  assertEquals(kept.map((g) => g.toArray()), expected);
});

Deno.test("retained gradients accumulate over passes", () => {
  const w = weight();
  const h = w.mul(2);
  h.retainGrad();
  h.sum().backward(undefined, { retainGraph: true });
  const first = h.grad!;
  h.mul(3).sum().backward();
  assertEquals(h.grad!.toArray(), [[4, 4], [4, 4]]);
  assertEquals(first.toArray(), [[1, 1], [1, 1]]);
});

testProgram("activations without end, stored and replaced", function* () {
  const w = tensor(new Float32Array(4096).fill(0.01), {
    shape: [64, 64],
    requiresGrad: true,
  });
  const x = tensor(new Float32Array(4096).fill(0.5), { shape: [64, 64] });
  const store = new Map<string, Tensor>();
  let watch = new MemoryWatch();
  for (let step = 0; step < 2000; step++) {
    const h = x.matmul(w);
    store.set("raw", h);
    h.registerHook((g) => {
      store.set("gradient", g);
    });
    h.tanh().sum().backward();
    w.grad = null;
    if (step === 200) watch = new MemoryWatch();
    if (step % 100 === 0) yield;
  }
  watch.assertWasmGrowth(0);
});

/** A handle shows its old values or throws; other values are corruption. */
function assertRightOrGone(handle: Tensor, values: unknown): void {
  let now: unknown;
  try {
    now = handle.toArray();
  } catch (error) {
    assert(/released|disposed/.test(String(error)), String(error));
    return;
  }
  assertEquals(now, values);
}
