/** Sentences for options that make no sense. */

function refused(
  owner: string,
  option: string,
  value: unknown,
  expected: string,
): RangeError {
  return new RangeError(
    `${owner} got ${option} ${value}, expected ${expected}`,
  );
}

/** Throws unless an option fits; the owner is a class, or a function: `f()`. */
export function requireOption(
  owner: string,
  option: string,
  value: unknown,
  fits: boolean,
  expected: string,
): void {
  if (!fits) throw refused(owner, option, value, expected);
}

/** Throws unless an option is a whole number of at least `least`. */
export function requireCount(
  owner: string,
  option: string,
  value: number,
  least = 1,
): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw refused(owner, option, value, `a whole number of at least ${least}`);
}

/** Throws unless an option is a probability. */
export function requireProbability(
  owner: string,
  option: string,
  value: number,
): void {
  requireOption(owner, option, value, value >= 0 && value <= 1, "0 to 1");
}
