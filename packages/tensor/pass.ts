/**
 * One walk of reverse-mode differentiation: from results to leaves, newest
 * node first. Nodes are numbered as they are recorded, so that is a
 * topological order.
 *
 * Lifetimes (docs/DESIGN.md, "Lifetimes"): a pass retires the nodes it walked.
 * What they had allocated stays readable until the next outermost pass that
 * reaches one of the same leaves has finished, and is then released. What the
 * pass itself allocates is freed as soon as it is consumed (transients.ts).
 */

import { mode } from "./grad_mode.ts";
import type { GradSlot, Retirement } from "./grad_slot.ts";
import { replaceRetirements, retireNode } from "./retirement.ts";
import { describe, usedUp } from "./liveness.ts";
import type { OpNode } from "./op.ts";
import { checkSaved } from "./saved.ts";
import { checkSeed, onesFor } from "./seed.ts";
import { formatShape, sameShape } from "./shape.ts";
import { addressOf, type Storage } from "./storage.ts";
import { KEPT, TRANSIENT } from "./storage_state.ts";
import type { Tensor } from "./tensor.ts";
import { asUser, isWritable, Transients } from "./transients.ts";

/** Options of a backward pass. */
export interface BackwardOptions {
  /** Keep the graph for another pass. Default: the value of `createGraph`. */
  retainGraph?: boolean;
  /** Record the pass itself, for gradients of gradients. Default `false`. */
  createGraph?: boolean;
}

let passes = 0;
let depth = 0;

/** One walk over a graph. */
export class Pass {
  readonly #id = ++passes;
  readonly #roots: readonly Tensor[];
  readonly #create: boolean;
  readonly #retain: boolean;
  /** For `grad()`: the tensors whose gradients are wanted. */
  readonly #wanted: readonly Tensor[] | null;
  readonly #results: (Tensor | null)[];
  readonly #nodes: OpNode[] = [];
  /** The leaves that were reached. */
  readonly #leaves: Tensor[] = [];
  /** What this pass allocates. */
  readonly #transients: Transients;

  constructor(
    roots: readonly Tensor[],
    options: BackwardOptions,
    wanted: readonly Tensor[] | null,
  ) {
    this.#roots = roots;
    this.#create = options.createGraph ?? false;
    this.#retain = options.retainGraph ?? this.#create;
    this.#wanted = wanted;
    this.#transients = new Transients(this.#create);
    this.#results = wanted === null ? NO_GRADS : wanted.map(() => null);
  }

  run(gradients: readonly (Tensor | null)[]): (Tensor | null)[] {
    const name = this.#wanted === null ? "backward" : "grad";
    const roots = this.#roots;
    const nodes = this.#nodes;
    for (let i = 0; i < roots.length; i++) this.#reach(name, roots[i]!);
    this.#sort();
    if (this.#wanted !== null) this.#prune(this.#wanted);
    // Everything that can be refused is refused before a gradient is touched.
    for (let i = 0; i < nodes.length; i++) {
      if (this.#walks(nodes[i]!)) checkSaved(nodes[i]!);
    }
    for (let i = 0; i < roots.length; i++) {
      checkSeed(name, roots[i]!, gradients[i] ?? null);
    }

    const recording = mode.recording;
    const { walking, inner } = mode;
    this.#transients.begin();
    mode.recording = this.#create;
    mode.walking = true;
    mode.inner = this.#wanted === null && !this.#create &&
      mode.inspector === null;
    depth++;
    let done = false;
    try {
      for (let i = 0; i < roots.length; i++) {
        this.#arrive(roots[i]!, gradients[i] ?? this.#ones(roots[i]!));
      }
      for (let i = 0; i < nodes.length; i++) {
        if (nodes[i]!.wanted) this.#step(nodes[i]!);
      }
      if (this.#wanted === null) {
        const leaves = this.#leaves;
        for (let i = 0; i < leaves.length; i++) this.#deliver(leaves[i]!);
      } else this.#collect(this.#wanted);
      done = true;
    } finally {
      depth--;
      mode.recording = recording;
      mode.walking = walking;
      mode.inner = inner;
      // Also what an op had allocated when its backward threw.
      if (!done) this.#transients.adopt();
      this.#transients.end();
      // A pass that throws midway uses up its graph all the same.
      this.#finish(!this.#retain || !done);
    }
    return this.#results;
  }

  /** Lists every node and leaf below a root; refuses used-up graphs. */
  #reach(name: string, root: Tensor): void {
    if (!root.requiresGrad) {
      throw new Error(
        `${name}() got ${
          describe(root)
        }, which does not require grad: element 0 of tensors does not require grad and does not have a grad_fn`,
      );
    }
    if (root.node === null) {
      this.#slotOf(root);
      return;
    }
    const nodes = this.#nodes;
    let next = nodes.length;
    this.#mark(root.node);
    while (next < nodes.length) {
      const node = nodes[next++]!;
      const { inputs } = node;
      for (let i = 0; i < inputs.length; i++) {
        const input = inputs[i]!;
        if (!node.required(i)) continue;
        if (input.node === null) this.#slotOf(input);
        else this.#mark(input.node);
      }
    }
  }

  #mark(node: OpNode): void {
    if (node.seen === this.#id) return;
    if (node.retired) throw usedUp(node);
    node.seen = this.#id;
    node.wanted = true;
    node.grad = null;
    if (node.only === null) node.grads = node.outputs.map(() => null);
    this.#nodes.push(node);
  }

  #slotOf(leaf: Tensor): GradSlot {
    const slot = leaf.slot;
    if (slot.pass !== this.#id) {
      slot.pass = this.#id;
      slot.wanted = true;
      slot.arrived = null;
      this.#leaves.push(leaf);
    }
    return slot;
  }

