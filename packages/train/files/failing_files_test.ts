/** Disks that fill up and processes that are killed, at any call. */

/** `node:fs`, whose functions can be made to fail. */
const fs = process.getBuiltinModule("node:fs");

/** What changes files, or forces them to disk. */
const CALLS = [
  ...["openSync", "writeFileSync", "fsyncSync", "closeSync", "renameSync"],
  ...["linkSync", "unlinkSync", "truncateSync", "mkdirSync"],
] as const;

/** Thrown at the moment of a kill, and ever after: nothing is done any more. */
export class Killed extends Error {
  /** The error's name. */
  override readonly name: string = "Killed";
}

/** What happens to the files of a program. */
export interface Failure {
  /** The first call that fails; calls are counted from 1. */
  at: number;
  /**
   * `full`: the disk is full for `calls` calls, and takes half of what is
   * written; `killed`: no call does anything any more.
   */
  kind: "full" | "killed" | "killed amid";
  /** For how many calls the disk is full. Default: for ever. */
  calls?: number;
}

/** Functions by name, as they may be put into the module. */
type Functions = Record<string, (...args: unknown[]) => unknown>;

/** Counts calls, and lets them fail; `count` says how many there were. */
export function failing(failure: Failure | null): Disposable & {
  readonly count: number;
} {
  const module = fs as unknown as Functions;
  const originals: Functions = {};
  let count = 0;
  for (const name of CALLS) {
    const original = originals[name] = module[name]!;
    module[name] = (...args) => {
      count++;
      const { at, kind, calls = Infinity } = failure ?? {};
      if (at === undefined || count < at || count >= at + calls) {
        return original(...args);
      }
      if (kind === "full") {
        // A full disk still deletes, renames and closes.
        if (name !== "writeFileSync" && name !== "mkdirSync") {
          return original(...args);
        }
        if (name === "writeFileSync") original(args[0], halfOf(args[1]));
        throw Object.assign(
          new Error("ENOSPC: no space left on device, write"),
          { code: "ENOSPC" },
        );
      }
      if (kind === "killed amid" && count === at && name === "writeFileSync") {
        original(args[0], halfOf(args[1]));
      }
      if (name === "closeSync") original(...args); // as the system does
      throw new Killed(`killed at call ${at}, ${name}`);
    };
  }
  return {
    get count() {
      return count;
    },
    [Symbol.dispose]: () => void Object.assign(fs, originals),
  };
}

function halfOf(contents: unknown): Uint8Array {
  const bytes = typeof contents === "string"
    ? new TextEncoder().encode(contents)
    : contents as Uint8Array;
  return bytes.subarray(0, bytes.length >> 1);
}

/** How many calls `run` makes that can fail. */
export function callsOf(run: () => void): number {
  using calls = failing(null);
  run();
  return calls.count;
}

/** Runs it while files fail; returns what it threw, or null. */
export function underFailure(failure: Failure, run: () => void): unknown {
  using _failing = failing(failure);
  try {
    run();
    return null;
  } catch (error) {
    return error;
  }
}
