/** Runs with several seeds: a folder for each, and what they come to together. */

import { getNumThreads } from "@fdunn/tensor";
import { replaceFile } from "@fdunn/train";
import { join } from "@std/path";
import { figureLines, type Parts, spreadLines, spreadOf } from "./figures.ts";
import { claimFolder } from "./claim_folder.ts";
import { runIn, seedFolder } from "./run_files.ts";
import { runOnce, type Surroundings } from "./run_once.ts";
import type { TrainRequest } from "./train.ts";

/**
 * Runs an experiment with each seed in turn. One that goes on keeps the seeds
 * that are finished, goes on with the one that was cut short, and runs those
 * that are missing.
 */
export async function runSeeds(
  request: TrainRequest,
  surroundings: Surroundings,
): Promise<void> {
  const { config, data, out, resume, seeds } = request;
  const { about, signal, views } = surroundings;
  const started = resume?.started ?? new Date().toISOString();
  const options = { ...config, threads: getNumThreads(), data, out };
  const logs = request.views.logs ?? [];
  if (resume === null) {
    claimFolder(out, { ...about, options, started, logs, seeds });
  }
  const runs: Parts[] = [];
  for (let i = 0; i < seeds && !signal.aborted; i++) {
    const seed = config.seed + i;
    views.say(`${i > 0 ? "\n" : ""}seed ${seed}`);
    const one = { ...config, seed };
    runs.push(
      await runSeed(
        { ...request, config: one, out: seedFolder(out, seed), seeds: 1 },
        surroundings,
      ),
    );
  }
  const parts = spreadOf(runs);
  const summary = {
    ...{ ...about, options, started, interrupted: signal.aborted },
    ...{ seeds: runs.length, parts },
  };
  replaceFile(
    join(out, "summary.json"),
    JSON.stringify(summary, null, 2) + "\n",
  );
  views.say(`\nseeds ${config.seed} to ${config.seed + runs.length - 1}`);
  views.say(spreadLines(parts));
}

async function runSeed(
  request: TrainRequest,
  surroundings: Surroundings,
): Promise<Parts> {
  const kept = request.resume === null ? null : runIn(request.out);
  if (kept?.summary?.interrupted !== false) {
    const resume = kept && { started: kept.config.started };
    return await runOnce({ ...request, resume }, surroundings);
  }
  const { parts } = kept.summary;
  surroundings.views.say(`finished before\n\n${figureLines(parts)}`);
  return parts;
}
