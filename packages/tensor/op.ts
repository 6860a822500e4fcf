/**
 * What an op is, and the one way in which all of them run.
 *
 * An op is a record: its forward computes on raw arrays by calling kernels,
 * its backward is written with Tensor operations, so that gradients have
 * gradients. {@linkcode apply} runs the forward and, where an input requires a
 * gradient, records a node for `backward()` to walk.
 *
 * @module
 */

import { isFloat } from "./dtype.ts";
import { mode } from "./grad_mode.ts";
import type { NdArray } from "./nd_array.ts";
import { track } from "./scope.ts";
import { formatShape } from "./shape.ts";
import {
  beginOp,
  freshCount,
  freshStorage,
  releaseStorage,
  type Storage,
} from "./storage.ts";
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

/**
 * A differentiable operation with parameters `P`: plain data, no closures.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { allocate, apply, floatKernels, type Op, pointer, writable } from "@fdunn/tensor/op";
 * import { assertEquals } from "@std/assert";
 *
 * const SQUARE: Op = {
 *   name: "square",
 *   saves: "inputs",
 *   forward: (_, x) => {
 *     const out = allocate(x.shape, x.dtype);
 *     floatKernels("square", x.dtype).square(x.size, pointer(x), writable(out));
 *     return out;
 *   },
 *   backward: (node, grad) => [grad.mul(node.input(0)).mul(2)],
 * };
 *
 * const x = tensor([1, 2, 3], { requiresGrad: true });
 * apply(SQUARE, [x], undefined).sum().backward();
 * assertEquals(x.grad!.toArray(), [2, 4, 6]);
 * ```
 */
export interface Op<P = undefined> {
  /** The public function's name, as messages show it. */
  readonly name: string;
  /** What backward reads. */
  readonly saves: Saves;
  /** Computes on raw arrays; several results come as an array. */
  forward(params: P, ...inputs: NdArray[]): NdArray | NdArray[];
  /**
   * One gradient or null per input, from one gradient per output (null where
   * nothing flowed back). Null for ops without gradients.
   */
  readonly backward:
    | ((node: OpNode<P>, ...grads: Tensor[]) => (Tensor | null)[])
    | null;
}

/** A recorded run of an op: an inner vertex of the graph. */
export class OpNode<P = unknown> {
  /** The op that ran. */
  readonly op: Op<P>;
  /** Its parameters. */
  readonly params: P;
  /** The tensors it ran on; empty once retired. */
  inputs: readonly Tensor[];
  /** Its results; empty once retired. */
  outputs: readonly Tensor[] = NONE;
  /** Storages that its forward allocated and that retire with it. */
  owned: readonly Storage[] = NONE;
  /** The inputs that required grad when it ran, as bits. */
  readonly requires: number;
  /** The inputs that backward reads for those, as bits, and `OUTPUT`. */
  readonly saved: number;
  /** The versions of all saved storages, added up: any write changes it. */
  versions = 0;
  /** Nodes are numbered in the order of recording: a topological order. */
  readonly sequence: number;
  /** Walked by a backward that did not retain the graph. */
  retired = false;
  /** The last pass that reached it. */
  seen = 0;
  /** Whether that pass needs its gradients. */
  wanted = true;
  /** Gradients that have arrived in that pass, by output. */
  grads: (Tensor | null)[] = NO_GRADS;

  /** Nodes are made by {@linkcode apply}. */
  constructor(op: Op<P>, params: P, inputs: readonly Tensor[]) {
    this.op = op;
    this.params = params;
    this.inputs = inputs;
    this.sequence = recorded++;
    this.requires = requiring(inputs);
    this.saved = savedBits(op.saves, inputs.length, this.requires);
  }

  /** The i-th input. */
  input(i: number): Tensor {
    return this.inputs[i]!;
  }

  /** The first output, as a tensor of the graph. */
  get output(): Tensor {
    return this.outputs[0]!;
  }

  /** Whether the i-th input required grad when the op ran. */
  required(i: number): boolean {
    // A join of more inputs than bits goes by what they require now.
    return i < BITS ? (this.requires >>> i & 1) !== 0 : this.inputs[i]!
      .requiresGrad;
  }

