/**
 * Data sets: things with a length that give an item by its index, and the ways
 * to combine them.
 *
 * @module
 */

import { Tensor, tensor } from "@fdunn/tensor";
import type { Collated } from "./collate.ts";

/**
 * A data set with a length and items by index.
 *
 * One that can give a whole batch faster than item by item offers `getBatch`,
 * and a loader without a `collate` of its own will call it.
 *
 * ```ts
 * import { DataLoader, type Dataset } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * class Squares implements Dataset<[number, number]> {
 *   readonly length = 5;
 *   get(index: number): [number, number] {
 *     return [index, index ** 2];
 *   }
 * }
 * for (const [x, y] of new DataLoader(new Squares(), { batchSize: 5 })) {
 *   assertEquals(x.toArray(), [0, 1, 2, 3, 4]);
 *   assertEquals(y.toArray(), [0, 1, 4, 9, 16]);
 * }
 * ```
 */
export interface Dataset<T> {
  /** The number of items. */
  readonly length: number;
  /** The item at an index from 0 to `length - 1`. */
  get(index: number): T;
  /**
   * The collated items at these indices, an int32 tensor `[n]` that lives
   * until the call returns.
   */
  getBatch?: ((indices: Tensor) => Collated<T>) | undefined;
}

/**
 * A data set without a length that gives its items in its own order, for
 * streams; a loader batches them as they come.
 *
 * ```ts
 * import { DataLoader, IterableDataset } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * class Countdown extends IterableDataset<number> {
 *   *[Symbol.iterator](): Iterator<number> {
 *     for (let i = 5; i > 0; i--) yield i;
 *   }
 * }
 * const batches = [...new DataLoader(new Countdown(), { batchSize: 2 })];
 * assertEquals(batches.map((x) => x.toArray()), [[5, 4], [3, 2], [1]]);
 * ```
 */
export abstract class IterableDataset<T> implements Iterable<T> {
  /** One pass over the items. */
  abstract [Symbol.iterator](): Iterator<T>;
}

/** Throws unless `index` is a whole number from 0 to `length - 1`. */
export function checkIndex(
  what: string,
  index: number,
  length: number,
  from = "",
): void {
  if (Number.isInteger(index) && index >= 0 && index < length) return;
  throw new RangeError(
    `${what} has ${length} items, got index ${index}${from}, expected 0 to ${
      length - 1
    }`,
  );
}

/**
 * Tensors with equal first sizes, seen as items: item `i` is the list of their
 * rows `i`. A batch is one `indexSelect` per tensor, a copy: the data set never
 * changes with what happens to a batch.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { TensorDataset } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * const points = tensor([[0, 1], [2, 3], [4, 5]]);
 * const labels = tensor(new Int32Array([7, 8, 9]));
 * const dataset = new TensorDataset(points, labels);
 * const [x, y] = dataset.get(1);
 * assertEquals(x.toArray(), [2, 3]);
 * assertEquals(y.item(), 8);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.TensorDataset
 */
export class TensorDataset<T extends readonly Tensor[]> implements Dataset<T> {
  /** The tensors, in the order given. */
  readonly tensors: T;
  /** Their first size. */
  readonly length: number;

  /**
   * Takes any number of tensors.
   *
   * @throws RangeError without tensors, for scalars, or for first sizes that
   * differ.
   */
  constructor(...tensors: T) {
    const first = tensors[0];
    if (first === undefined) {
      throw new RangeError("TensorDataset got no tensors, expected at least 1");
    }
    tensors.forEach((t, i) => {
      if (t.ndim === 0) {
        throw new RangeError(
          `TensorDataset got a scalar as tensor ${i}, expected at least one dim`,
        );
      }
      if (t.shape[0] !== first.shape[0]) {
        throw new RangeError(
          `TensorDataset got first sizes ${first.shape[0]} and ${
            t.shape[0]
          } (tensor ${i}), which must be equal`,
        );
      }
    });
    this.tensors = tensors;
    this.length = first.shape[0]!;
  }

  /** Row `index` of each tensor, as copies. */
  get(index: number): T {
    checkIndex("TensorDataset", index, this.length);
    return this.tensors.map((t) => t.select(0, index).clone()) as unknown as T;
  }

