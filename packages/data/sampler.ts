/** Samplers: in which order a loader visits a data set. */

import {
  arange,
  type Generator,
  type GeneratorState,
  rand,
  randint,
  randperm,
  streamFor,
  type Tensor,
  tensor,
} from "@fdunn/tensor";

/**
 * The indices of one epoch, anew each time it is iterated.
 *
 * A random one should draw all its numbers when an iteration starts and offer
 * `state()`, so that a loader can be restored in the middle of an epoch.
 *
 * ```ts
 * import { DataLoader, type Sampler, TensorDataset } from "@fdunn/data";
 * import { arange } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const backwards: Sampler = {
 *   length: 4,
 *   *[Symbol.iterator]() {
 *     for (let i = 3; i >= 0; i--) yield i;
 *   },
 * };
 * const dataset = new TensorDataset(arange(4));
 * const loader = new DataLoader(dataset, { sampler: backwards, batchSize: 4 });
 * for (const [x] of loader) assertEquals(x.toArray(), [3, 2, 1, 0]);
 * ```
 */
export interface Sampler extends Iterable<number> {
  /** How many indices an epoch has. */
  readonly length: number;
  /** The indices of one epoch as int32 `[length]`, if that is quicker. */
  order?(): Tensor;
  /** What the next epoch depends on, as plain data. */
  state?(): unknown;
  /** Continues from a state. */
  loadState?(state: unknown): void;
}

/** Lists of indices, one per batch, anew each time it is iterated. */
export interface BatchedSampler extends Iterable<ArrayLike<number>> {
  /** How many batches an epoch has. */
  readonly length: number;
  /** What the next epoch depends on, as plain data. */
  state?(): unknown;
  /** Continues from a state. */
  loadState?(state: unknown): void;
}

/** Options of the random samplers. */
export interface RandomSamplerOptions {
  /** Draw each index anew, so that one may come twice. Default `false`. */
  replacement?: boolean;
  /** How many indices an epoch has. Default: as many as there are items. */
  samples?: number;
  /** Default: the stream "shuffle" of the default generator. */
  generator?: Generator;
}

function checkCount(what: string, name: string, count: number): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new RangeError(
      `${what} got ${name} ${count}, expected a whole number of at least 1`,
    );
  }
}

/**
 * 0 to `length - 1`, in order.
 *
 * See https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.SequentialSampler
 */
export class SequentialSampler implements Sampler {
  /** The number of items. */
  readonly length: number;

  /**
   * Counts to the length of a data set.
   *
   * @throws RangeError unless `length` is at least 1.
   */
  constructor(length: number) {
    checkCount("SequentialSampler", "length", length);
    this.length = length;
  }

  /** The indices as a tensor. */
  order(): Tensor {
    return arange(0, this.length, 1, { dtype: "int32" });
  }

  /** The indices. */
  *[Symbol.iterator](): Iterator<number> {
    for (let i = 0; i < this.length; i++) yield i;
  }
}

/**
 * The indices in random order, another one each epoch.
 *
 * ```ts
 * import { RandomSampler } from "@fdunn/data";
 * import { Generator } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const sampler = new RandomSampler(5, { generator: new Generator(1) });
 * assertEquals([...sampler].sort(), [0, 1, 2, 3, 4]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.RandomSampler
 */
export class RandomSampler implements Sampler {
  /** How many indices an epoch has. */
  readonly length: number;
  /** The number of items drawn from. */
  readonly items: number;
  /** Whether an index may come twice. */
  readonly replacement: boolean;
  readonly #generator: Generator | undefined;

  /**
   * Draws from so many items.
   *
   * @throws RangeError unless `items` and `samples` are at least 1.
   */
  constructor(items: number, options: RandomSamplerOptions = {}) {
    const { replacement = false, samples = items, generator } = options;
    checkCount("RandomSampler", "items", items);
    checkCount("RandomSampler", "samples", samples);
    if (!replacement && samples > items) {
      throw new RangeError(
        `RandomSampler got samples ${samples} of ${items} items, which needs replacement`,
      );
    }
    this.items = items;
    this.length = samples;
    this.replacement = replacement;
    this.#generator = generator;
  }

  /** Where its numbers come from. */
  get generator(): Generator {
    return this.#generator ?? streamFor("shuffle");
  }

  /** The indices of the next epoch as a tensor. */
  order(): Tensor {
    const { generator, items, length } = this;
    if (this.replacement) {
      return randint(0, items, [length], { generator });
    }
    const all = randperm(items, { generator });
    return length === items ? all : all.narrow(0, 0, length).clone();
  }

  /** The indices of the next epoch. */
  *[Symbol.iterator](): Iterator<number> {
    yield* this.order().data() as Int32Array;
  }

  /** The generator's state. */
  state(): GeneratorState {
    return this.generator.state();
  }

  /** Continues from a state. */
  loadState(state: GeneratorState): void {
    this.generator.loadState(state);
  }
}

/**
 * Indices drawn with probabilities in proportion to weights, for instance to
 * see rare classes as often as frequent ones.
 *
 * ```ts
 * import { WeightedRandomSampler } from "@fdunn/data";
 * import { assert } from "@std/assert";
 *
 * const sampler = new WeightedRandomSampler([0, 1, 3], 100);
 * assert([...sampler].every((i) => i === 1 || i === 2));
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.WeightedRandomSampler
 */
