/** Reductions, running sums and order along axes. */

import {
  type Call,
  cast,
  reshaped,
  type Translate,
  type Translators,
} from "../call.ts";
import type { Dim } from "../sizes.ts";

interface Reduce {
  axes: readonly number[];
  keepdim: boolean;
}

function reduce(operator: string): Translate {
  return ({ graph, inputs: [x], params, results: [y] }: Call<Reduce>) => {
    const { axes, keepdim } = params;
    if (axes.length === 0) return x!.name; // of a scalar
    // Truth values are counted.
    const value = x!.dtype === "bool" ? cast(graph, x!, y!.dtype) : x!;
    return graph.add(operator, [value, graph.ints(axes)], {
      keepdims: keepdim ? 1 : 0,
    });
  };
}

/** Whether any or all are true: the largest or the smallest of 0 and 1. */
function truth(operator: string): Translate {
  return ({ graph, inputs: [x], params }: Call<Reduce>) => {
    const { axes, keepdim } = params;
    if (axes.length === 0) return x!.name;
    const numbers = cast(graph, x!, "int32");
    const found = graph.add(operator, [numbers, graph.ints(axes)], {
      keepdims: keepdim ? 1 : 0,
    });
    return cast(graph, found, "bool");
  };
}

/** The position of an extremum, along one axis or in the flattened tensor. */
function position(operator: string): Translate {
  return (call: Call<Reduce>) => {
    const { graph, inputs: [x], params: { axes, keepdim }, results } = call;
    const rank = x!.dims.length;
    const all = axes.length === rank && rank !== 1;
    const row = all ? graph.add("Reshape", [x!, graph.ints([-1])]) : x!.name;
    const found = cast(
      graph,
      graph.add(operator, [row], {
        axis: all ? 0 : axes[0]!,
        keepdims: keepdim && !all ? 1 : 0,
      }),
      "int32",
    );
    return all && keepdim ? reshaped(call, found, [], results[0]!.dims) : found;
  };
}

const cumsum: Translate = (
  { graph, inputs: [x], params }: Call<{ dim: number; reverse: boolean }>,
) => {
  if (x!.dims.length === 0) return x!.name;
  const axis = graph.scalar(params.dim, "int64");
  const reverse = params.reverse ? 1 : 0;
  return graph.add("CumSum", [x!, axis], { reverse });
};

interface Sort {
  dim: number;
  k: Dim;
  descending: boolean;
}

const argsort: Translate = (
  { graph, sizes, inputs: [x], params }: Call<Sort>,
) => {
  const { dim, k, descending } = params;
  const scalar = x!.dims.length === 0;
  const row = scalar ? graph.add("Reshape", [x!, graph.ints([1])]) : x!;
  const [, at] = graph.addMany("TopK", [row, sizes.vector([k])], {
    axis: dim,
    largest: descending ? 1 : 0,
    sorted: 1,
  }, 2);
  const found = cast(graph, at!, "int32");
  if (!scalar) return found;
  return graph.add("Squeeze", [found, graph.ints([0])]);
};

/** How many elements of a sorted row are before each value. */
const searchsorted: Translate = (
  { graph, inputs: [sorted, values], params: right }: Call<boolean>,
) => {
  const last = values!.dims.length;
  const rank = sorted!.dims.length;
  const column = graph.add("Unsqueeze", [values!, graph.ints([last])]);
  // A row for each value; one row serves all of them.
  const row = rank === 1
    ? sorted!
    : graph.add("Unsqueeze", [sorted!, graph.ints([rank - 1])]);
  const before = right
    ? graph.add("LessOrEqual", [row, column])
    : graph.add("Less", [row, column]);
  const numbers = cast(graph, before, "int32");
  return graph.add("ReduceSum", [numbers, graph.ints([last])], { keepdims: 0 });
};

/** Reductions by op. */
export const REDUCTIONS: Translators = {
  all: truth("ReduceMin"),
  amax: reduce("ReduceMax"),
  amin: reduce("ReduceMin"),
  any: truth("ReduceMax"),
  argmax: position("ArgMax"),
  argmin: position("ArgMin"),
  argsort,
  cumsum,
  mean: reduce("ReduceMean"),
  prod: reduce("ReduceProd"),
  searchsorted,
  sum: reduce("ReduceSum"),
};
