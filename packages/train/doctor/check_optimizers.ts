/** Notices parameters that no optimizer holds. */

import type { Tensor } from "@fdunn/tensor";
import type { Patient, Tell } from "./checkups.ts";
import { knownGroups, type StepOptimizer } from "../trainable.ts";

/** All tensors in the optimizers' groups. */
export function parametersOf(
  optimizers: readonly StepOptimizer[],
): Set<Tensor> {
  const held = new Set<Tensor>();
  for (const optimizer of optimizers) {
    for (const { params } of knownGroups(optimizer)) {
      for (const parameter of params) held.add(parameter);
    }
  }
  return held;
}

/** Compares the model's parameters with those of the optimizers. */
export function checkOptimizers(
  { model, optimizers }: Patient,
  tell: Tell,
): void {
  const known = optimizers.every((optimizer) => "paramGroups" in optimizer);
  if (!known) return; // an own optimizer, whose parameters cannot be seen
  const held = parametersOf(optimizers);
  const learned = model.namedParameters().filter(([, p]) => p.requiresGrad);
  const missing = learned.filter(([, p]) => !held.has(p)).map(([name]) => name);
  if (missing.length === 0) return;
  const name = optimizers.map((o) => o.constructor.name).join(" and ") ||
    "no optimizer";
  const count = missing.length === learned.length
    ? `any of the model's ${learned.length}`
    : `${missing.length} of the model's ${learned.length}`;
  const listed = missing.slice(0, 4).join(", ") +
    (missing.length > 4 ? ", ..." : "");
  tell(
    "optimizer-parameters",
    `${name} does not hold ${count} parameters (${listed}): they stay as they are. Pass model.parameters() of this very model, after to() and all other changes to its layers; freeze what is to stay with requiresGrad_(false)`,
  );
}
