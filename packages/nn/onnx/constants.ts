/** Tensors that the inputs do not decide, but for their sizes perhaps. */

import type { DType } from "@fdunn/tensor";
import type { TypedArray } from "@fdunn/tensor/op";
import type { Graph } from "./graph.ts";
import { elementsOf } from "./graph.ts";
import { derive, type Dim, dimOf, Unlike } from "./sizes.ts";
import type { SizeValues } from "./size_values.ts";

/** Whether the elements were the same in all runs. */
export function areEqual(runs: readonly (TypedArray | null)[]): boolean {
  const [first] = runs;
  return first !== null && first !== undefined &&
    runs.every((run) =>
      run !== null && run.length === first.length &&
      run.every((value, i) => Object.is(value, first[i]))
    );
}

/**
 * A constant that differed from run to run: one value in a shape that varies,
 * a size, or numbers in equal steps.
 */
export function varyingConstant(
  graph: Graph,
  sizes: SizeValues,
  dtype: DType,
  dims: readonly Dim[],
  runs: readonly TypedArray[],
): string {
  if (!sizes.vary) throw changing(dims);
  const values = runs.map((run) => Array.from(run as Iterable<number>, Number));
  const number = (value: Dim) =>
    typeof value === "number"
      ? graph.constant(dtype, [], elementsOf([value], dtype))
      : sizes.scalar(value, dtype as "float32");
  if (values.every((run) => run.every((value) => value === run[0]))) {
    const scalar = number(dimOf(values.map((run) => run[0] ?? 0)));
    return dims.length === 0
      ? scalar
      : graph.add("Expand", [scalar, sizes.vector(dims)]);
  }
  const steps = values.map((run) => run.length < 2 ? null : run[1]! - run[0]!);
  const step = steps.find((value) => value !== null) ?? 1;
  const even = dims.length === 1 &&
    values.every((run) =>
      run.every((value, i) => value === run[0]! + i * step)
    );
  if (even) {
    const start = dimOf(values.map((run) => run[0] ?? 0));
    const [length] = dims as [Dim];
    if (step > 0) {
      const limit = derive([start, length], (from, n) => from + n * step);
      return graph.add("Range", [number(start), number(limit), number(step)]);
    }
    // Downwards from the start: ONNX Runtime makes Gather over a Range that
    // ends at -1 a Slice that ends with the last element.
    const up = graph.add("Range", [number(0), number(length), number(1)]);
    const down = graph.add("Mul", [up, number(step)]);
    return graph.add("Add", [down, number(start)]);
  }
  if (dims.every((dim) => typeof dim === "number")) throw changing(dims);
  throw new Unlike(
    `takes a constant of shapes ${
      runs.map((_, i) =>
        `[${dims.map((dim) => typeof dim === "number" ? dim : dim.values[i])}]`
      ).join(", ")
    } whose elements depend on the inputs' sizes: make it of arange(), full(), tril() and arithmetic, or let it be a buffer of which forward takes a part`,
  );
}

function changing(dims: readonly Dim[]): Unlike {
  return new Unlike(
    `takes a constant [${
      dims.join(", ")
    }] that is another in every run: random numbers, or something that forward changes. Let it be an input`,
  );
}