  /** The rows at these indices of each tensor, as copies. */
  getBatch(indices: Tensor | Int32Array): Collated<T> {
    const at = indices instanceof Tensor ? indices : tensor(indices);
    const { tensors } = this;
    const rows: Tensor[] = [];
    for (let i = 0; i < tensors.length; i++) {
      rows.push(tensors[i]!.indexSelect(0, at));
    }
    return rows as unknown as Collated<T>;
  }
}

/**
 * Some items of another data set, by index, in any order.
 *
 * ```ts
 * import { arange } from "@fdunn/tensor";
 * import { Subset, TensorDataset } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * const even = new Subset(new TensorDataset(arange(10)), [0, 2, 4, 6, 8]);
 * assertEquals(even.length, 5);
 * assertEquals(even.get(3)[0].item(), 6);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.Subset
 */
export class Subset<T> implements Dataset<T> {
  /** The data set that items come from. */
  readonly dataset: Dataset<T>;
  /** The index there of each item here. */
  readonly indices: Int32Array;
  /** The number of items. */
  readonly length: number;
  /** The batch at these indices, where the data set offers batches. */
  readonly getBatch: ((indices: Tensor) => Collated<T>) | undefined;

  /**
   * Takes the indices in the order that the subset is to have; copies them.
   *
   * @throws RangeError for an index outside of the data set.
   */
  constructor(dataset: Dataset<T>, indices: ArrayLike<number>) {
    for (let i = 0; i < indices.length; i++) {
      checkIndex("The data set", indices[i]!, dataset.length, " for a Subset");
    }
    this.dataset = dataset;
    this.indices = Int32Array.from(indices);
    this.length = indices.length;
    const table = tensor(this.indices);
    this.getBatch = dataset.getBatch === undefined
      ? undefined
      : (at) => dataset.getBatch!(table.indexSelect(0, at));
  }

  /** Item `index` of the subset. */
  get(index: number): T {
    checkIndex("Subset", index, this.length);
    return this.dataset.get(this.indices[index]!);
  }
}

/**
 * Data sets one after the other.
 *
 * ```ts
 * import { arange } from "@fdunn/tensor";
 * import { ConcatDataset, TensorDataset } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * const both = new ConcatDataset([
 *   new TensorDataset(arange(3)),
 *   new TensorDataset(arange(10, 20)),
 * ]);
 * assertEquals(both.length, 13);
 * assertEquals(both.get(4)[0].item(), 11);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/data.html#torch.utils.data.ConcatDataset
 */
export class ConcatDataset<T> implements Dataset<T> {
  /** The data sets, in order. */
  readonly datasets: readonly Dataset<T>[];
  /** The sum of their lengths. */
  readonly length: number;

  /**
   * Takes at least one data set.
   *
   * @throws RangeError for an empty list.
   */
  constructor(datasets: readonly Dataset<T>[]) {
    if (datasets.length === 0) {
      throw new RangeError("ConcatDataset got no data sets");
    }
    this.datasets = datasets.slice();
    this.length = datasets.reduce((sum, { length }) => sum + length, 0);
  }

  /** The item at `index`, counted through all data sets. */
  get(index: number): T {
    checkIndex("ConcatDataset", index, this.length);
    let rest = index;
    for (const dataset of this.datasets) {
      if (rest < dataset.length) return dataset.get(rest);
      rest -= dataset.length;
    }
    throw new RangeError("A data set of a ConcatDataset changed its length");
  }
}

/**
 * The items of another data set, each passed through a function when asked
 * for. To work on whole batches, which is faster, use the loader's `transform`.
 *
 * ```ts
 * import { arange } from "@fdunn/tensor";
 * import { MapDataset, TensorDataset } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * const doubled = new MapDataset(
 *   new TensorDataset(arange(4)),
 *   ([x]) => x.mul(2),
 * );
 * assertEquals(doubled.get(3).item(), 6);
 * ```
 */
export class MapDataset<T, U> implements Dataset<U> {
  /** The data set that items come from. */
  readonly dataset: Dataset<T>;
  readonly #transform: (item: T, index: number) => U;

  /** `transform` gets an item and its index. */
  constructor(dataset: Dataset<T>, transform: (item: T, index: number) => U) {
    this.dataset = dataset;
    this.#transform = transform;
  }

  /** The number of items. */
  get length(): number {
    return this.dataset.length;
  }

  /** The transformed item. */
  get(index: number): U {
    checkIndex("MapDataset", index, this.length);
    return this.#transform(this.dataset.get(index), index);
  }
}
