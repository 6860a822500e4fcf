import { manualSeed, memoryStats, noGrad, randn } from "@fdunn/tensor";
import { type Tensor, tensor, zeros } from "@fdunn/tensor";
import { SGD } from "@fdunn/optim";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { messageOf, testProgram } from "../program.ts";
import { gradients, RELEASED, SECOND_BACKWARD } from "./program_case.ts";

testProgram("a view of a parameter follows its training", function* () {
  const w = tensor([[1, 2], [3, 4]], { requiresGrad: true });
  const optimizer = new SGD([w], { lr: 0.5 });
  const row = noGrad(() => w.select(0, 1));
  const alias = w.detach().t();
  const copy = w.detach().clone();
  for (let step = 0; step < 4; step++) {
    optimizer.zeroGrad();
    w.square().sum().div(2).backward();
    optimizer.step();
    assertEquals(row.toArray(), (w.toArray() as number[][])[1]);
    assertEquals(alias.t().toArray(), w.toArray());
    yield;
  }
  assertEquals(w.toArray(), [[0.0625, 0.125], [0.1875, 0.25]]);
  assertEquals(copy.toArray(), [[1, 2], [3, 4]]);
});

testProgram("a parameter trained through views of each step", function* () {
  const w = zeros([4, 6], { requiresGrad: true });
  const optimizer = new SGD([w], { lr: 1 });
  for (let step = 0; step < 3; step++) {
    optimizer.zeroGrad();
    const top = w.slice(0, 0, 2).t();
    const odd = w.slice(1, 1, 6, 2);
    top.sum().add(odd.mul(2).sum()).add(w.reshape([24]).select(0, 23))
      .backward();
    optimizer.step();
    yield;
  }
  assertEquals(w.toArray(), [
    [-3, -9, -3, -9, -3, -9],
    [-3, -9, -3, -9, -3, -9],
    [0, -6, 0, -6, 0, -6],
    [0, -6, 0, -6, 0, -9],
  ]);
});

Deno.test("a recorded view of a parameter is good for one backward()", () => {
  const w = tensor([[1, 2], [3, 4]], { requiresGrad: true });
  const transposed = w.t();
  transposed.sum().backward();
  const before = gradients([w]);
  const error = messageOf(() => transposed.square().sum().backward());
  assertStringIncludes(error, SECOND_BACKWARD);
  assertEquals(gradients([w]), before);
  // It allocated nothing, so it stays readable: its bytes are the parameter's.
  w.mul(1).sum().backward();
  w.mul(1).sum().backward();
  assertEquals(transposed.toArray(), [[1, 3], [2, 4]]);
  noGrad(() => w.fill_(5));
  assertEquals(transposed.toArray(), [[5, 5], [5, 5]]);
});

/** Views of an inner tensor, and whether they outlive it. */
const views: Record<string, (h: Tensor) => Tensor> = {
  "detach()": (h) => h.detach(),
  "detach() of a view": (h) => h.t().detach(),
  "a view of detach()": (h) => h.detach().slice(0, 1, 3),
  "a view under noGrad": (h) => noGrad(() => h.select(1, 0)),
  "reshape() under noGrad": (h) => noGrad(() => h.reshape([12])),
  "expand() under noGrad": (h) => noGrad(() => h.expand([2, 4, 3])),
  "split() under noGrad": (h) => noGrad(() => h.split(3, 0)[1]!),
};

for (const [name, view] of Object.entries(views)) {
  for (const when of ["before", "after"]) {
    testProgram(`${name} ${when} backward() keeps the bytes`, function* () {
      const w = tensor([1, 2, 3], { requiresGrad: true });
      const h = tensor([[1], [2], [3], [4]]).mul(w);
      let kept = when === "before" ? view(h) : null;
      h.exp().sum().backward();
      kept ??= view(h);
      const values = kept.toArray();
      for (let step = 0; step < 3; step++) {
        yield;
        tensor([[9], [9], [9], [9]]).mul(w).exp().sum().backward();
      }
      assertEquals(kept.toArray(), values);
    });
  }
}

