/**
 * The kernels' signatures, as TypeScript sees them: one interface per element
 * type, grouped by family. `README.md` beside this file is the same in prose.
 *
 * Sizes, strides and pointers are 32-bit integers; strides count elements.
 *
 * @module
 */

import type {
  Argsort,
  Binary,
  BinaryNd,
  CopyNd,
  Indexed,
  Reduce,
  Scan,
  Unary,
  Where,
} from "./signatures.ts";

/** Kernels that every numeric element type has. */
export interface NumericKernels {
  /** Sum. */
  add: Binary;
  /** Difference. */
  sub: Binary;
  /** Product. */
  mul: Binary;
  /** Quotient; truncating for integers, where x / 0 is 0. */
  div: Binary;
  /** Larger of two; NaN wins. */
  maximum: Binary;
  /** Smaller of two; NaN wins. */
  minimum: Binary;
  /** Strided sum. */
  add_nd: BinaryNd;
  /** Strided difference. */
  sub_nd: BinaryNd;
  /** Strided product. */
  mul_nd: BinaryNd;
  /** Strided quotient. */
  div_nd: BinaryNd;
  /** Strided maximum. */
  maximum_nd: BinaryNd;
  /** Strided minimum. */
  minimum_nd: BinaryNd;
  /** a to the power b; for integers 0 where b < 0, but for 1 and -1. */
  pow: Binary;
  /** Strided power. */
  pow_nd: BinaryNd;
  /** Equal; out is bool. */
  eq: Binary;
  /** Not equal. */
  ne: Binary;
  /** Less. */
  lt: Binary;
  /** Less or equal. */
  le: Binary;
  /** Greater. */
  gt: Binary;
  /** Greater or equal. */
  ge: Binary;
  /** Strided equal. */
  eq_nd: BinaryNd;
  /** Strided not equal. */
  ne_nd: BinaryNd;
  /** Strided less. */
  lt_nd: BinaryNd;
  /** Strided less or equal. */
  le_nd: BinaryNd;
  /** Strided greater. */
  gt_nd: BinaryNd;
  /** Strided greater or equal. */
  ge_nd: BinaryNd;
  /** Negation. */
  neg: Unary;
  /** Absolute value. */
  abs: Unary;
  /** -1, 0 or 1. */
  sign: Unary;
  /** x * x. */
  square: Unary;
  /** max(x, 0). */
  relu: Unary;
  /** Sum over the middle axis. */
  sum: Reduce;
  /** Product over the middle axis. */
  prod: Reduce;
  /** Largest over the middle axis. */
  amax: Reduce;
  /** Smallest over the middle axis. */
  amin: Reduce;
  /** Position of the largest, int32. */
  argmax: Reduce;
  /** Position of the smallest, int32. */
  argmin: Reduce;
  /** A linear recurrence along the middle axis. */
  scan: Scan;
  /** Positions of the first k in sorted order along the middle axis. */
  argsort: Argsort;
  /** Adds rows of `src` `[outer, k, inner]` into out `[outer, n, inner]`. */
  index_add: Indexed;
  /** Adds elements of `src` at their index along the middle axis. */
  scatter_add: Indexed;
  /** Class labels to rows of 0 and 1; -1, or the first bad position. */
  one_hot: (
    rows: number,
    classes: number,
    target: number,
    out: number,
  ) => number;
  /**
   * `out[batch, m, n] = a[batch, m, k] b[batch, k, n]` for any strides; rows of
   * `out` lie `outRow` apart.
   */
  matmul: (
    batch: number,
    m: number,
    n: number,
    k: number,
    a: number,
    aBatch: number,
    aRow: number,
    aColumn: number,
    b: number,
    bBatch: number,
    bRow: number,
    bColumn: number,
    accumulate: number,
    out: number,
    outRow: number,
    scratch: number,
  ) => void;
}

/** Kernels of int32. */
export interface IntKernels extends NumericKernels {
  /** Integers in [low, high). */
  random_int: (
    n: number,
    low: number,
    high: number,
    state: number,
    out: number,
  ) => void;
  /** A random permutation of 0 to n - 1. */
  random_permutation: (n: number, state: number, out: number) => void;
}

/** Kernels that move bytes or work on bool, whatever the element type. */
export interface ByteKernels {
  /** Strided copy of 1-byte elements. */
  copy_b8: CopyNd;
  /** Strided copy of 2-byte elements. */
  copy_b16: CopyNd;
  /** Strided copy of 4-byte elements. */
  copy_b32: CopyNd;
  /** Strided copy of 8-byte elements. */
  copy_b64: CopyNd;
  /** Sets 1-byte elements. */
  fill_b8: (n: number, bits: number, out: number) => void;
  /** Sets 4-byte elements. */
  fill_b32: (n: number, bits: number, out: number) => void;
  /** 1-byte choice. */
  where_b8: Where;
  /** 4-byte choice. */
  where_b32: Where;
  /** 8-byte choice. */
  where_b64: Where;
  /** Rows of 1-byte elements by index. */
  index_select_b8: Indexed;
  /** Rows of 4-byte elements by index. */
  index_select_b32: Indexed;
  /** Rows of 8-byte elements by index. */
  index_select_b64: Indexed;
  /** Rows of 1-byte elements written at an index. */
  index_copy_b8: Indexed;
  /** Rows of 4-byte elements written at an index. */
  index_copy_b32: Indexed;
  /** 4-byte elements by index along the middle axis. */
  gather_b32: Indexed;
  /** 8-byte elements by index along the middle axis. */
  gather_b64: Indexed;
  /** 4-byte elements written at an index along the middle axis. */
  scatter_b32: Indexed;
  /** 8-byte elements written at an index along the middle axis. */
  scatter_b64: Indexed;
  /** Not, of bool. */
  logical_not_u8: Unary;
  /** And, of bool. */
  logical_and_u8: (n: number, a: number, b: number, out: number) => void;
  /** Or, of bool. */
  logical_or_u8: (n: number, a: number, b: number, out: number) => void;
  /** Exclusive or, of bool. */
  logical_xor_u8: (n: number, a: number, b: number, out: number) => void;
  /** Whether any is true. */
  any_u8: Reduce;
  /** Whether all are true. */
  all_u8: Reduce;
  /** How many are true, int32. */
  sum_u8: Reduce;
}

/** A conversion between element types; -1, or the first value out of range. */
export type Cast = (n: number, x: number, out: number) => number | void;

/** Every conversion the modules export, by name: `cast_<from>_<to>`. */
export type CastKernels = Readonly<Record<string, Cast>>;
