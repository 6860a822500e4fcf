/** All that a training must remember to go on exactly. */

import type { Tensor } from "@fdunn/tensor";
import type { Callback, EpochRecord } from "./callback.ts";
import type { Metrics } from "./evaluation.ts";
import type { LogbookState } from "./logbook.ts";
import type { RandomState } from "./checkpoints/random_state.ts";
import {
  isResumable,
  keptOf,
  type Resumable,
  type StepOptimizer,
  type TrainableModel,
} from "./trainable.ts";
import type { PlaceState } from "./training_place.ts";

const WHO = "A checkpoint";

/** A Trainer's state as plain data with tensors. */
export interface TrainerState extends LoopState {
  /** Parameters and buffers by name. */
  model: Record<string, Tensor>;
  /** The optimizer's `stateDict()`. */
  optimizer: unknown;
  /** By the callback's key. */
  callbacks: Record<string, unknown>;
  /** By the names of the Trainer's option. */
  generators: Record<string, unknown>;
  /** Places of the loaders; null for those that have none. */
  loaders: { train: unknown; valid: unknown };
  /** What `trainMetrics` have gathered, by name. */
  trainMetrics: Record<string, unknown>;
  /** What the training was made with. */
  hyperparameters: Readonly<Record<string, unknown>>;
}

/** The part of it that the loop remembers. */
export interface LoopState {
  /** The counters. */
  place: PlaceState;
  /** Gradients by parameter number, while some are being added up. */
  gradients: Record<string, Tensor>;
  /** The default generator with all its streams. */
  random: RandomState;
  /** The same at the begin of the running epoch. */
  epochRandom: RandomState;
  /** The latest logged figures. */
  log: LogbookState;
  /** The records of whole epochs. */
  history: EpochRecord[];
}

/** What of a Trainer others keep. */
export interface TrainerParts {
  /** See {@linkcode TrainerState}. */
  model: TrainableModel;
  optimizer: StepOptimizer;
  callbacks: readonly Callback[];
  generators: Readonly<Record<string, Resumable>>;
  trainMetrics: Metrics;
}

/** The part of the state that is in others than the Trainer. */
export type PartsState = Pick<
  TrainerState,
  "model" | "optimizer" | "callbacks" | "generators" | "trainMetrics"
>;

/** States of a Trainer's parts. */
export function statesOf(parts: TrainerParts): PartsState {
  const { model, optimizer } = parts;
  const callbacks: Record<string, unknown> = {};
  for (const [key, callback] of keyed(parts.callbacks)) {
    const state = callback.stateDict?.();
    if (state !== undefined) callbacks[key] = state;
  }
  return {
    model: keptOf(WHO, model, "a model").stateDict() as Record<string, Tensor>,
    optimizer: keptOf(WHO, optimizer, "an optimizer").stateDict(),
    callbacks,
    generators: places(parts.generators),
    trainMetrics: places(parts.trainMetrics as Record<string, unknown>),
  };
}

/** Gives a Trainer's parts their states; returns what it had to leave out. */
export function loadStates(parts: TrainerParts, state: PartsState): string[] {
  const { model, optimizer } = parts;
  keptOf(WHO, model, "a model").loadStateDict(state.model);
  keptOf(WHO, optimizer, "an optimizer").loadStateDict(state.optimizer);
  const missing: string[] = [];
  for (const [key, callback] of keyed(parts.callbacks)) {
    if (callback.loadStateDict === undefined) continue;
    if (Object.hasOwn(state.callbacks, key)) {
      callback.loadStateDict(state.callbacks[key] as never);
    } else missing.push(key);
  }
  for (const from of ["generators", "trainMetrics"] as const) {
    for (const [name, part] of Object.entries(parts[from])) {
      const place = state[from][name];
      if (place === undefined) missing.push(name);
      else if (isResumable(part)) part.loadState(place as never);
    }
  }
  return missing;
}

function places(
  of: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const states: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(of)) {
    if (isResumable(value)) states[name] = value.state();
  }
  return states;
}

/** Callbacks by the keys of their states: names, numbered where they repeat. */
function keyed(callbacks: readonly Callback[]): [string, Callback][] {
  const seen = new Map<string, number>();
  return callbacks.map((callback) => {
    const name = callback.stateKey ?? callback.constructor.name;
    const number = (seen.get(name) ?? 0) + 1;
    seen.set(name, number);
    return [number === 1 ? name : `${name} ${number}`, callback];
  });
}