  /** Whether the running pass uses the gradient of the i-th input. */
  needs(i: number): boolean {
    if (!this.required(i)) return false;
    const input = this.inputs[i]!;
    return input.node === null ? input.slot.wanted : input.node.wanted;
  }
}

/** Inputs that have a bit of their own. */
const BITS = 30;
const NONE: readonly never[] = [];
const NO_GRADS: (Tensor | null)[] = [];
let recorded = 0;

function requiring(inputs: readonly Tensor[]): number {
  let bits = 0;
  for (let i = 0; i < inputs.length && i < BITS; i++) {
    if (inputs[i]!.requiresGrad) bits |= 1 << i;
  }
  return bits;
}

/** The inputs, and the output, that the required gradients read. */
function savedBits(saves: Saves, inputs: number, requires: number): number {
  if (saves === "none") return 0;
  if (saves === "output") return OUTPUT;
  if (saves === "inputs") return (1 << inputs) - 1;
  let bits = 0;
  for (let i = 0; i < saves.length; i++) {
    if (requires >>> i & 1) bits |= saves[i]!;
  }
  return bits;
}

/** The versions of what a node saved, now. */
function savedVersions(node: OpNode): number {
  const { inputs } = node;
  let sum = 0;
  let bits = node.saved;
  if (bits & OUTPUT) {
    sum += node.output.array.storage.version;
    bits ^= OUTPUT;
  }
  for (let i = 0; bits !== 0; i++, bits >>>= 1) {
    if (bits & 1) sum += inputs[i]!.array.storage.version;
  }
  return sum;
}

/** The tensors that a node saved. */
function savedTensors(node: OpNode): Tensor[] {
  const tensors = node.inputs.filter((_, i) =>
    i < BITS && node.saved >>> i & 1
  );
  return node.saved & OUTPUT ? [...tensors, node.output] : tensors;
}

/** Changes the number of nodes that need an op's saved inputs. */
export function countSaves(node: OpNode, by: 1 | -1): void {
  const { inputs } = node;
  let bits = node.saved & ~OUTPUT;
  for (let i = 0; bits !== 0; i++, bits >>>= 1) {
    if ((bits & 1) === 0) continue;
    const { storage } = inputs[i]!.array;
    storage.saves += by;
    if (storage.saves === 0 && storage.handles === 0 && !storage.inGraph) {
      releaseStorage(storage, "dispose");
    }
  }
}

