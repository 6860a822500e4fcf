import { zeros } from "@fdunn/tensor";
import {
  ChainedScheduler,
  ConstantLR,
  CosineAnnealingLR,
  CosineAnnealingWarmRestarts,
  CyclicLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  type LRScheduler,
  MultiplicativeLR,
  MultiStepLR,
  OneCycleLR,
  PolynomialLR,
  ReduceLROnPlateau,
  type Scheduled,
  SequentialLR,
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

const MAKERS: Record<string, (optimizer: Scheduled) => LRScheduler> = {
  StepLR: (o) => new StepLR(o, { stepSize: 3 }),
  MultiStepLR: (o) => new MultiStepLR(o, { milestones: [4, 9] }),
  ExponentialLR: (o) => new ExponentialLR(o, { gamma: 0.9 }),
  PolynomialLR: (o) => new PolynomialLR(o, { totalIters: 14, power: 2 }),
  ConstantLR: (o) => new ConstantLR(o, { totalIters: 8 }),
  LinearLR: (o) => new LinearLR(o, { totalIters: 9 }),
  CosineAnnealingLR: (o) => new CosineAnnealingLR(o, { tMax: 5 }),
  CosineAnnealingWarmRestarts: (o) =>
    new CosineAnnealingWarmRestarts(o, { t0: 2, tMult: 2 }),
  LambdaLR: (o) => new LambdaLR(o, { lrLambda: (t) => 1 / (1 + t) }),
  MultiplicativeLR: (o) =>
    new MultiplicativeLR(o, { lrLambda: (t) => 1 - t / 40 }),
  CyclicLR: (o) =>
    new CyclicLR(o, {
      baseLr: 0.1,
      maxLr: 1,
      stepSizeUp: 3,
      mode: "expRange",
    }),
  OneCycleLR: (o) => new OneCycleLR(o, { maxLr: 1, totalSteps: 14 }),
  SequentialLR: (o) =>
    new SequentialLR(o, [
      new LinearLR(o, { totalIters: 5 }),
      new CosineAnnealingLR(o, { tMax: 9 }),
    ], { milestones: [5] }),
  ChainedScheduler: (o) =>
    new ChainedScheduler([
      new ConstantLR(o, { totalIters: 9 }),
      new ExponentialLR(o, { gamma: 0.9 }),
    ]),
};

for (const [name, make] of Object.entries(MAKERS)) {
  Deno.test(`${name} continues from a state that went through JSON`, () => {
    for (const stop of [0, 3, 7]) {
      const one = new SGD([zeros([1])], { lr: 1, momentum: 0.9 });
      const first = make(one);
      for (let i = 0; i < stop; i++) first.step();
      const saved = JSON.parse(JSON.stringify({
        schedule: first.stateDict(),
        groups: one.stateDict().paramGroups,
      }));
      const two = new SGD([zeros([1])], { lr: 5, momentum: 0.9 });
      const second = make(two);
      two.loadStateDict({ state: {}, paramGroups: saved.groups });
      second.loadStateDict(saved.schedule);
      assertEquals(second.lastEpoch, stop);
      assertEquals(second.getLastLr(), first.getLastLr());
      assertEquals(rates(two, second, 6), rates(one, first, 6));
      assertEquals(
        two.paramGroups[0]!.momentum,
        one.paramGroups[0]!.momentum,
      );
    }
  });
}

Deno.test("a state also has the options, and is taken with PyTorch's names", () => {
  const optimizer = sgd(0.25);
  const schedule = new StepLR(optimizer, { stepSize: 5 });
  const state = schedule.stateDict();
  assertEquals(state, {
    stepSize: 5,
    gamma: 0.1,
    lastEpoch: 0,
    stepCount: 1,
    baseLrs: [0.25],
    lastLr: [0.25],
  });
  schedule.loadStateDict({
    step_size: 2,
    gamma: 0.5,
    last_epoch: 3,
    _step_count: 4,
    base_lrs: [1],
    _last_lr: [0.5],
    _is_initial: false,
  } as never);
  assertEquals(schedule.getLastLr(), [0.5]);
  schedule.step();
  assertEquals(schedule.getLastLr(), [0.125]); // 0.25 · 0.5 at step 4
  const range = { baseLr: 0.5, maxLr: 1, stepSizeUp: 1 };
  const cyclic = new CyclicLR(optimizer, { ...range, gamma: 0.5 });
  const { baseLrs } = cyclic.stateDict();
  cyclic.loadStateDict({ base_lrs: baseLrs, mode: "exp_range" } as never);
  cyclic.step();
  assertEquals(cyclic.getLastLr(), [0.75]);
  optimizer.paramGroups[0]!.lr = 0.125;
  const plateau = new ReduceLROnPlateau(optimizer, { patience: 2 });
  const saved = { best: 3, num_bad_epochs: 2, last_epoch: 6 };
  plateau.loadStateDict({ ...saved, cooldown_counter: 0 } as never);
  plateau.step(4);
  assertAlmostEquals(plateau.getLastLr()[0]!, 0.0125, 1e-12);
});

Deno.test("schedules of schedules refuse what does not go together", () => {
  const [one, two] = [sgd(1), sgd(1)];
  const a = new ExponentialLR(one, { gamma: 0.5 });
  const b = new ExponentialLR(two, { gamma: 0.5 });
  assertThrows(
    () => new ChainedScheduler([a, b]),
    RangeError,
    "ChainedScheduler got scheduler 1, a ExponentialLR, of another optimizer",
  );
  assertThrows(
    () => new ChainedScheduler([]),
    RangeError,
    "ChainedScheduler got schedulers 0, expected at least one",
  );
  assertThrows(
    () => new ChainedScheduler([new ReduceLROnPlateau(one) as never]),
    TypeError,
    "ReduceLROnPlateau as scheduler 0",
  );
  assertThrows(
    () => new SequentialLR(one, [a], { milestones: [1] }),
    RangeError,
    "milestones [1], expected 0, one less than schedulers",
  );
  const chain = new ChainedScheduler([a]);
  assertThrows(
    () => chain.loadStateDict({ lastEpoch: 0, schedulers: [] }),
    RangeError,
    "it has 0 schedules, expected 1",
  );
});

Deno.test("ConstantLR() comes back from a rate of 0", () => {
  const optimizer = new SGD([zeros([1])], { lr: 0.5 });
  const schedule = new ConstantLR(optimizer, { factor: 0, totalIters: 2 });
  const rates = [1, 2, 3].map(() => {
    const [rate] = schedule.getLastLr();
    schedule.step();
    return rate;
  });
  assertEquals(rates, [0, 0, 0.5]);
});

Deno.test("new schedules refuse options that make no sense", () => {
  const optimizer = new SGD([zeros([1])], { lr: 1, momentum: 0.9 });
  const cases: [() => unknown, string][] = [
    [() => new ConstantLR(optimizer, { factor: 2 }), "factor 2"],
    [() => new LinearLR(optimizer, { startFactor: 0 }), "startFactor"],
    [() => new LinearLR(optimizer, { endFactor: -1 }), "endFactor -1"],
    [() => new PolynomialLR(optimizer, { totalIters: 0 }), "totalIters 0"],
    [
      () => new CosineAnnealingWarmRestarts(optimizer, { t0: 1.5 }),
      "t0 1.5",
    ],
    [
      () => new CosineAnnealingWarmRestarts(optimizer, { t0: 1 }).step(-1),
      "epoch -1",
    ],
    [() => new LambdaLR(optimizer, { lrLambda: [] }), "one for each of 1"],
    [
      () => new CyclicLR(optimizer, { baseLr: [1, 2], maxLr: 3 }),
      "baseLr 1,2",
    ],
    [
      () =>
        new CyclicLR(optimizer, { baseLr: 1, maxLr: 3, mode: "up" as never }),
      "mode up",
    ],
    [() => new OneCycleLR(optimizer, { maxLr: 1 }), "totalSteps NaN"],
    [
      () => new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 4, pctStart: 2 }),
      "pctStart 2",
    ],
    [
      () => new ExponentialLR(optimizer, { gamma: 1, lastEpoch: -2 }),
      "lastEpoch -2",
    ],
    [
      () => new ExponentialLR(sgd(1), { gamma: 1, lastEpoch: 3 }),
      "group 0 has no initialLr",
    ],
    [
      () =>
        new OneCycleLR({ paramGroups: [{ lr: 1, params: [] }] }, {
          ...{ maxLr: 1, totalSteps: 9 },
        }),
      "without momentum or betas",
    ],
  ];
  for (const [make, message] of cases) {
    assertThrows(make, RangeError, message);
  }
  const cycle = new OneCycleLR(optimizer, { maxLr: 1, totalSteps: 1 });
  cycle.step();
  assertThrows(() => cycle.step(), RangeError, "step 2 of 1");
});
