/**
 * Sets how many threads jax-js will use; imported before it. It has no setting
 * of its own: it starts a worker for each logical core, or computes in the
 * calling thread where there are no workers.
 */

import { threadsAsked } from "./measure.ts";

/** How many threads the command line asks for. */
export const threads: number = threadsAsked();
if (threads === 1) Reflect.deleteProperty(globalThis, "Worker");
Object.defineProperty(navigator, "hardwareConcurrency", { value: threads });
