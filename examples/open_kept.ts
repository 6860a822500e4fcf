/** The model in a run folder. */

import { loadSafetensors } from "@fdunn/tensor/safetensors";
import { join } from "@std/path";
import { UserError, withoutStack } from "./command_line.ts";
import {
  KEPT_MODELS,
  type KeptClassifier,
  type KeptWriter,
} from "./kept_models.ts";
import { requireAccess } from "./permission.ts";
import {
  experimentOfRun,
  readRunFolder,
  trainingFolders,
} from "./run_files.ts";

/** A model with its weights. */
export interface OpenedModel {
  /** The run folder. */
  path: string;
  kept: KeptClassifier | KeptWriter;
  /** What its outputs are called: classes, or characters. */
  names: readonly string[];
  /** Where its data were in training; null for the experiment's own place. */
  data: string | null;
}

/** The experiments that keep a model of one of these kinds, in words. */
export const KEEPERS: string = Object.keys(KEPT_MODELS).join(", ");

/**
 * Opens the model in a run folder.
 *
 * @throws UserError where there is none, or it does not fit its experiment.
 */
export async function openKept(path: string): Promise<OpenedModel> {
  const run = await readRunFolder(path);
  const [one = path] = trainingFolders(run);
  if (one !== path) {
    throw new UserError(
      `${path} holds runs with several seeds: name one of them, such as ${one}`,
    );
  }
  const experiment = experimentOfRun(run);
  const open = KEPT_MODELS[experiment.name];
  if (open === undefined) {
    throw new UserError(
      `${path} is a run of ${experiment.name}, which keeps no model; those of ${KEEPERS} do`,
    );
  }
  const { options } = run.config;
  try {
    const bytes = Deno.readFileSync(join(path, "model.safetensors"));
    const { tensors, metadata } = loadSafetensors(bytes);
    const outputs = Object.values(tensors).at(-1)?.shape[0] ?? 0;
    const words = metadata.classes ?? metadata.alphabet;
    const names = words !== undefined
      ? JSON.parse(words) as string[]
      // Runs of before this was kept have numbers for names.
      : Array.from({ length: outputs }, (_, i) => String(i));
    const kept = open(options, names);
    kept.model.loadStateDict(tensors);
    kept.model.eval();
    return { path, kept, names, data: options.data };
  } catch (error) {
    throw new UserError(`Cannot load ${path}'s model: ${withoutStack(error)}`);
  }
}

/** The data to test on: those of `--data`, else those of the training. */
export async function testDataOf<T>(
  { kept, data }:
    & { kept: { test(data: string | null): Promise<T> } }
    & Pick<OpenedModel, "data">,
  given: string | undefined,
): Promise<T> {
  const path = given ?? data;
  if (path !== null) {
    await requireAccess({ what: `--data ${path}`, path, kinds: ["read"] });
  }
  try {
    return await kept.test(path);
  } catch (error) {
    throw new UserError(withoutStack(error));
  }
}
