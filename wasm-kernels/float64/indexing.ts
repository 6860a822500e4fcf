/** Adding by an index, labels to rows, and resampling. */

import type { NumericKernels } from "../abi.ts";
import type { FloatKernels } from "../float_abi.ts";
import type { Indexed, Resample } from "../signatures.ts";
import type { Arrays } from "./loops.ts";

type IndexingKernels =
  & Pick<NumericKernels, "index_add" | "scatter_add" | "one_hot">
  & Pick<FloatKernels, "resample" | "resample_backward">;

/** The kernels on a memory. */
export function indexingKernels({ f64, i32 }: Arrays): IndexingKernels {
  /** -1, or the first position whose value is not in [0, n). */
  const firstOutside = (count: number, index: number, n: number) =>
    i32(index).subarray(0, count).findIndex((i) => i >>> 0 >= n);

  /** An index has a number for each row, or for each element. */
  const add =
    (perElement: boolean): Indexed =>
    (outer, n, inner, k, source, index, out) => {
      const from = f64(source), indices = i32(index), to = f64(out);
      const bad = firstOutside(perElement ? outer * k * inner : k, index, n);
      for (let i = 0; bad < 0 && i < outer * k * inner; i++) {
        const row = Math.floor(i / inner), start = Math.floor(row / k) * n;
        const at = start + indices[perElement ? i : row % k]!;
        to[at * inner + i % inner]! += from[i]!;
      }
      return bad;
    };

  /** The sums are of rows by the index, backward they go to rows by the index. */
  const resample =
    (backward: boolean): Resample =>
    (outer, n, inner, k, taps, x, index, weight, out) => {
      const from = f64(x), to = f64(out);
      const indices = i32(index), weights = f64(weight);
      to.fill(0, 0, outer * (backward ? n : k) * inner);
      for (let i = 0; i < outer * k * taps; i++) {
        const tap = i % (k * taps), row = Math.floor(i / taps) * inner;
        const other = Math.floor(i / (k * taps)) * n + indices[tap]!;
        for (let c = 0; c < inner; c++) {
          const by = weights[tap]!, at = other * inner + c;
          if (backward) to[at]! += by * from[row + c]!;
          else to[row + c]! += by * from[at]!;
        }
      }
    };

  return {
    index_add: add(false),
    scatter_add: add(true),
    resample: resample(false),
    resample_backward: resample(true),
    one_hot(rows, classes, target, out) {
      const labels = i32(target), to = f64(out);
      const bad = firstOutside(rows, target, classes);
      if (bad < 0) to.fill(0, 0, rows * classes);
      for (let row = 0; bad < 0 && row < rows; row++) {
        to[row * classes + labels[row]!] = 1;
      }
      return bad;
    },
  };
}
