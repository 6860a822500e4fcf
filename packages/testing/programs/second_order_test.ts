import { avgPool2d, cat, conv2d, crossEntropy } from "@fdunn/tensor";
import { grad, linear, maxPool2d, type Tensor, tensor } from "@fdunn/tensor";
import { assertEquals } from "@std/assert";
import { assertNear } from "../relative_error.ts";
import { type FixtureData, fixtureValues, loadFixture } from "../fixture.ts";
import { input, leaves, type ProgramCase } from "./program_case.ts";

interface SecondOrderCase extends ProgramCase {
  op: string;
  positive: boolean;
  g1: FixtureData;
  g2: FixtureData;
  g3?: FixtureData;
}

const int32 = (values: number[]) => tensor(Int32Array.from(values));

/** The scalars whose derivatives the fixtures hold, by op. */
const functions: Record<string, (z: Tensor) => Tensor> = {
  cube: (z) => z.pow(3).sum(),
  exp: (z) => z.exp().sum(),
  log: (z) => z.log().sum(),
  sqrt: (z) => z.sqrt().sum(),
  tanh: (z) => z.tanh().sum(),
  sigmoid: (z) => z.sigmoid().sum(),
  relu: (z) => z.relu().pow(3).sum(),
  div: (z) => z.div(z.mul(z).add(1)).sum(),
  mean: (z) =>
    z.mean().pow(3).add(z.sub(z.mean(1, { keepdim: true })).pow(4).sum()),
  prod: (z) => z.prod(1).sum(),
  amax: (z) => z.amax(1).pow(3).sum(),
  softmax: (z) => z.softmax(1).pow(2).sum(),
  logSoftmax: (z) => z.logSoftmax(1).pow(2).sum(),
  crossEntropy: (z) => crossEntropy(z, int32([0, 2])),
  matmul: (z) => z.matmul(z.t()).tanh().sum(),
  linear: (z) => linear(z, z, z.select(1, 0)).tanh().sum(),
  conv2d: (z) => conv2d(z, z, null, { padding: 1 }).tanh().sum(),
  maxPool2d: (z) => maxPool2d(z, 2).pow(3).sum(),
  avgPool2d: (z) => avgPool2d(z, 2).pow(3).sum(),
  indexSelect: (z) => z.indexSelect(0, int32([1, 1, 0])).pow(3).sum(),
  cat: (z) => cat([z, z.mul(z)]).pow(3).sum(),
  views: (z) =>
    z.t().slice(0, 1, 3).unsqueeze(0).mul(z.reshape([3, 1, 2])).pow(3).sum(),
};

const { cases } = loadFixture<SecondOrderCase>("programs");
const second = cases.filter(({ name }) => name.startsWith("second order: "));

Deno.test("second order: all functions of the fixtures are run", () => {
  assertEquals(
    second.map((entry) => entry.op).sort(),
    Object.keys(functions).sort(),
  );
});

for (const entry of second) {
  Deno.test(`gradients of gradients: ${entry.op}`, () => {
    const [x] = leaves(entry, ["x"]) as [Tensor];
    const v = input(entry, "v");
    const z = entry.positive ? x.square().add(0.5) : x;
    const create = { createGraph: true };
    const [g1] = grad(functions[entry.op]!(z), [x], create);
    assertNear(g1!, fixtureValues(entry.g1), 1e-4, "first");
    const [g2] = grad(g1!.mul(v).sum(), [x], create);
    assertNear(g2!, fixtureValues(entry.g2), 1e-4, "second");
    if (entry.g3 === undefined) return;
    const [g3] = grad(g2!.mul(v).sum(), [x]);
    assertNear(g3!, fixtureValues(entry.g3), 2e-4, "third");
    assertEquals(x.grad, null);
  });
}

Deno.test("backward() with createGraph leaves a gradient with a graph", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  x.pow(3).sum().backward(undefined, { createGraph: true });
  const g = x.grad!;
  assertEquals(g.toArray(), [3, 12]);
  assertEquals(g.requiresGrad, true);
  x.grad = null;
  g.pow(2).sum().backward(); // d/dx (3x²)² = 36x³
  assertEquals(x.grad!.toArray(), [36, 288]);
  // The gradient of the first pass was a graph tensor, never the slot's.
  assertEquals(g.toArray(), [3, 12]);
});

Deno.test("a gradient with a graph accumulates as part of the graph", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  x.pow(2).sum().backward(undefined, { createGraph: true });
  x.pow(3).sum().backward(undefined, { createGraph: true });
  assertEquals(x.grad!.toArray(), [5, 16]);
  const [second] = grad(x.grad!.sum(), [x]);
  assertEquals(second!.toArray(), [8, 14]); // 2 + 6x
});
