/** Hyper-parameters as options of the command line, each with its type. */

import { usageError } from "./command_line.ts";
import { oneOf, positiveNumber, wholeNumber } from "./option_value.ts";

/** A hyper-parameter. */
export interface Option<T> {
  /** Its default. */
  value: T;
  /** What it is, in some words. */
  help: string;
  /** What stands for its value in the help, such as `N`. */
  sign: string;
  /** Its value from the command line, or a usage error. */
  read(name: string, text: string): T;
}

/** An experiment's hyper-parameters by name. */
export type Options = Record<string, Option<unknown>>;

/** The values of options, and the seed that every experiment has. */
export type ConfigOf<O extends Options> =
  & { -readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never }
  & { seed: number };

/** The default values of options. */
export function defaultsOf<O extends Options>(options: O): ConfigOf<O> {
  const values: Record<string, unknown> = { seed: 0 };
  for (const [name, { value }] of Object.entries(options)) {
    values[name] = value;
  }
  return values as ConfigOf<O>;
}

/** A whole number of at least 1, or another least. */
export function count(value: number, help: string, least = 1): Option<number> {
  return {
    value,
    help,
    sign: "N",
    read: (name, text) => wholeNumber(name, text, least),
  };
}

/** A number above 0. */
export function positive(value: number, help: string): Option<number> {
  return { value, help, sign: "X", read: positiveNumber };
}

/** A number of at least 0. */
export function notNegative(value: number, help: string): Option<number> {
  return {
    value,
    help,
    sign: "X",
    read: (name, text) =>
      /^0+(\.0*)?$/.test(text) ? 0 : positiveNumber(name, text),
  };
}

/** One of some words. */
export function choice<const T extends string>(
  value: NoInfer<T>,
  words: readonly T[],
  help: string,
): Option<T> {
  return {
    value,
    help: `${help}: ${words.join(", ")}`,
    sign: "NAME",
    read: (name, text) => oneOf(name, text, words),
  };
}

/** Several of another option's values, with commas in between. */
export function list<T>(
  values: readonly T[],
  { sign, help, read }: Option<T>,
): Option<readonly T[]> {
  return {
    value: values,
    help,
    sign: `${sign},${sign}`,
    read(name, text) {
      const found = text.split(",").map((part) => read(name, part));
      if (new Set(found).size === found.length) return found;
      throw usageError(`--${name} is "${text}", which names one value twice`);
    },
  };
}

/** `batchSize` as the command line has it: `batch-size`. */
export function optionName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
