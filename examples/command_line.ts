/** What the example programs share at the command line: words in, words out. */

import { parseArgs } from "@std/cli";

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

/** A command: what it takes, and what it does. */
export interface Command {
  /** What `--help` prints. */
  help: string;
  /** Options with a value. Default: none. */
  options?: readonly string[];
  /** Options without one. Default: none. */
  flags?: readonly string[];
  /** Does it. */
  run(line: CommandLine): void | Promise<void>;
}

/** Runs a command with these arguments, or prints its help. */
export function runCommand(
  { help, options = [], flags = [], run }: Command,
  args: string[] = Deno.args,
): Promise<void> {
  return runProgram(async () => {
    const line = readCommandLine(args, options, flags);
    if (line.help) console.log(help.trimEnd());
    else await run(line);
  });
}

/** The one thing that a command is about; `sentence` says what it expects. */
export function onlyOne(rest: readonly string[], sentence: string): string {
  const [one, ...more] = rest;
  if (one === undefined || more.length > 0) throw usageError(sentence);
  return one;
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
