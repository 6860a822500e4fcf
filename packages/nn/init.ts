/**
 * Initialisation: functions that fill a tensor in place, outside of autograd.
 *
 * They draw from the stream "init" of the default generator, so that seeding
 * with `manualSeed()` repeats them and other draws do not shift them.
 *
 * See https://docs.pytorch.org/docs/stable/nn.init.html
 *
 * @module
 */

import {
  type Generator,
  noGrad,
  normal,
  type RandomOptions,
  streamFor,
  type Tensor,
  uniform,
  where,
} from "@fdunn/tensor";
import { formatShape, requireOption } from "@fdunn/tensor/op";

export {
  dirac_,
  type DiracOptions,
  eye_,
  sparse_,
  type SparseOptions,
} from "./init_structured.ts";

/** Options of every function that draws. */
export interface InitOptions {
  /** Where the numbers come from. Default: the stream "init". */
  generator?: Generator;
}

/** Functions, and linear layers, whose gain {@linkcode calculateGain} knows. */
export type Nonlinearity =
  | "linear"
  | "conv1d"
  | "conv2d"
  | "conv3d"
  | "convTranspose1d"
  | "convTranspose2d"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leakyRelu"
  | "selu";

/** Which count keeps its variance: activations' or gradients'. */
export type FanMode = "fanIn" | "fanOut";

/** Options of the kaiming functions. */
export interface KaimingOptions extends InitOptions {
  /** Negative slope of the leaky ReLU behind the layer. Default 0. */
  a?: number;
  /** Default `fanIn`. */
  mode?: FanMode;
  /** What is behind the layer. Default `leakyRelu`. */
  nonlinearity?: Nonlinearity;
}

/** Options of the xavier functions. */
export interface XavierOptions extends InitOptions {
  /** Factor, see {@linkcode calculateGain}. Default 1. */
  gain?: number;
}

function drawn(tensor: Tensor, options: InitOptions): RandomOptions {
  return {
    dtype: tensor.dtype,
    generator: options.generator ?? streamFor("init"),
  };
}

/** Copies what `make` makes into the tensor, and frees it. */
function fill(tensor: Tensor, make: () => Tensor): Tensor {
  return noGrad(() => {
    const values = make();
    tensor.copy_(values);
    values.dispose();
    return tensor;
  });
}

/** Fills with uniform numbers in [low, high). Returns the tensor. */
export function uniform_(
  tensor: Tensor,
  low = 0,
  high = 1,
  options: InitOptions = {},
): Tensor {
  if (!(low <= high)) {
    throw new RangeError(
      `uniform_() got low ${low} and high ${high}, expected low <= high`,
    );
  }
  return fill(
    tensor,
    () => uniform(tensor.shape, low, high, drawn(tensor, options)),
  );
}

/** Fills with normal numbers. Returns the tensor. */
export function normal_(
  tensor: Tensor,
  mean = 0,
  std = 1,
  options: InitOptions = {},
): Tensor {
  requireOption("normal_()", "std", std, std >= 0, "at least 0");
  return fill(
    tensor,
    () => normal(tensor.shape, mean, std, drawn(tensor, options)),
  );
}

/** Fills with one value. Returns the tensor. */
export function constant_(tensor: Tensor, value: number): Tensor {
  return noGrad(() => tensor.fill_(value));
}

/** Fills with zeros. Returns the tensor. */
export function zeros_(tensor: Tensor): Tensor {
  return constant_(tensor, 0);
}

/** Fills with ones. Returns the tensor. */
export function ones_(tensor: Tensor): Tensor {
  return constant_(tensor, 1);
}

/**
 * How much a nonlinearity shrinks deviations, as a factor that makes up for
 * it: 1 for linear layers and sigmoid, 5/3 for tanh, √2 for relu,
 * √(2 / (1 + slope²)) for leakyRelu (`param`, default 0.01), 3/4 for selu.
 */
export function calculateGain(
  nonlinearity: Nonlinearity,
  param = 0.01,
): number {
  switch (nonlinearity) {
    case "linear":
    case "conv1d":
    case "conv2d":
    case "conv3d":
    case "convTranspose1d":
    case "convTranspose2d":
    case "sigmoid":
      return 1;
    case "tanh":
      return 5 / 3;
    case "relu":
      return Math.SQRT2;
    case "leakyRelu":
      return Math.sqrt(2 / (1 + param * param));
    case "selu":
      return 3 / 4;
    default:
      throw new RangeError(
        `calculateGain() got "${nonlinearity}", expected linear, sigmoid, tanh, relu, leakyRelu or selu`,
      );
  }
}

/**
 * Inputs and outputs of one unit, `[fanIn, fanOut]`, for a weight of shape
 * `[out, in, ...window]`.
 */
export function calculateFanInAndFanOut(tensor: Tensor): [number, number] {
  const [out, into, ...window] = tensor.shape;
  if (out === undefined || into === undefined) {
    throw new RangeError(
      `Fan in and fan out are for at least two dims, got ${
        formatShape(tensor.shape)
      }`,
    );
  }
  const field = window.reduce((product, size) => product * size, 1);
  return [into * field, out * field];
}

function kaimingDeviation(tensor: Tensor, options: KaimingOptions): number {
  const { a = 0, mode = "fanIn", nonlinearity = "leakyRelu" } = options;
  if (mode !== "fanIn" && mode !== "fanOut") {
    throw new RangeError(
      `Kaiming initialisation got mode "${mode}", expected fanIn or fanOut`,
    );
  }
  const [fanIn, fanOut] = calculateFanInAndFanOut(tensor);
  const fan = mode === "fanIn" ? fanIn : fanOut;
  return calculateGain(nonlinearity, a) / Math.sqrt(fan);
}

