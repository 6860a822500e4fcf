/**
 * The base of every layer, loss and network.
 *
 * @module
 */

import { type DType, keep, Tensor } from "@fdunn/tensor";
import {
  type ForwardHook,
  type ForwardPreHook,
  type FullBackwardHook,
  Hooks,
} from "./hook.ts";
import { knowClass } from "./module_trace.ts";
import { Parameter } from "./parameter.ts";
import { type LoadReport, loadState, type StateDict } from "./state_dict.ts";

/** A module of whatever inputs and output. */
export type AnyModule = Module<never[], unknown>;

/** Options of {@linkcode Module.loadStateDict}. */
export interface LoadStateOptions {
  /** Throw for missing and unexpected names. Default `true`. */
  strict?: boolean;
}

/** A field, or an item of a list in a field, that holds something learnable. */
interface Place {
  name: string;
  holder: Record<string, unknown>;
  key: string;
  value: Parameter | AnyModule;
}

/**
 * A part of a network: parameters, other modules, and a `forward`.
 *
 * Fields that hold a {@linkcode Parameter}, a `Module`, or an array of them
 * register themselves: they are found when somebody asks, so assign and
 * replace them at will. `#private` fields cannot be seen, and take no part.
 *
 * `forward` takes tensors and returns one, unless the type arguments say
 * otherwise: `extends Module<[Tensor, number], [Tensor, Tensor]>`.
 *
 * ```ts
 * import { type Tensor, zeros } from "@fdunn/tensor";
 * import * as nn from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * class Net extends nn.Module {
 *   hidden = new nn.Linear(2, 20);
 *   out = new nn.Linear(20, 2);
 *   forward(x: Tensor): Tensor {
 *     return this.out.forward(this.hidden.forward(x).relu());
 *   }
 * }
 * const net = new Net();
 * assertEquals(net.forward(zeros([5, 2])).shape, [5, 2]);
 * assertEquals(Object.keys(net.stateDict()), [
 *   "hidden.weight",
 *   "hidden.bias",
 *   "out.weight",
 *   "out.bias",
 * ]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html
 */
export abstract class Module<
  Inputs extends unknown[] = Tensor[],
  Output = Tensor,
