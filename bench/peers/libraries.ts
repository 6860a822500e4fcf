/** The libraries, and how a process of each is started. */

import { dirname, fromFileUrl, join } from "@std/path";

/** This folder. */
export const here: string = dirname(fromFileUrl(import.meta.url));
const root = join(here, "..", "..");

/** A command line, and what it adds to the environment. */
export interface Command {
  program: string;
  args: string[];
  env?: Record<string, string>;
}

/** One column of the table. */
export interface Library {
  name: string;
  /** Whether it can use more than one thread here. */
  threaded: boolean;
  /** Runs one workload: see `measure.ts`. */
  command(workload: string, threads: number, seconds: number): Command;
  /** A program of its runtime that does nothing. */
  empty: Command;
  /** A program that succeeds if the library is there. */
  present?: Command;
}

function deno(
  config: string,
  permissions: string[],
  program: string[],
): string[] {
  const flags = ["-q", "--no-prompt", "--config", config, ...permissions];
  const [script, ...args] = program;
  return ["run", ...flags, join(here, script!), ...args];
}

/** Reads its version and nothing else. */
function ours(...program: string[]): string[] {
  const config = join(root, "packages", "tensor", "deno.json");
  return deno(join(root, "deno.json"), [`--allow-read=${config}`], program);
}

/** tfjs reads its wasm file from Deno's cache. */
function theirs(...program: string[]): string[] {
  const flags = ["--frozen", "--allow-read"];
  return deno(join(here, "deno.json"), flags, program);
}

function javascript(
  name: string,
  threaded: boolean,
  args: (...program: string[]) => string[],
  ...program: string[]
): Library {
  return {
    name,
    threaded,
    command: (...work) => ({
      program: "deno",
      args: args(...program, ...work.map(String)),
    }),
    empty: { program: "deno", args: args("empty.ts") },
  };
}

function python(
  name: string,
  interpreter: string,
  script: string,
  module: string,
): Library {
  return {
    name,
    threaded: true,
    command: (workload, threads, seconds) => ({
      program: interpreter,
      args: [
        "-B", // no __pycache__ here
        ...[join(here, script), workload, String(threads), String(seconds)],
      ],
      env: {
        OPENBLAS_NUM_THREADS: String(threads),
        MKL_NUM_THREADS: String(threads),
        OMP_NUM_THREADS: String(threads),
      },
    }),
    empty: { program: interpreter, args: ["-c", ""] },
    present: { program: interpreter, args: ["-c", `import ${module}`] },
  };
}

/** All of them; `interpreter` is the Python that has torch and numpy. */
export function libraries(interpreter: string): Library[] {
  return [
    javascript("fdunn", true, ours, "fdunn.ts"),
    python("PyTorch", interpreter, "torch_peer.py", "torch"),
    python("numpy", interpreter, "numpy_peer.py", "numpy"),
    javascript("tfjs wasm", false, theirs, "tfjs.ts", "wasm"),
    javascript("tfjs cpu", false, theirs, "tfjs.ts", "cpu"),
    javascript("jax-js", true, theirs, "jax.ts"),
    javascript("convnetjs", false, theirs, "convnet.ts"),
  ];
}
