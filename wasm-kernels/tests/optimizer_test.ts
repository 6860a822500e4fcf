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

/** The numbers of an adaptive step, and which of the row's blocks it has. */
interface Adaptive {
  name: string;
  kind: number;
  keep?: number;
  decay?: number;
  rest1: number;
  beta2: number;
  rest2: number;
  eps: number;
  root: number;
  byGrad: number;
  byMean: number;
  mean?: boolean;
  top?: boolean;
  maximize?: boolean;
}

const MOMENTS = { rest1: 0.1, beta2: 0.9, rest2: 0.1, eps: 1e-3, byGrad: 0 };
const ADAPTIVE: Adaptive[] = [
  { name: "adam", kind: 0, ...MOMENTS, root: 1.5, byMean: -0.01 },
  {
    ...{ name: "adamw with amsgrad", kind: 0, ...MOMENTS, root: 2, keep: 0.99 },
    ...{ byMean: -0.01, top: true, maximize: true },
  },
  {
    ...{ name: "nadam with decay", kind: 0, ...MOMENTS, root: 1, decay: 0.1 },
    ...{ byMean: -0.01, byGrad: -0.02 },
  },
  {
    ...{ name: "adagrad", kind: 0, ...MOMENTS, beta2: 1, rest2: 1, root: 1 },
    ...{ byMean: 0, byGrad: -0.1, mean: false },
  },
  { name: "adamax", kind: 1, ...MOMENTS, root: 1, byMean: -0.01 },
  {
    ...{ name: "lion", kind: 2, ...MOMENTS, rest2: 0.01, root: 1 },
    ...{ byMean: -0.01, keep: 0.99, maximize: true },
  },
  {
    ...{ name: "adadelta", kind: 3, ...MOMENTS, root: 1, byMean: 0 },
    ...{ byGrad: -1, mean: false, top: true },
  },
  {
    ...{ name: "lamb", kind: 4, ...MOMENTS, root: 1, byMean: 1.1, keep: 0.1 },
    ...{ top: true },
  },
  {
    ...{ name: "rmsprop", kind: 5, ...MOMENTS, root: 1, byMean: 0 },
    ...{ byGrad: -0.01, mean: false },
  },
  {
    ...{ name: "rmsprop with momentum", kind: 5, ...MOMENTS, root: 1 },
    ...{ byGrad: -0.01, byMean: 0.9, mean: false, top: true, maximize: true },
  },
  {
    ...{ name: "rmsprop, centered", kind: 5, ...MOMENTS, root: 1, decay: 0.1 },
    // Of a gradient that stays the same little is left but rounding.
    ...{ byGrad: -0.01, byMean: 0.9, top: true, eps: 0.1 },
  },
];

/** The same step on one element: parameter, gradient, mean, square, top. */
function adapt(a: Adaptive, x: number[]): void {
  let [p, g, m, v, top] = x as [number, number, number, number, number];
  const { kind, keep = 1, decay = 0, rest1, rest2, eps } = a;
  p *= keep;
  g = (a.maximize ? -g : g) + decay * p;
  const before = m;
  if (a.mean ?? true) m += rest1 * (g - m);
  let update: number;
  if (kind === 2) {
    update = Math.sign(m) * a.byMean;
    m = before + rest2 * (g - before);
  } else if (kind === 1) {
    v = Math.max(v * a.beta2, Math.abs(g) + eps);
    update = m * a.byMean / v;
  } else {
    v = a.beta2 * v + rest2 * g * g;
    if (kind === 3) {
      const d = Math.sqrt(top + eps) / Math.sqrt(v + eps) * g;
      top = a.beta2 * top + rest2 * d * d;
      update = a.byGrad * d;
    } else if (kind === 5) {
      const deviation = Math.sqrt(a.mean ?? true ? v - m * m : v);
      const d = (a.top ? a.byMean * top : 0) + g / (deviation + eps);
      if (a.top) top = d;
      update = a.byGrad * d;
    } else {
      if (kind === 0 && a.top) top = Math.max(top, v);
      const square = kind === 0 && a.top ? top : v;
      update = (a.byMean * m + a.byGrad * g) /
        (a.root * Math.sqrt(square) + eps);
    }
  }
  if (kind === 4) top = p + update;
  else x[0] = p + update;
  [x[2], x[3], x[4]] = [m, v, top];
}

for (const adaptive of ADAPTIVE) {
  testEachBuild(`adaptive: ${adaptive.name} follows its formula`, (k) => {
    k.reset();
    const rows = sizes.map((n) => [
      ...blocks(k, n, 2),
      ...[1, 2, 3].map(() => k.floats(new Array(n).fill(0), 1)),
    ]);
    const state = rows.map((row) => row.map((b) => Array.from(b.values)));
    const { kind, keep = 1, decay = 0, maximize = false } = adaptive;
    const { rest1, beta2, rest2, eps, root, byGrad, byMean } = adaptive;
    const { mean = true, top = false } = adaptive;
    for (let step = 1; step <= 4; step++) {
      const table = k.ints(rows.flatMap(([p, g, m, v, t], i) => [
        ...[sizes[i]!, p!.pointer, g!.pointer, mean ? m!.pointer : 0],
        ...[v!.pointer, top ? t!.pointer : 0],
      ]));
      for (const [first, end] of shares(step)) {
        k.call(
          "adaptive",
          ...[rows.length, first, end, kind, +maximize, keep, decay],
          ...[rest1, beta2, rest2, eps, root, byGrad, byMean, table.pointer],
        );
      }
      for (const row of state) {
        for (let i = 0; i < row[0]!.length; i++) {
          const element = row.map((block) => block[i]!);
          adapt(adaptive, element);
          row.forEach((block, j) => block[i] = element[j]!);
        }
      }
    }
    rows.forEach((row, i) =>
      row.forEach((block, j) => near(k, block, state[i]![j]!))
    );
    k.checkGuards();
  });
}
