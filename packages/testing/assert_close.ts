import { AssertionError } from "@std/assert";

/** A number, a typed array, or arrays of them to any depth. */
export type Numbers = number | bigint | boolean | ArrayLike<Numbers>;

/** How far two values may be apart: |actual - expected| <= atol + rtol |expected|. */
export interface Tolerance {
  /** Relative tolerance; 1e-5 by default. */
  rtol?: number;
  /** Absolute tolerance; 1e-8 by default. */
  atol?: number;
  /** What is compared, for the message. */
  what?: string;
}

/**
 * Throws unless `actual` has the form of `expected` and every number in it is
 * close: `|actual - expected| <= atol + rtol |expected|`. NaN is close to NaN
 * and an infinity to itself only. The message names the worst place.
 *
 * @example
 * ```ts
 * import { assertClose } from "@fdunn/testing";
 *
 * assertClose([[1, 2], [3, 4]], [[1, 2], [3, 4 + 1e-9]]);
 * assertClose(new Float32Array([0.1]), [0.1], { rtol: 1e-6 });
 * ```
 */
export function assertClose(
  actual: Numbers,
  expected: Numbers,
  tolerance: Tolerance = {},
): void {
  const { rtol = 1e-5, atol = 1e-8, what } = tolerance;
  const verdict: Verdict = { rtol, atol, count: 0, wrong: 0, worst: null };
  walk(actual, expected, "", verdict);
  if (verdict.worst === null) return;
  const { path, actual: a, expected: e, error, limit } = verdict.worst;
  throw new AssertionError(
    `${what === undefined ? "" : `${what}: `}${verdict.wrong} of ` +
      `${verdict.count} values are not close; the worst is at ` +
      `${path === "" ? "the number itself" : path}: ${a}, expected ${e} ` +
      `(off by ${error}, allowed ${limit})`,
  );
}

interface Verdict {
  rtol: number;
  atol: number;
  count: number;
  wrong: number;
  worst: {
    path: string;
    actual: number;
    expected: number;
    error: number;
    limit: number;
  } | null;
}

function walk(
  actual: Numbers,
  expected: Numbers,
  path: string,
  verdict: Verdict,
): void {
  if (typeof expected !== "object") {
    if (typeof actual === "object") refuseForm(path, "an array", "a number");
    compare(Number(actual), Number(expected), path, verdict);
    return;
  }
  if (typeof actual !== "object") refuseForm(path, "a number", "an array");
  if (actual.length !== expected.length) {
    refuseForm(
      path,
      `${actual.length} elements`,
      `${expected.length}`,
    );
  }
  for (let i = 0; i < expected.length; i++) {
    const [a, e] = [actual[i], expected[i]];
    if (a === undefined || e === undefined) {
      refuseForm(`${path}[${i}]`, String(a), String(e));
    }
    walk(a, e, `${path}[${i}]`, verdict);
  }
}

function refuseForm(path: string, came: string, wanted: string): never {
  const place = path === "" ? "" : ` at ${path}`;
  throw new AssertionError(`Expected ${wanted}${place}, got ${came}`);
}

function compare(
  actual: number,
  expected: number,
  path: string,
  verdict: Verdict,
): void {
  verdict.count++;
  if (Object.is(actual, expected) || actual === expected) return;
  const limit = verdict.atol + verdict.rtol * Math.abs(expected);
  const error = Math.abs(actual - expected);
  // An infinite expectation makes the limit infinite: only itself is close.
  if (isFinite(expected) && error <= limit) return;
  verdict.wrong++;
  const rank = (e: number, l: number) => isFinite(e) ? e / l : Infinity;
  const worst = verdict.worst;
  if (worst && rank(worst.error, worst.limit) >= rank(error, limit)) return;
  verdict.worst = { path, actual, expected, error, limit };
}
