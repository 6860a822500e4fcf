/**
 * The table of differentiable ops: one line each, read by the families' tests
 * and by coverage_test.ts, which fails where an op has none.
 */

import {
  adaptiveAvgPool2d,
  avgPool2d,
  batchNorm,
  cat,
  checkGrad,
  type CheckGradOptions,
  conv1d,
  conv2d,
  convTranspose2d,
  crossEntropy,
  full,
  grad,
  layerNorm,
  linear,
  maxPool2d,
  rnn,
  rnnCell,
  type RnnWeights,
  type Shape,
  stack,
  type Tensor,
  tensor,
  where,
} from "../mod.ts";
import { count, numbers, wholes } from "../samples_test.ts";

type F = (...inputs: Tensor[]) => Tensor | readonly Tensor[];
type Make = () => Tensor;

/** One line of the table. */
export interface GradCase {
  family: string;
  what: string;
  f: F;
  inputs: readonly Make[];
  options: CheckGradOptions;
}

let seed = 0;

/** An input that varies, with values in a range where the op is smooth. */
function x(shape: Shape, low = -2, high = 2): Make {
  const own = ++seed;
  const make = () =>
    tensor(numbers(count(shape), own, low, high), {
      shape,
      dtype: "float64",
      requiresGrad: true,
    });
  return make;
}

/** Values at least 0.1 away from each other and from 0, in random order. */
function apart(shape: Shape): Make {
  const order = numbers(count(shape), ++seed)
    .map((key, i) => [key, i] as const)
    .sort(([a], [b]) => a - b);
  const values = order.map(([, i]) => (i - order.length / 2 + 0.25) * 0.1);
  return () => tensor(values, { shape, dtype: "float64", requiresGrad: true });
}

/** Whole numbers in [0, high): labels and positions. */
function index(shape: Shape, high: number): Make {
  const values = wholes(count(shape), ++seed, 0, high);
  return () => tensor(values, { shape, dtype: "int32" });
}

const TRAINING = { training: true };
const TWO = (like: Tensor) => full([3], 2, { dtype: like.dtype });
const CONDITION: Make = () => tensor([[true, false, true]]);

/** Parameters of a recurrent layer of 3 inputs and 2 states. */
function weights(i: Tensor, h: Tensor, b?: Tensor, c?: Tensor): RnnWeights {
  return { weightIh: i, weightHh: h, biasIh: b ?? null, biasHh: c ?? null };
}
const RNN = [[3, 2, 3], [2, 2], [2, 3], [2, 2], [2], [2]].map((s) => x(s));

/** The gradient as a function of its own, to look one order higher. */
function slopeOf(f: (x: Tensor) => Tensor): F {
  return (x) => {
    const value = curved([f(x!)])[0]!.sum();
    return grad(value, [x!], { createGraph: true })[0]!;
  };
}

