/**
 * Hooks of modules: functions that see, and may replace, what flows through a
 * module. A module without hooks pays nothing: the first one gives it an own
 * wrapping `forward`, the last one to go takes it away.
 */

import { isGradEnabled, Tensor } from "@fdunn/tensor";
import { applyMany, type Op, viewOf } from "@fdunn/tensor/op";
import type { AnyModule } from "./module.ts";

/**
 * Runs after `forward`; what it returns, if anything, replaces the output.
 * Keep a `detach()` of what you want to look at in later steps.
 */
export type ForwardHook<M extends AnyModule> = (
  module: M,
  inputs: Parameters<M["forward"]>,
  output: ReturnType<M["forward"]>,
) => ReturnType<M["forward"]> | void;

/** Runs before `forward`; what it returns, if anything, replaces the inputs. */
export type ForwardPreHook<M extends AnyModule> = (
  module: M,
  inputs: Parameters<M["forward"]>,
) => readonly Parameters<M["forward"]>[number][] | void;

/**
 * Runs when the gradients of a module's inputs are known: one entry per input
 * and per output, null where no gradient flows. What it returns, if anything,
 * replaces the gradients of the inputs; null stands for zeros.
 */
export type FullBackwardHook<M extends AnyModule> = (
  module: M,
  gradInput: readonly (Tensor | null)[],
  gradOutput: readonly (Tensor | null)[],
) => readonly (Tensor | null)[] | void;

type AnyForwardHook = (m: AnyModule, inputs: unknown, out: unknown) => unknown;
type AnyPreHook = (m: AnyModule, inputs: unknown) => unknown;
type AnyBackwardHook = FullBackwardHook<AnyModule>;

/** The hooks of one module, in the order of registration. */
export class Hooks {
  /** Before `forward`. */
  readonly before: AnyPreHook[] = [];
  /** After `forward`. */
  readonly after: AnyForwardHook[] = [];
  /** In the backward pass. */
  readonly backward: AnyBackwardHook[] = [];
  readonly #module: AnyModule;
  /** An own `forward` that the module had before: an arrow function, say. */
  #own: PropertyDescriptor | undefined;
  #installed = false;

  /** Hooks of this module. */
  constructor(module: AnyModule) {
    this.#module = module;
  }

  /** Adds a hook to one of the lists; returns what removes it. */
  add<Hook>(list: Hook[], hook: Hook): () => void {
    if (typeof hook !== "function") {
      throw new TypeError(`A hook must be a function, got ${typeof hook}`);
    }
    list.push(hook);
    if (!this.#installed) this.#install();
    return () => {
      const i = list.indexOf(hook);
      if (i >= 0) list.splice(i, 1);
      const { before, after, backward } = this;
      if (before.length + after.length + backward.length === 0) this.#remove();
    };
  }

  #install(): void {
    const module = this.#module;
    this.#own = Object.getOwnPropertyDescriptor(module, "forward");
    Object.defineProperty(module, "forward", {
      value: (...inputs: unknown[]) => this.#run(inputs),
      configurable: true,
      enumerable: false,
      writable: true,
    });
    this.#installed = true;
  }

  #remove(): void {
    if (!this.#installed) return;
    this.#installed = false;
    const module = this.#module;
    if (this.#own === undefined) Reflect.deleteProperty(module, "forward");
    else Object.defineProperty(module, "forward", this.#own);
  }

  /** The `forward` behind the hooks, looked up anew: detectAnomaly wraps it. */
  get #forward(): (...inputs: unknown[]) => unknown {
    return this.#own?.value ?? Object.getPrototypeOf(this.#module).forward;
  }

  #run(inputs: unknown[]): unknown {
    const module = this.#module;
    for (const hook of this.before.slice()) {
      const replaced = hook(module, inputs);
      if (replaced === undefined) continue;
      inputs = Array.isArray(replaced) ? replaced : [replaced];
    }
    const watch = this.backward.length > 0 && isGradEnabled()
      ? new BackwardWatch(module, this.backward.slice())
      : null;
    if (watch !== null) inputs = watch.enter(inputs);
    let output = this.#forward.apply(module, inputs);
    for (const hook of this.after.slice()) {
      const replaced = hook(module, inputs, output);
      if (replaced !== undefined) output = replaced;
    }
    return watch === null ? output : watch.leave(output);
  }
}

