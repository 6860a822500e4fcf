/**
 * Random numbers: Philox4x32-10, a counter-based generator (Salmon et al.,
 * "Parallel random numbers: as easy as 1, 2, 3", SC 2011). Equal seeds give
 * equal bits on every machine.
 */

import type { TensorOptions } from "./create.ts";
import { type DType, requireFloat } from "./dtype.ts";
import { floatKernels, intKernels } from "./kernel.ts";
import { allocate, heap, type NdArray, pointer, writable } from "./nd_array.ts";
import { requireOption, requireProbability } from "./option_check.ts";
import { track } from "./scope.ts";
import { checkShape, type Shape } from "./shape.ts";
import { beginOp } from "./storage.ts";
import { Tensor } from "./tensor.ts";

/** A generator's state as plain data, for checkpoints. */
export interface GeneratorState {
  /** The key: two 32-bit words. */
  key: [number, number];
  /** Blocks drawn so far: two 32-bit words. */
  counter: [number, number];
}

/**
 * A stream of random numbers with its own seed.
 *
 * ```ts
 * import { Generator, rand } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const a = rand([3], { generator: new Generator(7) });
 * const b = rand([3], { generator: new Generator(7) });
 * assertEquals(a.toArray(), b.toArray());
 * ```
 */
export class Generator {
  /** Key and counter, in memory that the kernels read and advance. */
  readonly #state: NdArray;
  /** Streams derived from this one, by name. */
  readonly #streams: Map<string, Generator> = new Map();

  /** Starts at a seed: a whole number below 2^53. Default 0. */
  constructor(seed = 0) {
    beginOp("Generator");
    this.#state = allocate([4], "int32");
    this.#state.storage.kept = true;
    this.manualSeed(seed);
  }

