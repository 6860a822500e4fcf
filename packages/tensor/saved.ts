/**
 * What a recorded node keeps for its backward: which tensors it reads, and
 * whether they are still as they were.
 */

import { describe, released } from "./liveness.ts";
import type { OpNode } from "./op.ts";
import { releaseStorage } from "./storage.ts";
import type { Tensor } from "./tensor.ts";

/**
 * What an op's backward reads, and what must not change before it runs: all
 * inputs, the (first) output, or for each input the tensors that its gradient
 * reads, as bits: `[0b10, 0b01]` for a product, whose gradients read the other
 * factor. Bit {@linkcode OUTPUT} stands for the output.
 */
export type Saves = "none" | "inputs" | "output" | readonly number[];

/** The bit of the output in a list of {@linkcode Saves}. */
export const OUTPUT: number = 1 << 30;

/** Inputs that have a bit of their own. */
export const BITS: number = 30;

/** The inputs, and the output, that the required gradients read. */
export function savedBits(
  saves: Saves,
  inputs: number,
  requires: number,
): number {
  if (saves === "none") return 0;
  if (saves === "output") return OUTPUT;
  if (saves === "inputs") return (1 << inputs) - 1;
  let bits = 0;
  for (let i = 0; i < saves.length; i++) {
    if (requires >>> i & 1) bits |= saves[i]!;
  }
  // Inputs that may be left out, such as biases, have bits all the same.
  return bits & (OUTPUT | (1 << inputs) - 1);
}

/** The tensors that a node saved. */
function savedTensors(node: OpNode): Tensor[] {
  const tensors = node.inputs.filter((_, i) =>
    i < BITS && node.saved >>> i & 1
  );
  return node.saved & OUTPUT ? [...tensors, node.output] : tensors;
}

/** Notes what a recorded node saved: it is needed, and as it is now. */
export function save(node: OpNode): void {
  let bits = node.saved;
  let versions = 0;
  if ((bits & OUTPUT) !== 0) {
    versions = node.output.array.storage.version;
    bits ^= OUTPUT;
  }
  const { inputs } = node;
  for (let i = 0; bits !== 0; i++, bits >>>= 1) {
    if ((bits & 1) === 0) continue;
    const { storage } = inputs[i]!.array;
    storage.saves++;
    versions += storage.version;
  }
  node.versions = versions;
}

/** The reverse of {@linkcode save}: frees what only this node still needed. */
export function countDown(node: OpNode): void {
  let bits = node.saved & ~OUTPUT;
  const { inputs } = node;
  for (let i = 0; bits !== 0; i++, bits >>>= 1) {
    if ((bits & 1) === 0) continue;
    const { storage } = inputs[i]!.array;
    storage.saves--;
    if (storage.saves === 0 && storage.handles === 0 && !storage.inGraph) {
      releaseStorage(storage, "dispose");
    }
  }
}

/** Throws PyTorch's sentence if what backward needs was written or freed. */
export function checkSaved(node: OpNode): void {
  let bits = node.saved;
  if (bits === 0) return;
  let versions = 0;
  let gone: Tensor | null = null;
  const { inputs } = node;
  if ((bits & OUTPUT) !== 0) {
    const { storage } = node.output.array;
    versions = storage.version;
    if (!storage.live) gone = node.output;
    bits ^= OUTPUT;
  }
  for (let i = 0; bits !== 0; i++, bits >>>= 1) {
    if ((bits & 1) === 0) continue;
    const { storage } = inputs[i]!.array;
    versions += storage.version;
    if (!storage.live) gone = inputs[i]!;
  }
  if (versions !== node.versions) throw modified(node);
  if (gone !== null) throw released(gone, node.op.name);
}

function modified(node: OpNode): Error {
  const saved = savedTensors(node);
  const which = saved.length === 1
    ? describe(saved[0]!)
    : `one of ${saved.map(describe).join(", ")}`;
  return new Error(
    `one of the variables needed for gradient computation has been modified by an inplace operation: ${which}, which ${node.op.name}() saved. Clone it before the change, or make the change after backward()`,
  );
}