  /** Newest first. A chain arrives in that order already. */
  #sort(): void {
    const nodes = this.#nodes;
    for (let i = 1; i < nodes.length; i++) {
      if (nodes[i]!.sequence > nodes[i - 1]!.sequence) {
        nodes.sort((a, b) => b.sequence - a.sequence);
        return;
      }
    }
  }

  /** Marks the nodes on paths to the wanted tensors; oldest first. */
  #prune(wanted: readonly Tensor[]): void {
    const goals = new Set(wanted);
    const leads = new Set<OpNode>();
    for (let n = this.#nodes.length - 1; n >= 0; n--) {
      const node = this.#nodes[n]!;
      node.wanted = node.inputs.some((input) =>
        goals.has(input) || (input.node !== null && leads.has(input.node))
      );
      if (node.wanted) leads.add(node);
    }
    for (const leaf of this.#leaves) leaf.slot.wanted = goals.has(leaf);
    // A wanted inner tensor needs its own node's gradient slot, not its walk.
    for (const node of this.#nodes) {
      if (!node.wanted && node.outputs.some((out) => goals.has(out))) {
        node.wanted = true;
        (this.#goalsOnly ??= new Set()).add(node);
      }
    }
  }

  /** Nodes whose gradients are asked for, but nothing below them. */
  #goalsOnly: Set<OpNode> | null = null;

  /** Whether the pass runs a node's backward. */
  #walks(node: OpNode): boolean {
    return node.wanted &&
      (this.#goalsOnly === null || !this.#goalsOnly.has(node));
  }

  /** Runs one node's backward on the gradients that have arrived. */
  #step(node: OpNode): void {
    const { only } = node;
    if (only === null) return this.#stepMany(node);
    if (node.grad === null) return;
    const gradient = this.#meet(only, node.grad);
    node.grad = gradient;
    if (this.#wanted !== null) this.#capture(node);
    if (this.#walks(node)) {
      const start = this.#transients.first;
      this.#hand(node, node.op.backward!(node, gradient), start);
    }
    this.#transients.consume(gradient);
    node.grad = null;
  }

  /** {@linkcode #step} of a node with a list of outputs. */
  #stepMany(node: OpNode): void {
    const { grads, outputs } = node;
    let any = false;
    for (let i = 0; i < grads.length; i++) {
      if (grads[i] === null) continue;
      any = true;
      grads[i] = this.#meet(outputs[i]!, grads[i]!);
    }
    if (this.#wanted !== null) this.#capture(node);
    if (any && this.#walks(node)) {
      const start = this.#transients.first;
      const { backward } = node.op;
      const results = grads.length === 2
        ? backward!(node, grads[0] as Tensor, grads[1] as Tensor)
        : backward!(node, ...grads as Tensor[]);
      this.#hand(node, results, start);
    }
    for (let i = 0; i < grads.length; i++) this.#transients.consume(grads[i]!);
    node.grads = NO_GRADS;
  }

  /** Shows an output's gradient to those who asked for it. */
  #meet(output: Tensor, gradient: Tensor): Tensor {
    if (!output.hasSlot) return gradient;
    const shown = this.#show(output, gradient);
    if (output.slot.retains) this.#accumulate(output.slot, shown);
    return shown;
  }

  /** Hands a node's results, made since `start`, on to its inputs. */
  #hand(
    node: OpNode,
    results: readonly (Tensor | null)[],
    start: Storage | null,
  ): void {
    if (mode.inspector !== null) mode.inspector.handed(node, results);
    const { inputs } = node;
    for (let i = 0; i < inputs.length; i++) {
      const gradient = results[i];
      if (gradient === null || gradient === undefined) continue;
      if (!node.needs(i)) continue;
      const input = inputs[i]!;
      if (!sameShape(gradient.array.shape, input.array.shape)) {
        throw new RangeError(
          `The backward of ${node.op.name}() returned a gradient of shape ${
            formatShape(gradient.shape)
          } for an input of shape ${formatShape(input.shape)}`,
        );
      }
      this.#arrive(input, gradient);
    }
    this.#transients.sweep(start);
  }

  /** Adds a gradient to those that wait at a tensor. */
  #arrive(at: Tensor, gradient: Tensor): void {
    const { node } = at;
    if (node === null) {
      const slot = this.#slotOf(at);
      slot.arrived = this.#transients.merge(slot.arrived, gradient);
    } else if (node.only !== null) {
      node.grad = this.#transients.merge(node.grad, gradient);
    } else {
      const i = node.outputs.indexOf(at);
      node.grads[i] = this.#transients.merge(node.grads[i]!, gradient);
    }
  }

  /** Runs a tensor's hooks, as user code: what they keep is theirs. */
  #show(tensor: Tensor, gradient: Tensor): Tensor {
    const { hooks } = tensor.slot;
    if (hooks === null) return gradient;
    gradient.array.storage.shown = true;
    addressOf(gradient.array.storage);
    asUser(() => {
      for (const hook of [...hooks]) {
        const replaced = hook(gradient);
        if (replaced === undefined || replaced === null) continue;
        if (!sameShape(replaced.shape, tensor.shape)) {
          throw new RangeError(
            `A hook of ${describe(tensor)} returned a gradient of shape ${
              formatShape(replaced.shape)
            }`,
          );
        }
        replaced.array.storage.claims++;
        replaced.array.storage.shown = true;
        this.#transients.consume(gradient);
        gradient = replaced;
      }
    });
    return gradient;
  }

  /** Runs a leaf's hooks and accumulates into its `.grad`. */
  #deliver(leaf: Tensor): void {
    const { slot } = leaf;
    if (slot.arrived === null) return;
    const gradient = this.#show(leaf, slot.arrived);
    slot.arrived = null;
    this.#accumulate(slot, gradient);
    this.#transients.consume(gradient);
    const { afterHooks } = slot;
    if (afterHooks === null) return;
    asUser(() => {
      for (const hook of [...afterHooks]) hook(leaf);
    });
  }

  #accumulate(slot: GradSlot, gradient: Tensor): void {
    const before = slot.gradient;
    if (before !== null && !this.#create && slot.owned && isWritable(before)) {
      before.add_(gradient);
      return;
    }
    const sum = before === null
      ? this.#transients.own(gradient)
      : before.add(gradient);
    if (!this.#create) {
      const { storage } = sum.array;
      storage.flags = storage.flags & ~TRANSIENT | KEPT;
    }
    slot.gradient = sum;
    slot.owned = !this.#create;
  }

  /** For `grad()`: takes the gradients of wanted inner tensors. */
  #capture(node: OpNode): void {
    node.outputs.forEach((output, i) => {
      const gradient = node.only === null ? node.grads[i]! : node.grad;
      if (gradient === null) return;
      this.#wanted!.forEach((goal, w) => {
        if (goal === output) this.#results[w] = this.#transients.own(gradient);
      });
    });
  }

  /** For `grad()`: takes the gradients of wanted leaves. */
  #collect(wanted: readonly Tensor[]): void {
    wanted.forEach((goal, w) => {
      if (goal.node !== null) return;
      const slot = this.#slotOf(goal);
      if (slot.arrived === null) return;
      this.#results[w] = this.#transients.own(this.#show(goal, slot.arrived));
    });
    for (const result of this.#results) {
      if (result === null || this.#create) continue;
      result.array.storage.transient = false;
    }
  }

  /** The gradient of a scalar with respect to itself. */
  #ones(root: Tensor): Tensor {
    const ones = onesFor(root);
    this.#transients.adopt();
    return ones;
  }

  /** Retires the nodes, and releases what earlier passes had retired. */
  #finish(retire: boolean): void {
    const retirement: Retirement = { first: null };
    const nodes = this.#nodes;
    for (let i = 0; i < nodes.length; i++) {
      const node = nodes[i]!;
      node.grad = null;
      node.grads = NO_GRADS;
      if (retire && this.#walks(node)) retireNode(node, retirement);
    }
    const leaves = this.#leaves;
    for (let i = 0; i < leaves.length; i++) leaves[i]!.slot.arrived = null;
    replaceRetirements(leaves, retirement, depth === 0);
  }
}

const NO_GRADS: (Tensor | null)[] = [];
