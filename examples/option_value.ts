/** Values on the command line, as numbers and words. */

import { usageError } from "./command_line.ts";

/** A whole number of at least `least`. */
export function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
    throw usageError(
      `--${name} is "${text}", but must be a whole number of at least ${least}`,
    );
  }
  return value;
}

/** What `setNumThreads()` takes at most. */
const MAX_THREADS = 64;

/** The value of `--threads`; null where there is none. */
export function threadCount(text: string | undefined): number | null {
  if (text === undefined) return null;
  const threads = wholeNumber("threads", text, 1);
  if (threads <= MAX_THREADS) return threads;
  throw usageError(
    `--threads is "${threads}", but must be at most ${MAX_THREADS}`,
  );
}

/** A number above zero. */
export function positiveNumber(name: string, text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value <= 0) {
    throw usageError(
      `--${name} is "${text}", but must be a number above 0, such as 0.01`,
    );
  }
  return value;
}

/** One of some words. */
export function oneOf<const T extends string>(
  name: string,
  text: string,
  words: readonly T[],
): T {
  const found = words.find((word) => word === text);
  if (found === undefined) {
    throw usageError(
      `--${name} is "${text}", but must be ${words.join(" or ")}`,
    );
  }
  return found;
}
