/** What the figures depend on: the processor and the runtimes. */

import { cpus } from "node:os";
import { run } from "./process.ts";

/** Processor, logical cores, operating system. */
export function machine(): string {
  const all = cpus();
  const { os, arch } = Deno.build;
  return `${all[0]?.model.trim() ?? "?"}, ${all.length} cores, ${os} ${arch}`;
}

/** The average number of busy threads over the last minute. */
export function load(): number {
  return Deno.loadavg()[0]!;
}

/** Deno's version, V8's, and Python's if it runs. */
export async function runtimes(python: string): Promise<string[]> {
  const { deno, v8 } = Deno.version;
  const found = [`Deno ${deno}`, `V8 ${v8}`];
  const { ok, stdout } = await run({
    program: python,
    args: ["--version"],
  }, 10).catch(() => ({ ok: false, stdout: "" }));
  return ok ? [...found, stdout.trim()] : found;
}
