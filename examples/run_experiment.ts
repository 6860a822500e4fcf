/** Runs an experiment as the command line asks for it. */

import { getNumThreads, setNumThreads } from "@fdunn/tensor";
import {
  DivergedError,
  replaceFile,
  standardOutput,
  UnwrittenError,
} from "@fdunn/train";
import { runtime } from "@fdunn/wasm-kernels";
import { join } from "@std/path";
import { UserError, withoutStack } from "./command_line.ts";
import { requireAccess } from "./permission.ts";
import { figureLine, type Parts, spreadOf } from "./figures.ts";
import { KEPT_MODELS } from "./kept_models.ts";
import { Notebook } from "./notebook.ts";
import type { TrainRequest } from "./train.ts";
import { Views } from "./views.ts";

/** Runs it with every seed asked for, and leaves the run folder. */
export async function train(request: TrainRequest): Promise<void> {
  const { config, out, threads, seeds, views: wanted } = request;
  if (threads !== null) setNumThreads(threads);
  await requireAccess({
    what: `--out ${out}`,
    path: out,
    kinds: ["read", "write"],
  });
  await requireData(request);
  const about = await describe(request);
  const started = new Date().toISOString();
  const stopper = new AbortController();
  const interrupt = onInterrupt(() => stopper.abort());
  const runs: Parts[] = [];
  const views = new Views(wanted, () => stopper.abort());
  await views.open(request.experiment.subject(config), { ...about, ...config });
  try {
    for (let i = 0; i < seeds && !stopper.signal.aborted; i++) {
      const seed = config.seed + i;
      if (seeds > 1) views.say(`${i > 0 ? "\n" : ""}seed ${seed}`);
      const path = seeds > 1 ? join(out, `seed_${seed}`) : out;
      runs.push(
        await runOnce(
          { ...request, config: { ...config, seed } },
          path,
          about,
          stopper.signal,
          views,
        ),
      );
    }
  } finally {
    interrupt.remove();
    await views.close();
  }
  if (seeds > 1) {
    const all = {
      ...about,
      options: { ...config, threads: getNumThreads(), data: request.data, out },
      started,
      interrupted: stopper.signal.aborted,
      seeds: runs.length,
      parts: spreadOf(runs),
    };
    const text = JSON.stringify(all, null, 2) + "\n";
    replaceFile(join(out, "summary.json"), text);
    views.say(`\nseeds ${config.seed} to ${config.seed + runs.length - 1}`);
    for (const [part, spreads] of Object.entries(all.parts)) {
      const { bestAccuracy: best } = spreads;
      if (best === undefined) continue;
      const show = (value: number) => value.toFixed(4);
      views.say(
        `${part === "" ? "" : `${part}: `}best accuracy ${
          show(best.mean)
        } on average, ${show(best.min)} to ${show(best.max)}`,
      );
    }
  }
  views.say(`\nresults: ${out}`);
  if (request.experiment.name in KEPT_MODELS && seeds === 1) {
    views.say(`look:    deno task predict ${out}`);
  }
  if (wanted.json) {
    console.log(Deno.readTextFileSync(join(out, "summary.json")));
  }
  if (stopper.signal.aborted) {
    if (seeds === 1) views.say(`go on:   deno task resume ${out}`);
    Deno.exit(130);
  }
}

/** One seed's run. */
async function runOnce(
  request: TrainRequest,
  path: string,
  about: Record<string, unknown>,
  signal: AbortSignal,
  views: Views,
): Promise<Parts> {
  const { experiment, config, data, resume } = request;
  const notebook = new Notebook({
    path,
    about: {
      ...about,
      options: { ...config, threads: getNumThreads(), data, out: path },
      started: resume?.started ?? new Date().toISOString(),
      logs: request.views.logs ?? [],
    },
    resume: resume !== null,
    subject: experiment.subject(config),
    shows: experiment.about,
    data,
    signal,
    views,
  });
  try {
    await experiment.run(config, notebook);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const failedFile = error instanceof UnwrittenError ||
      error instanceof Error && "code" in error;
    if (notebook.begun && (error instanceof DivergedError || failedFile)) {
      finish(notebook);
      throw new UserError(
        `${withoutStack(error)}; results so far are in ${path}`,
      );
    }
    if (notebook.begun || isOurBug(error)) throw error;
    throw new UserError(withoutStack(error));
  }
  const parts = finish(notebook);
  if (!signal.aborted) notebook.removeCheckpoints();
  views.say("");
  for (const [part, figures] of Object.entries(parts)) {
    views.say(figureLine(part, figures));
  }
  return parts;
}

/** Writes what is left to write: a disk that stays full is no bug of ours. */
function finish(notebook: Notebook): Parts {
  try {
    return notebook.finish();
  } catch (error) {
    if (!(error instanceof UnwrittenError)) throw error;
    throw new UserError(withoutStack(error));
  }
}

/** Whether its stack trace is of use; data and folders fail otherwise. */
function isOurBug(error: unknown): boolean {
  return error instanceof TypeError || error instanceof ReferenceError;
}

async function requireData(request: TrainRequest): Promise<void> {
  const { data, experiment } = request;
  if (data === null) return;
  await requireAccess({
    what: `--data ${data}`,
    path: data,
    kinds: ["read"],
  });
  if (await Deno.stat(data).catch(() => null) !== null) return;
  throw new UserError(
    `--data ${data}: there is no such folder; it should hold ${experiment.data?.holds}`,
  );
}

/** What is the same for all seeds. */
async function describe(
  { experiment, quick }: TrainRequest,
): Promise<Record<string, unknown>> {
  return {
    program: experiment.name,
    quick,
    versions: { deno: Deno.version.deno, ...await packageVersions() },
    wasm: { build: runtime.build, abi: runtime.abiVersion },
    machine: {
      system: `${Deno.build.os} ${Deno.build.arch}`,
      processors: navigator.hardwareConcurrency,
    },
  };
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
