/** Readers of files against files that are almost right. */

import { assert, AssertionError, assertLess } from "@std/assert";
import { type Draw, drawFrom, mutant } from "./mutant.ts";

/** A reader, and what it is tried on. */
export interface FuzzOptions {
  /** Files that it reads. */
  seeds: readonly Uint8Array[];
  /** Parts of the format that are put where they do not belong. */
  tokens: readonly string[];
  /**
   * Changes a part of a file by `change` and makes it a file again, whose
   * lengths and checksums are right, so that the change gets further.
   */
  inside: (
    file: Uint8Array,
    draw: Draw,
    change: (part: Uint8Array) => Uint8Array,
  ) => Uint8Array;
  /** Reads a file; returns how many bytes its tensors have. */
  read: (file: Uint8Array) => number | Promise<number>;
  /** What its messages begin with; the runtime's own do not. */
  sentences: RegExp;
  /** How many bytes the tensors of a small file may have. */
  maxBytes: number;
  /** How many files. Default 100,000. */
  count?: number;
}

/** A small file may cost so many milliseconds on a busy machine. */
const MAX_MS = 2000;

/** What the process may grow by; collectors take their time. */
const MAX_GROWTH = 600e6;

/**
 * Tries a reader on changed files: each is read or refused by a RangeError or
 * TypeError with a sentence of its own, soon, and in bounded memory. File i is
 * the same in every run.
 */
export async function fuzz(options: FuzzOptions): Promise<void> {
  const { seeds, inside, read, sentences, maxBytes, count = 1e5 } = options;
  const tokens = options.tokens
    .map((token) => Uint8Array.from(token, (char) => char.charCodeAt(0)));
  const before = Deno.memoryUsage().rss;
  const refusals = new Map<string, number>();
  let accepted = 0;
  for (let i = 0; i < count; i++) {
    const draw = drawFrom(i);
    const seed = seeds[draw(seeds.length)]!;
    const change = (part: Uint8Array) => mutant(part, draw, tokens);
    const file = draw(2) === 0 ? change(seed) : inside(seed, draw, change);
    const start = performance.now();
    try {
      const bytes = await read(file);
      assert(bytes <= maxBytes, `File ${i} became ${bytes} bytes`);
      accepted++;
    } catch (error) {
      const { message } = error as Error;
      const documented = error instanceof RangeError ||
        error instanceof TypeError;
      if (!documented || !sentences.test(message) || message.length > 2000) {
        throw new AssertionError(`File ${i}: ${(error as Error).stack}`);
      }
      const kind = message.replace(/[\d".<>[\],-]+|\/\S+/g, "").slice(0, 60);
      refusals.set(kind, (refusals.get(kind) ?? 0) + 1);
    }
    assertLess(performance.now() - start, MAX_MS, `File ${i} took too long`);
  }
  assertLess(Deno.memoryUsage().rss - before, MAX_GROWTH, "The process grew");
  // Otherwise the changes were too small or too large to tell anything.
  assertLess(count / 100, accepted, `${accepted} of ${count} files were read`);
  assertLess(count / 100, count - accepted, "Hardly a file was refused");
  assertLess(8, refusals.size, "There are more ways to be wrong");
}
