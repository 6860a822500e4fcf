/** Picking and writing by index tensors. */

import { type Call, cast, type Translate, type Translators } from "../call.ts";
import { elementsOf, type Graph, type Input } from "../graph.ts";
import type { Dim } from "../sizes.ts";

interface Index {
  dim: number;
  shape: readonly Dim[];
}

/** Zeros of a shape. */
function zeros({ graph, sizes, inputs, params }: Call<Index>): string {
  const zero = graph.scalar(0, inputs[0]!.dtype);
  return graph.add("Expand", [zero, sizes.vector(params.shape)]);
}

/** Runs `f` with an axis as the first, and puts it back. */
function withAxisFirst(
  graph: Graph,
  axis: number,
  rank: number,
  f: (turn: (x: Input) => Input) => string,
): string {
  if (axis === 0) return f((x) => x);
  const rest = Array.from({ length: rank }, (_, i) => i)
    .filter((i) => i !== axis);
  const perm = [axis, ...rest];
  const y = f((x) => graph.add("Transpose", [x], { perm }));
  const back = perm.map((_, i) => perm.indexOf(i));
  return graph.add("Transpose", [y], { perm: back });
}

/** Rows written, or added, at their index. */
function rows(reduction: "none" | "add"): Translate {
  return (call: Call<Index>) => {
    const { graph, inputs, params } = call;
    const added = reduction === "add";
    const into = added ? zeros(call) : inputs[0]!;
    const [index, source] = added
      ? [inputs[1]!, inputs[0]!]
      : [inputs[1]!, inputs[2]!];
    const wide = cast(graph, index, "int64");
    const at = graph.add("Unsqueeze", [wide, graph.ints([1])]);
    const rank = params.shape.length;
    return withAxisFirst(graph, params.dim, rank, (turn) => {
      const operands = [turn(into), at, turn(source)];
      return graph.add("ScatterND", operands, { reduction });
    });
  };
}

/** The same element by element: the index has the source's shape. */
const scatter: Translate = ({ graph, inputs, params }: Call<Index>) =>
  graph.add("ScatterElements", inputs, { axis: params.dim });

const elementsAdded: Translate = (call: Call<Index>) => {
  const { graph, inputs: [source, index], params } = call;
  return graph.add("ScatterElements", [zeros(call), index!, source!], {
    axis: params.dim,
    reduction: "add",
  });
};

/** Rows that lie flat, in which what arrives is folded. */
const scatterReduce: Translate = (
  { graph, inputs, params }: Call<"prod" | "amax" | "amin">,
) => {
  const reduction = { prod: "mul", amax: "max", amin: "min" }[params];
  return graph.add("ScatterElements", inputs, { axis: 0, reduction });
};

const oneHot: Translate = (
  { graph, inputs: [labels], params, results }: Call<{ classes: number }>,
) => {
  const { classes } = params;
  const names = Array.from({ length: classes }, (_, i) => i);
  const row = graph.constant("int32", [classes], elementsOf(names, "int32"));
  const column = graph.add("Unsqueeze", [labels!, graph.ints([-1])]);
  return cast(graph, graph.add("Equal", [column, row]), results[0]!.dtype);
};

interface Linear {
  shape: readonly Dim[];
  dim: number;
  wraps: boolean;
}

/** Row-major positions from one index per axis. */
const linearIndex: Translate = (
  { graph, sizes, inputs, params }: Call<Linear>,
) => {
  const { shape, dim, wraps } = params;
  const zero = graph.scalar(0, "int32");
  let sum = "";
  inputs.forEach((index, i) => {
    const size = sizes.scalar(shape[dim + i]!, "int32");
    let at = index.name;
    if (wraps) {
      const negative = graph.add("Less", [at, zero]);
      const moved = graph.add("Add", [at, size]);
      at = graph.add("Where", [negative, moved, at]);
    }
    sum = sum === ""
      ? at
      : graph.add("Add", [graph.add("Mul", [sum, size]), at]);
  });
  return sum;
};

/** Picking and writing by op. */
export const PICKING: Translators = {
  embedding: ({ graph, inputs: [index, table] }) =>
    graph.add("Gather", [table!, index!]),
  gather: ({ graph, inputs, params }: Call<Index>) =>
    graph.add("GatherElements", inputs, { axis: params.dim }),
  gatherBackward: elementsAdded,
  indexCopy: rows("none"),
  indexSelect: ({ graph, inputs, params }: Call<Index>) =>
    graph.add("Gather", inputs, { axis: params.dim }),
  indexSelectBackward: rows("add"),
  linearIndex,
  oneHot,
  scatter,
  scatterReduce,
};
