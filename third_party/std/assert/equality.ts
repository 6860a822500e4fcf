import { AssertionError, sentence, show } from "./assertion_error.ts";
import { equal } from "./equal.ts";

/** Throws unless the values are deeply equal. */
export function assertEquals<T>(actual: T, expected: T, msg?: string): void {
  if (equal(actual, expected)) return;
  const text = sentence("Values are not equal", msg);
  throw new AssertionError(
    `${text}\n\n${diff(show(actual), show(expected))}\n`,
  );
}

/** Throws if the values are deeply equal. */
export function assertNotEquals<T>(actual: T, expected: T, msg?: string): void {
  if (!equal(actual, expected)) return;
  const text = `Expected actual: ${show(actual)} not to be: ${show(expected)}`;
  throw new AssertionError(sentence(text, msg));
}

/** Throws unless `Object.is(actual, expected)`. */
export function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  msg?: string,
): asserts actual is T {
  if (Object.is(actual, expected)) return;
  const [a, b] = [show(actual), show(expected)];
  const text = a === b
    ? "Values have the same structure but are not reference-equal"
    : "Values are not strictly equal";
  throw new AssertionError(`${sentence(text, msg)}\n\n${diff(a, b)}\n`);
}

/** Throws if `Object.is(actual, expected)`. */
export function assertNotStrictEquals<T>(
  actual: T,
  expected: T,
  msg?: string,
): void {
  if (!Object.is(actual, expected)) return;
  const text = `Expected "actual" to not be strictly equal to: ${show(actual)}`;
  throw new AssertionError(sentence(text, msg));
}

/**
 * Throws unless two numbers differ by `tolerance` at most: by default 1e-7 of
 * the expected value.
 */
export function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
): void {
  if (Object.is(actual, expected)) return;
  const limit = tolerance ??
    (isFinite(expected) ? Math.abs(expected * 1e-7) : 1e-7);
  const delta = Math.abs(expected - actual);
  if (delta <= limit) return; // false when anything is NaN
  const text = `Expected actual: "${actual}" to be close to "${expected}": ` +
    `delta "${delta}" is greater than "${limit}"`;
  throw new AssertionError(sentence(text, msg));
}

/** The lines of both texts, those that are in one only marked by - and +. */
function diff(actual: string, expected: string): string {
  const [a, b] = [actual.split("\n"), expected.split("\n")];
  const lines = ["    [Diff] - Actual / + Expected", ""];
  let head = 0;
  while (head < a.length && head < b.length && a[head] === b[head]) head++;
  let tail = 0;
  while (
    tail < Math.min(a.length, b.length) - head &&
    a[a.length - 1 - tail] === b[b.length - 1 - tail]
  ) tail++;
  for (const line of a.slice(0, head)) lines.push(`    ${line}`);
  for (const line of a.slice(head, a.length - tail)) lines.push(`-   ${line}`);
  for (const line of b.slice(head, b.length - tail)) lines.push(`+   ${line}`);
  for (const line of a.slice(a.length - tail)) lines.push(`    ${line}`);
  return lines.join("\n");
}
