import { AssertionError, sentence } from "./assertion_error.ts";

/** Falsy values of every type. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/** Throws unless `expr` is truthy. */
export function assert(expr: unknown, msg = ""): asserts expr {
  if (!expr) throw new AssertionError(msg);
}

/** Throws unless `expr` is falsy. */
export function assertFalse(expr: unknown, msg = ""): asserts expr is Falsy {
  if (expr) throw new AssertionError(msg);
}

/** Throws if `actual` is null or undefined. */
export function assertExists<T>(
  actual: T,
  msg?: string,
): asserts actual is NonNullable<T> {
  if (actual === undefined || actual === null) {
    const text = `Expected actual: "${actual}" to not be null or undefined`;
    throw new AssertionError(sentence(text, msg));
  }
}

/** Throws unless `actual instanceof expectedType`. */
export function assertInstanceOf<
  // The only parameter type to which every constructor can be assigned.
  T extends abstract new (...args: never[]) => unknown,
>(
  actual: unknown,
  expectedType: T,
  msg = "",
): asserts actual is InstanceType<T> {
  if (actual instanceof expectedType) return;
  const was = actual === null
    ? "null"
    : typeof actual === "object"
    ? actual.constructor?.name ?? "Object"
    : typeof actual;
  const text =
    `Expected object to be an instance of "${expectedType.name}" but was "${was}"`;
  throw new AssertionError(sentence(text, msg));
}

/** Throws unless the text matches the pattern. */
export function assertMatch(
  actual: string,
  expected: RegExp,
  msg?: string,
): void {
  if (expected.test(actual)) return;
  const text = `Expected actual: "${actual}" to match: "${expected}"`;
  throw new AssertionError(sentence(text, msg));
}

/** Throws unless the text contains `expected`. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  msg?: string,
): void {
  if (actual.includes(expected)) return;
  const text = `Expected actual: "${actual}" to contain: "${expected}"`;
  throw new AssertionError(sentence(text, msg));
}

/** Throws always: a line that should not be reached. */
export function fail(msg?: string): never {
  throw new AssertionError(sentence("Failed assertion", msg));
}

/** Throws always: a branch that the types exclude. */
export function unreachable(reason?: string): never {
  throw new AssertionError(sentence("Unreachable", reason));
}
