/** Modules made of modules: lists and dictionaries. */

import type { Tensor } from "@fdunn/tensor";
import { Dictionary } from "./dictionary.ts";
import { LENGTH } from "./hidden_field.ts";
import { type AnyModule, Module } from "./module.ts";

/**
 * Modules one after the other: each gets the output of the one before.
 *
 * They are its fields 0, 1, 2, …: `model[0]` reads one, `model[0] = ...`
 * replaces one, and the state has `0.weight`.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { Linear, ReLU, Sequential } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const model = new Sequential(new Linear(2, 20), new ReLU(), new Linear(20, 2));
 * assertEquals(model.forward(zeros([1, 2])).shape, [1, 2]);
 * assertEquals(Object.keys(model.stateDict())[2], "2.weight");
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Sequential.html
 */
export class Sequential extends Module<[Tensor]> {
  /** The i-th module. */
  [index: number]: Module<[Tensor]>;
  private [LENGTH]: number = 0;

  /** Takes the modules in order. */
  constructor(...modules: Module<[Tensor]>[]) {
    super();
    for (const module of modules) this.append(module);
  }

  /** How many modules there are. */
  get length(): number {
    return this[LENGTH];
  }

  /** Adds a module at the end; returns itself. */
  append(module: Module<[Tensor]>): this {
    requireModule("Sequential", module, this[LENGTH]);
    this[this[LENGTH]++] = module;
    return this;
  }

  /** The modules, in order. */
  *[Symbol.iterator](): Generator<Module<[Tensor]>, void, void> {
    for (let i = 0; i < this[LENGTH]; i++) yield this[i]!;
  }

  /** The input of the first module to the output of the last. */
  forward(x: Tensor): Tensor {
    for (let i = 0; i < this[LENGTH]; i++) x = this[i]!.forward(x);
    return x;
  }
}

/**
 * A list of modules that a module holds in a field, with PyTorch's names. An
 * array in a field does the same; this also is a module by itself.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleList.html
 */
export class ModuleList<M extends AnyModule = Module>
  extends Module<never[], never> {
  /** The i-th module. */
  [index: number]: M;
  private [LENGTH]: number = 0;

  /** Takes the modules in order. */
  constructor(modules: Iterable<M> = []) {
    super();
    this.extend(modules);
  }

  /** How many modules there are. */
  get length(): number {
    return this[LENGTH];
  }

  /** Adds a module at the end; returns itself. */
  append(module: M): this {
    requireModule("ModuleList", module, this[LENGTH]);
    this[this[LENGTH]++] = module;
    return this;
  }

  /** Adds modules at the end; returns itself. */
  extend(modules: Iterable<M>): this {
    for (const module of modules) this.append(module);
    return this;
  }

  /** The modules, in order. */
  *[Symbol.iterator](): Generator<M, void, void> {
    for (let i = 0; i < this[LENGTH]; i++) yield this[i]!;
  }

  /** A list computes nothing: call its modules. */
  forward(): never {
    throw new Error("ModuleList has no forward(): call its modules' own");
  }
}

/**
 * Modules by name, in a module's field: their parameters get names such as
 * `field.name.weight`. (Names that are whole numbers come first, in order, as
 * in every object.)
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { Linear, ModuleDict } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const heads = new ModuleDict({ label: new Linear(8, 10) });
 * heads.set("box", new Linear(8, 4));
 * assertEquals(heads.get("box").forward(zeros([2, 8])).shape, [2, 4]);
 * assertEquals(Object.keys(heads.stateDict())[0], "label.weight");
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ModuleDict.html
 */
export class ModuleDict<M extends AnyModule = Module> extends Dictionary<M> {
  /** Takes the modules of an object, or pairs of name and module. */
  constructor(
    modules: Readonly<Record<string, M>> | Iterable<[string, M]> = {},
  ) {
    super({
      name: "ModuleDict",
      type: Module,
      take(module, name) {
        requireModule("ModuleDict", module, name);
        return module;
      },
    }, modules);
  }

  /** A dictionary computes nothing: call its modules. */
  forward(): never {
    throw new Error("ModuleDict has no forward(): call its modules' own");
  }
}

function requireModule(
  list: string,
  value: unknown,
  i: number | string,
): void {
  if (!(value instanceof Module)) {
    throw new TypeError(
      `${list} got ${
        value === null ? "null" : typeof value
      } at ${i}, expected a Module`,
    );
  }
}
