/** Sizes as values of the graph: read from shapes when it runs. */

import { cast } from "./call.ts";
import type { Graph } from "./graph.ts";
import { type Dim, dimOf, Unlike, Varying } from "./sizes.ts";

/** A named size of an input, and what it was in each run. */
export interface NamedSize {
  /** As `dynamicAxes` names it. */
  readonly name: string;
  /** What it was. */
  readonly values: readonly number[];
}

/** A power of a named size. */
interface Power {
  symbol: NamedSize;
  exponent: number;
  factor: number;
}

/** Whether numbers are 1 over whole ones, as far as single precision goes. */
function areInverse(
  whole: readonly number[],
  values: readonly number[],
): boolean {
  return values.every((v, i) => Math.abs(v * whole[i]! - 1) < 1e-6) &&
    whole.some((n) => n !== 1);
}

/** Where sizes that vary can be read, or what computes them. */
export class SizeValues {
  readonly #graph: Graph;
  readonly #symbols: readonly NamedSize[];
  /** Where each varying size is an axis of a value: its name and the axis. */
  readonly #places = new Map<string, readonly [name: string, axis: number]>();
  /** Sizes that the graph has as a value, `[1]` of int64. */
  readonly #known = new Map<string, string>();

  /** Sizes of the graph's inputs come first: note them. */
  constructor(graph: Graph, symbols: readonly NamedSize[]) {
    this.#graph = graph;
    this.#symbols = symbols;
  }

  /** Whether the inputs had other sizes in other runs. */
  get vary(): boolean {
    return this.#symbols.length > 0;
  }

  /** Remembers that a value has these sizes. */
  note(name: string, dims: readonly Dim[]): void {
    dims.forEach((dim, axis) => {
      if (!(dim instanceof Varying) || this.#places.has(dim.key)) return;
      this.#places.set(dim.key, [name, axis]);
    });
  }

  /** What a file calls a size: a number, or the name of a symbol. */
  label(dim: Dim, otherwise: string): number | string {
    if (typeof dim === "number") return dim;
    const same = this.#symbols.find(({ values }) => values.join() === dim.key);
    return same?.name ?? otherwise;
  }

  /** A size as a value `[1]` of int64. */
  size(dim: Dim): string {
    const graph = this.#graph;
    if (typeof dim === "number") return graph.ints([dim]);
    let name = this.#known.get(dim.key);
    if (name === undefined) {
      const { scope } = graph;
      graph.scope = "";
      name = this.#read(dim) ?? this.#compute(dim);
      graph.scope = scope;
      this.#known.set(dim.key, name);
    }
    return name;
  }

  /** A size as a scalar of another type. */
  scalar(dim: Dim, dtype: "int32" | "int64" | "float32" | "float64"): string {
    const graph = this.#graph;
    if (typeof dim === "number") return graph.scalar(dim, dtype);
    const power = dtype.startsWith("float") ? this.#power(dim) : null;
    const inverse = dim.values.map((value) => Math.round(1 / value));
    if (power === null && areInverse(inverse, dim.values)) {
      return graph.add("Reciprocal", [this.scalar(dimOf(inverse), dtype)]);
    }
    if (power !== null) {
      const { symbol, exponent, factor } = power;
      const size = this.scalar(new Varying(symbol.values), dtype);
      const y = graph.add("Pow", [size, graph.scalar(exponent, dtype)]);
      return graph.add("Mul", [y, graph.scalar(factor, dtype)]);
    }
    const flat = graph.add("Squeeze", [this.size(dim), graph.ints([0])]);
    return dtype === "int64" ? flat : cast(graph, flat, dtype);
  }

  /** `factor s^exponent`, as means and 1 / √s are, for one named size s. */
  #power({ values }: Varying): Power | null {
    if (values.every(Number.isInteger)) return null;
    for (const symbol of this.#symbols) {
      for (const exponent of [-1, -0.5, 0.5, -2]) {
        const factors = values.map((v, run) =>
          v / symbol.values[run]! ** exponent
        );
        const [factor] = factors as [number];
        const same = factors.every((other) =>
          Math.abs(other - factor) <= 1e-6 * Math.abs(factor)
        );
        if (same) return { symbol, exponent, factor };
      }
    }
    return null;
  }

  /** Several sizes as a value `[n]` of int64. */
  vector(dims: readonly Dim[]): string {
    if (dims.every((dim) => typeof dim === "number")) {
      return this.#graph.ints(dims);
    }
    if (dims.length === 1) return this.size(dims[0]!);
    const parts = dims.map((dim) => this.size(dim));
    return this.#graph.add("Concat", parts, { axis: 0 });
  }

  #read(dim: Varying): string | null {
    const place = this.#places.get(dim.key);
    if (place === undefined) return null;
    const [name, axis] = place;
    return this.#graph.add("Shape", [name], { start: axis, end: axis + 1 });
  }

  /** A sum of multiples of named sizes, or a multiple of their product. */
  #compute(dim: Varying): string {
    const computed = this.#sum(dim.values) ?? this.#product(dim.values);
    if (computed !== null) return computed;
    throw new Unlike(
      `has a size that depends on the inputs' sizes in no way that the graph can compute: ${
        dim.values.join(", ")
      } for ${
        this.#symbols.map((s) => `${s.name} = ${s.values.join(", ")}`)
          .join(" and ")
      }`,
    );
  }

  #sum(values: readonly number[]): string | null {
    // Run i + 1 differs from the first in size i alone.
    const factors = this.#symbols.map(({ values: s }, i) =>
      (values[i + 1]! - values[0]!) / (s[i + 1]! - s[0]!)
    );
    const sum = (run: number) =>
      this.#symbols.reduce((n, s, i) => n + factors[i]! * s.values[run]!, 0);
    const rest = values[0]! - sum(0);
    const fits = [rest, ...factors].every(Number.isInteger) &&
      values.every((value, run) => value === sum(run) + rest);
    if (!fits) return null;
    const terms = this.#symbols.flatMap((s, i) =>
      factors[i] === 0
        ? []
        : [this.#times(this.size(new Varying(s.values)), factors[i]!)]
    );
    if (rest !== 0) terms.push(this.#graph.ints([rest]));
    return terms.reduce((a, b) => this.#graph.add("Add", [a, b]));
  }

  #product(values: readonly number[]): string | null {
    const factors = this.#symbols.filter(({ values: s }, i) =>
      values[i + 1]! * s[0]! === values[0]! * s[i + 1]!
    );
    const product = (run: number) =>
      factors.reduce((n, { values: s }) => n * s[run]!, 1);
    const rest = values[0]! / product(0);
    const fits = factors.length > 0 && Number.isInteger(rest) &&
      values.every((value, run) => value === rest * product(run));
    if (!fits) return null;
    const name = factors.map(({ values: s }) => this.size(new Varying(s)))
      .reduce((a, b) => this.#graph.add("Mul", [a, b]));
    return this.#times(name, rest);
  }

  #times(name: string, factor: number): string {
    const graph = this.#graph;
    return factor === 1 ? name : graph.add("Mul", [name, graph.ints([factor])]);
  }
}
