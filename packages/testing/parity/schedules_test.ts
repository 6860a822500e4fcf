import { tensor } from "@fdunn/tensor";
import * as optim from "@fdunn/optim";
import * as train from "@fdunn/train";
import { loadFixture } from "../fixture.ts";
import { type Comparison, testParity } from "./parity.ts";

interface ScheduleCase {
  name: string;
  op: string;
  options: Record<string, unknown>;
  optimizer: "SGD" | "Adam";
  lr: [number, number];
  metrics: number[] | null;
  epochs: number[] | null;
  lrs: number[];
  others: number[];
  momentums: number[] | null;
}

interface Schedule {
  step(value?: number): void;
}
type Constructor = new (...args: unknown[]) => Schedule;
const constructors = { ...train, ...optim } as unknown as Record<
  string,
  Constructor
>;

const { cases, torch } = loadFixture<ScheduleCase>("schedules");

for (const [op, entries] of Map.groupBy(cases, (entry) => entry.op)) {
  testParity({ file: "schedules", torch, op, entries, check });
}

const FUNCTIONS: Record<string, (epoch: number) => number> = {
  "inverse root": (epoch) => (epoch + 1) ** -0.5,
  ripple: (epoch) => 1 + 0.05 * Math.sin(epoch),
  decay: (epoch) => 0.97 ** epoch,
};

/** A schedule from plain data: functions by name, schedulers as pairs. */
function build(
  op: string,
  plain: Record<string, unknown>,
  optimizer: optim.Scheduled,
): Schedule {
  const Schedule = constructors[op]!;
  const options = { ...plain };
  for (const key of ["lrLambda", "scaleFn"]) {
    const names = options[key] as string | string[] | undefined;
    if (Array.isArray(names)) options[key] = names.map((n) => FUNCTIONS[n]);
    else if (names !== undefined) options[key] = FUNCTIONS[names];
  }
  const pairs = options.schedulers as [string, typeof plain][] | undefined;
  if (pairs === undefined) return new Schedule(optimizer, options);
  const schedulers = pairs.map(([op, options]) =>
    build(op, options, optimizer)
  );
  return op === "ChainedScheduler"
    ? new Schedule(schedulers, optimizer)
    : new Schedule(optimizer, schedulers, options);
}

/** A hundred steps; rates are float64 on both sides. */
function check(entry: ScheduleCase, to: Comparison): void {
  const [lr, other] = entry.lr;
  const groups = [
    { params: [tensor([0], { requiresGrad: true })] },
    { params: [tensor([0], { requiresGrad: true })], lr: other },
  ];
  const optimizer = entry.optimizer === "SGD"
    ? new optim.SGD(groups, { lr, momentum: 0.9 })
    : new optim.Adam(groups, { lr });
  if ("lastEpoch" in entry.options) {
    optimizer.paramGroups[0]!.initialLr = 0.2;
    optimizer.paramGroups[1]!.initialLr = 0.07;
  }
  const schedule = build(entry.op, entry.options, optimizer);
  const lrs: number[] = [];
  const others: number[] = [];
  const momentums: number[] = [];
  const note = () => {
    const [first, second] = optimizer.paramGroups;
    if (lrs.length % 10 === 0) others.push(second!.lr);
    lrs.push(first!.lr);
    momentums.push("betas" in first! ? first.betas[0] : first!.momentum);
  };
  note();
  for (let step = 0; step < 100; step++) {
    optimizer.step();
    const value = (entry.metrics ?? entry.epochs)?.[step];
    if (value === undefined) schedule.step();
    else schedule.step(value);
    note();
  }
  to.number("forward", entry.name, lrs, entry.lrs, 1e-11);
  to.number("forward", `${entry.name}: group 1`, others, entry.others, 1e-11);
  if (entry.momentums === null) return;
  const what = `${entry.name}: momentums`;
  to.number("forward", what, momentums, entry.momentums, 1e-11);
}
