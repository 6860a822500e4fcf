/** Work that leaves no trace in a training. */

import { keep } from "@fdunn/tensor";
import { packState, unpackState } from "../checkpoints/plain_state.ts";
import { loadRandomState, randomState } from "../checkpoints/random_state.ts";
import {
  keptOf,
  loadPlace,
  placeOf,
  type StepOptimizer,
  type SwitchableModel,
} from "../trainable.ts";
import { modesOf } from "../training_modes.ts";

/**
 * Runs `f`, and puts the default generator and the loader back to where they
 * were.
 */
export async function withoutTrace<T>(
  data: unknown,
  f: () => Promise<T>,
): Promise<T> {
  const random = randomState();
  const place = placeOf(data);
  try {
    return await f();
  } finally {
    loadPlace(data, place);
    loadRandomState(random);
  }
}

/** Runs `f`, and gives model and optimizer back what they had. */
export async function withoutLearning<T>(
  model: SwitchableModel,
  optimizer: StepOptimizer,
  f: () => Promise<T>,
): Promise<T> {
  const parts = [
    keptOf("The search", model, "a model"),
    keptOf("The search", optimizer, "an optimizer"),
  ];
  const packed = packState(parts.map((part) => part.stateDict()));
  for (const [name, value] of Object.entries(packed.tensors)) {
    packed.tensors[name] = keep(value.detach().clone());
  }
  const putBackModes = modesOf(model);
  try {
    return await f();
  } finally {
    const states = unpackState(packed) as unknown[];
    parts.forEach((part, i) => part.loadStateDict(states[i]));
    optimizer.zeroGrad();
    putBackModes();
  }
}
