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
import { disposed, released } from "./liveness.ts";
import { type NdArray, watch } from "./nd_array.ts";
import { BITS, save, savedBits, type Saves } from "./saved.ts";
import { track } from "./scope.ts";
import {
  beginOp,
  freshCount,
  freshStorage,
  releaseStorage,
  type Storage,
} from "./storage.ts";
import { ESCAPED, IN_GRAPH, SUSPECT, TRANSIENT } from "./storage_state.ts";
import type { Tensor } from "./tensor.ts";

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
  /** What the storages that its forward allocated begin with: a chain. */
  owned: Storage | null = null;
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
  /** The gradient of its only output that has arrived in that pass. */
  grad: Tensor | null = null;
  /** The same by output, for ops with several: a new list in every pass. */
  grads: (Tensor | null)[] = NO_GRADS;
  /** Its only result; null once retired, or where there are several. */
  #only: Tensor | null = null;
  #several: readonly Tensor[] = NONE;

  /** Nodes are made by {@linkcode apply}. */
  constructor(
    op: Op<P>,
    params: P,
    inputs: readonly Tensor[],
    requires: number,
  ) {
    this.op = op;
    this.params = params;
    this.inputs = inputs;
    this.sequence = recorded++;
    this.requires = requires;
    this.saved = savedBits(op.saves, inputs.length, requires);
  }

  /** The i-th input. */
  input(i: number): Tensor {
    return this.inputs[i]!;
  }

  /** The only result of an op that has one, or null. */
  get only(): Tensor | null {
    return this.#only;
  }

  /** The first output, as a tensor of the graph. */
  get output(): Tensor {
    return this.#only ?? this.#several[0]!;
  }

  /** All outputs; none once retired. */
  get outputs(): readonly Tensor[] {
    return this.#only === null ? this.#several : [this.#only];
  }

  /** Sets the only output. */
  setOutput(output: Tensor): void {
    this.#only = output;
  }

  /** Sets the outputs of an op with a list of them. */
  setOutputs(outputs: readonly Tensor[]): void {
    this.#several = outputs;
  }

  /** Forgets the outputs. */
  clearOutputs(): void {
    this.#only = null;
    this.#several = NONE;
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

const NONE: readonly never[] = [];
const NO_GRADS: (Tensor | null)[] = [];
let recorded = 0;

/** Makes tensors; set by tensor.ts, which imports this file and not reversely. */
let makeTensor: (array: NdArray, node: OpNode | null) => Tensor;

/** Called once, by tensor.ts. */
export function setTensorFactory(
  factory: (array: NdArray, node: OpNode | null) => Tensor,
): void {
  makeTensor = factory;
}

/** A tensor without history over an array that nobody else has. */
export function wrap(array: NdArray): Tensor {
  return makeTensor(array, null);
}

/** Runs an op with one result. */
export function apply<P>(
  op: Op<P>,
  inputs: readonly Tensor[],
  params: P,
): Tensor {
  const requires = check(op, inputs);
  const out = compute(op, inputs, params) as NdArray;
  if (freshCount() === 1 && freshStorage(0) === out.storage) {
    track(out.storage);
  } else freeFresh([out]);
  if (requires === 0 || !isFloat(out.dtype)) return settle(out);
  const node = new OpNode(op, params, inputs, requires) as OpNode;
  const tensor = makeTensor(out, node);
  node.setOutput(tensor);
  record(node);
  return tensor;
}

/** Runs an op with several results. */
export function applyMany<P>(
  op: Op<P>,
  inputs: readonly Tensor[],
  params: P,
): Tensor[] {
  const requires = check(op, inputs);
  const outs = compute(op, inputs, params) as (NdArray | Tensor)[];
  freeFresh(outs as NdArray[]);
  const node = requires !== 0
    ? new OpNode(op, params, inputs, requires) as OpNode
    : null;
  // The list is nobody else's: tensors take the places of their arrays.
  for (let i = 0; i < outs.length; i++) {
    const out = outs[i] as NdArray;
    outs[i] = node === null
      ? settle(out)
      : makeTensor(out, isFloat(out.dtype) ? node : null);
  }
  const tensors = outs as Tensor[];
  if (node !== null) {
    node.setOutputs(tensors);
    record(node);
  }
  return tensors;
}

/** Notes what a node owns (all its forward allocated and kept) and saved. */
function record(node: OpNode): void {
  for (let i = 0; i < freshCount(); i++) {
    const storage = freshStorage(i);
    if (storage === null || (storage.flags & IN_GRAPH) !== 0) continue;
    storage.flags |= IN_GRAPH;
    storage.nextOwned = node.owned;
    node.owned = storage;
  }
  save(node);
  if (mode.inspector !== null) mode.inspector.recorded(node);
}

/**
 * Refuses inputs that are gone; returns which of them require grad, as bits
 * (those without a bit share the last), or 0 where nothing is recorded.
 * Comparing with `true` is one instruction: V8 asks of a bare field whether it
 * is 0, "", NaN, ...
 */
function check<P>(op: Op<P>, inputs: readonly Tensor[]): number {
  let bits = 0;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i]!;
    const { storage } = input.array;
    if ((storage.flags & SUSPECT) !== 0) requireLive(op.name, input);
    if (input.requiresGrad === true) bits |= 1 << (i < BITS ? i : BITS);
  }
  return mode.recording === true && op.backward !== null ? bits : 0;
}

function requireLive(op: string, input: Tensor): void {
  if (!input.array.storage.live) throw released(input, op);
  if (input.disposed && !mode.walking) throw disposed(input, op);
}

/** Runs the forward on arrays; frees what it had allocated when it throws. */
function compute<P>(
  op: Op<P>,
  inputs: readonly Tensor[],
  params: P,
): NdArray | NdArray[] {
  beginOp(op.name);
  try {
    let outs: NdArray | NdArray[];
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
    if (mode.inspector !== null) mode.inspector.ran(op, inputs, params, outs);
    return outs;
  } catch (error) {
    freeFresh(NO_ARRAYS);
    throw error;
  }
}

const NO_ARRAYS: readonly NdArray[] = [];

/** Frees the temporaries of a forward: all it allocated but its results. */
function freeFresh(results: readonly NdArray[]): void {
  let left = freshCount();
  // Most forwards allocate nothing else, and that in the order of their results.
  if (left === results.length) {
    for (let i = 0; i < results.length; i++) {
      if (freshStorage(i) === results[i]!.storage) left--;
    }
    if (left === 0) {
      for (let i = 0; i < results.length; i++) track(results[i]!.storage);
      return;
    }
  }
  for (let i = 0; i < freshCount(); i++) {
    const storage = freshStorage(i);
    if (storage === null) continue;
    // What is claimed is what a result is scattered from.
    if (storage.claims > 0 || holds(results, storage)) track(storage);
    else releaseStorage(storage, "dispose");
  }
}

function holds(arrays: readonly NdArray[], storage: Storage): boolean {
  for (let i = 0; i < arrays.length; i++) {
    if (arrays[i]!.storage === storage) return true;
  }
  return false;
}

/** An unrecorded result; a view of a graph's bytes takes them out of it. */
function settle(out: NdArray): Tensor {
  if (!mode.walking) {
    const { storage } = out;
    const { flags } = storage;
    if ((flags & (IN_GRAPH | TRANSIENT)) !== 0) storage.flags |= ESCAPED;
    if ((flags & IN_GRAPH) === 0) watch(out);
  }
  return makeTensor(out, null);
}
