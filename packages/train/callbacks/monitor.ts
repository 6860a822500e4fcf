/** Figures that decide: which is watched, and what counts as better. */

import type { EpochRecord } from "../callback.ts";
import type { Trainer } from "../trainer.ts";

/** Whether a figure should become small or large. */
export type MonitorMode = "min" | "max";

/** Throws, naming who asks, unless the mode is one. */
export function requireMode(who: string, mode: string): void {
  if (mode === "min" || mode === "max") return;
  throw new RangeError(
    `${who} got mode ${JSON.stringify(mode)}, expected "min" or "max"`,
  );
}

/** Whether a figure is better than another by more than `minDelta`. */
export function isBetter(
  mode: MonitorMode,
  value: number,
  best: number,
  minDelta = 0,
): boolean {
  return mode === "min" ? value < best - minDelta : value > best + minDelta;
}

/** The worst there can be: everything is better. */
export function worst(mode: MonitorMode): number {
  return mode === "min" ? Infinity : -Infinity;
}

/**
 * The figure that `who` watches, after an epoch.
 *
 * @throws RangeError, with the names there are, when there is none.
 */
export function monitored(
  who: string,
  trainer: Trainer,
  record: EpochRecord,
  name: string,
): number {
  const value = record[name] ?? trainer.figure(name);
  if (typeof value === "number") return value;
  const without = record.validLoss === null ? " without validation data" : "";
  const names = new Set([...trainer.logged.keys(), "trainLoss"]);
  throw new RangeError(
    `${who} monitors "${name}", but the training${without} has ${
      [...names].sort().join(", ")
    }`,
  );
}
