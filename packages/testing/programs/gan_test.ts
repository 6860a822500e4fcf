import { noGrad, type Tensor } from "@fdunn/tensor";
import { Adam, SGD } from "@fdunn/optim";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { assertNear } from "../relative_error.ts";
import type { FixtureData } from "../fixture.ts";
import {
  MemoryWatch,
  messageOf,
  type Program,
  testProgram,
} from "../program.ts";
import {
  assertStored,
  gradients,
  input,
  leaves,
  MODIFIED,
  programCase,
} from "./program_case.ts";

interface GanCase {
  dLosses: number[];
  gLosses: number[];
  final: Record<string, FixtureData>;
}

const GENERATOR = ["g1", "gb1", "g2", "gb2"];
const DISCRIMINATOR = ["d1", "db1", "d2", "db2"];

/** tanh(x p0 + p1) p2 + p3 */
function net(x: Tensor, p: Tensor[]): Tensor {
  return x.matmul(p[0]!).add(p[1]!).tanh().matmul(p[2]!).add(p[3]!);
}

function discriminatorLoss(real: Tensor, fake: Tensor, d: Tensor[]): Tensor {
  const onReal = net(real, d).sigmoid().log().mean();
  const onFake = net(fake, d).sigmoid().neg().add(1).log().mean();
  return onReal.add(onFake).neg();
}

function generatorLoss(fake: Tensor, d: Tensor[]): Tensor {
  return net(fake, d).sigmoid().log().mean().neg();
}

function* gan(kind: "SGD" | "Adam"): Program {
  const entry = programCase<GanCase>(`gan ${kind}`);
  const g = leaves(entry, GENERATOR);
  const d = leaves(entry, DISCRIMINATOR);
  const optimizer = (p: Tensor[]) =>
    kind === "SGD"
      ? new SGD(p, { lr: 0.1 })
      : new Adam(p, { lr: 0.01, betas: [0.5, 0.999] });
  const ofG = optimizer(g);
  const ofD = optimizer(d);
  const dLosses: Tensor[] = [];
  const gLosses: Tensor[] = [];
  for (let step = 0; step < 5; step++) {
    const fake = net(input(entry, `z${step}`), g);
    yield;
    ofD.zeroGrad();
    const dLoss = discriminatorLoss(
      input(entry, `real${step}`),
      fake.detach(),
      d,
    );
    dLoss.backward();
    ofD.step();
    yield;
    ofG.zeroGrad();
    const gLoss = generatorLoss(fake, d);
    gLoss.backward();
    ofG.step();
    dLosses.push(dLoss);
    gLosses.push(gLoss);
  }
  // Losses can be read for ever, long after their graphs have gone.
  const numbers = (list: Tensor[]) => list.map((loss) => Number(loss.item()));
  assertNear(numbers(dLosses), entry.dLosses, 1e-5, "discriminator's losses");
  assertNear(numbers(gLosses), entry.gLosses, 1e-5, "generator's losses");
  assertStored([...g, ...d], entry.final, 1e-4);
}

testProgram("a GAN with two SGDs", () => gan("SGD"));
testProgram("a GAN with two Adams", () => gan("Adam"));

Deno.test("a generator's loss older than the discriminator's step throws", () => {
  const entry = programCase<GanCase>("gan SGD");
  const g = leaves(entry, GENERATOR);
  const d = leaves(entry, DISCRIMINATOR);
  const ofD = new SGD(d, { lr: 0.1 });
  const fake = net(input(entry, "z0"), g);
  const stale = generatorLoss(fake, d);
  discriminatorLoss(input(entry, "real0"), fake.detach(), d).backward();
  ofD.step();
  const before = gradients([...g, ...d]);
  assertStringIncludes(messageOf(() => stale.backward()), MODIFIED);
  assertEquals(gradients([...g, ...d]), before);
  assertEquals(g.map((p) => p.grad), [null, null, null, null]);
  // A fresh pass over the same generator's graph works: it was not used up.
  generatorLoss(fake, d).backward();
});

Deno.test("parameters frozen in forward get nothing, though thawed since", () => {
  const entry = programCase<GanCase>("gan SGD");
  const g = leaves(entry, GENERATOR);
  const d = leaves(entry, DISCRIMINATOR);
  const expected = generatorLoss(net(input(entry, "z0"), g), d);
  expected.backward();
  const ofG = gradients(g);
  for (const p of [...g, ...d]) p.grad = null;
  for (const p of d) p.requiresGrad_(false);
  const loss = generatorLoss(net(input(entry, "z0"), g), d);
  for (const p of d) p.requiresGrad_(true);
  loss.backward();
  assertEquals(gradients(g), ofG);
  assertEquals(gradients(d), [null, null, null, null]);
});

testProgram("a GAN of a thousand steps needs no more memory", function* () {
  const entry = programCase<GanCase>("gan SGD");
  const g = leaves(entry, GENERATOR);
  const d = leaves(entry, DISCRIMINATOR);
  const ofG = new SGD(g, { lr: 0.01 });
  const ofD = new SGD(d, { lr: 0.01 });
  const real = input(entry, "real0");
  const z = input(entry, "z0");
  let watch = new MemoryWatch();
  for (let step = 0; step < 1200; step++) {
    const fake = net(z, g);
    ofD.zeroGrad();
    discriminatorLoss(real, fake.detach(), d).backward();
    ofD.step();
    ofG.zeroGrad();
    generatorLoss(fake, d).backward();
    ofG.step();
    if (step === 200) watch = new MemoryWatch();
    if (step % 50 === 0) yield;
  }
  // fake.detach() leaves its graph: 48 bytes a step are the collector's.
  watch.assertWasmGrowth(8 << 20);
  assertEquals(noGrad(() => net(z, g)).shape, [6, 2]);
});
