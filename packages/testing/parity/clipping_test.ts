import { type Tensor, zeros } from "@fdunn/tensor";
import { clipGradNorm, clipGradValue } from "@fdunn/optim";
import { type FixtureCase, type FixtureData, loadFixture } from "../fixture.ts";
import { fixtureTensor } from "../fixture_tensor.ts";
import { type Comparison, testParity } from "./parity.ts";

interface ClippingCase extends FixtureCase {
  op: "clipGradNorm" | "clipGradValue";
  arguments: [number, ({ normType: number } | "Infinity")?];
  before: FixtureData[];
  norm: number | null;
  after: FixtureData[];
}

const { cases, torch } = loadFixture<ClippingCase>("clipping");

for (const [op, entries] of Map.groupBy(cases, (entry) => entry.op)) {
  testParity({ file: "clipping", torch, op, entries, check });
}

function check(entry: ClippingCase, to: Comparison): void {
  const parameters = entry.before.map((before) => {
    const parameter = zeros(before.shape, { requiresGrad: true });
    parameter.grad = fixtureTensor(before);
    return parameter;
  });
  const norm = clip(entry, parameters);
  if (entry.norm !== null) {
    to.number("forward", `${entry.name}: norm`, [norm!], [entry.norm]);
  }
  parameters.forEach((parameter, i) => {
    const what = `${entry.name}: gradient ${i}`;
    to.compare("forward", what, parameter.grad!, entry.after[i]!);
  });
}

function clip(entry: ClippingCase, parameters: Tensor[]): number | null {
  const [limit, options] = entry.arguments;
  if (entry.op === "clipGradNorm") {
    const normType = options === "Infinity" ? Infinity : options!.normType;
    return clipGradNorm(parameters, limit, { normType });
  }
  clipGradValue(parameters, limit);
  return null;
}
