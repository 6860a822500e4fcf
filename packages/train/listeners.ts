/** Telling callbacks: lists for the moments of a batch, and the end. */

import type { Callback } from "./callback.ts";
import { reasonOf } from "./files/file_errors.ts";
import type { Trainer } from "./trainer.ts";

/** Moments that come with every batch: most have nobody to be told. */
const MOMENTS = [
  "onBatchStart",
  "onBackwardStart",
  "onBackwardEnd",
  "onStepStart",
  "onStep",
  "onBatchEnd",
  "onSavePoint",
  "onLog",
] as const;

type Moment = typeof MOMENTS[number];

/** Callbacks by the moment that they ask for. */
export type Listeners = Readonly<Record<Moment, readonly Listening[]>>;

/** A callback; those in a list have the method of its moment. */
type Listening = Required<Pick<Callback, Moment>>;

/** Lists callbacks by moment, in their order. */
export function listenersOf(callbacks: readonly Callback[]): Listeners {
  const lists = MOMENTS.map((moment) => [
    moment,
    callbacks.filter((callback) => callback[moment] !== undefined),
  ]);
  return Object.fromEntries(lists);
}

/**
 * Tells all of the end, whatever fails with some of them; then throws what
 * failed first, unless the training had failed before.
 */
export async function tellEnd(
  trainer: Trainer,
  failed: boolean,
): Promise<void> {
  const errors: unknown[] = [];
  for (const c of trainer.callbacks) {
    try {
      await c.onFitEnd?.(trainer);
    } catch (error) {
      if (errors.push(error) > 1 || failed) trainer.warn(reasonOf(error));
    }
  }
  if (!failed && errors.length > 0) throw errors[0];
}
