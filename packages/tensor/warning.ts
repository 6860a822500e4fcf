/** Warnings: each once in a program, about what works but is likely wrong. */

import { callSite } from "./call_site.ts";

let enabled = true;
const said: Set<string> = new Set();

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

/** Warns on the console, with the user's line, unless it has before. */
export function warnOnce(message: string): void {
  if (!enabled || said.has(message)) return;
  said.add(message);
  const site = callSite();
  console.warn(site === null ? message : `${message}\n    at ${site}`);
}