/** Recorded views and results that are their input: they go with it. */
const recorded: Record<string, (h: Tensor) => Tensor> = {
  "t()": (h) => h.t(),
  "reshape()": (h) => h.reshape([12]),
  "contiguous()": (h) => h.contiguous(),
  "contiguous() that returns its input under noGrad": (h) =>
    noGrad(() => h.contiguous()),
  "to() of its own dtype": (h) => h.to(h.dtype),
  "expand() to its own shape": (h) => h.expand([4, 3]),
  "select() of a slice": (h) => h.slice(0, 1, 4, 2).select(0, 1),
};

for (const [name, view] of Object.entries(recorded)) {
  testProgram(`a recorded ${name} is right or gone`, function* () {
    const w = tensor([1, 2, 3], { requiresGrad: true });
    const h = tensor([[1], [2], [3], [4]]).mul(w);
    const early = view(h);
    const values = early.toArray();
    h.exp().sum().backward();
    const late = view(h);
    assertEquals(late.toArray(), values);
    assertEquals(early.toArray(), values);
    // early's own node was not walked; its bytes are h's, whose node was.
    yield;
    for (let step = 0; step < 3; step++) {
      tensor([[9], [9], [9], [9]]).mul(w).exp().sum().backward();
    }
    for (const gone of [h, early, late]) {
      assertStringIncludes(messageOf(() => gone.toArray()), RELEASED);
      assertStringIncludes(messageOf(() => gone.mul(2)), RELEASED);
    }
  });
}

Deno.test("a view that was walked alone does not free its base", () => {
  const w = tensor([[1, 2], [3, 4]], { requiresGrad: true });
  const h = w.mul(2);
  const row = h.select(0, 0);
  const other = tensor([1, 1], { requiresGrad: true });
  // Only the path through row is walked, and h's node with it.
  row.mul(other).sum().backward();
  const error = messageOf(() => h.sum().backward());
  assertStringIncludes(error, SECOND_BACKWARD);
  assertEquals(w.grad!.toArray(), [[2, 2], [0, 0]]);
});

Deno.test("a base that is disposed of lives on in its view and its graph", () => {
  const w = tensor([1, 2, 3], { requiresGrad: true });
  const h = w.mul(2);
  const view = h.detach().slice(0, 1, 3);
  const y = h.exp();
  h.dispose();
  assertStringIncludes(messageOf(() => h.add(1)), "disposed");
  assertEquals(view.toArray(), [4, 6]);
  const expected = [...y.data()].map((v) => 2 * Number(v));
  y.sum().backward(); // needs y, which needs nothing of the handle h
  assertEquals([...w.grad!.data()].map(Number), expected);
  view.dispose();
  assertStringIncludes(messageOf(() => view.toArray()), "disposed");
});

Deno.test("dispose() of all handles frees the bytes at once", () => {
  const x = zeros([1 << 18]);
  const before = memoryStats().liveBytes;
  for (let i = 0; i < 10; i++) {
    const y = x.add(1);
    const view = y.reshape([1 << 9, 1 << 9]);
    y.dispose();
    assertEquals(view.select(0, 0).data()[0], 1);
    y.dispose(); // twice is once
    view.dispose();
  }
  // select() above made a handle each time; their megabytes are the collector's.
  const during = memoryStats().liveBytes;
  for (let i = 0; i < 10; i++) {
    using y = x.add(1);
    using view = y.reshape([1 << 9, 1 << 9]);
    assertEquals(view.shape, [512, 512]);
  }
  assert(memoryStats().liveBytes - during < 1 << 20);
  assert(during - before < 12 << 20);
});

testProgram("views of a data set stay out of graphs", function* () {
  manualSeed(4);
  const data = randn([64, 8]);
  const values = data.data();
  const w = zeros([8, 1], { requiresGrad: true });
  const rows: Tensor[] = [];
  for (let step = 0; step < 16; step++) {
    const batch = data.slice(0, 4 * step, 4 * step + 4);
    rows.push(batch);
    batch.matmul(w).sub(1).square().mean().backward();
    yield;
  }
  assertEquals(data.data(), values);
  assertEquals(
    rows.flatMap((row) => [...row.data()].map(Number)),
    [...values].map(Number),
  );
});
