/**
 * The data loader: batches of a data set, in order or shuffled, repeatable and
 * restorable at any batch.
 *
 * @module
 */

import { Generator, type Tensor, tensor } from "@fdunn/tensor";
import { type Collated, defaultCollate } from "./collate.ts";
import { checkIndex, type Dataset, type IterableDataset } from "./dataset.ts";
import {
  countBatches,
  type FromArray,
  type FromItems,
  type FromTensor,
  ListPass,
  OrderPass,
  type Pass,
  StreamPass,
} from "./epoch.ts";
import {
  type Batch,
  type DataLoaderOptions,
  refuseConflicts,
} from "./loader_options.ts";
import { Pacer } from "./macrotask.ts";
import {
  type BatchedSampler,
  RandomSampler,
  type Sampler,
  SequentialSampler,
} from "./sampler.ts";

/** Where a loader is, as plain JSON data: see {@linkcode DataLoader.state}. */
export interface DataLoaderState {
  /** Epochs begun before the current one. */
  epoch: number;
  /** Batches of the current epoch that have been handed out. */
  position: number;
  /** The sampler's state before it drew the current epoch; null between epochs. */
  order: unknown;
  /** The sampler's state, from which the next epoch will be drawn. */
  sampler: unknown;
}

/** A pass and what describes its place. */
interface Epoch<B> {
  readonly pass: Pass<B>;
  readonly number: number;
  readonly order: unknown;
  position: number;
  done: boolean;
}

/**
 * Batches of a data set: iterate it once per epoch, with `for ... of` or with
 * `for await ... of`, which gives the same batches and lets timers, servers and
 * finalizers run now and then.
 *
 * Items come from `dataset.getBatch()` where the data set has that, else from
 * `get()` through `collate`. A loader with `shuffle` draws each epoch's order
 * when the epoch begins, from the stream "shuffle" of the default generator:
 * `manualSeed()` makes it repeatable, as does `seed`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { DataLoader, TensorDataset } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor([[0, 1], [2, 3], [4, 5]]);
 * const y = tensor(new Int32Array([0, 1, 2]));
 * const loader = new DataLoader(new TensorDataset(x, y), { batchSize: 2 });
 * assertEquals(loader.length, 2);
 * const shapes = [];
 * for (const [points, labels] of loader) {
 *   shapes.push([points.shape, labels.shape]);
 * }
 * assertEquals(shapes, [[[2, 2], [2]], [[1, 2], [1]]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.DataLoader
 */