const TABLE: Record<string, [string, F, Make[], CheckGradOptions?][]> = {
  binary: [
    ["add", (a, b) => a!.add(b!), [x([2, 3]), x([3])]],
    ["add, stretched left", (a, b) => a!.add(b!), [x([3, 1]), x([2, 1, 4])]],
    ["add a number", (a) => a!.add(2), [x([3])]],
    ["sub", (a, b) => a!.sub(b!), [x([]), x([2, 2])]],
    ["mul", (a, b) => a!.mul(b!), [x([2, 1]), x([3])]],
    ["mul by itself", (a) => a!.mul(a!), [x([3])]],
    ["div", (a, b) => a!.div(b!), [x([2, 3]), x([2, 1], 1, 2)]],
    ["pow", (a, b) => a!.pow(b!), [x([2, 3], 0.5, 2), x([3])]],
    ["pow 3", (a) => a!.pow(3), [x([4])]],
    ["pow 2", (a) => a!.pow(2), [x([4])]],
    ["maximum", (a, b) => a!.maximum(b!), [apart([2, 3]), x([1], 0.01, 0.02)]],
    ["minimum", (a, b) => a!.minimum(b!), [apart([2, 3]), x([1], 0.01, 0.02)]],
  ],
  unary: [
    ["neg", (a) => a!.neg(), [x([3])]],
    ["abs", (a) => a!.abs(), [apart([5])]],
    ["sign", (a) => a!.sign().mul(a!), [apart([5])]],
    ["square", (a) => a!.square(), [x([2, 2])]],
    ["exp", (a) => a!.exp(), [x([5])]],
    ["expm1", (a) => a!.expm1(), [x([5])]],
    ["log", (a) => a!.log(), [x([5], 0.5, 3)]],
    ["log1p", (a) => a!.log1p(), [x([5], -0.5, 3)]],
    ["sqrt", (a) => a!.sqrt(), [x([5], 0.5, 3)]],
    ["rsqrt", (a) => a!.rsqrt(), [x([5], 0.5, 3)]],
    ["reciprocal", (a) => a!.reciprocal(), [x([5], 0.5, 3)]],
    ["sin", (a) => a!.sin(), [x([5])]],
    ["cos", (a) => a!.cos(), [x([5])]],
    ["tan", (a) => a!.tan(), [x([5], -1, 1)]],
    ["erf", (a) => a!.erf(), [x([5])]],
    ["floor", (a) => a!.floor().mul(a!), [x([3], 0.2, 0.8)]],
    ["ceil", (a) => a!.ceil().mul(a!), [x([3], 0.2, 0.8)]],
    ["round", (a) => a!.round().mul(a!), [x([3], 0.6, 0.9)]],
    ["clamp", (a) => a!.clamp(-0.15, 0.12), [apart([6])]],
  ],
  activation: [
    ["relu", (a) => a!.relu(), [apart([2, 4])]],
    ["sigmoid", (a) => a!.sigmoid(), [x([2, 3])]],
    ["sigmoid, third order", slopeOf((a) => a.sigmoid()), [x([2])]],
    ["tanh", (a) => a!.tanh(), [x([2, 3])]],
    ["tanh, third order", slopeOf((a) => a.tanh()), [x([2])]],
  ],
  reduce: [
    ["sum", (a) => a!.sum(), [x([2, 3])]],
    ["sum of dims 0 and 2", (a) => a!.sum([0, -1]), [x([2, 3, 2])]],
    ["sum of nothing", (a) => a!.sum(0), [x([0, 3])]],
    ["mean", (a) => a!.mean(), [x([2, 3])]],
    ["mean of dim 1", (a) => a!.mean(1, { keepdim: true }), [x([2, 3])]],
    ["prod", (a) => a!.prod(), [x([4])]],
    ["prod of dim 0", (a) => a!.prod(0), [x([3, 2])]],
    ["prod of dims 0 and 2", (a) => a!.prod([0, 2]), [x([2, 3, 2])]],
    ["amax", (a) => a!.amax(), [apart([5])]],
    ["amax of dim 0", (a) => a!.amax(0), [apart([3, 2])]],
    ["amin", (a) => a!.amin(-1, { keepdim: true }), [apart([2, 3])]],
    ["max of dim 1", (a) => a!.max(1).values, [apart([2, 3])]],
    ["var", (a) => a!.var(), [x([5])]],
    ["var of dim 1", (a) => a!.var(1, { correction: 0 }), [x([2, 3])]],
  ],
  softmax: [
    ["softmax of dim 0", (a) => a!.softmax(0), [x([3, 2])]],
    ["softmax of dim -1", (a) => a!.softmax(-1), [x([2, 5])]],
    ["softmax of a scalar", (a) => a!.softmax(0), [x([])]],
    ["softmax, third order", slopeOf((a) => a.softmax(0)), [x([3])]],
    ["logSoftmax of dim 0", (a) => a!.logSoftmax(0), [x([3, 2])]],
    ["logSoftmax of dim -1", (a) => a!.logSoftmax(-1), [x([2, 5])]],
    ["logSoftmax, third order", slopeOf((a) => a.logSoftmax(0)), [x([3])]],
  ],
  compare: [
    ["where", (c, a, b) => where(c!, a!, b!), [CONDITION, x([2, 3]), x([3])]],
    ["where and a number", (c, a) => where(c!, a!, 1), [CONDITION, x([2, 1])]],
  ],
  view: [
    ["reshape", (a) => a!.reshape([3, -1]), [x([2, 3])]],
    ["reshape with a copy", (a) => a!.t().reshape([6]), [x([2, 3])]],
    ["permute", (a) => a!.permute([2, 0, 1]), [x([2, 3, 2])]],
    ["expand", (a) => a!.expand([2, 3, 4]), [x([3, 1])]],
    ["slice", (a) => a!.slice(1, 1, 5, 2), [x([2, 5])]],
    ["narrow", (a) => a!.narrow(0, 1, 2), [x([3, 2])]],
    ["select", (a) => a!.select(1, -1), [x([2, 3])]],
    ["split", (a) => a!.split([1, 2], 1), [x([2, 3])]],
    ["flatten", (a) => a!.flatten(1), [x([2, 3, 2])]],
    ["squeeze", (a) => a!.squeeze(1).unsqueeze(0), [x([2, 1, 3])]],
  ],
  cast: [
    // Linear, so that a long step is exact and rounding is small beside it.
    [
      "to",
      (a) => a!.to("float32").to("float64"),
      [x([4])],
      { step: 0.5, rtol: 1e-5, atol: 1e-5 },
    ],
  ],
  join: [
    ["cat", (a, b) => cat([a!, b!, a!], 1), [x([2, 3]), x([2, 1])]],
    ["stack", (a, b) => stack([a!, b!], -1), [x([2, 3]), x([2, 3])]],
    ["clone", (a) => a!.clone(), [x([3])]],
    ["contiguous", (a) => a!.t().contiguous(), [x([2, 3])]],
  ],
  indexing: [
    ["indexSelect", (a, i) => a!.indexSelect(1, i!), [
      x([2, 3]),
      index([5], 3),
    ]],
    ["gather", (a, i) => a!.gather(0, i!), [x([3, 2]), index([4, 2], 3)]],
    ["gather less", (a, i) => a!.gather(1, i!), [x([3, 4]), index([2, 3], 4)]],
  ],
  matmul: [
    ["matmul", (a, b) => a!.matmul(b!), [x([2, 3]), x([3, 4])]],
    ["matmul of rows", (a, b) => a!.matmul(b!), [x([3]), x([3])]],
    ["matmul by a row", (a, b) => a!.matmul(b!), [x([2, 3]), x([3])]],
    ["matmul of a row", (a, b) => a!.matmul(b!), [x([3]), x([2, 3, 2])]],
    ["matmul of batches", (a, b) => a!.matmul(b!), [
      x([2, 1, 2, 3]),
      x([3, 3, 2]),
    ]],
    ["matmul, turned", (a, b) => a!.t().matmul(b!.t()), [x([3, 2]), x([4, 3])]],
    ["linear", (a, w, b) => linear(a!, w!, b!), [x([4, 3]), x([2, 3]), x([2])]],
    ["linear, no bias", (a, w) => linear(a!, w!), [x([2, 2, 3]), x([2, 3])]],
    ["linear, third order", slopeOf((a) => linear(a.square(), a)), [x([2, 2])]],
  ],
  conv: [
    [
      "conv2d",
      (a, w, b) => conv2d(a!, w!, b!, { padding: 1 }),
      [x([2, 2, 3, 4]), x([3, 2, 3, 3]), x([3])],
    ],
    [
      "conv2d of groups, strided, dilated",
      (a, w) =>
        conv2d(a!, w!, null, { groups: 2, stride: [2, 1], dilation: [1, 2] }),
      [x([1, 4, 5, 6]), x([2, 2, 2, 3])],
    ],
    [
      "conv2d of one picture",
      (a, w, b) => conv2d(a!, w!, b!),
      [x([1, 3, 3]), x([2, 1, 2, 2]), x([2])],
    ],
  ],
  conv1d: [
    [
      "conv1d",
      (a, w, b) =>
        conv1d(a!, w!, b!, { stride: 2, padding: 1, dilation: 2, groups: 2 }),
      [x([2, 4, 7]), x([2, 2, 3]), x([2])],
    ],
  ],
  conv_transpose: [
    [
      "convTranspose2d",
      (a, w, b) => convTranspose2d(a!, w!, b!, { padding: 1 }),
      [x([2, 3, 3, 4]), x([3, 2, 3, 3]), x([2])],
    ],
    [
      "convTranspose2d of groups, strided, dilated",
      (a, w) =>
        convTranspose2d(a!, w!, null, {
          groups: 2,
          stride: [3, 2],
          dilation: [1, 2],
          outputPadding: [2, 1],
        }),
      [x([1, 4, 2, 3]), x([4, 1, 2, 3])],
    ],
    [
      "convTranspose2d, third order",
      slopeOf((a) => convTranspose2d(a, a, null).mul(2)),
      [x([1, 1, 2, 2])],
    ],
  ],
  pool: [
    ["maxPool2d", (a) => maxPool2d(a!, 2), [apart([1, 2, 4, 4])]],
    [
      "maxPool2d with overlap",
      (a) => maxPool2d(a!, 3, { stride: 2, padding: 1, dilation: [1, 2] }),
      [apart([1, 1, 6, 7])],
    ],
    ["maxPool2d, third order", slopeOf((a) => maxPool2d(a.square(), 2)), [
      apart([1, 1, 2, 4]),
    ]],
    [
      "adaptiveAvgPool2d",
      (a) => adaptiveAvgPool2d(a!, [3, 2]),
      [x([1, 2, 4, 5])],
    ],
    ["avgPool2d", (a) => avgPool2d(a!, 2), [x([1, 2, 4, 5])]],
    [
      "avgPool2d with overlap",
      (a) =>
        avgPool2d(a!, 3, { stride: 2, padding: 1, countIncludePad: false }),
      [x([2, 1, 5, 6])],
    ],
  ],
  recurrent: [
    ["rnn", (a, h, i, w, b, c) => rnn(a!, h!, weights(i!, w!, b!, c!)), RNN],
    [
      "rnn of relu, from zeros",
      (a, i, w) => rnn(a!, null, weights(i!, w!), { nonlinearity: "relu" }),
      [x([3, 2, 2], 0.5, 1), x([2, 2], 0.2, 1), x([2, 2], 0.2, 1)],
    ],
    [
      "rnn of one step from zeros",
      (a, i, w, b, c) => rnn(a!, null, weights(i!, w!, b!, c!)),
      [x([1, 2, 3]), ...RNN.slice(2)],
    ],
    ["rnnCell", (a, h, i, w) => rnnCell(a!, h!, weights(i!, w!)), [
      x([2, 3]),
      ...RNN.slice(1, 4),
    ]],
    [
      "rnn, third order",
      slopeOf((a) =>
        rnn(a.reshape([2, 1, 2]), null, weights(a, a))[0].square()
      ),
      [x([2, 2])],
    ],
  ],
  norm: [
    [
      "batchNorm of the batch",
      (a, w, b) => batchNorm(a!, null, null, w!, b!, TRAINING),
      [x([3, 2, 2, 2]), x([2], 1, 2), x([2])],
    ],
    [
      "batchNorm of rows, moving",
      (a, w, b) => batchNorm(a!, TWO(a!), TWO(a!), w!, b!, TRAINING),
      [x([5, 3]), x([3], 1, 2), x([3])],
    ],
    [
      "batchNorm by constants",
      (a, w, b) => batchNorm(a!, TWO(a!), TWO(a!), w!, b!),
      [x([2, 3, 2]), x([3], 1, 2), x([3])],
    ],
    [
      "batchNorm by constants, third order",
      slopeOf((a) => batchNorm(a, TWO(a), TWO(a), a.sum(0), a.sum(0)).square()),
      [x([2, 3])],
    ],
    [
      "batchNorm, third order",
      slopeOf((a) =>
        batchNorm(a, null, null, a.sum(0), a.sum(0), TRAINING).square()
      ),
      [x([3, 2])],
    ],
    ["batchNorm without bias", (a, w) => batchNorm(a!, null, null, w!), [
      x([4, 2, 3]),
      x([2]),
    ]],
    [
      "layerNorm",
      (a, w, b) => layerNorm(a!, [2, 3], w!, b!),
      [x([2, 2, 3]), x([2, 3]), x([2, 3])],
    ],
    [
      "layerNorm, third order",
      slopeOf((a) => layerNorm(a, [3]).mul(a.square())),
      [
        x([2, 3]),
      ],
    ],
  ],
  cross_entropy: [
    ["crossEntropy", (a, t) => crossEntropy(a!, t!), [
      x([3, 4]),
      index([3], 4),
    ]],
    [
      "crossEntropy, sum",
      (a, t) => crossEntropy(a!, t!, { reduction: "sum" }),
      [x([3, 4]), index([3], 4)],
    ],
    [
      "crossEntropy, none",
      (a, t) => crossEntropy(a!, t!, { reduction: "none" }),
      [x([3, 4]), index([3], 4)],
    ],
  ],
};

/** `y² + 3y`, so that the gradients of linear ops have gradients, too. */
export function curved(ys: readonly Tensor[]): Tensor[] {
  return ys.map((y) => y.square().add(y.mul(3)));
}

/** All lines, ready for checkGrad. */
export const CASES: readonly GradCase[] = Object.entries(TABLE)
  .flatMap(([family, rows]) =>
    rows.map(([what, f, inputs, options]) => ({
      family,
      what,
      f: (...xs: Tensor[]) => {
        const out = f(...xs);
        return curved(Array.isArray(out) ? out : [out as Tensor]);
      },
      inputs,
      options: options ?? {},
    }))
  );

/** Registers a test for each line of a family. */
export function testGradients(family: string): void {
  const own = CASES.filter((line) => line.family === family);
  if (own.length === 0) throw new Error(`No gradient cases for ${family}`);
  for (const { what, f, inputs, options } of own) {
    Deno.test(`${what}: gradients of first and second order are right`, () => {
      checkGrad(f, inputs.map((make) => make()), options);
    });
  }
}
