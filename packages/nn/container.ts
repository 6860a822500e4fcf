/** Modules made of modules: lists and dictionaries. */

import { Tensor } from "@fdunn/tensor";
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
  #length = 0;

  /** Takes the modules in order. */
  constructor(...modules: Module<[Tensor]>[]) {
    super();
    for (const module of modules) this.append(module);
  }

  /** How many modules there are. */
  get length(): number {
    return this.#length;
  }

  /** Adds a module at the end; returns itself. */
  append(module: Module<[Tensor]>): this {
    requireModule("Sequential", module, this.#length);
    this[this.#length++] = module;
    return this;
  }

  /** The modules, in order. */
  *[Symbol.iterator](): Generator<Module<[Tensor]>, void, void> {
    for (let i = 0; i < this.#length; i++) yield this[i]!;
  }

  /** The input of the first module to the output of the last. */
  forward(x: Tensor): Tensor {
    for (let i = 0; i < this.#length; i++) x = this[i]!.forward(x);
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
  #length = 0;

  /** Takes the modules in order. */
  constructor(modules: Iterable<M> = []) {
    super();
    this.extend(modules);
  }

  /** How many modules there are. */
  get length(): number {
    return this.#length;
  }

  /** Adds a module at the end; returns itself. */
  append(module: M): this {
    requireModule("ModuleList", module, this.#length);
    this[this.#length++] = module;
    return this;
  }

  /** Adds modules at the end; returns itself. */
  extend(modules: Iterable<M>): this {
    for (const module of modules) this.append(module);
    return this;
  }

  /** The modules, in order. */
  *[Symbol.iterator](): Generator<M, void, void> {
    for (let i = 0; i < this.#length; i++) yield this[i]!;
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
export class ModuleDict<M extends AnyModule = Module>
  extends Module<never[], never> {
  /** Takes the modules of an object, or pairs of name and module. */
  constructor(
    modules: Readonly<Record<string, M>> | Iterable<[string, M]> = {},
  ) {
    super();
    const entries = Symbol.iterator in modules
      ? modules as Iterable<[string, M]>
      : Object.entries(modules);
    for (const [name, module] of entries) this.set(name, module);
  }

  /** How many modules there are. */
  get size(): number {
    return this.namedChildren().length;
  }

  /** The module of that name; throws when there is none. */
  get(name: string): M {
    if (this.has(name)) return fieldsOf<M>(this)[name]!;
    throw new RangeError(
      `ModuleDict has no "${name}", only ${
        this.keys().map((key) => `"${key}"`).join(", ") || "nothing"
      }`,
    );
  }

  /** Whether there is a module of that name. */
  has(name: string): boolean {
    return Object.hasOwn(this, name) &&
      fieldsOf<unknown>(this)[name] instanceof Module;
  }

  /** Adds or replaces a module; returns itself. */
  set(name: string, module: M): this {
    requireName(this, name);
    requireModule("ModuleDict", module, name);
    fieldsOf<M>(this)[name] = module;
    return this;
  }

  /** Removes a module; says whether there was one. */
  delete(name: string): boolean {
    return this.has(name) && delete fieldsOf<M>(this)[name];
  }

  /** The names. */
  keys(): string[] {
    return this.namedChildren().map(([name]) => name);
  }

  /** The modules. */
  values(): M[] {
    return this.entries().map(([, module]) => module);
  }

  /** Names with their modules. */
  entries(): [string, M][] {
    return this.namedChildren() as unknown as [string, M][];
  }

  /** Names with their modules. */
  [Symbol.iterator](): ArrayIterator<[string, M]> {
    return this.entries().values();
  }

  /** A dictionary computes nothing: call its modules. */
  forward(): never {
    throw new Error("ModuleDict has no forward(): call its modules' own");
  }
}

/** A container's members, which are fields beside its own. */
export function fieldsOf<T>(container: AnyModule): Record<string, T> {
  return container as unknown as Record<string, T>;
}

/** Throws for a name that cannot stand in a state, or that is not free. */
export function requireName(container: AnyModule, name: string): void {
  const own = Object.hasOwn(container, name)
    ? fieldsOf<unknown>(container)[name]
    : undefined;
  const member = own instanceof Module || own instanceof Tensor;
  const free = member || !(name in container);
  if (free && name !== "" && !name.includes(".")) return;
  throw new RangeError(
    `${container.constructor.name} got the name "${name}", expected one without dots that no method has`,
  );
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
