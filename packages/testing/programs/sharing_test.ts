import { tensor, zeros } from "@fdunn/tensor";
import { assertEquals } from "@std/assert";
import { assertNear } from "../relative_error.ts";
import { type FixtureData, fixtureValues } from "../fixture.ts";
import { testProgram } from "../program.ts";
import { leaves, programCase } from "./program_case.ts";

interface SharingCase {
  loss: number;
  grads: Record<string, FixtureData>;
}

testProgram("weights that are used three times", function* () {
  const entry = programCase<SharingCase>("weight sharing");
  const [x, w] = leaves(entry, ["x", "w"]);
  for (let again = 0; again < 3; again++) {
    const y = x!.matmul(w!).tanh().matmul(w!).sigmoid().matmul(w!.t())
      .add(w!.sum(0));
    yield;
    const loss = y.square().mean();
    loss.backward();
    assertNear([Number(loss.item())], [entry.loss], 1e-5, "loss");
    assertNear(x!.grad!, fixtureValues(entry.grads.x!), 1e-4, "x");
    assertNear(w!.grad!, fixtureValues(entry.grads.w!), 1e-4, "w");
    x!.grad = w!.grad = null;
  }
});

testProgram("diamonds", function* () {
  const entry = programCase<SharingCase>("diamond");
  const [x] = leaves(entry, ["x"]);
  for (let again = 0; again < 3; again++) {
    const u = x!.mul(2);
    const v = u.exp();
    const r = u.sin();
    yield;
    const y = v.mul(r).add(u).add(v.mul(v.detach())).sub(r.add(r).mul(x!));
    const loss = y.add(y.mul(u)).sum();
    loss.backward();
    assertNear([Number(loss.item())], [entry.loss], 1e-5, "loss");
    assertNear(x!.grad!, fixtureValues(entry.grads.x!), 1e-4, "x");
    x!.grad = null;
  }
});

Deno.test("forty diamonds in a row are walked by node, not by path", () => {
  const entry = programCase<SharingCase>("forty diamonds in a row");
  const [x] = leaves(entry, ["x"]);
  let y = x!;
  for (let i = 0; i < 40; i++) y = y.mul(0.5).add(y.mul(x!));
  const loss = y.sum();
  loss.backward();
  assertNear([Number(loss.item())], [entry.loss], 1e-5, "loss");
  assertNear(x!.grad!, fixtureValues(entry.grads.x!), 1e-4, "x");
});

Deno.test("a chain of twenty thousand ops does not overflow the stack", () => {
  const entry = programCase<SharingCase>("a chain of twenty thousand");
  const [x] = leaves(entry, ["x"]);
  let y = x!;
  for (let i = 0; i < 20000; i++) y = y.mul(0.9999);
  const loss = y.sum();
  loss.backward();
  assertNear([Number(loss.item())], [entry.loss], 1e-4, "loss");
  assertNear(x!.grad!, fixtureValues(entry.grads.x!), 1e-4, "x");
});

Deno.test("one tensor as both inputs of an op", () => {
  const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
  x.add(x).sum().backward();
  assertEquals(x.grad!.toArray(), [[2, 2], [2, 2]]);
  x.grad = null;
  x.mul(x).sum().backward();
  assertEquals(x.grad!.toArray(), [[2, 4], [6, 8]]);
  x.grad = null;
  x.sub(x).sum().backward();
  assertEquals(x.grad!.toArray(), [[0, 0], [0, 0]]);
  x.grad = null;
  x.matmul(x.t()).sum().backward();
  assertEquals(x.grad!.toArray(), [[8, 12], [8, 12]]);
});

Deno.test("two losses of one trunk, in either order, in one pass or two", () => {
  const w = tensor([1, 2, 3], { requiresGrad: true });
  const trunk = () => {
    const h = w.mul(2).tanh();
    return [h.square().sum(), h.exp().sum()] as const;
  };
  const [a, b] = trunk();
  a.add(b).backward();
  const expected = w.grad!.data();
  for (const order of [[0, 1], [1, 0]] as const) {
    w.grad = null;
    const losses = trunk();
    losses[order[0]].backward(undefined, { retainGraph: true });
    losses[order[1]].backward();
    assertNear(w.grad!, expected as Float32Array, 1e-6);
  }
});

Deno.test("branches without a way to the loss get nothing", () => {
  const used = zeros([2], { requiresGrad: true });
  const unused = zeros([2], { requiresGrad: true });
  const y = used.mul(3);
  y.mul(unused).exp();
  y.sum().backward();
  assertEquals(used.grad!.toArray(), [3, 3]);
  assertEquals(unused.grad, null);
});
