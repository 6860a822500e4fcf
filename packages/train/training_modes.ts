/** The modes of a model, to be put back. */

import type { SwitchableModel } from "./trainable.ts";

/** What has a mode. */
interface Moded {
  training: boolean;
}

/**
 * Remembers the mode of a model and of each module in it; returns what puts
 * them back. A batch norm that was frozen by `eval()` stays so.
 */
export function modesOf(model: SwitchableModel): () => void {
  const { training, modules } = model as SwitchableModel & {
    modules?(): Moded[];
  };
  if (modules === undefined) return () => void model.train(training);
  const all = modules.call(model);
  const modes = all.map((module) => module.training);
  return () => all.forEach((module, i) => module.training = modes[i]!);
}
