import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { backward, grad } from "./autograd.ts";
import { tensor, zeros } from "./create.ts";
import { noGrad } from "./grad_mode.ts";
import { cat } from "./ops/join.ts";
import { memoryStats } from "./storage.ts";
import type { Tensor } from "./tensor.ts";

function leaf(...values: number[]): Tensor {
  return tensor(values, { requiresGrad: true });
}

/** A loop's step of a few ops; the result can be read after backward. */
function step(w: Tensor): Tensor {
  const loss = w.mul(w).sin().sum();
  loss.backward();
  w.grad = null;
  return loss;
}

Deno.test("backward() adds to the gradients that are there", () => {
  const w = leaf(1, 2);
  w.mul(3).sum().backward();
  w.mul(w).sum().backward();
  assertEquals(w.grad!.toArray(), [5, 7]);
});

Deno.test("backward() follows diamonds and shared leaves", () => {
  const w = leaf(2);
  const a = w.mul(3);
  const b = a.mul(a).add(a); // 9w² + 3w
  b.sum().backward();
  assertEquals(w.grad!.toArray(), [39]);
});

Deno.test("backward() gives one gradient to two inputs without sharing it", () => {
  const [a, b] = [leaf(1, 2), leaf(3, 4)];
  a.add(b).sum().backward();
  const before = a.grad!;
  b.mul(10).sum().backward();
  assertEquals(before.toArray(), [1, 1]);
  assertEquals(b.grad!.toArray(), [11, 11]);
  a.mul(5).sum().backward();
  assertEquals(before.toArray(), [1, 1], "seen gradients are never written");
  assertEquals(a.grad!.toArray(), [6, 6]);
});

Deno.test("backward() twice through one graph says what to do", () => {
  const w = leaf(1);
  const loss = w.exp().sum();
  loss.backward();
  const error = assertThrows(() => loss.backward(), Error);
  assert(
    error.message.includes(
      "Trying to backward through the graph a second time",
    ),
  );
  assert(error.message.includes("retainGraph: true"));
  assertEquals(w.grad!.toArray(), tensor([Math.E]).toArray());
});

Deno.test("backward() with retainGraph can be repeated", () => {
  const w = leaf(3);
  const loss = w.square().sum();
  loss.backward(null, { retainGraph: true });
  loss.backward();
  assertEquals(w.grad!.toArray(), [12]);
});

Deno.test("backward() through a used part refuses before touching gradients", () => {
  const [w, v] = [leaf(1), leaf(2)];
  const h = w.exp();
  h.sum().backward();
  const mixed = v.mul(h).sum();
  assertThrows(() => mixed.backward(), Error, "a second time");
  assertEquals(v.grad, null);
});

Deno.test("backward() refuses saved values that were changed in place", () => {
  const w = leaf(1, 2);
  const x = tensor([3, 4]);
  const loss = w.mul(x).sum();
  x.add_(1);
  assertThrows(
    () => loss.backward(),
    Error,
    "modified by an inplace operation",
  );
  assertEquals(w.grad, null);
});

Deno.test("backward() does not mind changes to what it does not need", () => {
  const w = leaf(1, 2);
  const x = tensor([3, 4]);
  const loss = w.add(x).sum();
  x.add_(1);
  loss.backward();
  assertEquals(w.grad!.toArray(), [1, 1]);
});

Deno.test("backward() of a non-scalar needs a gradient of its shape", () => {
  const w = leaf(1, 2);
  assertThrows(() => w.mul(2).backward(), RangeError, "scalar");
  assertThrows(() => w.mul(2).backward(tensor([1])), RangeError, "[1]");
  w.mul(2).backward(tensor([1, 10]));
  assertEquals(w.grad!.toArray(), [2, 20]);
});

Deno.test("a refused gradient leaves the graph usable", () => {
  const w = leaf(1, 2);
  const y = w.mul(2);
  assertThrows(() => y.backward(tensor([1])), RangeError);
  y.backward(tensor([1, 1]));
  assertEquals(w.grad!.toArray(), [2, 2]);
});

Deno.test("backward() of a tensor without history says so", () => {
  assertThrows(
    () => tensor([1]).backward(),
    Error,
    "does not require grad",
  );
});

