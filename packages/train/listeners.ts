/** Those callbacks that ask for the moments of a batch. */

import type { Callback } from "./callback.ts";

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
