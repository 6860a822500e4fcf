/** Lists and dictionaries of parameters. */

import type { Tensor } from "@fdunn/tensor";
import { formatShape } from "@fdunn/tensor/op";
import { Dictionary } from "./dictionary.ts";
import { LENGTH } from "./hidden_field.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** A tensor as a parameter; a parameter as itself. */
function asParameter(value: Tensor): Parameter {
  return value instanceof Parameter ? value : new Parameter(value);
}

function text(name: string | number, { shape, dtype }: Parameter): string {
  return `(${name}): ${dtype} ${formatShape(shape)}`;
}

/**
 * Parameters in order, in a module's field. An array in a field does the same;
 * this also is a module by itself, and makes parameters of tensors.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ParameterList } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const list = new ParameterList([zeros([2]), zeros([3])]);
 * assertEquals(list[1]!.requiresGrad, true);
 * assertEquals(Object.keys(list.stateDict()), ["0", "1"]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ParameterList.html
 */
export class ParameterList extends Module<never[], never> {
  /** The i-th parameter. */
  [index: number]: Parameter;
  private [LENGTH]: number = 0;

  /** Takes the parameters in order; other tensors are copied into one each. */
  constructor(values: Iterable<Tensor> = []) {
    super();
    this.extend(values);
  }

  /** How many parameters there are. */
  get length(): number {
    return this[LENGTH];
  }

  /** Adds a parameter at the end; returns itself. */
  append(value: Tensor): this {
    this[this[LENGTH]] = asParameter(value);
    this[LENGTH]++;
    return this;
  }

  /** Adds parameters at the end; returns itself. */
  extend(values: Iterable<Tensor>): this {
    for (const value of values) this.append(value);
    return this;
  }

  /** The parameters, in order. */
  *[Symbol.iterator](): Generator<Parameter, void, void> {
    for (let i = 0; i < this[LENGTH]; i++) yield this[i]!;
  }

  /** A list computes nothing. */
  forward(): never {
    throw new Error("ParameterList has no forward(): use its parameters");
  }

  /** Index, dtype and shape of each. */
  override extraRepr(): string {
    return [...this].map((value, i) => text(i, value)).join(", ");
  }
}

/**
 * Parameters by name, in a module's field.
 *
 * ```ts
 * import { ones, zeros } from "@fdunn/tensor";
 * import { ParameterDict } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const scales = new ParameterDict({ low: zeros([2]) });
 * scales.set("high", ones([2]));
 * assertEquals(scales.get("high").toArray(), [1, 1]);
 * assertEquals(Object.keys(scales.stateDict()), ["low", "high"]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ParameterDict.html
 */
export class ParameterDict extends Dictionary<Parameter, Tensor> {
  /** Takes the parameters of an object, or pairs of name and parameter. */
  constructor(
    values: Readonly<Record<string, Tensor>> | Iterable<[string, Tensor]> = {},
  ) {
    const kind = { name: "ParameterDict", type: Parameter, take: asParameter };
    super(kind, values);
  }

  /** A dictionary computes nothing. */
  forward(): never {
    throw new Error("ParameterDict has no forward(): use its parameters");
  }

  /** Name, dtype and shape of each. */
  override extraRepr(): string {
    return this.entries().map(([name, value]) => text(name, value)).join(", ");
  }
}
