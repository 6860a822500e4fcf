import { assert } from "@std/assert";
import {
  type Block,
  type Instance,
  numbers,
  testEachBuild,
} from "./instance.ts";

type Values = Block<Float32Array | Float64Array>;

const sizes = [1, 2, 3, 4, 5, 8, 17, 1001];

function near(k: Instance, actual: Values, expected: number[]): void {
  const tolerance = k.float === "f32" ? 3e-6 : 1e-13;
  expected.forEach((e, i) => {
    const error = Math.abs(actual.values[i]! - e);
    const bound = tolerance * Math.max(1, Math.abs(e));
    assert(error <= bound, `[${i}] is ${actual.values[i]}, not ${e}`);
  });
}

/** Blocks of n numbers, a fresh seed each. */
function blocks(k: Instance, n: number, count: number): Values[] {
  return Array.from(
    { length: count },
    (_, i) => k.floats(numbers(n, i + n), i % 4),
  );
}

/** All 64 shares of a step, at once or cut. */
function shares(step: number): [first: number, end: number][] {
  return step % 2 === 0 ? [[0, 64]] : [[0, 3], [3, 40], [40, 64]];
}

interface Sgd {
  momentum: number;
  dampening: number;
  decay: number;
  nesterov: boolean;
  maximize: boolean;
}

const sgds: Sgd[] = [
  { momentum: 0, dampening: 0, decay: 0, nesterov: false, maximize: false },
  { momentum: 0, dampening: 0, decay: 0.1, nesterov: false, maximize: true },
  { momentum: 0.9, dampening: 0, decay: 0, nesterov: false, maximize: false },
  {
    momentum: 0.9,
    dampening: 0.3,
    decay: 0.2,
    nesterov: false,
    maximize: true,
  },
  { momentum: 0.8, dampening: 0, decay: 0.1, nesterov: true, maximize: false },
];

testEachBuild("sgd follows PyTorch's formula over a table", (k) => {
  for (const option of sgds) {
    k.reset();
    const rows = sizes.map((n) => blocks(k, n, 3));
    const state = rows.map((row) => row.map((b) => Array.from(b.values)));
    for (let step = 0; step < 3; step++) {
      const table = k.ints(rows.flatMap(([p, g, b], i) => [
        sizes[i]!,
        p!.pointer,
        g!.pointer,
        option.momentum === 0 ? 0 : b!.pointer,
        +(step === 0),
      ]));
      for (const [first, end] of shares(step)) {
        k.call(
          "sgd",
          rows.length,
          first,
          end,
          0.1,
          option.momentum,
          option.dampening,
          option.decay,
          +option.nesterov,
          +option.maximize,
          table.pointer,
        );
      }
      for (const [p, g, b] of state) {
        for (let i = 0; i < p!.length; i++) {
          let d = (option.maximize ? -1 : 1) * g![i]! + option.decay * p![i]!;
          if (option.momentum !== 0) {
            b![i] = step === 0
              ? d
              : option.momentum * b![i]! + (1 - option.dampening) * d;
            d = option.nesterov ? d + option.momentum * b![i]! : b![i]!;
          }
          p![i] = p![i]! - 0.1 * d;
        }
      }
    }
    rows.forEach((row, i) => row.forEach((b, j) => near(k, b, state[i]![j]!)));
    k.checkGuards();
  }
});

