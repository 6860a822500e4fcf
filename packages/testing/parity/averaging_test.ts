import { BatchNorm1d, Linear, Sequential } from "@fdunn/nn";
import * as train from "@fdunn/train";
import { assertEquals } from "@std/assert";
import { type FixtureData, loadFixture } from "../fixture.ts";
import { fixtureTensor } from "../fixture_tensor.ts";
import { assertNear } from "../relative_error.ts";
import { type Comparison, testParity } from "./parity.ts";

interface AveragingCase {
  name: string;
  op: string;
  decay: number | null;
  useBuffers: boolean;
  states: Record<string, FixtureData>[];
  after: Record<string, FixtureData>[];
  batches: FixtureData[];
  running: [FixtureData, FixtureData];
}

const { cases, torch } = loadFixture<AveragingCase>("averaging");

for (const [op, entries] of Map.groupBy(cases, (entry) => entry.op)) {
  testParity({ file: "averaging", torch, op, entries, check });
}

/** The kind of averages that a case names. */
function averages({ op, decay }: AveragingCase): train.AveragedModelOptions {
  const make = (train as unknown as Record<string, (d?: number) => unknown>)[
    op
  ]!;
  if (op === "AveragedModel") return {};
  const average = decay === null ? make() : make(decay);
  return { [op.includes("Multi") ? "multiAvgFn" : "avgFn"]: average };
}

function check(entry: AveragingCase, to: Comparison): void {
  const model = new Sequential(new Linear(3, 4), new BatchNorm1d(4));
  const { useBuffers } = entry;
  const averaged = new train.AveragedModel(model, {
    ...averages(entry),
    useBuffers,
  });
  entry.states.forEach((state, step) => {
    const tensors = Object.entries(state)
      .map(([name, data]) => [name, fixtureTensor(data)] as const);
    model.loadStateDict(Object.fromEntries(tensors));
    averaged.updateParameters(model);
    const after = averaged.stateDict();
    const names = Object.keys(entry.after[step]!);
    assertEquals(Object.keys(after).sort(), names.sort());
    for (const name of names) {
      const what = `${entry.name}: ${name} after ${step + 1}`;
      to.compare("forward", what, after[name]!, entry.after[step]![name]!);
    }
  });
}

Deno.test("updateBn() gives the moments of PyTorch's update_bn", async () => {
  const { after, batches, running } = cases[0]!;
  const net = new Sequential(new Linear(3, 4), new BatchNorm1d(4));
  const averaged = new train.AveragedModel(net);
  const state = Object.entries(after.at(-1)!)
    .map(([name, data]) => [name, fixtureTensor(data)] as const);
  averaged.loadStateDict(Object.fromEntries(state));
  await train.updateBn(batches.map((data) => fixtureTensor(data)), averaged);
  const norm = (averaged.module as Sequential)[1] as BatchNorm1d;
  assertNear(norm.runningMean!, fixtureTensor(running[0]));
  assertNear(norm.runningVar!, fixtureTensor(running[1]));
});
