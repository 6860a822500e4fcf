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

/** What an op's backward reads, and what must not change before it runs. */
export type Saves = "none" | "inputs" | "output" | readonly number[];

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
  /** `inputs` (all, or by position) or `output`: what backward reads. */
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
  /** The versions of all saved storages, added up: any write changes it. */
  versions: number;
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
    this.versions = sumVersions(op.saves, inputs);
  }

  /** The i-th input. */
  input(i: number): Tensor {
    return this.inputs[i]!;
  }

  /** The first output, as a tensor of the graph. */
  get output(): Tensor {
    return this.outputs[0]!;
  }

  /** Whether the running pass uses the gradient of the i-th input. */
  needs(i: number): boolean {
    const input = this.inputs[i]!;
    if (!input.requiresGrad) return false;
    return input.node === null ? input.slot.wanted : input.node.wanted;
  }
}

const NONE: readonly never[] = [];
const NO_GRADS: (Tensor | null)[] = [];
let recorded = 0;

/** Visits the inputs that an op saves. */
function sumVersions(saves: Saves, inputs: readonly Tensor[]): number {
  let sum = 0;
  if (saves === "none" || saves === "output") return sum;
  if (saves === "inputs") {
    for (let i = 0; i < inputs.length; i++) {
      sum += inputs[i]!.array.storage.version;
    }
  } else {
    for (let i = 0; i < saves.length; i++) {
      sum += inputs[saves[i]!]!.array.storage.version;
    }
  }
  return sum;
}

/** The saved input storages of a node, once each time they are saved. */
export function savedInputs(node: OpNode): readonly Tensor[] {
  const { saves } = node.op;
  if (saves === "none" || saves === "output") return NONE;
  if (saves === "inputs") return node.inputs;
  return saves.map((i) => node.inputs[i]!);
}

/** Changes the number of nodes that need an op's saved inputs. */
export function countSaves(node: OpNode, by: 1 | -1): void {
  const { saves } = node.op;
  if (saves === "none" || saves === "output") return;
  const { inputs } = node;
  const length = saves === "inputs" ? inputs.length : saves.length;
  for (let i = 0; i < length; i++) {
    const input = inputs[saves === "inputs" ? i : saves[i]!]!;
    const { storage } = input.array;
    storage.saves += by;
    if (storage.saves === 0 && storage.handles === 0 && !storage.inGraph) {
      releaseStorage(storage, "dispose");
    }
  }
}

/** Throws PyTorch's sentence if what backward needs was written or freed. */
export function checkSaved(node: OpNode): void {
  const { op, inputs } = node;
  const { saves } = op;
  if (saves === "none") return;
  if (saves === "output") {
    const { storage } = node.output.array;
    if (storage.version !== node.versions) throw modified(node);
    if (storage.state !== "live") throw released(node.output, op.name);
    return;
  }
  if (sumVersions(saves, inputs) !== node.versions) throw modified(node);
  for (const input of savedInputs(node)) {
    if (input.array.storage.state !== "live") throw released(input, op.name);
  }
}

function modified(node: OpNode): Error {
  const shapes = node.op.saves === "output"
    ? `the output ${describe(node.output)}`
    : `an input of ${node.op.name}(), one of ${
      savedInputs(node).map(describe).join(", ")
    }`;
  return new Error(
    `one of the variables needed for gradient computation has been modified by an inplace operation: ${shapes}. Clone it before the change, or make the change after backward()`,
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
  countSaves(node, 1);
  own(node, freshCount());
  if (op.saves === "output") node.versions = out.storage.version;
  const tensor = makeTensor(out, node);
  node.outputs = [tensor];
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
  countSaves(node, 1);
  own(node, freshCount());
  const tensors = outs.map((out) =>
    makeTensor(out, isFloat(out.dtype) ? node : null)
  );
  node.outputs = tensors;
  return tensors;
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
    if (results.some((result) => result.storage === storage)) track(storage);
    else releaseStorage(storage, "dispose");
  }
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
export { beginOp } from "./storage.ts";
export type { Release, Storage } from "./storage.ts";
export type {
  AvgPool2dSizes,
  Binary,
  BinaryNd,
  Conv2dSizes,
  FloatKernels,
  Heap,
  Indexed,
  IntKernels,
  NumericKernels,
  PlaneMove,
  Reduce,
  Unary,
  UnaryBackward,
} from "@fdunn/wasm-kernels";
