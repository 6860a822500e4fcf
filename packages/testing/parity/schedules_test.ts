import { tensor } from "@fdunn/tensor";
import * as optim from "@fdunn/optim";
import { type FixtureCase, loadFixture } from "../fixture.ts";
import { type Comparison, testParity } from "./parity.ts";

interface ScheduleCase extends FixtureCase {
  op: string;
  options: Record<string, unknown>;
  lr: number;
  metrics: number[] | null;
  lrs: number[];
}

type Constructor = new (
  optimizer: optim.SGD,
  options: unknown,
) => { step(metric?: number): void };
const constructors = optim as unknown as Record<string, Constructor>;

const { cases, torch } = loadFixture<ScheduleCase>("schedules");

for (const [op, entries] of Map.groupBy(cases, (entry) => entry.op)) {
  testParity({ file: "schedules", torch, op, entries, check });
}

/** A hundred steps; rates are float64 on both sides. */
function check(entry: ScheduleCase, to: Comparison): void {
  const parameter = tensor([0], { requiresGrad: true });
  const optimizer = new optim.SGD([parameter], { lr: entry.lr });
  const schedule = new constructors[entry.op]!(optimizer, entry.options);
  const lrs = [optimizer.paramGroups[0]!.lr];
  for (let step = 0; step < 100; step++) {
    optimizer.step();
    if (entry.metrics === null) schedule.step();
    else schedule.step(entry.metrics[step]!);
    lrs.push(optimizer.paramGroups[0]!.lr);
  }
  to.number("forward", entry.name, lrs, entry.lrs, 1e-12);
}
