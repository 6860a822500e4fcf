import { AssertionError, sentence } from "./assertion_error.ts";

/** A constructor of errors with any parameters. */
type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/**
 * Throws unless `error` is an Error, of the given class if one is given, with
 * `msgMatches` in its message if that is given.
 */
export function assertIsError<E extends Error = Error>(
  error: unknown,
  errorClass?: ErrorClass<E>,
  msgMatches?: string | RegExp,
  msg?: string,
): asserts error is E {
  if (!(error instanceof Error)) {
    const text = `Expected "error" to be an Error object`;
    throw new AssertionError(sentence(text, msg));
  }
  if (errorClass && !(error instanceof errorClass)) {
    const text = `Expected error to be instance of "${errorClass.name}", but ` +
      `was "${error.constructor.name}"`;
    throw new AssertionError(
      `${sentence(text, msg)}\n${error.stack ?? error.message}`,
    );
  }
  if (!msgMatches) return;
  const matches = typeof msgMatches === "string"
    ? plain(error.message).includes(plain(msgMatches))
    : msgMatches.test(plain(error.message));
  if (!matches) {
    const wanted = typeof msgMatches === "string"
      ? JSON.stringify(msgMatches)
      : `${msgMatches}`;
    const text = `Expected error message to include ${wanted}, but got ${
      JSON.stringify(error.message)
    }`;
    throw new AssertionError(sentence(text, msg));
  }
}

/** Calls `fn`, which must throw anything; returns what it threw. */
export function assertThrows(fn: () => unknown, msg?: string): unknown;
/** Calls `fn`, which must throw an error of the class; returns the error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): E;
export function assertThrows(
  fn: () => unknown,
  classOrMsg?: ErrorClass<Error> | string,
  msgIncludes?: string,
  msg?: string,
): unknown {
  const expected = expectation(classOrMsg, msgIncludes, msg);
  try {
    fn();
  } catch (error) {
    return accept(error, expected, "thrown");
  }
  throw new AssertionError(
    sentence("Expected function to throw", expected.msg),
  );
}

/** Calls `fn`, whose promise must reject with anything; returns that. */
export function assertRejects(
  fn: () => PromiseLike<unknown>,
  msg?: string,
): Promise<unknown>;
/** Calls `fn`, whose promise must reject with an error of the class. */
export function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  msgIncludes?: string,
  msg?: string,
): Promise<E>;
export async function assertRejects(
  fn: () => PromiseLike<unknown>,
  classOrMsg?: ErrorClass<Error> | string,
  msgIncludes?: string,
  msg?: string,
): Promise<unknown> {
  const expected = expectation(classOrMsg, msgIncludes, msg);
  let promise: PromiseLike<unknown>;
  try {
    promise = fn();
  } catch (error) {
    // A synchronous throw is a mistake of its own kind: callers that only
    // attach `.catch` would never see it.
    const text = "Function throws when expected to reject";
    throw new AssertionError(sentence(text, expected.msg), { cause: error });
  }
  if (typeof promise?.then !== "function") {
    const text = "Function throws when expected to reject";
    throw new AssertionError(sentence(text, expected.msg));
  }
  try {
    await promise;
  } catch (error) {
    return accept(error, expected, "rejected");
  }
  throw new AssertionError(
    sentence("Expected function to reject", expected.msg),
  );
}

/** What a caller of assertThrows or assertRejects asked for. */
interface Expectation {
  errorClass: ErrorClass<Error> | undefined;
  msgIncludes: string | undefined;
  msg: string | undefined;
}

function expectation(
  classOrMsg: ErrorClass<Error> | string | undefined,
  msgIncludes: string | undefined,
  msg: string | undefined,
): Expectation {
  return typeof classOrMsg === "string"
    ? { errorClass: undefined, msgIncludes: undefined, msg: classOrMsg }
    : { errorClass: classOrMsg, msgIncludes, msg };
}

function accept(error: unknown, expected: Expectation, how: string): unknown {
  const { errorClass, msgIncludes, msg } = expected;
  if (!errorClass) return error;
  if (!(error instanceof Error)) {
    throw new AssertionError(sentence(`A non-Error object was ${how}`, msg));
  }
  assertIsError(error, errorClass, msgIncludes, msg);
  return error;
}

/** The text without terminal colours. */
function plain(text: string): string {
  return text.replaceAll(new RegExp("\u001b\\[[0-9;]*m", "g"), "");
}
