/** Data sets that count, for the tests of the loader. */
import { type Dataset, IterableDataset, TensorDataset } from "@fdunn/data";
import { arange, type Tensor } from "@fdunn/tensor";

/** Item i is the number i, as a tensor: with a quick way to batches. */
export function quick(length: number): TensorDataset<[Tensor]> {
  return new TensorDataset(arange(length));
}

/** The same without one. */
export function slow(length: number): Dataset<[Tensor]> {
  const dataset = quick(length);
  return { length, get: (index) => dataset.get(index) };
}

/** Batches of a loader as nested arrays. */
export function batches(loader: Iterable<Tensor[]>): number[][] {
  return Array.from(loader, ([x]) => x!.toArray() as number[]);
}

/** 0 to `end - 1`; counts how often it came to an end. */
export class Stream extends IterableDataset<number> {
  ended = 0;
  constructor(readonly end: number) {
    super();
  }
  *[Symbol.iterator](): Iterator<number> {
    try {
      for (let i = 0; i < this.end; i++) yield i;
    } finally {
      this.ended++;
    }
  }
}