/** Throws PyTorch's sentence if what backward needs was written or freed. */
export function checkSaved(node: OpNode): void {
  if (node.saved === 0) return;
  if (savedVersions(node) !== node.versions) throw modified(node);
  let bits = node.saved & ~OUTPUT;
  for (let i = 0; bits !== 0; i++, bits >>>= 1) {
    if (bits & 1 && node.inputs[i]!.array.storage.state !== "live") {
      throw released(node.inputs[i]!, node.op.name);
    }
  }
  if (node.saved & OUTPUT && node.output.array.storage.state !== "live") {
    throw released(node.output, node.op.name);
  }
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

/** `Tensor [16, 10] from conv2d()`. */
export function describe(tensor: Tensor): string {
  const from = tensor.node?.op.name ?? tensor.array.storage.op;
  return `Tensor ${formatShape(tensor.shape)}${
    from === "" ? "" : ` from ${from}()`
  }`;
}

/** The error for using a tensor whose bytes are gone. */
export function released(tensor: Tensor, op: string): Error {
  const what = describe(tensor);
  switch (tensor.array.storage.state) {
    case "backward":
      return new Error(
        `${what} was released by a later backward(): call detach() to keep a value across steps (used in ${op}())`,
      );
    case "scope":
      return new Error(
        `${what} was released at the end of its scope(): return it from the scope, or keep() it (used in ${op}())`,
      );
    default:
      return new Error(`${what} was disposed of before it was used in ${op}()`);
  }
}

/** Makes tensors; set by tensor.ts, which imports this file and not reversely. */
let makeTensor: (array: NdArray, node: OpNode | null) => Tensor;

/** Called once, by tensor.ts. */
export function setTensorFactory(
  factory: (array: NdArray, node: OpNode | null) => Tensor,
): void {
  makeTensor = factory;
}

/** Runs an op with one result. */
export function apply<P>(
  op: Op<P>,
  inputs: readonly Tensor[],
  params: P,
): Tensor {
  const out = compute(op, inputs, params) as NdArray;
  if (!isFloat(out.dtype) || !shouldRecord(op, inputs)) return settle(out);
  const node = new OpNode(op, params, inputs) as OpNode;
  const tensor = makeTensor(out, node);
  record(node, [tensor]);
  return tensor;
}

/** Runs an op with several results. */
export function applyMany<P>(
  op: Op<P>,
  inputs: readonly Tensor[],
  params: P,
): Tensor[] {
  const outs = compute(op, inputs, params) as NdArray[];
  if (!shouldRecord(op, inputs)) return outs.map(settle);
  const node = new OpNode(op, params, inputs) as OpNode;
  const tensors = outs.map((out) =>
    makeTensor(out, isFloat(out.dtype) ? node : null)
  );
  record(node, tensors);
  return tensors;
}

/** Notes what a node made, what it owns, and what it saved. */
function record(node: OpNode, outputs: readonly Tensor[]): void {
  node.outputs = outputs;
  own(node, freshCount());
  countSaves(node, 1);
  node.versions = savedVersions(node);
}

/** Checks the inputs, runs the forward, frees what it left behind. */
function compute<P>(
  op: Op<P>,
  inputs: readonly Tensor[],
  params: P,
): NdArray | NdArray[] {
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    if (input.array.storage.state !== "live") throw released(input, op.name);
    if (input.disposed && !mode.walking) throw disposed(input, op.name);
  }
  beginOp(op.name);
  let outs: NdArray | NdArray[];
  try {
    switch (inputs.length) {
      case 1:
        outs = op.forward(params, inputs[0]!.array);
        break;
      case 2:
        outs = op.forward(params, inputs[0]!.array, inputs[1]!.array);
        break;
      case 3:
        outs = op.forward(
          params,
          inputs[0]!.array,
          inputs[1]!.array,
          inputs[2]!.array,
        );
        break;
      default:
        outs = op.forward(params, ...inputs.map((input) => input.array));
    }
  } catch (error) {
    freeFresh(NO_ARRAYS);
    throw error;
  }
  if (Array.isArray(outs)) freeFresh(outs);
  else if (freshCount() !== 1 || freshStorage(0) !== outs.storage) {
    freeFresh([outs]);
  } else track(outs.storage);
  return outs;
}

const NO_ARRAYS: readonly NdArray[] = [];

function disposed(input: Tensor, op: string): Error {
  return new Error(
    `${describe(input)} was disposed of before it was used in ${op}()`,
  );
}

/** Frees the temporaries of a forward: all it allocated but its results. */
function freeFresh(results: readonly NdArray[]): void {
  for (let i = 0; i < freshCount(); i++) {
    const storage = freshStorage(i);
    if (holds(results, storage)) track(storage);
    else releaseStorage(storage, "dispose");
  }
}

function holds(arrays: readonly NdArray[], storage: Storage): boolean {
  for (let i = 0; i < arrays.length; i++) {
    if (arrays[i]!.storage === storage) return true;
  }
  return false;
}

function shouldRecord<P>(op: Op<P>, inputs: readonly Tensor[]): boolean {
  if (!mode.recording || op.backward === null) return false;
  for (let i = 0; i < inputs.length; i++) {
    if (inputs[i]!.requiresGrad) return true;
  }
  return false;
}

/** An unrecorded result; a view of a graph's bytes takes them out of it. */
function settle(out: NdArray): Tensor {
  const { storage } = out;
  if ((storage.inGraph || storage.transient) && !mode.walking) {
    storage.escaped = true;
  }
  return makeTensor(out, null);
}

/** Marks what the forward allocated, and kept, as the node's. */
function own(node: OpNode, count: number): void {
  const owned: Storage[] = [];
  for (let i = 0; i < count; i++) {
    const storage = freshStorage(i);
    if (storage.state !== "live") continue;
    storage.inGraph = true;
    owned.push(storage);
  }
  node.owned = owned;
}

export type { NdArray } from "./nd_array.ts";
export {
  allocate,
  contiguous,
  heap,
  pointer,
  viewOf,
  writable,
} from "./nd_array.ts";
export { floatKernels, intKernels, numericKernels } from "./kernel.ts";
export type * from "./kernel_types.ts";
export { beginOp } from "./storage.ts";
export type { Lease, Release, Storage } from "./storage.ts";