Deno.test("loss and logits can be read after the step", () => {
  const w = leaf(1, 2);
  const logits = w.mul(2);
  const loss = logits.sum();
  loss.backward();
  assertEquals(loss.item(), 6);
  assertEquals(logits.toArray(), [2, 4]);
});

Deno.test("a kept loss can be read for ever, kept logits say why not", () => {
  const w = leaf(1, 2);
  const logits = w.mul(2);
  const kept = logits.detach();
  const loss = logits.sum();
  loss.backward();
  const other = w.mul(3);
  other.sum().backward();
  w.mul(4).sum().backward();
  assertEquals(loss.item(), 6);
  assertEquals(kept.toArray(), [2, 4]);
  const error = assertThrows(() => other.toArray(), Error);
  assert(
    error.message.includes(
      "Tensor [2] from mul() was released by a later backward(): call detach() to keep a value across steps",
    ),
    error.message,
  );
  assertThrows(() => other.add(1), Error, "was released by a later backward()");
});

Deno.test("a view made without recording keeps its bytes", () => {
  const w = leaf(1, 2);
  const y = w.mul(2);
  const view = noGrad(() => y.narrow(0, 1, 1));
  y.sum().backward();
  const late = noGrad(() => y.narrow(0, 0, 1)); // of a retired tensor
  for (let i = 0; i < 5; i++) step(w);
  assertEquals(view.toArray(), [4]);
  assertEquals(late.toArray(), [2]);
});

Deno.test("a loop of any length runs in the memory of two steps", () => {
  const w = zeros([1000], { requiresGrad: true });
  for (let i = 0; i < 10; i++) step(w);
  const before = memoryStats();
  for (let i = 0; i < 2000; i++) step(w);
  const after = memoryStats();
  assertEquals(after.wasmBytes, before.wasmBytes);
  assert(after.liveBytes <= before.liveBytes + 1000);
});

Deno.test("a pass frees what it allocates, also when an op throws midway", () => {
  const w = zeros([1000], { requiresGrad: true });
  const failing = () => {
    const y = w.sin();
    y.registerHook(() => {
      throw new Error("hook");
    });
    return y.exp().sum();
  };
  step(w);
  for (let i = 0; i < 3; i++) {
    const loss = failing();
    assertThrows(() => loss.backward(), Error, "hook");
    assertThrows(() => loss.backward(), Error, "a second time");
    assertEquals(w.grad, null);
  }
  step(w);
  const before = memoryStats().liveBytes;
  for (let i = 0; i < 100; i++) {
    assertThrows(() => failing().backward(), Error, "hook");
  }
  step(w);
  assert(memoryStats().liveBytes <= before + 5000);
});

Deno.test("hooks see and replace gradients, of leaves and inner tensors", () => {
  const w = leaf(1, 2);
  const seen: unknown[] = [];
  w.registerHook((g) => g.mul(10));
  const y = w.mul(3);
  const remove = y.registerHook((g) => {
    seen.push(g.toArray());
  });
  y.sum().backward();
  remove();
  assertEquals(seen, [[1, 1]]);
  assertEquals(w.grad!.toArray(), [30, 30]);
});

Deno.test("what a hook detaches or clones stays, what it only stores does not", () => {
  const w = leaf(1, 2);
  const kept: Tensor[] = [];
  const stored: Tensor[] = [];
  for (let i = 0; i < 3; i++) {
    const y = w.mul(3);
    const z = y.mul(2);
    y.registerHook((g) => {
      kept.push(g.detach(), g.clone());
    });
    z.registerHook((g) => {
      stored.push(g);
    });
    z.mul(1).sum().backward();
    w.grad = null;
  }
  for (const g of kept) assertEquals(g.toArray(), [2, 2]);
  assertThrows(() => stored[0]!.toArray(), Error, "released");
});

Deno.test("retainGrad() keeps inner gradients", () => {
  const w = leaf(1, 2);
  const y = w.mul(3);
  y.retainGrad();
  y.square().sum().backward();
  assertEquals(y.grad!.toArray(), [6, 12]);
  assertEquals(w.grad!.toArray(), [18, 36]);
  for (let i = 0; i < 3; i++) step(w);
  assertEquals(y.grad!.toArray(), [6, 12]);
});

