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
  /** Its program: see `measure.ts`. */
  command(threads: number, workload?: string): Command;
  /** A program of its runtime that does nothing. */
  empty: Command;
  /** A program that succeeds if the library is there. */
  present?: Command;
  /** Prints all of the library as one program for browsers, minified. */
  bundle?: Command;
}

/** How programs of a configuration run, and how they are bundled. */
interface Setting {
  config: string;
  /** For every command. */
  flags: string[];
  permissions: string[];
}

/** Reads its version and nothing else. */
const OURS: Setting = {
  config: join(root, "deno.json"),
  flags: [],
  permissions: [`--allow-read=${join(root, "packages/tensor/deno.json")}`],
};

/** tfjs reads its wasm file from Deno's cache. */
const THEIRS: Setting = {
  config: join(here, "deno.json"),
  flags: ["--frozen"],
  permissions: ["--allow-read"],
};

function deno(
  command: string,
  { config, flags }: Setting,
  more: string[],
  [script, ...args]: string[],
): Command {
  const all = ["-q", "--config", config, ...flags, ...more];
  return {
    program: "deno",
    args: [command, ...all, join(here, script!), ...args],
  };
}

function javascript(
  name: string,
  threaded: boolean,
  setting: Setting,
  entry: string | null,
  ...program: string[]
): Library {
  const run = (...program: string[]) =>
    deno("run", setting, ["--no-prompt", ...setting.permissions], program);
  const library: Library = {
    name,
    threaded,
    command: (...work) => run(...program, ...work.map(String)),
    empty: run("empty.ts"),
  };
  if (entry !== null) {
    const flags = ["--minify", "--platform", "browser"];
    library.bundle = deno("bundle", setting, flags, [`bundles/${entry}`]);
  }
  return library;
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
    command: (threads, ...work) => ({
      program: interpreter,
      // -B: no __pycache__ here
      args: ["-B", join(here, script), String(threads), ...work],
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
    javascript("fdunn", true, OURS, "fdunn.ts", "fdunn.ts"),
    python("PyTorch", interpreter, "torch_peer.py", "torch"),
    python("numpy", interpreter, "numpy_peer.py", "numpy"),
    javascript("tfjs wasm", false, THEIRS, "tfjs.ts", "tfjs.ts", "wasm"),
    javascript("tfjs cpu", false, THEIRS, null, "tfjs.ts", "cpu"),
    javascript("jax-js", true, THEIRS, "jax.ts", "jax.ts"),
    javascript("convnetjs", false, THEIRS, "convnet.ts", "convnet.ts"),
  ];
}
