/** What a run leaves beside its figures: weights, and a page with all of it. */

import type { AnyModule } from "@fdunn/nn";
import {
  type KeptFiles,
  type ReportOptions,
  saveModel,
  writeReport,
} from "@fdunn/train";
import type { KeptNames } from "./experiment.ts";
import { figureLine, type Parts } from "./figures.ts";

/** Keeps a model's weights, with what its outputs are called. */
export function keepWeights(
  files: KeptFiles,
  model: AnyModule,
  { epoch, ...names }: KeptNames & { epoch: number },
): void {
  const notes: Record<string, string> = { epoch: String(epoch) };
  for (const [name, words] of Object.entries(names)) {
    notes[name] = JSON.stringify(words);
  }
  files.put("model.safetensors", (path) => saveModel(model, path, notes));
}

/** Writes `report.html` of what is in the folder, and the parts' figures. */
export function keepReport(
  files: KeptFiles,
  parts: Parts,
  about: ReportOptions,
): void {
  const figures: Record<string, string> = {};
  for (const [part, of] of Object.entries(parts)) {
    figures[part === "" ? "in the end" : part] = figureLine("", of);
  }
  const options = { ...about, figures };
  files.put("report.html", () => void writeReport(files.folder, options));
}