export class WeightedRandomSampler implements Sampler {
  /** How many indices an epoch has. */
  readonly length: number;
  /** Whether an index may come twice. */
  readonly replacement: boolean;
  readonly #weights: Float64Array;
  readonly #generator: Generator | undefined;

  /**
   * Draws by weight.
   *
   * @param weights one number of at least 0 per item; need not add up to 1.
   * @param samples how many indices an epoch has.
   * @throws RangeError for weights that are negative, not finite or all 0, and
   * for more samples without replacement than there are positive weights.
   */
  constructor(
    weights: ArrayLike<number>,
    samples: number,
    options: Omit<RandomSamplerOptions, "samples"> = {},
  ) {
    checkCount("WeightedRandomSampler", "samples", samples);
    let positive = 0;
    for (let i = 0; i < weights.length; i++) {
      const weight = weights[i]!;
      if (!(weight >= 0 && weight < Infinity)) {
        throw new RangeError(
          `WeightedRandomSampler got weight ${weight} at position ${i}, expected a finite number of at least 0`,
        );
      }
      if (weight > 0) positive++;
    }
    if (positive === 0) {
      throw new RangeError(
        "WeightedRandomSampler got no weight above 0, expected at least 1",
      );
    }
    this.replacement = options.replacement ?? true;
    if (!this.replacement && samples > positive) {
      throw new RangeError(
        `WeightedRandomSampler got samples ${samples} of ${positive} items with a weight above 0, which needs replacement`,
      );
    }
    this.#weights = Float64Array.from(weights);
    this.length = samples;
    this.#generator = options.generator;
  }

  /** Where its numbers come from. */
  get generator(): Generator {
    return this.#generator ?? streamFor("shuffle");
  }

  /** The indices of the next epoch as a tensor. */
  order(): Tensor {
    return tensor(this.#draw());
  }

  /** The indices of the next epoch. */
  *[Symbol.iterator](): Iterator<number> {
    yield* this.#draw();
  }

  #draw(): Int32Array {
    const weights = this.#weights;
    const { generator, length } = this;
    const drawn = new Int32Array(length);
    if (!this.replacement) {
      // Efraimidis and Spirakis (2006): the items with the largest u^(1/w) are
      // such a sample; in logarithms, those with the smallest -log(u) / w.
      const u = rand([weights.length], { dtype: "float64", generator });
      const logs = u.neg().log1p().data(); // of 1 - u, which is never 0
      const keys = Float64Array.from(
        weights,
        (weight, i) => weight === 0 ? Infinity : -Number(logs[i]) / weight,
      );
      const order = Array.from(keys.keys()).sort((a, b) => keys[a]! - keys[b]!);
      drawn.set(order.slice(0, length));
      return drawn;
    }
    const upTo = new Float64Array(weights.length);
    let [sum, last] = [0, 0]; // last: the last that can be drawn
    for (let i = 0; i < weights.length; i++) {
      if (weights[i]! > 0) last = i;
      upTo[i] = sum += weights[i]!;
    }
    const u = rand([length], { dtype: "float64", generator }).data();
    for (let k = 0; k < length; k++) {
      const target = Number(u[k]) * sum;
      let [low, high] = [0, last]; // finds the first with upTo > target
      while (low < high) {
        const middle = (low + high) >>> 1;
        if (upTo[middle]! > target) high = middle;
        else low = middle + 1;
      }
      drawn[k] = low;
    }
    return drawn;
  }

  /** The generator's state. */
  state(): GeneratorState {
    return this.generator.state();
  }

  /** Continues from a state. */
  loadState(state: GeneratorState): void {
    this.generator.loadState(state);
  }
}

/**
 * The indices of another sampler in lists of `batchSize`.
 *
 * ```ts
 * import { BatchSampler, SequentialSampler } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * const batches = new BatchSampler(new SequentialSampler(5), 2);
 * assertEquals([...batches], [[0, 1], [2, 3], [4]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.BatchSampler
 */
export class BatchSampler implements BatchedSampler {
  /** Where the indices come from. */
  readonly sampler: Sampler;
  /** How many indices a list has; the last may have fewer. */
  readonly batchSize: number;
  /** Whether a shorter last list is left out. */
  readonly dropLast: boolean;

  /**
   * Groups what `sampler` gives.
   *
   * @throws RangeError unless `batchSize` is at least 1.
   */
  constructor(sampler: Sampler, batchSize: number, dropLast = false) {
    checkCount("BatchSampler", "batchSize", batchSize);
    this.sampler = sampler;
    this.batchSize = batchSize;
    this.dropLast = dropLast;
  }

  /** The number of lists. */
  get length(): number {
    const exact = this.sampler.length / this.batchSize;
    return this.dropLast ? Math.floor(exact) : Math.ceil(exact);
  }

  /** The lists of one epoch. */
  *[Symbol.iterator](): Iterator<number[]> {
    let batch: number[] = [];
    for (const index of this.sampler) {
      batch.push(index);
      if (batch.length < this.batchSize) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }

  /** The sampler's state, or null if it has none. */
  state(): unknown {
    return this.sampler.state?.() ?? null;
  }

  /** Continues from a state. */
  loadState(state: unknown): void {
    this.sampler.loadState?.(state);
  }
}
