/** The error measure of comparisons with PyTorch: relative to the whole array. */

import { AssertionError } from "@std/assert";

/** A tensor, a typed array or a list of numbers. */
export type Values = ArrayLike<number | bigint> | {
  /** A copy of the elements. */
  data(): ArrayLike<number | bigint>;
};

/**
 * The largest difference relative to the largest reference value:
 * max|a - b| / max(max|b|, 1e-3). Values that are not finite must be equal, and
 * count as an infinite error where they are not.
 */
export function relativeError(actual: Values, expected: Values): number {
  const a = elements(actual);
  const b = elements(expected);
  if (a.length !== b.length) return Infinity;
  let difference = 0;
  let scale = 1e-3;
  for (let i = 0; i < b.length; i++) {
    const x = Number(a[i]);
    const y = Number(b[i]);
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      if (!Object.is(x, y)) return Infinity;
      continue;
    }
    difference = Math.max(difference, Math.abs(x - y));
    scale = Math.max(scale, Math.abs(y));
  }
  return difference / scale;
}

/** Fails unless {@linkcode relativeError} is at most `tolerance`. */
export function assertNear(
  actual: Values,
  expected: Values,
  tolerance: number = 1e-5,
  what: string = "values",
): void {
  const error = relativeError(actual, expected);
  if (error <= tolerance) return;
  const a = Array.from(elements(actual), Number);
  const b = Array.from(elements(expected), Number);
  if (a.length !== b.length) {
    throw new AssertionError(`${what}: ${a.length} elements, not ${b.length}`);
  }
  const off = b.map((y, i) => Object.is(a[i], y) ? 0 : Math.abs(a[i]! - y));
  let at = off.findIndex((difference) => Number.isNaN(difference));
  if (at < 0) at = off.indexOf(Math.max(...off));
  throw new AssertionError(
    `${what}: relative error ${error.toExponential(2)} exceeds ${tolerance}, ` +
      `element ${at} is ${a[at]}, expected ${b[at]}`,
  );
}

function elements(values: Values): ArrayLike<number | bigint> {
  return "data" in values ? values.data() : values;
}
