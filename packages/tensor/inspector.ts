/**
 * Who looks on while ops compute, as `detectAnomaly` and the export of models
 * do, and who tells them which module computes. Apart from both, so that a
 * bundle without them has neither.
 */

import { mode } from "./grad_mode.ts";
import type { NdArray } from "./nd_array.ts";
import type { Op, OpNode } from "./op.ts";
import type { Tensor } from "./tensor.ts";

/** What ops and passes report to while somebody looks on. */
export interface Inspector {
  /** An op has computed. */
  ran<P>(
    op: Op<P>,
    inputs: readonly Tensor[],
    params: P,
    outs: NdArray | NdArray[],
  ): void;
  /** It was recorded. */
  recorded(node: OpNode): void;
  /** A node's backward has given these gradients. */
  handed(node: OpNode, results: readonly (Tensor | null)[]): void;
  /** A tensor was written into. */
  wrote(name: string, x: Tensor): void;
  /** Whether other numbers may stand in a tensor when all runs once more. */
  follows?(x: Tensor): boolean;
}

/** Knows which module computes, for messages; @fdunn/nn sets one. */
export interface ModuleTracer {
  /** Begins to watch modules. */
  start(): void;
  /** Stops watching. */
  stop(): void;
  /** Names the module that computes now, when it is asked to; or null. */
  here(): (() => string) | null;
}

let tracer: ModuleTracer | null = null;

/** Makes messages name modules. */
export function setModuleTracer(given: ModuleTracer): void {
  tracer = given;
  if (mode.inspector !== null) given.start();
}

/** What names modules, if anything does. */
export function moduleTracer(): ModuleTracer | null {
  return tracer;
}
