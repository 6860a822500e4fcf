/** Sentences for options that make no sense. */

import { requireOption } from "@fdunn/tensor/op";

/** Throws unless the options with these names are numbers of at least 0. */
export function requireAtLeastZero<Options extends object>(
  owner: string,
  options: Options,
  ...names: (keyof Options & string)[]
): void {
  for (const name of names) {
    const value: unknown = options[name];
    const fits = typeof value === "number" && value >= 0;
    requireOption(owner, name, value, fits, "a number of at least 0");
  }
}

/** Throws unless `value` is at least 0 and below 1. */
export function requireFraction(
  owner: string,
  option: string,
  value: number | undefined,
): void {
  const fits = typeof value === "number" && value >= 0 && value < 1;
  const expected = "a number from 0 up to, not including, 1";
  requireOption(owner, option, value, fits, expected);
}

/** Throws unless `betas` are two fractions. */
export function requireBetas(
  owner: string,
  betas: readonly number[] | undefined,
): void {
  requireFraction(owner, "betas[0]", betas?.[0]);
  requireFraction(owner, "betas[1]", betas?.[1]);
}

/** Throws unless `value` is one of `choices`. */
export function requireChoice(
  owner: string,
  option: string,
  value: unknown,
  choices: readonly unknown[],
): void {
  const expected = choices.map((c) => JSON.stringify(c)).join(" or ");
  requireOption(owner, option, value, choices.includes(value), expected);
}