export class DataLoader<T, B extends Batch = Collated<T>>
  implements Iterable<B>, AsyncIterable<B> {
  /** The data set. */
  readonly dataset: Dataset<T> | IterableDataset<T>;
  /** Items per batch; the last of an epoch may have fewer. */
  readonly batchSize: number;
  /** Whether a last batch with fewer items is left out. */
  readonly dropLast: boolean;
  /** The order of the items; null for an IterableDataset and a batch sampler. */
  readonly sampler: Sampler | null;
  /** What decides about whole batches, if anything. */
  readonly batchSampler: BatchedSampler | null;
  readonly #options: DataLoaderOptions<T, B>;
  #begun = 0;
  #latest: Epoch<B> | null = null;
  #resumed: Epoch<B> | null = null;

  /**
   * Begins nothing yet: the first epoch is drawn when it is iterated.
   *
   * @throws RangeError for an empty data set and for a batch size that is not
   * a whole number of at least 1; TypeError for options that exclude each other
   * and for a data set that is none.
   */
  constructor(
    dataset: Dataset<T> | IterableDataset<T>,
    options: DataLoaderOptions<T, B> = {},
  ) {
    const { batchSize = 1, dropLast = false, shuffle = false } = options;
    const { sampler, batchSampler } = options;
    refuseConflicts(options);
    if (!Number.isInteger(batchSize) || batchSize < 1) {
      throw new RangeError(
        `DataLoader got batchSize ${batchSize}, expected a whole number of at least 1`,
      );
    }
    if (!isIndexed(dataset)) {
      if (!isIterable(dataset)) {
        throw new TypeError(
          "DataLoader expects a data set with length and get(), or an iterable one",
        );
      }
      if (shuffle || sampler !== undefined || batchSampler !== undefined) {
        throw new TypeError(
          "DataLoader cannot shuffle or sample an IterableDataset: it gives its items in its own order",
        );
      }
    } else if (dataset.length < 1) {
      throw new RangeError("DataLoader got an empty data set");
    }
    this.dataset = dataset;
    this.batchSize = batchSize;
    this.dropLast = dropLast;
    this.#options = { ...options };
    this.batchSampler = batchSampler ?? null;
    this.sampler = !isIndexed(dataset) || batchSampler !== undefined
      ? null
      : sampler ?? ownSampler(dataset.length, options);
  }

  /**
   * The number of batches of an epoch.
   *
   * @throws TypeError for an IterableDataset, which has no length.
   */
  get length(): number {
    if (this.batchSampler !== null) return this.batchSampler.length;
    if (this.sampler === null) {
      throw new TypeError("A DataLoader of an IterableDataset has no length");
    }
    return countBatches(this.sampler.length, this.batchSize, this.dropLast);
  }

  /** The batches of the next epoch, or the rest of a restored one. */
  *[Symbol.iterator](): Iterator<B> {
    const epoch = this.#begin();
    const { pass } = epoch;
    const options = this.#options;
    try {
      for (;;) {
        const next = pass.next();
        if (next === null) break;
        const batch = options.transform === undefined
          ? next.batch
          : options.transform(next.batch);
        epoch.position++;
        yield batch;
      }
      epoch.done = true;
    } finally {
      pass.close();
    }
  }

  /** The same batches; pauses now and then for what else the program does. */
  async *[Symbol.asyncIterator](): AsyncIterator<B> {
    const pacer = new Pacer();
    for (const batch of this) {
      yield batch;
      if (pacer.due()) await pacer.pause();
    }
  }

  /**
   * Where the loader is, as plain JSON data. Within an epoch, the batch that
   * was handed out last counts as done; after a `break`, too, until the next
   * epoch begins.
   *
   * ```ts
   * import { arange } from "@fdunn/tensor";
   * import { DataLoader, TensorDataset } from "@fdunn/data";
   * import { assertEquals } from "@std/assert";
   *
   * const dataset = new TensorDataset(arange(6));
   * const options = { batchSize: 2, shuffle: true };
   * const loader = new DataLoader(dataset, { ...options, seed: 1 });
   * const first = [...loader].map(([x]) => x.toArray());
   *
   * const other = new DataLoader(dataset, { ...options, seed: 1 });
   * for (const _ of other) break;
   * const saved = JSON.stringify(other.state());
   *
   * const restored = new DataLoader(dataset, { ...options, seed: 2 });
   * restored.loadState(JSON.parse(saved));
   * const rest = [...restored].map(([x]) => x.toArray());
   * assertEquals(rest, first.slice(1));
   * ```
   */
  state(): DataLoaderState {
    const sampler = this.#samplerState();
    const epoch = this.#resumed ?? this.#latest;
    if (epoch === null || epoch.done) {
      return { epoch: this.#begun, position: 0, order: null, sampler };
    }
    const { number, position, order } = epoch;
    // Nothing handed out: the epoch is drawn again, from where it was drawn.
    return position === 0
      ? { epoch: number, position, order: null, sampler: order }
      : { epoch: number, position, order, sampler };
  }

  /**
   * Continues from a state: the next iteration gives the rest of its epoch,
   * those after it the same epochs as the loader that was saved. Data set and
   * options must be those of that loader.
   *
   * @throws RangeError for what is no state or does not fit.
   */
  loadState(state: DataLoaderState): void {
    const { epoch, position, order, sampler } = state ?? {};
    const valid = Number.isInteger(epoch) && epoch >= 0 &&
      Number.isInteger(position) && position >= 0;
    if (!valid) {
      throw new RangeError(
        `loadState() got ${
          JSON.stringify(state)
        }, expected what state() of a DataLoader gave`,
      );
    }
    this.#resumed = this.#latest = null;
    this.#begun = epoch;
    if (position > 0) {
      this.#loadSamplerState(order);
      const pass = this.#pass();
      if (position > pass.length) {
        pass.close();
        throw new RangeError(
          `loadState() got position ${position}, but an epoch of this loader has ${pass.length} batches`,
        );
      }
      pass.skip(position);
      this.#begun++;
      this.#resumed = { pass, number: epoch, order, position, done: false };
    }
    this.#loadSamplerState(sampler);
  }

  #begin(): Epoch<B> {
    if (this.#resumed !== null) {
      this.#latest = this.#resumed;
      this.#resumed = null;
    } else {
      const order = this.#samplerState();
      const pass = this.#pass();
      const number = this.#begun++;
      this.#latest = { pass, number, order, position: 0, done: false };
    }
    return this.#latest;
  }

  #samplerState(): unknown {
    return (this.batchSampler ?? this.sampler)?.state?.() ?? null;
  }

  #loadSamplerState(state: unknown): void {
    if (state === null || state === undefined) return;
    (this.batchSampler ?? this.sampler)?.loadState?.(state);
  }

  /** A pass over a newly drawn epoch. */
  #pass(): Pass<B> {
    const { dataset, batchSize, dropLast } = this;
    const options = this.#options;
    const own = options.collate !== undefined;
    // Without a collate of its own, B is what the default one makes.
    const collate: FromItems<T, B> = own
      ? (items) => options.collate!(items)
      : (items, indices = []) =>
        defaultCollate(items, { indices }) as unknown as B;
    if (!isIndexed(dataset)) {
      return new StreamPass(dataset, batchSize, dropLast, collate);
    }
    const fromArray: FromArray<B> = (at) =>
      collate(Array.from(at, (index) => dataset.get(index)), at);
    const fromTensor: FromTensor<B> | undefined =
      !own && dataset.getBatch !== undefined
        ? (at) => dataset.getBatch!(at) as unknown as B
        : undefined;
    const check = (indices: ArrayLike<number>, from: string): void => {
      for (let i = 0; i < indices.length; i++) {
        checkIndex("The data set", indices[i]!, dataset.length, from);
      }
    };
    if (this.batchSampler !== null) {
      const lists = Array.from(this.batchSampler, (list, i) => {
        if (list.length === 0) {
          throw new RangeError(`The batch sampler gave an empty batch ${i}`);
        }
        check(list, ` from the batch sampler in batch ${i}`);
        return Int32Array.from(list);
      });
      return new ListPass(lists, fromTensor, fromArray);
    }
    const sampler = this.sampler!;
    const order = sampler.order?.() ?? listed(sampler, check);
    if (sampler.order !== undefined && sampler === options.sampler) {
      check(order.data() as Int32Array, FROM_SAMPLER);
    }
    return new OrderPass(order, batchSize, dropLast, fromTensor, fromArray);
  }
}

function isIndexed<T>(
  dataset: Dataset<T> | IterableDataset<T>,
): dataset is Dataset<T> {
  return typeof (dataset as Dataset<T> | null)?.get === "function" &&
    typeof (dataset as Dataset<T>).length === "number";
}

function isIterable<T>(dataset: IterableDataset<T>): boolean {
  return typeof dataset?.[Symbol.iterator] === "function";
}

function ownSampler<T, B extends Batch>(
  length: number,
  { shuffle = false, seed, generator }: DataLoaderOptions<T, B>,
): Sampler {
  if (!shuffle) return new SequentialSampler(length);
  const own = seed === undefined ? generator : new Generator(seed);
  return new RandomSampler(length, own === undefined ? {} : { generator: own });
}

const FROM_SAMPLER = " from the sampler";

/** The indices of a sampler that gives no tensor. */
function listed(
  sampler: Sampler,
  check: (indices: number[], from: string) => void,
): Tensor {
  const indices = Array.from(sampler);
  if (indices.length === 0) throw new RangeError("The sampler gave no index");
  check(indices, FROM_SAMPLER);
  return tensor(indices, { dtype: "int32" });
}
