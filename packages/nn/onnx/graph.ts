/**
 * An ONNX graph under construction: nodes and the tensors that they take.
 *
 * @module
 */

import type { DType } from "@fdunn/tensor";
import type { TypedArray } from "@fdunn/tensor/op";
import {
  type Attribute,
  Fraction,
  type NodeRecord,
  type TensorRecord,
} from "./model_file.ts";
import { type Dim, Unlike, Varying } from "./sizes.ts";

/** A node's constants; what varies from run to run is refused. */
export type Attributes = Readonly<
  Record<string, Attribute | Dim | readonly Dim[]>
>;

/** A value that a node can take. */
export interface Operand {
  /** Its name in the graph. */
  readonly name: string;
  /** Its sizes. */
  readonly dims: readonly Dim[];
  /** Its type. */
  readonly dtype: DType;
  /** Its elements, where they are known before the graph runs. */
  readonly data: () => TypedArray | null;
  /** Its number in the traces. */
  readonly value: number;
}

/** What stands for an input: a name, or a value; null where it is left out. */
export type Input = Operand | string | null;

/** Constants of up to so many elements are compared, and equal ones are one. */
const SHARED = 64;

/** A number that an operator takes as a fraction, whole or not. */
export function fraction(value: number): Fraction {
  return new Fraction(value);
}

/** Nodes and tensors, with a name for each. */
export class Graph {
  /** What runs, in order. */
  readonly nodes: NodeRecord[] = [];
  /** What is stored, by name. */
  readonly tensors: Map<string, TensorRecord> = new Map();
  /** The module whose ops are being added. */
  scope = "";
  readonly #nodeNames = new Set<string>();
  readonly #valueNames = new Set<string>();
  /** Small constants by what is in them. */
  readonly #shared = new Map<string, string>();

  /** A name that no other value has, this one if it is free. */
  reserve(name: string): string {
    return unique(name, this.#valueNames);
  }

  /** Adds a node with one result; returns the result's name. */
  add(
    operator: string,
    inputs: readonly Input[],
    attributes: Attributes = {},
  ): string {
    return this.addMany(operator, inputs, attributes, 1)[0]!;
  }

  /** Adds a node with several results; returns their names. */
  addMany(
    operator: string,
    inputs: readonly Input[],
    attributes: Attributes,
    results: number,
  ): string[] {
    const base = this.scope === "" ? operator : `${this.scope}/${operator}`;
    const name = unique(base, this.#nodeNames);
    const outputs = Array.from(
      { length: results },
      (_, i) => this.reserve(i === 0 ? name : `${name}.${i}`),
    );
    const names = inputs.map((input) =>
      input === null ? "" : typeof input === "string" ? input : input.name
    );
    while (names.at(-1) === "") names.pop();
    for (const value of Object.values(attributes)) refuseVarying(value);
    this.nodes.push({
      ...{ name, operator, inputs: names, outputs },
      attributes: attributes as Record<string, Attribute>,
    });
    return outputs;
  }

  /** Stores a tensor under a name of its own. */
  store(
    name: string,
    dtype: DType,
    shape: readonly number[],
    elements: TypedArray,
  ): string {
    refuseVarying(shape);
    const own = this.reserve(name);
    const { buffer, byteOffset, byteLength } = elements;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.tensors.set(own, { name: own, dtype, shape, bytes });
    return own;
  }

  /** A constant; small ones of the same elements are one. */
  constant(
    dtype: DType,
    shape: readonly number[],
    elements: TypedArray,
  ): string {
    if (elements.length > SHARED) {
      return this.store("constant", dtype, shape, elements);
    }
    const { buffer, byteOffset, byteLength } = elements;
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    const key = `${dtype} ${shape} ${bytes}`;
    let name = this.#shared.get(key);
    if (name === undefined) {
      name = this.store("constant", dtype, shape, elements);
      this.#shared.set(key, name);
    }
    return name;
  }

  /** Whole numbers in a row: axes, sizes, positions. */
  ints(values: readonly number[]): string {
    const elements = BigInt64Array.from(values, BigInt);
    return this.constant("int64", [values.length], elements);
  }

  /** A number of the given type, without axes. */
  scalar(value: number, dtype: DType): string {
    return this.constant(dtype, [], elementsOf([value], dtype));
  }

  /** So many times the same number. */
  filled(value: number, count: Dim, dtype: DType): string {
    refuseVarying(count);
    const values = new Array<number>(count as number).fill(value);
    return this.constant(dtype, [count as number], elementsOf(values, dtype));
  }
}

/** Numbers as the elements of a type. */
export function elementsOf(
  values: readonly number[],
  dtype: DType,
): TypedArray {
  switch (dtype) {
    case "float32":
      return Float32Array.from(values);
    case "float64":
      return Float64Array.from(values);
    case "int32":
      return Int32Array.from(values);
    case "int64":
      return BigInt64Array.from(values, BigInt);
    case "int8":
      return Int8Array.from(values);
    case "bool":
    case "uint8":
      return Uint8Array.from(values);
    default:
      throw new TypeError(`exportOnnx() makes no constants of ${dtype}`);
  }
}

function refuseVarying(value: Attribute | Dim | readonly Dim[]): void {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [value];
  const varying = parts.find((part) => part instanceof Varying);
  if (varying === undefined) return;
  throw new Unlike(
    `has a number that depends on the inputs' sizes (${
      (varying as Varying).values.join(", ")
    }), where its ONNX operator takes a constant`,
  );
}

function unique(name: string, taken: Set<string>): string {
  let free = name;
  for (let i = 1; taken.has(free); i++) free = `${name}_${i}`;
  taken.add(free);
  return free;
}
