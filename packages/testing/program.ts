/**
 * Whole training programs as tests: written once, run synchronously and with
 * other work between their steps.
 */

import { memoryStats } from "@fdunn/tensor";
import { assert } from "@std/assert";

/** A program; it yields where an asynchronous one would wait. */
export type Program = Generator<void, void, void>;

/** Registers two tests: the program in one go, and with awaits at its yields. */
export function testProgram(name: string, start: () => Program): void {
  Deno.test(`${name}, synchronously`, () => runSync(start()));
  Deno.test(`${name}, with awaits`, () => runAsync(start()));
}

/** Runs a program without leaving the current job. */
export function runSync(program: Program): void {
  while (program.next().done !== true);
}

/** Runs programs in turns, a step each, with macrotasks between the turns. */
export async function runAsync(...programs: Program[]): Promise<void> {
  let running = programs;
  let turn = 0;
  while (running.length > 0) {
    running = running.filter((program) => program.next().done !== true);
    // Finalizers run between macrotasks, so some waits have to be such.
    await (turn++ % 8 === 0 ? macrotask() : Promise.resolve());
  }
}

/** Lets timers, messages and finalizers run. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** Observes the memory of a program that should run in bounded memory. */
export class MemoryWatch {
  readonly #wasmBytes = memoryStats().wasmBytes;
  readonly #resident = Deno.memoryUsage().rss;
  #peakResident = this.#resident;

  /** Notes the resident size; call it now and then. */
  sample(): void {
    this.#peakResident = Math.max(
      this.#peakResident,
      Deno.memoryUsage().rss,
    );
  }

  /** Fails if WebAssembly memory grew by more than `bytes` since the start. */
  assertWasmGrowth(bytes: number): void {
    const grown = memoryStats().wasmBytes - this.#wasmBytes;
    assert(
      grown <= bytes,
      `WebAssembly memory grew by ${grown} bytes, expected at most ${bytes}`,
    );
  }

  /** Fails if the resident size ever was `bytes` above that at the start. */
  assertResidentGrowth(bytes: number): void {
    this.sample();
    const grown = this.#peakResident - this.#resident;
    assert(
      grown <= bytes,
      `Resident memory grew by ${grown} bytes, expected at most ${bytes}`,
    );
  }
}

/** The message of what `f` throws; fails if it throws nothing. */
export function messageOf(f: () => unknown): string {
  try {
    f();
  } catch (error) {
    assert(error instanceof Error, `Threw ${error}, which is no Error`);
    return error.message;
  }
  throw new Error("Expected an error, but nothing was thrown");
}
