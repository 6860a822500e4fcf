/** A run with one seed. */

import { getNumThreads } from "@fdunn/tensor";
import { DivergedError, UnwrittenError } from "@fdunn/train";
import { UserError, withoutStack } from "./command_line.ts";
import { figureLines, type Parts } from "./figures.ts";
import { Notebook } from "./notebook.ts";
import type { TrainRequest } from "./train.ts";
import type { Views } from "./views.ts";

/** What runs of one command have in common. */
export interface Surroundings {
  /** What `config.json` says of packages and machine. */
  about: Readonly<Record<string, unknown>>;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  views: Views;
}

/** Runs it in the folder `out`; returns the figures of its parts. */
export async function runOnce(
  request: TrainRequest,
  { about, signal, views }: Surroundings,
): Promise<Parts> {
  const { experiment, config, data, out: path, resume } = request;
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
  views.say(figureLines(parts));
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
