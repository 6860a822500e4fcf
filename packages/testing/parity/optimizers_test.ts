import type { Tensor } from "@fdunn/tensor";
import * as optim from "@fdunn/optim";
import * as secondOrder from "@fdunn/optim/second_order";
import { assertEquals } from "@std/assert";
import { type FixtureData, type FixtureSine, loadFixture } from "../fixture.ts";
import { fixtureTensor } from "../fixture_tensor.ts";
import { assertNear } from "../relative_error.ts";
import { type Comparison, testParity } from "./parity.ts";

/** A value in PyTorch's state: a tensor, or a number. */
type Saved = FixtureData | number | null;

interface OptimizerCase {
  name: string;
  op: string;
  options: Record<string, unknown>;
  inputs: Record<"x" | "y" | "c", FixtureSine>;
  parameters: Record<"w" | "b" | "s", FixtureSine>;
  dtype: "float32" | "float64";
  steps: number;
  losses: number[];
  after: Record<string, Record<"w" | "b" | "s", FixtureData>>;
  trained: ("w" | "b" | "s")[];
  biasLr?: number;
  tolerance?: number;
  stateAt5?: {
    state: Record<string, Record<string, Saved | Saved[]>>;
    param_groups: unknown[];
  };
}

interface Optimizer {
  loadStateDict(state: unknown): void;
  zeroGrad(): void;
  step(closure: () => Tensor): Tensor;
}
type Constructor = new (params: unknown, options: unknown) => Optimizer;

const constructors = { ...optim, ...secondOrder } as unknown as Record<
  string,
  Constructor
>;

const { cases, torch } = loadFixture<OptimizerCase>("optimizers");

for (const [op, entries] of Map.groupBy(cases, (entry) => entry.op)) {
  const check = (entry: OptimizerCase, comparison: Comparison) => {
    train(entry, constructors[op]!, comparison, 0);
    if (entry.stateAt5 !== undefined) {
      train(entry, constructors[op]!, comparison, 5);
    }
  };
  testParity({ file: "optimizers", torch, op, entries, check });
}

/**
 * All steps after `from`: the losses before each, the parameters after some.
 * It begins with PyTorch's parameters, and its state if `from` is not 0.
 */
function train(
  entry: OptimizerCase,
  Optimizer: Constructor,
  to: Comparison,
  from: number,
): void {
  const { dtype } = entry;
  const x = fixtureTensor(entry.inputs.x).to(dtype);
  const y = fixtureTensor(entry.inputs.y).to(dtype);
  const c = fixtureTensor(entry.inputs.c).to(dtype);
  const first = from === 0 ? entry.parameters : entry.after[from]!;
  const leaf = (name: "w" | "b" | "s") =>
    fixtureTensor(first[name]).to(dtype).requiresGrad_();
  const parameters = { w: leaf("w"), b: leaf("b"), s: leaf("s") };
  const { w, b, s } = parameters;
  const { biasLr, trained, tolerance } = entry;
  const params = biasLr === undefined
    ? trained.map((name) => parameters[name])
    : [{ params: [w, s] }, { params: [b], lr: biasLr }];
  const optimizer = new Optimizer(params, entry.options);
  if (from > 0) optimizer.loadStateDict(stateOf(entry));
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
  for (let step = from + 1; step <= entry.steps; step++) {
    losses.push(optimizer.step(closure).item() as number);
    const after = entry.after[step];
    if (after === undefined) continue;
    seen.push(String(step));
    for (const name of Object.keys(after) as (keyof typeof parameters)[]) {
      const what = `${entry.name}: ${name} after step ${step} from ${from}`;
      const values = parameters[name].detach().to("float32");
      if (tolerance === undefined) {
        to.compare("forward", what, values, after[name]);
      } else checkLoosely(what, values, after[name], tolerance);
    }
  }
  const expected = Object.keys(entry.after).filter((step) => +step > from);
  assertEquals(seen, expected);
  if (tolerance !== undefined || entry.losses.length === 0) return;
  const what = `${entry.name}: losses from ${from}`;
  to.number("forward", what, losses, entry.losses.slice(from));
}

/** PyTorch's state_dict(), with its names, and tensors of its own. */
function stateOf({ stateAt5 }: OptimizerCase): unknown {
  const read = (value: Saved) =>
    typeof value === "number" || value === null ? value : fixtureTensor(value);
  const tensors = (entries: Record<string, Saved | Saved[]>) =>
    Object.entries(entries).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(read) : read(value),
    ]);
  const state = Object.entries(stateAt5!.state)
    .map(([number, entries]) => [number, Object.fromEntries(tensors(entries))]);
  return { ...stateAt5, state: Object.fromEntries(state) };
}

/** Not as close as parity asks for, and no line of the page. */
function checkLoosely(
  what: string,
  actual: Tensor,
  expected: FixtureData,
  tolerance: number,
): void {
  assertNear(actual, fixtureTensor(expected), tolerance, what);
}