/**
 * Uniform in ±gain √(3 / fan): layers keep the variance of activations (or of
 * gradients, with `fanOut`). He et al., "Delving deep into rectifiers", 2015.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { init } from "@fdunn/nn";
 * import { assert } from "@std/assert";
 *
 * const w = init.kaimingUniform_(zeros([8, 24]), { nonlinearity: "relu" });
 * assert(w.abs().max().item() <= 0.5); // √2 √(3 / 24)
 * ```
 */
export function kaimingUniform_(
  tensor: Tensor,
  options: KaimingOptions = {},
): Tensor {
  const bound = Math.sqrt(3) * kaimingDeviation(tensor, options);
  return uniform_(tensor, -bound, bound, options);
}

/** Normal with deviation gain / √fan; see {@linkcode kaimingUniform_}. */
export function kaimingNormal_(
  tensor: Tensor,
  options: KaimingOptions = {},
): Tensor {
  return normal_(tensor, 0, kaimingDeviation(tensor, options), options);
}

function xavierDeviation(tensor: Tensor, options: XavierOptions): number {
  const [fanIn, fanOut] = calculateFanInAndFanOut(tensor);
  return (options.gain ?? 1) * Math.sqrt(2 / (fanIn + fanOut));
}

/**
 * Uniform in ±gain √(6 / (fanIn + fanOut)). Glorot and Bengio,
 * "Understanding the difficulty of training deep feedforward networks", 2010.
 */
export function xavierUniform_(
  tensor: Tensor,
  options: XavierOptions = {},
): Tensor {
  const bound = Math.sqrt(3) * xavierDeviation(tensor, options);
  return uniform_(tensor, -bound, bound, options);
}

/** Normal with deviation gain √(2 / (fanIn + fanOut)); see {@linkcode xavierUniform_}. */
export function xavierNormal_(
  tensor: Tensor,
  options: XavierOptions = {},
): Tensor {
  return normal_(tensor, 0, xavierDeviation(tensor, options), options);
}

/**
 * A matrix `[rows, rest]` (further axes flattened) whose rows, or columns
 * where those are fewer, are orthonormal, times `gain`. Saxe et al., "Exact
 * solutions to the nonlinear dynamics of learning in deep linear neural
 * networks", 2013.
 */
export function orthogonal_(
  tensor: Tensor,
  options: XavierOptions = {},
): Tensor {
  if (tensor.ndim < 2 || tensor.size === 0) {
    throw new RangeError(
      `orthogonal_() is for at least two dims and one element, got ${
        formatShape(tensor.shape)
      }`,
    );
  }
  const rows = tensor.shape[0]!;
  const columns = tensor.size / rows;
  const count = Math.min(rows, columns);
  return fill(tensor, () => {
    const long = Math.max(rows, columns);
    const basis = normal([count, long], 0, 1, drawn(tensor, options));
    // Gram-Schmidt, twice per vector: once leaves rounding errors behind.
    for (let i = 0; i < count; i++) {
      const vector = basis.select(0, i);
      for (let pass = 0; pass < 2 && i > 0; pass++) {
        const before = basis.narrow(0, 0, i);
        vector.sub_(before.matmul(vector).matmul(before));
      }
      vector.div_(vector.square().sum().sqrt());
    }
    const matrix = rows <= columns ? basis : basis.t();
    return matrix.mul(options.gain ?? 1).reshape(tensor.shape);
  });
}

/** Options of {@linkcode truncNormal_}. */
export interface TruncNormalOptions extends InitOptions {
  /** Default 0. */
  mean?: number;
  /** Default 1. */
  std?: number;
  /** Smallest value. Default -2. */
  low?: number;
  /** Largest value. Default 2. */
  high?: number;
}

/**
 * Normal numbers that lie in [low, high], by redrawing those that do not.
 *
 * Bounds are values, not multiples of the deviation, as in PyTorch.
 */
export function truncNormal_(
  tensor: Tensor,
  options: TruncNormalOptions = {},
): Tensor {
  const { mean = 0, std = 1, low = -2, high = 2 } = options;
  if (!(std > 0 && low < high)) {
    throw new RangeError(
      `truncNormal_() got std ${std}, low ${low} and high ${high}, expected std > 0 and low < high`,
    );
  }
  const random = drawn(tensor, options);
  // In deviations from the mean; the highest point of the bell in between;
  // beyond `reach` of it the tail is too thin for float32.
  const [from, to] = [(low - mean) / std, (high - mean) / std];
  const peak = Math.min(Math.max(0, from), to);
  const reach = Math.min(20 / Math.abs(peak), 40);
  const [a, b] = [Math.max(from, peak - reach), Math.min(to, peak + reach)];
  // Propose what is accepted more often: normal numbers, or uniform ones.
  const flat = Math.sqrt(2 * Math.PI) * Math.exp(peak * peak / 2) > b - a;
  const propose = (): [Tensor, Tensor] => {
    if (!flat) {
      const z = normal(tensor.shape, 0, 1, random);
      return [z, z.ge(from).logicalAnd(z.le(to))];
    }
    const z = uniform(tensor.shape, a, b, random);
    const density = z.square().sub(peak * peak).mul(-0.5).exp();
    return [z, uniform(tensor.shape, 0, 1, random).lt(density)];
  };
  return fill(tensor, () => {
    let [z, done] = propose();
    while (done.all().item() === 0) {
      const [again, fits] = propose();
      z = where(done, z, again);
      done = done.logicalOr(fits);
    }
    return z.mul(std).add(mean).clamp(low, high);
  });
}