Deno.test("grad() returns gradients and leaves .grad alone", () => {
  const [w, v] = [leaf(2), leaf(3)];
  const [dw, dv] = grad(w.mul(v).sum(), [w, v]);
  assertEquals([dw!.item(), dv!.item()], [3, 2]);
  assertEquals([w.grad, v.grad], [null, null]);
});

Deno.test("grad() of inner tensors stops there", () => {
  const w = leaf(2);
  const h = w.mul(3);
  const y = h.square().sum();
  const [dh] = grad(y, [h]);
  assertEquals(dh!.toArray(), [12]);
  h.sum().backward(); // h's own node was not walked
  assertEquals(w.grad!.toArray(), [3]);
});

Deno.test("grad() names an unused input, or gives null for it", () => {
  const [w, v] = [leaf(2), leaf(3)];
  assertThrows(() => grad(w.mul(2).sum(), [v]), Error, "input 0");
  assertEquals(grad(w.mul(2).sum(), [v], { allowUnused: true }), [null]);
});

Deno.test("grad() with createGraph goes to any order", () => {
  const x = tensor(2, { requiresGrad: true });
  let y = x.pow(5);
  const values: number[] = [];
  for (let i = 0; i < 5; i++) {
    y = grad(y, [x], { createGraph: true })[0]!;
    values.push(y.item());
  }
  assertEquals(values, [80, 160, 240, 240, 120]);
});

Deno.test("a gradient penalty trains through the gradient", () => {
  const w = leaf(1, 2);
  const x = tensor([3, 4], { requiresGrad: true });
  for (let i = 0; i < 3; i++) {
    const y = w.mul(x).mul(x).sum();
    const [dx] = grad(y, [x], { createGraph: true }); // 2 w x
    const penalty = dx!.square().sum(); // 4 w² x²
    y.add(penalty).backward();
    assertEquals(w.grad!.toArray(), [9 + 8 * 9, 16 + 16 * 16]);
    w.grad = null;
    x.grad = null;
  }
});

Deno.test("createGraph makes p.grad part of the graph", () => {
  const w = leaf(3);
  w.pow(3).sum().backward(null, { createGraph: true });
  const first = w.grad!;
  assertEquals(first.requiresGrad, true);
  w.grad = null;
  first.sum().backward();
  assertEquals(w.grad!.toArray(), [18]);
});

Deno.test("backward() from several roots sums them", () => {
  const w = leaf(1, 2);
  backward([w.mul(2).sum(), w.mul(3).sum()], []);
  assertEquals(w.grad!.toArray(), [5, 5]);
});

Deno.test("a leaf may be its own root", () => {
  const w = tensor(2, { requiresGrad: true });
  w.backward();
  assertEquals(w.grad!.item(), 1);
});

Deno.test("multi-output cat and views send gradients home", () => {
  const [a, b] = [leaf(1, 2), leaf(3)];
  const all = cat([a, b]);
  const [head, tail] = all.split([1, 2]);
  head!.mul(10).sum().add(tail!.square().sum()).backward();
  assertEquals(a.grad!.toArray(), [10, 4]);
  assertEquals(b.grad!.toArray(), [6]);
});

Deno.test("assigning .grad replaces it", () => {
  const w = leaf(1);
  const g = tensor([7]);
  w.grad = g;
  assertStrictEquals(w.grad, g);
  w.mul(2).sum().backward();
  assertEquals(w.grad!.toArray(), [9]);
  assertEquals(g.toArray(), [7]);
});

Deno.test("two trainings with awaits between them do not meet", async () => {
  const run = async (w: Tensor) => {
    const losses: number[] = [];
    for (let i = 0; i < 20; i++) {
      const y = w.mul(w);
      await Promise.resolve();
      const loss = y.sum();
      loss.backward();
      await Promise.resolve();
      noGrad(() => w.sub_(w.grad!.mul(0.1)));
      w.grad = null;
      losses.push(loss.item());
    }
    return losses;
  };
  const alone = await run(leaf(1, 2));
  const both = await Promise.all([run(leaf(1, 2)), run(leaf(1, 2))]);
  assertEquals(both, [alone, alone]);
});
