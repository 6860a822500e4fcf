import type { Tensor } from "@fdunn/tensor";
import * as optim from "@fdunn/optim";
import { assertEquals } from "@std/assert";
import { type FixtureData, type FixtureSine, loadFixture } from "../fixture.ts";
import { fixtureTensor } from "../fixture_tensor.ts";
import { type Comparison, testParity } from "./parity.ts";

interface OptimizerCase {
  name: string;
  op: string;
  options: Record<string, unknown>;
  inputs: Record<"x" | "y" | "c", FixtureSine>;
  parameters: Record<"w" | "b" | "s", FixtureSine>;
  losses: number[];
  after: Record<string, Record<"w" | "b" | "s", FixtureData>>;
  biasLr?: number;
}

interface Optimizer {
  zeroGrad(): void;
  step(closure: () => Tensor): Tensor;
}
type Constructor = new (params: unknown, options: unknown) => Optimizer;

const constructors = optim as unknown as Record<string, Constructor>;

const { cases, torch } = loadFixture<OptimizerCase>("optimizers");

for (const [op, entries] of Map.groupBy(cases, (entry) => entry.op)) {
  const check = (entry: OptimizerCase, comparison: Comparison) =>
    train(entry, constructors[op]!, comparison);
  testParity({ file: "optimizers", torch, op, entries, check });
}

/** All steps: the losses before each, the parameters after some. */
function train(
  entry: OptimizerCase,
  Optimizer: Constructor,
  to: Comparison,
): void {
  const x = fixtureTensor(entry.inputs.x);
  const y = fixtureTensor(entry.inputs.y);
  const c = fixtureTensor(entry.inputs.c);
  const w = fixtureTensor(entry.parameters.w, { requiresGrad: true });
  const b = fixtureTensor(entry.parameters.b, { requiresGrad: true });
  const s = fixtureTensor(entry.parameters.s, { requiresGrad: true });
  const { biasLr } = entry;
  const params = biasLr === undefined
    ? [w, b, s]
    : [{ params: [w, s] }, { params: [b], lr: biasLr }];
  const optimizer = new Optimizer(params, entry.options);
  const losses: number[] = [];
  const seen: string[] = [];
  const closure = () => {
    optimizer.zeroGrad();
    const loss = x.matmul(w).add(b).sub(y).square().mean()
      .add(w.square().sum().mul(0.05))
      .add(s.mul(c).sum()).add(s.square().sum().mul(0.5));
    loss.backward();
    return loss;
  };
  for (let step = 1; step <= entry.losses.length; step++) {
    losses.push(optimizer.step(closure).item() as number);
    const after = entry.after[step];
    if (after === undefined) continue;
    seen.push(String(step));
    const parameters: Record<string, Tensor> = { w, b, s };
    for (const [name, expected] of Object.entries(after)) {
      const what = `${entry.name}: ${name} after step ${step}`;
      to.compare("forward", what, parameters[name]!, expected);
    }
  }
  assertEquals(seen, Object.keys(entry.after));
  to.number("forward", `${entry.name}: losses`, losses, entry.losses);
}
