import { zeros } from "@fdunn/tensor";
import {
  CosineAnnealingLR,
  ExponentialLR,
  type LRScheduler,
  MultiStepLR,
  SGD,
  StepLR,
} from "@fdunn/optim";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";

function sgd(lr: number): SGD {
  return new SGD([zeros([1])], { lr });
}

/** The rates of the first and the next steps. */
function rates(optimizer: SGD, schedule: LRScheduler, steps: number): number[] {
  const list = [optimizer.paramGroups[0]!.lr];
  for (let i = 0; i < steps; i++) {
    schedule.step();
    list.push(optimizer.paramGroups[0]!.lr);
  }
  return list;
}

function assertRates(actual: number[], expected: number[]): void {
  assertEquals(actual.length, expected.length);
  actual.forEach((rate, i) => assertAlmostEquals(rate, expected[i]!, 1e-12));
}

Deno.test("StepLR multiplies every few steps", () => {
  const optimizer = sgd(1);
  const schedule = new StepLR(optimizer, { stepSize: 3 });
  assertRates(rates(optimizer, schedule, 6), [1, 1, 1, 0.1, 0.1, 0.1, 0.01]);
});

Deno.test("MultiStepLR multiplies at its milestones, twice at double ones", () => {
  const optimizer = sgd(1);
  const milestones = [1, 3, 3];
  const schedule = new MultiStepLR(optimizer, { milestones, gamma: 0.5 });
  assertRates(rates(optimizer, schedule, 4), [1, 0.5, 0.5, 0.125, 0.125]);
});

Deno.test("ExponentialLR multiplies in every step", () => {
  const optimizer = sgd(2);
  const schedule = new ExponentialLR(optimizer, { gamma: 0.5 });
  assertRates(rates(optimizer, schedule, 3), [2, 1, 0.5, 0.25]);
});

Deno.test("CosineAnnealingLR follows the cosine, down and up again", () => {
  const optimizer = sgd(1);
  const schedule = new CosineAnnealingLR(optimizer, { tMax: 5, etaMin: 0.1 });
  const expected = Array.from(
    { length: 13 },
    (_, t) => 0.1 + 0.9 * (1 + Math.cos(Math.PI * t / 5)) / 2,
  );
  assertRates(rates(optimizer, schedule, 12), expected);
});

Deno.test("schedules change every group from its own rate", () => {
  const optimizer = new SGD([
    { params: zeros([1]) },
    { params: zeros([1]), lr: 10 },
  ], { lr: 1 });
  const schedule = new ExponentialLR(optimizer, { gamma: 0.5 });
  schedule.step();
  assertEquals(schedule.getLastLr(), [0.5, 5]);
  assertEquals(optimizer.paramGroups.map((g) => g.initialLr), [1, 10]);
});

Deno.test("schedules follow one another, and continue from a state", () => {
  const optimizer = sgd(1);
  const a = new ExponentialLR(optimizer, { gamma: 0.5 });
  const b = new StepLR(optimizer, { stepSize: 2, gamma: 0.1 });
  for (let i = 0; i < 2; i++) {
    a.step();
    b.step();
  }
  assertAlmostEquals(optimizer.paramGroups[0]!.lr, 0.025, 1e-12);
  const other = sgd(7);
  other.loadStateDict(optimizer.stateDict());
  const c = new StepLR(other, { stepSize: 2, gamma: 0.1 });
  c.loadStateDict(b.stateDict());
  assertRates(rates(other, c, 2), [0.025, 0.025, 0.0025]);
  assertThrows(
    () => c.loadStateDict({ lastEpoch: 1, baseLrs: [1, 2] }),
    RangeError,
    "2 groups, the optimizer 1",
  );
});

Deno.test("schedules refuse options that make no sense", () => {
  const optimizer = sgd(1);
  assertThrows(
    () => new StepLR(optimizer, { stepSize: 0 }),
    RangeError,
    "stepSize 0",
  );
  assertThrows(
    () => new MultiStepLR(optimizer, { milestones: [1.5] }),
    RangeError,
    "milestone 1.5",
  );
  assertThrows(
    () => new ExponentialLR(optimizer, { gamma: NaN }),
    RangeError,
    "gamma NaN",
  );
  assertThrows(
    () => new CosineAnnealingLR(optimizer, { tMax: 0 }),
    RangeError,
    "tMax 0",
  );
});
