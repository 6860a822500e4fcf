/** One step of the traces, on its way to become nodes. */

import type { DType } from "@fdunn/tensor";
import type { Attributes, Graph, Input, Operand } from "./graph.ts";
import { elementType } from "./model_file.ts";
import type { Dim } from "./sizes.ts";
import type { SizeValues } from "./size_values.ts";

/** What a step gives. */
export interface Result {
  /** Its sizes. */
  readonly dims: readonly Dim[];
  /** Its type. */
  readonly dtype: DType;
}

/** An earlier step, for operators that take what it took. */
export interface Producer {
  /** The op. */
  readonly op: string;
  /** What it took. */
  readonly inputs: readonly Operand[];
}

/** A step, and the graph that it goes into. */
export interface Call<P = unknown> {
  /** The graph. */
  readonly graph: Graph;
  /** Sizes as values. */
  readonly sizes: SizeValues;
  /** The op. */
  readonly op: string;
  /** What it takes. */
  readonly inputs: readonly Operand[];
  /** Its parameters; numbers that vary are `Varying`. */
  readonly params: P;
  /** What it gives. */
  readonly results: readonly Result[];
  /** The step behind an operand; null for inputs, weights and constants. */
  readonly producer: (operand: Operand) => Producer | null;
}

/**
 * Adds the nodes of a step; returns the names of its results, null for one
 * that has no operator (and may not be used).
 */
export type Translate = (
  call: Call<never>,
) => string | readonly (string | null)[];

/** Translators by op. */
export type Translators = Readonly<Record<string, Translate>>;

/** An operator that does just the same, one result for the same inputs. */
export function plain(operator: string, attributes?: Attributes): Translate {
  return ({ graph, inputs }) => graph.add(operator, inputs, attributes);
}

/** Converts a value. */
export function cast(graph: Graph, value: Input, dtype: DType): string {
  return graph.add("Cast", [value], { to: elementType(dtype) });
}

/** A value with other sizes and the same elements. */
export function reshaped(
  { graph, sizes }: Pick<Call, "graph" | "sizes">,
  value: Input,
  from: readonly Dim[],
  to: readonly Dim[],
): string {
  const shape = target(graph, sizes, from, to);
  const attributes: Attributes = to.includes(0) ? { allowzero: 1 } : {};
  return graph.add("Reshape", [value, shape], attributes);
}

/** 0 stands for the input's size on the same axis, -1 for what is left. */
function target(
  graph: Graph,
  sizes: SizeValues,
  from: readonly Dim[],
  to: readonly Dim[],
): string {
  const plan: (number | null)[] = to.map((dim, i) => {
    if (typeof dim === "number") return dim;
    const same = from[i];
    return typeof same === "object" && same.key === dim.key ? 0 : null;
  });
  const unknown = plan.filter((size) => size === null).length;
  // A size of 0 that is no copy would be taken for one.
  if (unknown > 1 || to.includes(0)) return sizes.vector(to);
  return graph.ints(plan.map((size) => size ?? -1));
}