/** Passes tensors on as views, so that their gradients meet at one node. */
const GATE: Op = {
  name: "moduleHook",
  saves: "none",
  forward: (_, ...inputs) =>
    inputs.map((x) => viewOf(x, x.shape, x.strides, x.offset)),
  backward: (_, ...grads) => grads,
};

/**
 * Watches one run of `forward`: inputs and outputs pass through a gate each,
 * and tensor hooks on the gates' results meet the gradients.
 */
class BackwardWatch {
  readonly #module: AnyModule;
  readonly #hooks: readonly AnyBackwardHook[];
  #inputs: readonly unknown[] = [];
  #gradOutput: readonly (Tensor | null)[] = [];
  /** What the hooks made of the inputs' gradients. */
  #gradInput: readonly (Tensor | null)[] = [];
  /** The backward passes that were last met, by their marks. */
  #outputPass: object | null = null;
  #inputPass: object | null = null;

  constructor(module: AnyModule, hooks: readonly AnyBackwardHook[]) {
    this.#module = module;
    this.#hooks = hooks;
  }

  enter(inputs: readonly unknown[]): unknown[] {
    this.#inputs = inputs;
    return gate(inputs, (grads, i, pass) => {
      if (this.#inputPass !== pass) {
        this.#inputPass = pass;
        this.#gradInput = this.#call(grads);
      }
      return this.#gradInput[i] ?? grads[i]!.zerosLike();
    });
  }

  leave(output: unknown): unknown {
    const single = !Array.isArray(output);
    const outputs: unknown[] = single ? [output] : output;
    const reached = this.#inputs.some(requiresGrad);
    const gated = gate(outputs, (grads, _, pass) => {
      if (this.#outputPass === pass) return null;
      this.#outputPass = pass;
      // The pass frees them before the inputs' gradients are known.
      this.#gradOutput = grads.map((grad) => grad?.detach() ?? null);
      // No gradient will arrive at the inputs: this is the moment.
      if (!reached) this.#call(this.#inputs.map(() => null));
      return null;
    });
    return single ? gated[0] : gated;
  }

  #call(gradInput: readonly (Tensor | null)[]): readonly (Tensor | null)[] {
    for (const hook of this.#hooks) {
      const replaced = hook(this.#module, gradInput, this.#gradOutput);
      if (replaced === undefined) continue;
      if (replaced.length !== gradInput.length) {
        throw new RangeError(
          `A full backward hook of ${this.#module.constructor.name} returned ${replaced.length} gradients for ${gradInput.length} inputs`,
        );
      }
      gradInput = replaced;
    }
    return gradInput;
  }
}

function requiresGrad(value: unknown): value is Tensor {
  return value instanceof Tensor && value.requiresGrad;
}

/**
 * Gets all gradients in the places of the gate's values, the place of the one
 * to replace (or null), and an object that differs from pass to pass.
 */
type Meet = (
  grads: readonly (Tensor | null)[],
  i: number,
  pass: object,
) => Tensor | null;

/** Passes the tensors that require grad through one gate. */
function gate(values: readonly unknown[], meet: Meet): unknown[] {
  const places: number[] = [];
  const tensors: Tensor[] = [];
  values.forEach((value, i) => {
    if (!requiresGrad(value)) return;
    places.push(i);
    tensors.push(value);
  });
  const result = values.slice();
  if (tensors.length === 0) return result;
  const gated = applyMany(GATE, tensors, undefined);
  gated.forEach((tensor, t) => {
    result[places[t]!] = tensor;
    tensor.registerHook(() => {
      const arrived = tensor.node!.grads; // a new array in every pass
      const grads = new Array<Tensor | null>(values.length).fill(null);
      arrived.forEach((grad, k) => grads[places[k]!] = grad);
      return meet(grads, places[t]!, arrived);
    });
  });
  return result;
}