testEachBuild("adam, adamw and amsgrad follow PyTorch's formula", (k) => {
  const [lr, beta1, beta2, eps] = [0.01, 0.9, 0.999, 1e-8];
  for (
    const [decay, decoupled, amsgrad, maximize] of [
      [0, false, false, false],
      [0.1, false, false, true],
      [0.1, true, false, false],
      [0.1, true, true, true],
    ] as const
  ) {
    k.reset();
    const rows = sizes.map((n) => [
      ...blocks(k, n, 2),
      ...[1, 2, 3].map(() => k.floats(new Array(n).fill(0), 1)),
    ]);
    const state = rows.map((row) => row.map((b) => Array.from(b.values)));
    for (let step = 1; step <= 4; step++) {
      const [bias1, bias2] = [1 - beta1 ** step, 1 - beta2 ** step];
      const table = k.ints(rows.flatMap(([p, g, m, v, top], i) => [
        ...[sizes[i]!, p!.pointer, g!.pointer, m!.pointer, v!.pointer],
        amsgrad ? top!.pointer : 0,
      ]));
      for (const [first, end] of shares(step)) {
        k.call(
          "adam",
          ...[rows.length, first, end, lr, beta1, beta2, eps, decay],
          ...[+decoupled, bias1, bias2, +amsgrad, +maximize, table.pointer],
        );
      }
      for (const [p, g, m, v, top] of state) {
        for (let i = 0; i < p!.length; i++) {
          let d = maximize ? -g![i]! : g![i]!;
          if (decoupled) p![i] = p![i]! * (1 - lr * decay);
          else d += decay * p![i]!;
          m![i] = m![i]! + (1 - beta1) * (d - m![i]!);
          v![i] = beta2 * v![i]! + (1 - beta2) * d * d;
          top![i] = Math.max(top![i]!, v![i]!);
          const second = amsgrad ? top![i]! : v![i]!;
          const root = Math.sqrt(second) / Math.sqrt(bias2) + eps;
          p![i] = p![i]! - lr / bias1 * m![i]! / root;
        }
      }
    }
    rows.forEach(([p, , m, v], i) => {
      near(k, p!, state[i]![0]!);
      near(k, m!, state[i]![2]!);
      near(k, v!, state[i]![3]!);
    });
    k.checkGuards();
  }
});

testEachBuild("rmsprop follows PyTorch's formula", (k) => {
  const [lr, alpha, eps] = [0.01, 0.9, 1e-3];
  for (
    const [decay, momentum, centered, maximize] of [
      [0, 0, false, false],
      [0.1, 0.9, false, true],
      [0.1, 0.9, true, false],
    ] as const
  ) {
    k.reset();
    const rows = sizes.map((n) => [
      ...blocks(k, n, 2),
      ...[1, 2, 3].map(() => k.floats(new Array(n).fill(0), 1)),
    ]);
    const state = rows.map((row) => row.map((b) => Array.from(b.values)));
    for (let step = 1; step <= 4; step++) {
      const table = k.ints(rows.flatMap(([p, g, s, a, b], i) => [
        ...[sizes[i]!, p!.pointer, g!.pointer, s!.pointer],
        centered ? a!.pointer : 0,
        momentum > 0 ? b!.pointer : 0,
      ]));
      for (const [first, end] of shares(step)) {
        k.call(
          "rmsprop",
          ...[rows.length, first, end, lr, alpha, eps, decay, momentum],
          ...[+centered, +maximize, table.pointer],
        );
      }
      for (const [p, g, s, a, b] of state) {
        for (let i = 0; i < p!.length; i++) {
          const d = (maximize ? -g![i]! : g![i]!) + decay * p![i]!;
          s![i] = alpha * s![i]! + (1 - alpha) * d * d;
          a![i] = a![i]! + (1 - alpha) * (d - a![i]!);
          const variance = centered ? s![i]! - a![i]! ** 2 : s![i]!;
          b![i] = momentum * b![i]! + d / (Math.sqrt(variance) + eps);
          p![i] = p![i]! - lr * b![i]!;
        }
      }
    }
    const tolerance = k.float === "f32" ? 1e-4 : 1e-12;
    rows.forEach(([p], i) =>
      state[i]![0]!.forEach((e, j) => {
        const error = Math.abs(p!.values[j]! - e);
        assert(error <= tolerance, `[${j}] is ${p!.values[j]}, not ${e}`);
      })
    );
    k.checkGuards();
  }
});
