/** Runs one command and waits for it. */

import type { Command } from "./libraries.ts";

/** What a process left behind. */
export interface Finished {
  ok: boolean;
  stdout: string;
  stderr: string;
  /** From the start of the process to its end. */
  milliseconds: number;
  /** Whether it was stopped because it took too long. */
  late: boolean;
}

/** Runs a command, at most for some seconds. */
export async function run(
  { program, args, env = {} }: Command,
  limit: number,
): Promise<Finished> {
  const start = performance.now();
  const child = new Deno.Command(program, {
    args,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, limit * 1000);
  const { success, stdout, stderr } = await child.output();
  clearTimeout(timer);
  const text = new TextDecoder();
  return {
    ok: success && !late,
    stdout: text.decode(stdout),
    stderr: text.decode(stderr),
    milliseconds: performance.now() - start,
    late,
  };
}
