/** The table of pointers that an optimizer's kernel reads. */

import { keep, type Tensor, zeros } from "@fdunn/tensor";
import {
  beginOp,
  type DType,
  heap,
  pointer,
  runInParts,
  writable,
} from "@fdunn/tensor/op";

/** Elements from which on threads share a step. */
const LARGE = 1 << 17;
/** Work for each element, in the measure of {@linkcode runInParts}. */
const WORK = 16;
/** Kernels take so many shares of all parameters. */
export const SHARES: number = 64;

/** Rows of int32, one per parameter, in memory that kernels see. */
export class StepTable {
  readonly #columns: number;
  #rows: Tensor | null = null;
  #capacity = 0;
  #address = 0;
  #at = 0;
  #elements = 0;

  /** A table with this many integers per row. */
  constructor(columns: number) {
    this.#columns = columns;
  }

  /**
   * Starts a kernel call for at most `count` rows: from now on pointers stay
   * valid until it has been made. Returns the table's address.
   */
  begin(op: string, count: number): number {
    if (count > this.#capacity) {
      this.#capacity = count;
      this.#rows?.dispose();
      this.#rows = keep(zeros([count * this.#columns], { dtype: "int32" }));
    }
    beginOp(op);
    const address = writable(this.#rows!.array);
    this.#address = address;
    this.#at = address >>> 2;
    this.#elements = 0;
    return address;
  }

  /** Appends a row: size, the parameter, its gradient, and three more. */
  row(parameter: Tensor, a: number, b: number, c: number): void {
    const { array } = parameter;
    // Taking a pointer may enlarge the memory, which replaces heap.i32.
    const from = pointer(parameter.slot.gradient!.array);
    const to = writable(array);
    const { i32 } = heap;
    const at = this.#at;
    i32[at] = array.size;
    i32[at + 1] = to;
    i32[at + 2] = from;
    i32[at + 3] = a;
    i32[at + 4] = b;
    if (this.#columns > 5) i32[at + 5] = c;
    this.#at = at + this.#columns;
    this.#elements += array.size;
  }

  /** Whether the rows are worth {@linkcode inParts}. */
  get large(): boolean {
    return this.#elements >= LARGE;
  }

  /** Makes the kernel call on several threads, which take shares of all rows. */
  inParts(
    kernel: "sgd" | "adaptive",
    dtype: DType,
    rows: number,
    scalars: readonly number[],
  ): void {
    const [address, work] = [this.#address, WORK * this.#elements];
    runInParts(kernel, dtype, SHARES, 1, work, (from, to) => [
      ...[rows, from, to, ...scalars, address],
    ]);
  }
}

/** The address of a state tensor for writing; 0 for none. */
export function addressOf(tensor: Tensor | null): number {
  return tensor === null ? 0 : writable(tensor.array);
}
