import { grad, noGrad, type Tensor } from "@fdunn/tensor";
import { assertEquals } from "@std/assert";
import { assertNear } from "../relative_error.ts";
import { type FixtureData, fixtureValues } from "../fixture.ts";
import { MemoryWatch, testProgram } from "../program.ts";
import {
  assertStored,
  descend,
  input,
  leaves,
  programCase,
} from "./program_case.ts";

interface WganCase {
  criticLosses: number[];
  penalties: number[];
  generatorLosses: number[];
  firstGrads: Record<string, FixtureData>;
  final: Record<string, FixtureData>;
}

const GENERATOR = ["g1", "gb1", "g2", "gb2"];
const CRITIC = ["d1", "db1", "d2", "db2"];

/** tanh(x p0 + p1) p2 + p3 */
function net(x: Tensor, p: Tensor[]): Tensor {
  return x.matmul(p[0]!).add(p[1]!).tanh().matmul(p[2]!).add(p[3]!);
}

/** The critic's loss and the penalty in it. */
function criticLoss(
  real: Tensor,
  fake: Tensor,
  mix: Tensor,
  d: Tensor[],
): [Tensor, Tensor] {
  const between = real.mul(mix).add(fake.mul(mix.neg().add(1))).detach();
  between.requiresGrad_();
  const [slope] = grad(net(between, d).sum(), [between], { createGraph: true });
  const norm = slope!.square().sum(1).add(1e-12).sqrt();
  const penalty = norm.sub(1).square().mean().mul(10);
  const distance = net(fake, d).mean().sub(net(real, d).mean());
  return [distance.add(penalty), penalty];
}

testProgram("WGAN-GP: the gradient penalty is differentiated", function* () {
  const entry = programCase<WganCase>("wgan-gp");
  const g = leaves(entry, GENERATOR);
  const d = leaves(entry, CRITIC);
  const critic: Tensor[] = [];
  const penalties: Tensor[] = [];
  const generator: Tensor[] = [];
  for (let step = 0; step < 4; step++) {
    for (let k = 3 * step; k < 3 * step + 3; k++) {
      const fake = noGrad(() => net(input(entry, `z${k}`), g));
      const mix = input(entry, `mix${k}`).add(0.5);
      const [loss, penalty] = criticLoss(
        input(entry, `real${k}`),
        fake,
        mix,
        d,
      );
      yield;
      loss.backward();
      if (k === 0) {
        Object.values(entry.firstGrads).forEach((expected, i) =>
          assertNear(d[i]!.grad!, fixtureValues(expected), 1e-4, CRITIC[i])
        );
      }
      critic.push(loss);
      penalties.push(penalty);
      descend(d, 0.02);
    }
    for (const p of d) p.requiresGrad_(false);
    const loss = net(net(input(entry, `zg${step}`), g), d).mean().neg();
    loss.backward();
    for (const p of d) p.requiresGrad_(true);
    assertEquals(d.map((p) => p.grad), [null, null, null, null]);
    generator.push(loss);
    descend(g, 0.02);
    yield;
  }
  const numbers = (list: Tensor[]) => list.map((loss) => Number(loss.item()));
  assertNear(numbers(critic), entry.criticLosses, 1e-5, "critic");
  assertNear(numbers(penalties), entry.penalties, 1e-5, "penalties");
  assertNear(numbers(generator), entry.generatorLosses, 1e-5, "generator");
  assertStored([...g, ...d], entry.final, 1e-4);
});

testProgram("WGAN-GP: two thousand steps need no more memory", function* () {
  const entry = programCase<WganCase>("wgan-gp");
  const d = leaves(entry, CRITIC);
  const real = input(entry, "real0");
  const fake = input(entry, "z0");
  const mix = input(entry, "mix0").add(0.5);
  let watch = new MemoryWatch();
  for (let step = 0; step < 2200; step++) {
    const [loss] = criticLoss(real, fake, mix, d);
    loss.backward();
    descend(d, 0.001);
    if (step === 200) watch = new MemoryWatch();
    if (step % 50 === 0) yield;
  }
  // Nodes that only the inner pass reached are the collector's to find.
  watch.assertWasmGrowth(16 << 20);
});
