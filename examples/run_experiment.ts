/** Runs an experiment as the command line asks for it. */

import { setNumThreads } from "@fdunn/tensor";
import { join } from "@std/path";
import { describe } from "./about_run.ts";
import { UserError } from "./command_line.ts";
import { onInterrupt } from "./interrupt.ts";
import { KEPT_MODELS } from "./kept_models.ts";
import { requireAccess } from "./permission.ts";
import { runOnce } from "./run_once.ts";
import { runSeeds } from "./run_seeds.ts";
import type { TrainRequest } from "./train.ts";
import { Views } from "./views.ts";

/** Runs it with every seed asked for, and leaves the run folder. */
export async function train(request: TrainRequest): Promise<void> {
  const { config, experiment, out, threads, seeds } = request;
  if (threads !== null) setNumThreads(threads);
  await requireAccess({
    what: `--out ${out}`,
    path: out,
    kinds: ["read", "write"],
  });
  await requireData(request);
  const about = await describe(request);
  const stopper = new AbortController();
  const { signal } = stopper;
  const interrupt = onInterrupt(() => stopper.abort());
  const views = new Views(request.views, () => stopper.abort());
  try {
    await views.open(experiment.subject(config), { ...about, ...config });
    const run = seeds > 1 ? runSeeds : runOnce;
    await run(request, { about, signal, views });
  } finally {
    interrupt.remove();
    await views.close();
  }
  views.say(`\nresults: ${out}`);
  if (experiment.name in KEPT_MODELS && seeds === 1) {
    views.say(`look:    deno task predict ${out}`);
  }
  if (request.views.json) {
    console.log(Deno.readTextFileSync(join(out, "summary.json")).trimEnd());
  }
  if (!signal.aborted) return;
  views.say(`go on:   deno task resume ${out}`);
  Deno.exit(130);
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