> {
  /** Whether the module is being trained: dropout and the like differ. */
  training = true;
  /** Names of buffers, and whether each belongs into the state. */
  #buffers: Map<string, boolean> | null = null;
  #hooks: Hooks | null = null;

  /** Subclasses make their parts after `super()`. */
  constructor() {
    knowClass(new.target.prototype);
  }

  /** Computes the output; say shapes where you override it. */
  abstract forward(...inputs: Inputs): Output;

  // What it is made of -----------------------------------------------------

  /** Own fields that hold parameters or modules, in order. */
  #places(): Place[] {
    const places: Place[] = [];
    const lists: unknown[] = [];
    const visit = (holder: object, prefix: string): void => {
      const fields = holder as Record<string, unknown>;
      for (const key of Object.keys(fields)) {
        const value = fields[key];
        if (value instanceof Parameter || value instanceof Module) {
          places.push({ name: prefix + key, holder: fields, key, value });
        } else if (Array.isArray(value) && !lists.includes(value)) {
          lists.push(value); // a list may hold itself
          visit(value, `${prefix}${key}.`);
        }
      }
    };
    visit(this, "");
    return places;
  }

  /** Direct members by name; parameters and buffers before modules. */
  #walk(
    prefix: string,
    path: readonly AnyModule[],
    found: (name: string, value: Tensor, buffer: boolean | null) => void,
  ): void {
    const places = this.#places();
    for (const { name, value } of places) {
      if (value instanceof Parameter) found(prefix + name, value, null);
    }
    for (const [name, persistent] of this.#buffers ?? []) {
      const value = (this as Record<string, unknown>)[name];
      if (value instanceof Tensor) found(prefix + name, value, persistent);
    }
    for (const { name, value } of places) {
      if (value instanceof Parameter || path.includes(value)) continue;
      value.#walk(`${prefix}${name}.`, [...path, value], found);
    }
  }

  /** All parameters, its own and those of its modules, each once. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, parameter]) => parameter);
  }

  /** {@linkcode parameters} with their names, such as `conv1.weight`. */
  namedParameters(): [string, Parameter][] {
    const seen = new Set<Tensor>();
    const named: [string, Parameter][] = [];
    this.#walk("", [this], (name, value, buffer) => {
      if (buffer !== null || seen.has(value)) return;
      seen.add(value);
      named.push([name, value as Parameter]);
    });
    return named;
  }

  /** Tensors that belong to the state but are not learned, each once. */
  buffers(): Tensor[] {
    return this.namedBuffers().map(([, buffer]) => buffer);
  }

  /** {@linkcode buffers} with their names. */
  namedBuffers(): [string, Tensor][] {
    const seen = new Set<Tensor>();
    const named: [string, Tensor][] = [];
    this.#walk("", [this], (name, value, buffer) => {
      if (buffer === null || seen.has(value)) return;
      seen.add(value);
      named.push([name, value]);
    });
    return named;
  }

  /** The modules in its own fields, each once. */
  children(): AnyModule[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** {@linkcode children} with their names. */
  namedChildren(): [string, AnyModule][] {
    const seen = new Set<AnyModule>();
    const named: [string, AnyModule][] = [];
    for (const { name, value } of this.#places()) {
      if (value instanceof Parameter || seen.has(value)) continue;
      seen.add(value);
      named.push([name, value]);
    }
    return named;
  }

  /** Itself and all modules below it, each once. */
  modules(): AnyModule[] {
    return this.namedModules().map(([, module]) => module);
  }

  /** {@linkcode modules} with their names; its own name is empty. */
  namedModules(): [string, AnyModule][] {
    const seen = new Set<AnyModule>();
    const named: [string, AnyModule][] = [];
    const visit = (module: AnyModule, name: string): void => {
      if (seen.has(module)) return;
      seen.add(module);
      named.push([name, module]);
      for (const [key, child] of module.namedChildren()) {
        visit(child, name === "" ? key : `${name}.${key}`);
      }
    };
    visit(this, "");
    return named;
  }

  /**
   * Makes the field `name` a buffer: part of the state, moved by `to()`, but
   * no parameter. Returns the tensor, for a field's initialiser:
   * `mean = this.registerBuffer("mean", zeros([3]))`.
   */
  registerBuffer(
    name: string,
    tensor: Tensor,
    options: { persistent?: boolean } = {},
  ): Tensor {
    if (name === "" || name.includes(".") || name in Module.prototype) {
      throw new RangeError(
        `registerBuffer() got the name "${name}", expected one without dots that no method has`,
      );
    }
    if (tensor instanceof Parameter) {
      throw new TypeError(
        `registerBuffer() got a Parameter for "${name}": a field is enough for it`,
      );
    }
    (this.#buffers ??= new Map()).set(name, options.persistent ?? true);
    (this as Record<string, unknown>)[name] = tensor;
    return keep(tensor);
  }

  // Switches ---------------------------------------------------------------

  /** Sets `training` here and below. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** The same as `train(false)`. */
  eval(): this {
    return this.train(false);
  }

  /** Forgets all gradients. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) parameter.grad = null;
  }

  /** Freezes all parameters (`false`) or thaws them. */
  requiresGrad_(flag = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(flag);
    return this;
  }

  /** Calls `f` with every module, those below first; returns itself. */
  apply(f: (module: AnyModule) => void): this {
    const seen = new Set<AnyModule>();
    const visit = (module: AnyModule): void => {
      if (seen.has(module)) return;
      seen.add(module);
      for (const child of module.children()) visit(child);
      f(module);
    };
    visit(this);
    return this;
  }

  /**
   * Converts floating point parameters and buffers. The fields get new
   * tensors, without gradients: make optimizers afterwards.
   */
  to(dtype: DType): this {
    const floats: readonly DType[] = ["float32", "float64"];
    if (!floats.includes(dtype)) {
      throw new TypeError(
        `Module.to() got ${dtype}, expected float32 or float64, the types that compute`,
      );
    }
    const converted = new Map<Tensor, Tensor>();
    const convert = (old: Tensor, make: () => Tensor): Tensor => {
      if (old.dtype === dtype || !floats.includes(old.dtype)) return old;
      let made = converted.get(old);
      if (made === undefined) converted.set(old, made = make());
      return made;
    };
    for (const module of this.modules()) {
      for (const { holder, key, value } of module.#places()) {
        if (!(value instanceof Parameter)) continue;
        holder[key] = convert(value, () => {
          return new Parameter(value.detach().to(dtype), value.requiresGrad);
        });
      }
      const fields = module as unknown as Record<string, unknown>;
      for (const name of module.#buffers?.keys() ?? []) {
        const value = fields[name];
        if (!(value instanceof Tensor)) continue;
        fields[name] = convert(value, () => keep(value.detach().to(dtype)));
      }
    }
    return this;
  }

  // State ------------------------------------------------------------------

  /**
   * Parameters and buffers by name, as handles that share their bytes: what
   * an optimizer writes later is seen in them, too. `clone()` to keep values.
   */
  stateDict(): StateDict {
    const state: StateDict = {};
    this.#walk("", [this], (name, value, buffer) => {
      if (buffer !== false) state[name] = value.detach();
    });
    return state;
  }

  /**
   * Copies a state into parameters and buffers, converting dtypes.
   *
   * Nothing is written unless all of it fits. With `strict: false` names that
   * only one side has are skipped, and returned.
   *
   * ```ts
   * import * as nn from "@fdunn/nn";
   * import { assertEquals } from "@std/assert";
   *
   * const [a, b] = [new nn.Linear(3, 2), new nn.Linear(3, 2)];
   * b.loadStateDict(a.stateDict());
   * assertEquals(b.weight.toArray(), a.weight.toArray());
   * ```
   *
   * @throws RangeError that lists missing and unexpected names, and shapes
   * that differ.
   */
  loadStateDict(state: StateDict, options: LoadStateOptions = {}): LoadReport {
    const own = this.stateDict();
    return loadState(this.constructor.name, own, state, options.strict ?? true);
  }

  // Hooks ------------------------------------------------------------------

  /** Adds a hook that runs after `forward`; returns what removes it. */
  registerForwardHook<M extends AnyModule>(
    this: M,
    hook: ForwardHook<M>,
  ): () => void {
    const hooks = this.#hooks ??= new Hooks(this);
    return hooks.add(hooks.after, hook as typeof hooks.after[number]);
  }

  /** Adds a hook that runs before `forward`; returns what removes it. */
  registerForwardPreHook<M extends AnyModule>(
    this: M,
    hook: ForwardPreHook<M>,
  ): () => void {
    const hooks = this.#hooks ??= new Hooks(this);
    return hooks.add(hooks.before, hook as typeof hooks.before[number]);
  }

  /** Adds a hook that sees the gradients; returns what removes it. */
  registerFullBackwardHook<M extends AnyModule>(
    this: M,
    hook: FullBackwardHook<M>,
  ): () => void {
    const hooks = this.#hooks ??= new Hooks(this);
    return hooks.add(hooks.backward, hook as typeof hooks.backward[number]);
  }

  // Printing ---------------------------------------------------------------

  /** What stands in the parentheses behind the name: options, sizes. */
  extraRepr(): string {
    return "";
  }

  /** The tree of modules, as PyTorch prints it. */
  toString(): string {
    return format(this, []);
  }

  /** What `console.log` shows in Deno. */
  [Symbol.for("Deno.customInspect")](): string {
    return this.toString();
  }

  /** What `console.log` shows in Node. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

function format(module: AnyModule, path: readonly AnyModule[]): string {
  const { name } = module.constructor;
  if (path.includes(module)) return `${name}(...)`;
  const extra = module.extraRepr();
  const children = module.namedChildren();
  if (children.length === 0) return `${name}(${extra})`;
  const lines = children.map(([key, child]) => {
    const text = format(child, [...path, module]).replaceAll("\n", "\n  ");
    return `  (${key}): ${text}\n`;
  });
  return `${name}(\n${extra === "" ? "" : `  ${extra}\n`}${lines.join("")})`;
}
