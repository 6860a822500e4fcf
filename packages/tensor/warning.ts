/** Warnings: each once in a program, about what works but is likely wrong. */

import { callSite } from "./call_site.ts";

/** Gets a warning, with the user's line where it is known. */
export type WarningListener = (message: string) => void;

let enabled = true;
const said: Set<string> = new Set();
/** Who gets warnings in the console's place, and what each got already. */
const listeners: Map<WarningListener, Set<string>> = new Map();

/**
 * Turns fdunn's warnings on or off; turned on, each is given once more.
 *
 * ```ts
 * import { setWarnings } from "@fdunn/tensor";
 *
 * setWarnings(false);
 * ```
 */
export function setWarnings(on: boolean): void {
  enabled = on;
  said.clear();
}

/**
 * Passes fdunn's warnings to `listener` in the console's place, each once,
 * even those that the console had; returns what ends it.
 *
 * ```ts
 * import { listenToWarnings } from "@fdunn/tensor";
 *
 * const collected: string[] = [];
 * const stop = listenToWarnings((message) => collected.push(message));
 * stop();
 * ```
 */
export function listenToWarnings(listener: WarningListener): () => void {
  // An own function: the same listener may be there twice.
  const own: WarningListener = (message) => listener(message);
  listeners.set(own, new Set());
  return () => void listeners.delete(own);
}

/**
 * Warns on the console, or who listens in its place, with the user's line,
 * unless it has before.
 */
export function warnOnce(message: string): void {
  if (!enabled) return;
  if (listeners.size === 0) {
    if (said.has(message)) return;
    said.add(message);
    console.warn(withSite(message));
    return;
  }
  for (const [listener, got] of listeners) {
    if (got.has(message)) continue;
    got.add(message);
    listener(withSite(message));
  }
}

function withSite(message: string): string {
  const site = callSite();
  return site === null ? message : `${message}\n    at ${site}`;
}
