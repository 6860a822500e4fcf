/** What autograd keeps about one tensor: its gradient, hooks, retirement. */

import type { Storage } from "./storage.ts";
import type { Tensor } from "./tensor.ts";

/** Sees a tensor's gradient; what it returns, if anything, replaces it. */
export type GradHook = (gradient: Tensor) => Tensor | null | void;

/** Runs when a leaf's `.grad` has been accumulated. */
export type AccumulateHook = (leaf: Tensor) => void;

/** What the nodes of one backward pass had allocated, released together. */
export interface Retirement {
  /** The storages, linked by `nextOwned`; null once released. */
  first: Storage | null;
}

/** Made when a tensor first meets autograd from its end. */
export class GradSlot {
  /** The accumulated gradient. */
  gradient: Tensor | null = null;
  /** Made by a pass and never shown: it may be written into, or freed. */
  owned = false;
  /** Run on each gradient, in the order of registration. */
  hooks: GradHook[] | null = null;
  /** Run after accumulation, in the order of registration. */
  afterHooks: AccumulateHook[] | null = null;
  /** Whether an inner tensor keeps its gradient. */
  retains = false;
  /** The last pass that reached the tensor. */
  pass = 0;
  /** Whether that pass is asked for this tensor's gradient. */
  wanted = true;
  /** What has arrived in that pass. */
  arrived: Tensor | null = null;
  /** What the last pass that reached this leaf retired. */
  retirement: Retirement | null = null;

  /** Adds a hook; returns a function that removes it. */
  addHook(hook: GradHook): () => void {
    const hooks = this.hooks ??= [];
    hooks.push(hook);
    return () => {
      drop(hooks, hook);
      // None left: passes need not look, and may write into the gradient.
      if (hooks.length === 0 && this.hooks === hooks) this.hooks = null;
    };
  }

  /** Adds a hook that runs after accumulation; returns what removes it. */
  addAfterHook(hook: AccumulateHook): () => void {
    const hooks = this.afterHooks ??= [];
    hooks.push(hook);
    return () => drop(hooks, hook);
  }
}

function drop<Hook>(hooks: Hook[], hook: Hook): void {
  const i = hooks.indexOf(hook);
  if (i >= 0) hooks.splice(i, 1);
}
