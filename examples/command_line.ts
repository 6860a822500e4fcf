/** What the example programs share at the command line: words in, words out. */

import { parseArgs } from "@std/cli";
import { resolve } from "@std/path";

/** A user's mistake: its message is all that is shown. */
export class UserError extends Error {
  /** 2 for a wrong command line, 1 for anything else. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** A mistake on the command line itself. */
export function usageError(message: string): UserError {
  return new UserError(message, 2);
}

/** A parsed command line. */
export interface CommandLine {
  /** Values of `--name value`, as text. */
  options: Record<string, string | undefined>;
  /** Whether `--help` or `-h` was given. */
  help: boolean;
  /** The names of other flags that were given. */
  flags: string[];
  /** What is no option. */
  rest: string[];
}

/**
 * Splits a command line; options are those in `names`, each with a value, and
 * the `flags`, which have none.
 */
export function readCommandLine(
  args: string[],
  names: readonly string[],
  flags: readonly string[] = [],
): CommandLine {
  const parsed = parseArgs(args, {
    string: [...names, "_"],
    boolean: ["help", ...flags],
    alias: { help: "h" },
    collect: names,
    unknown: (arg) => {
      if (!/^-./.test(arg)) return true;
      if (/^-[\d.]/.test(arg)) {
        throw usageError(`${arg} is negative: every number must be above 0`);
      }
      const name = /^--(.+)=$/s.exec(arg)?.[1];
      if (name !== undefined && names.includes(name)) {
        throw usageError(`--${name} needs a value`);
      }
      const known = [...names, ...flags, "help"].map((name) => `--${name}`);
      throw usageError(
        `Unknown option ${arg.replace(/=.*/s, "")}: the options are ${
          known.join(", ")
        }`,
      );
    },
  });
  const options: Record<string, string | undefined> = {};
  for (const name of names) {
    const values = parsed[name] as unknown as string[];
    if (values.length > 1) throw usageError(`--${name} is given twice`);
    if (values[0] === "") throw usageError(`--${name} needs a value`);
    options[name] = values[0];
  }
  return {
    options,
    help: Boolean(parsed.help),
    flags: flags.filter((name) => Boolean(parsed[name])),
    rest: parsed._.map(String),
  };
}

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

/** A path that a program wants to use, and why. */
export interface Access {
  /** Such as `--out runs/one`; opens the message. */
  what: string;
  /** The path. */
  path: string;
  /** What for. */
  kinds: readonly ("read" | "write")[];
  /** The program and its permission set, for the way out. */
  program: "train" | "predict" | "look";
}

/**
 * Throws unless this program may use a path: Deno would ask in the terminal,
 * or throw, in the middle of the work.
 */
export async function requireAccess(access: Access): Promise<void> {
  const { what, kinds, program } = access;
  const path = resolve(access.path);
  const refused: string[] = [];
  for (const name of kinds) {
    const { state } = await Deno.permissions.query({ name, path });
    if (state !== "granted") refused.push(name);
  }
  if (refused.length === 0) return;
  // A flag replaces that part of the set, so "." is named again.
  const flags = refused.map((name) =>
    `--allow-${name}=${name === "read" ? ".," : ""}${path}`
  );
  throw new UserError(
    `${what}: no permission to ${
      refused.join(" and ")
    } there; to give it, start with deno run -P=${program} ${
      flags.join(" ")
    } examples/${program}.ts`,
  );
}

/**
 * Runs a program: a {@linkcode UserError} becomes one line and an exit code;
 * other errors are ours and keep their stack trace.
 */
export async function runProgram(program: () => Promise<void>): Promise<void> {
  try {
    await program();
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      console.error(`error: ${withoutStack(error)}`);
      Deno.exit(1);
    }
    if (!(error instanceof UserError)) throw error;
    console.error(`error: ${error.message}`);
    Deno.exit(error.exitCode);
  }
}

/** What an unknown thrown thing says, in one line. */
export function withoutStack(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replaceAll(/\s*\n\s*/g, " ");
}