  /** Starts over at a seed; its named streams start over, too. */
  manualSeed(seed: number): this {
    if (!Number.isSafeInteger(seed)) {
      throw new RangeError(
        `manualSeed() got ${seed}, expected a whole number below 2^53`,
      );
    }
    const high = Math.floor(seed / 2 ** 32);
    this.#write([seed >>> 0, high >>> 0], [0, 0]);
    for (const [name, stream] of this.#streams) {
      stream.loadState(this.#derive(name));
    }
    return this;
  }

  /** The key and the counter, to continue from with {@linkcode loadState}. */
  state(): GeneratorState {
    beginOp("Generator");
    const i = pointer(this.#state) >>> 2;
    const words = heap.u32.subarray(i, i + 4);
    return { key: [words[0]!, words[1]!], counter: [words[2]!, words[3]!] };
  }

  /** Continues from a state. */
  loadState(state: GeneratorState): void {
    const words = [...(state?.key ?? []), ...(state?.counter ?? [])];
    const valid = words.length === 4 &&
      words.every((w) => Number.isInteger(w) && w >= 0 && w < 2 ** 32);
    if (!valid) {
      throw new RangeError(
        `loadState() got ${
          JSON.stringify(state)
        }, expected { key, counter } of two 32-bit words each`,
      );
    }
    this.#write(state.key, state.counter);
  }

  /**
   * An independent stream for one purpose: drawing from it does not shift any
   * other. The same name gives the same stream.
   */
  stream(name: string): Generator {
    let stream = this.#streams.get(name);
    if (stream === undefined) {
      stream = new Generator();
      stream.loadState(this.#derive(name));
      this.#streams.set(name, stream);
    }
    return stream;
  }

  /** The names and states of the streams in use, for checkpoints. */
  streamStates(): Record<string, GeneratorState> {
    const states: Record<string, GeneratorState> = {};
    for (const [name, stream] of this.#streams) states[name] = stream.state();
    return states;
  }

  /** The address of key and counter, for a random kernel in the current op. */
  address(): number {
    return writable(this.#state);
  }

  /** A key from this one's and a name (FNV-1a, mixed by murmur's finalizer). */
  #derive(name: string): GeneratorState {
    const { key } = this.state();
    const words = key.map((word, lane) => {
      let hash = (2166136261 ^ Math.imul(word, 2654435761) ^ lane) >>> 0;
      for (let i = 0; i < name.length; i++) {
        hash = Math.imul(hash ^ name.charCodeAt(i), 16777619) >>> 0;
      }
      hash = Math.imul(hash ^ (hash >>> 16), 2246822507) >>> 0;
      hash = Math.imul(hash ^ (hash >>> 13), 3266489909) >>> 0;
      return (hash ^ (hash >>> 16)) >>> 0;
    });
    return { key: [words[0]!, words[1]!], counter: [0, 0] };
  }

  #write(key: readonly number[], counter: readonly number[]): void {
    beginOp("Generator");
    const i = writable(this.#state) >>> 2;
    heap.u32.set([...key, ...counter], i);
  }
}

/** What every random function draws from unless told otherwise. */
export const defaultGenerator: Generator = new Generator();

/**
 * Seeds the default generator and all its streams; returns it.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.manual_seed.html
 */
export function manualSeed(seed: number): Generator {
  return defaultGenerator.manualSeed(seed);
}

/** The default generator's stream of this name: "init", "shuffle", ... */
export function streamFor(name: string): Generator {
  return defaultGenerator.stream(name);
}

/** Options of the random functions. */
export interface RandomOptions extends TensorOptions {
  /** Where the numbers come from. Default: {@linkcode defaultGenerator}. */
  generator?: Generator;
}

/** Allocates, draws, wraps. */
function draw(
  name: string,
  shape: Shape,
  options: RandomOptions,
  dtype: DType,
  fill: (out: NdArray, state: number, address: number) => void,
): Tensor {
  checkShape(name, shape);
  const generator = options.generator ?? defaultGenerator;
  beginOp(name);
  const array = allocate(shape.slice(), options.dtype ?? dtype);
  track(array.storage);
  const state = generator.address();
  if (array.size > 0) fill(array, state, writable(array));
  const result = new Tensor(array, null, false);
  return options.requiresGrad === true ? result.requiresGrad_() : result;
}

/**
 * Uniform numbers in [0, 1).
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.rand.html
 */
export function rand(shape: Shape, options: RandomOptions = {}): Tensor {
  return drawUniform("rand", shape, 0, 1, options);
}

/** Uniform numbers in [low, high). */
export function uniform(
  shape: Shape,
  low: number,
  high: number,
  options: RandomOptions = {},
): Tensor {
  if (!(low <= high) || !Number.isFinite(high - low)) {
    throw new RangeError(
      `uniform() got low ${low} and high ${high}, expected finite low <= high`,
    );
  }
  return drawUniform("uniform", shape, low, high, options);
}

function drawUniform(
  name: string,
  shape: Shape,
  low: number,
  high: number,
  options: RandomOptions,
): Tensor {
  const { random_uniform } = floatKernels(name, options.dtype ?? "float32");
  return draw(name, shape, options, "float32", (out, state, address) => {
    random_uniform(out.size, low, high, state, address);
  });
}

/**
 * Numbers from the standard normal distribution.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.randn.html
 */
export function randn(shape: Shape, options: RandomOptions = {}): Tensor {
  return drawNormal("randn", shape, 0, 1, options);
}

/** Numbers from the normal distribution with this mean and deviation. */
export function normal(
  shape: Shape,
  mean: number,
  std: number,
  options: RandomOptions = {},
): Tensor {
  requireOption("normal()", "std", std, std >= 0, "at least 0");
  return drawNormal("normal", shape, mean, std, options);
}

function drawNormal(
  name: string,
  shape: Shape,
  mean: number,
  std: number,
  options: RandomOptions,
): Tensor {
  const { random_normal } = floatKernels(name, options.dtype ?? "float32");
  return draw(name, shape, options, "float32", (out, state, address) => {
    random_normal(out.size, mean, std, state, address);
  });
}

/**
 * Whole numbers from `low` up to, not including, `high`; int32.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.randint.html
 */
export function randint(
  low: number,
  high: number,
  shape: Shape,
  options: RandomOptions = {},
): Tensor {
  const valid = Number.isInteger(low) && Number.isInteger(high) &&
    low >= -(2 ** 31) && high <= 2 ** 31 && low < high &&
    high - low < 2 ** 32;
  if (!valid) {
    throw new RangeError(
      `randint() got low ${low} and high ${high}, expected whole numbers of int32 with low < high and fewer than 2^32 of them`,
    );
  }
  const { dtype, requiresGrad, ...rest } = options;
  const drawn = draw("randint", shape, rest, "int32", (out, state, address) => {
    intKernels().random_int(out.size, low, high, state, address);
  });
  const result = dtype === undefined ? drawn : drawn.to(dtype);
  return requiresGrad === true ? result.requiresGrad_() : result;
}

/**
 * The numbers 0 to n - 1 in random order; int32.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.randperm.html
 */
export function randperm(
  n: number,
  options: { generator?: Generator } = {},
): Tensor {
  return draw("randperm", [n], options, "int32", (out, state, address) => {
    intKernels().random_permutation(out.size, state, address);
  });
}

/** Uniform numbers in [0, 1) with another tensor's shape and dtype. */
export function randLike(like: Tensor, options: RandomOptions = {}): Tensor {
  return rand(like.shape, { dtype: like.dtype, ...options });
}

/** Standard normal numbers with another tensor's shape and dtype. */
export function randnLike(like: Tensor, options: RandomOptions = {}): Tensor {
  return randn(like.shape, { dtype: like.dtype, ...options });
}

/** 1 with probability p, else 0, as floats. */
export function bernoulli(
  shape: Shape,
  p: number,
  options?: RandomOptions,
): Tensor;
/** 1 with each element's own probability, else 0; in its shape and dtype. */
export function bernoulli(
  probabilities: Tensor,
  options?: RandomOptions,
): Tensor;
/**
 * 1 with probability p, else 0, as floats.
 *
 * ```ts
 * import { bernoulli, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(bernoulli([2], 1).toArray(), [1, 1]);
 * assertEquals(bernoulli(tensor([0, 1])).toArray(), [0, 1]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.bernoulli.html
 *
 * @throws RangeError for a probability outside of 0 to 1.
 */
export function bernoulli(
  first: Shape | Tensor,
  second?: number | RandomOptions,
  third?: RandomOptions,
): Tensor {
  if (first instanceof Tensor) {
    return drawEach(first, second as RandomOptions | undefined);
  }
  const [p, options] = [second as number, third ?? {}];
  requireProbability("bernoulli()", "p", p);
  const kernels = floatKernels("bernoulli", options.dtype ?? "float32");
  return draw("bernoulli", first, options, "float32", (out, state, address) => {
    kernels.random_bernoulli(out.size, p, state, address);
  });
}

function drawEach(p: Tensor, options: RandomOptions = {}): Tensor {
  requireFloat("bernoulli", p.dtype);
  const { dtype = p.dtype, requiresGrad, ...rest } = options;
  const outside = p.ge(0).logicalAnd(p.le(1)).logicalNot();
  const at = p.size === 0 ? 0 : outside.to("int32").argmax().item();
  if (p.size > 0 && outside.flatten().select(0, at).item() !== 0) {
    throw new RangeError(
      `bernoulli() got probability ${
        p.flatten().select(0, at).item()
      } at position ${at}, expected 0 to 1`,
    );
  }
  const drawn = rand(p.shape, { dtype: p.dtype, ...rest }).lt(p).to(dtype);
  return requiresGrad === true ? drawn.requiresGrad_() : drawn;
}
