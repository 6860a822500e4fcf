/** Ctrl-C. */

import { warn } from "./sparse_lines.ts";

/** Calls `stop` at the first Ctrl-C, ends the program at the second. */
export function onInterrupt(stop: () => void): { remove(): void } {
  let first = -Infinity;
  const listener = () => {
    const now = performance.now();
    if (first === -Infinity) {
      first = now;
      warn("stopping after this step (Ctrl-C again: at once)");
      stop();
    } else if (now - first > 500) Deno.exit(130);
    // The task runner passes on what the terminal has sent us already.
  };
  Deno.addSignalListener("SIGINT", listener);
  return { remove: () => Deno.removeSignalListener("SIGINT", listener) };
}
