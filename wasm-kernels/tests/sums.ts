/**
 * Sums of products with the error that float arithmetic may make on them, for
 * the kernels whose results are such sums (matmul, linear, conv).
 *
 * @module
 */

import { assert } from "@std/assert";
import type { Instance } from "./instance.ts";

/** What a kernel should return, one sum of products for each output. */
export class Sums {
  /** The sums in float64. */
  readonly values: Float64Array;
  /** Sums of the products' absolute values: what rounding scales with. */
  readonly sizes: Float64Array;
  /** Products per sum. */
  readonly terms: Float64Array;

  /** `n` sums that are zero. */
  constructor(n: number) {
    this.values = new Float64Array(n);
    this.sizes = new Float64Array(n);
    this.terms = new Float64Array(n);
  }

  /** Adds `a b` to sum `i`. */
  add(i: number, a: number, b: number): void {
    this.values[i]! += a * b;
    this.sizes[i]! += Math.abs(a * b);
    this.terms[i]! += 1;
  }

  /**
   * Fails unless each value is within the bound for its sum: any order of
   * `terms` roundings of relative size eps makes at most
   * `terms * eps * sizes`; a few more for a bias and for the last rounding.
   * `factor` is for methods that round more than the plain sum.
   */
  check(
    instance: Instance,
    actual: ArrayLike<number>,
    label: string,
    factor = 1,
  ): void {
    const eps = instance.float === "f32" ? 2 ** -24 : 2 ** -52;
    const least = instance.float === "f32" ? 2 ** -149 : 2 ** -1074;
    assert(actual.length === this.values.length, `${label}: length`);
    for (let i = 0; i < actual.length; i++) {
      const value = actual[i]!, expected = this.values[i]!;
      const bound = factor * (this.terms[i]! + 4) *
        (eps * this.sizes[i]! + least);
      const fine = Number.isFinite(expected)
        ? Math.abs(value - expected) <= bound
        : Object.is(value, expected);
      if (!fine) {
        assert(
          false,
          `${label}: [${i}] is ${value}, expected ${expected} +- ${bound}`,
        );
      }
    }
  }
}
