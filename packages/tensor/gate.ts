/**
 * Backward of a gate, done by the op above it.
 *
 * relu's backward drops the gradients of what was not positive. Max pooling
 * picks few elements of its input: where that came from relu, its backward can
 * leave out those that relu would drop, while it has them in hand, and relu
 * hands such a gradient on as it is. That saves a walk over the whole image.
 */

import { mode } from "./grad_mode.ts";
import type { Op, OpNode } from "./op.ts";
import type { Storage } from "./storage.ts";
import type { Tensor } from "./tensor.ts";

/**
 * The gradient made last, and the gate that it is through. One is enough: what
 * is forgotten goes through its gate again, and is the same afterwards.
 */
let passed: Storage | null = null;
let version = 0;
let through: OpNode | null = null;

/** How many gradients gates have handed on, for tests. */
export const gates: { opened: number } = { opened: 0 };

/**
 * Whether a backward may do the work of the gate that made `x`: when nobody is
 * shown the gradient of `x`, which would be without what the gate drops.
 */
export function isGated(x: Tensor, gate: Op): boolean {
  return mode.inner && x.node !== null && x.node.op as Op === gate &&
    !x.hasSlot;
}

/** Notes that this gradient of `x` is already what the gate makes of it. */
export function passGate(x: Tensor, gradient: Tensor): Tensor {
  passed = gradient.array.storage;
  version = passed.version;
  through = x.node;
  return gradient;
}

/** Whether a gate's backward got just that gradient, with nothing added. */
export function hasPassed(node: OpNode, gradient: Tensor): boolean {
  const same = through === node && passed === gradient.array.storage &&
    version === passed.version;
  through = passed = null;
  if (same) gates.opened++;
  return same;
}
