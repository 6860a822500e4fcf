/** Sizes as values of the graph: read from shapes when it runs. */

import { cast } from "./call.ts";
import type { Graph } from "./graph.ts";
import { type Dim, Unlike, Varying } from "./sizes.ts";

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

  /** `a s + b` for one symbol s, or a multiple of a product of symbols. */
  #compute(dim: Varying): string {
    const graph = this.#graph;
    const { values } = dim;
    for (const symbol of this.#symbols) {
      const s = symbol.values;
      const other = s.findIndex((value) => value !== s[0]);
      if (other < 0) continue;
      const a = (values[other]! - values[0]!) / (s[other]! - s[0]!);
      const b = values[0]! - a * s[0]!;
      const fits = Number.isInteger(a) && a !== 0 && Number.isInteger(b) &&
        values.every((value, run) => value === a * s[run]! + b);
      if (!fits) continue;
      return this.#plus(this.#times(this.size(new Varying(s)), a), b);
    }
    const factors = this.#symbols.filter(({ values: s }, i) => {
      // Run i + 1 differs from the first in symbol i alone.
      return values[i + 1]! * s[0]! === values[0]! * s[i + 1]!;
    });
    const product = (run: number) =>
      factors.reduce((n, { values: s }) => n * s[run]!, 1);
    const rest = values[0]! / product(0);
    const fits = Number.isInteger(rest) &&
      values.every((value, run) => value === rest * product(run));
    if (factors.length === 0 || !fits) {
      throw new Unlike(
        `has a size that depends on the inputs' sizes in no way that the graph can compute: ${
          values.join(", ")
        } for ${
          this.#symbols.map((s) => `${s.name} = ${s.values.join(", ")}`)
            .join(" and ")
        }`,
      );
    }
    const name = factors.map(({ values: s }) => this.size(new Varying(s)))
      .reduce((a, b) => graph.add("Mul", [a, b]));
    return this.#times(name, rest);
  }

  #times(name: string, factor: number): string {
    const graph = this.#graph;
    return factor === 1 ? name : graph.add("Mul", [name, graph.ints([factor])]);
  }

  #plus(name: string, term: number): string {
    const graph = this.#graph;
    return term === 0 ? name : graph.add("Add", [name, graph.ints([term])]);
  }
}
