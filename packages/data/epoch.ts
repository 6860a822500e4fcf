/** One pass of a loader over its data, batch by batch. */

import { keep, type Tensor, tensor } from "@fdunn/tensor";
import type { IterableDataset } from "./dataset.ts";

/** What a loader iterates. */
export interface Pass<B> {
  /** The number of batches; Infinity where that is unknown. */
  readonly length: number;
  /** The next batch, or null at the end. */
  next(): { batch: B } | null;
  /** Goes on behind this many batches. */
  skip(batches: number): void;
  /** Frees what the pass holds. */
  close(): void;
}

/** Collates the items at an int32 tensor of indices. */
export type FromTensor<B> = (indices: Tensor) => B;
/** Collates the items at these indices. */
export type FromArray<B> = (indices: Int32Array) => B;
/** Collates items, which were found at these indices. */
export type FromItems<T, B> = (items: T[], indices?: ArrayLike<number>) => B;

/** How many batches so many items make. */
export function countBatches(
  items: number,
  batchSize: number,
  dropLast: boolean,
): number {
  return dropLast
    ? Math.floor(items / batchSize)
    : Math.ceil(items / batchSize);
}

/** Batches of equal size along an order of all items. */
export class OrderPass<B> implements Pass<B> {
  /** The number of batches. */
  readonly length: number;
  readonly #order: Tensor;
  readonly #indices: Int32Array | null;
  readonly #batchSize: number;
  readonly #fromTensor: FromTensor<B> | undefined;
  readonly #fromArray: FromArray<B>;
  #position = 0;

  /** `fromTensor` is used where there is one: no index passes JavaScript. */
  constructor(
    order: Tensor,
    batchSize: number,
    dropLast: boolean,
    fromTensor: FromTensor<B> | undefined,
    fromArray: FromArray<B>,
  ) {
    this.#order = keep(order); // it outlives a scope() around one step
    this.#indices = fromTensor === undefined
      ? order.data() as Int32Array
      : null;
    this.#batchSize = batchSize;
    this.#fromTensor = fromTensor;
    this.#fromArray = fromArray;
    this.length = countBatches(order.size, batchSize, dropLast);
  }

  /** The next batch, or null at the end. */
  next(): { batch: B } | null {
    if (this.#position >= this.length) return null;
    const start = this.#position * this.#batchSize;
    const size = Math.min(this.#batchSize, this.#order.size - start);
    let batch: B;
    if (this.#fromTensor === undefined) {
      batch = this.#fromArray(this.#indices!.subarray(start, start + size));
    } else {
      const at = this.#order.narrow(0, start, size);
      batch = this.#fromTensor(at);
      at.dispose();
    }
    this.#position++;
    return { batch };
  }

  /** Goes on behind this many batches. */
  skip(batches: number): void {
    this.#position += batches;
  }

  /** Frees the order. */
  close(): void {
    this.#order.dispose();
  }
}

/** Batches whose items a batch sampler has listed. */
export class ListPass<B> implements Pass<B> {
  /** The number of batches. */
  readonly length: number;
  readonly #lists: readonly Int32Array[];
  readonly #fromTensor: FromTensor<B> | undefined;
  readonly #fromArray: FromArray<B>;
  #position = 0;

  /** See {@linkcode OrderPass}. */
  constructor(
    lists: readonly Int32Array[],
    fromTensor: FromTensor<B> | undefined,
    fromArray: FromArray<B>,
  ) {
    this.length = lists.length;
    this.#lists = lists;
    this.#fromTensor = fromTensor;
    this.#fromArray = fromArray;
  }

  /** The next batch, or null at the end. */
  next(): { batch: B } | null {
    const list = this.#lists[this.#position];
    if (list === undefined) return null;
    let batch: B;
    if (this.#fromTensor === undefined) batch = this.#fromArray(list);
    else {
      const at = tensor(list);
      batch = this.#fromTensor(at);
      at.dispose();
    }
    this.#position++;
    return { batch };
  }

  /** Goes on behind this many batches. */
  skip(batches: number): void {
    this.#position += batches;
  }

  /** Holds nothing. */
  close(): void {}
}

/** Batches of items as they come. */
export class StreamPass<T, B> implements Pass<B> {
  /** Nobody knows. */
  readonly length = Infinity;
  readonly #items: Iterator<T>;
  readonly #batchSize: number;
  readonly #dropLast: boolean;
  readonly #collate: FromItems<T, B>;
  #ended = false;

  /** Begins an iteration of the data set. */
  constructor(
    dataset: IterableDataset<T>,
    batchSize: number,
    dropLast: boolean,
    collate: FromItems<T, B>,
  ) {
    this.#items = dataset[Symbol.iterator]();
    this.#batchSize = batchSize;
    this.#dropLast = dropLast;
    this.#collate = collate;
  }

  /** The next batch, or null at the end. */
  next(): { batch: B } | null {
    const items = this.#take(this.#batchSize);
    if (items.length === 0) return null;
    if (items.length < this.#batchSize && this.#dropLast) return null;
    return { batch: this.#collate(items) };
  }

  /** Draws the items of this many batches and drops them. */
  skip(batches: number): void {
    for (let i = 0; i < batches; i++) this.#take(this.#batchSize);
  }

  /** Ends the iteration of the data set. */
  close(): void {
    if (!this.#ended) this.#items.return?.();
    this.#ended = true;
  }

  #take(count: number): T[] {
    const items: T[] = [];
    while (items.length < count && !this.#ended) {
      const { done, value } = this.#items.next();
      if (done === true) this.#ended = true;
      else items.push(value);
    }
    return items;
  }
}
