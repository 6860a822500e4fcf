/** Views and what else only moves elements. */

import {
  type Call,
  cast,
  reshaped,
  type Translate,
  type Translators,
} from "../call.ts";
import { derive, type Dim, sameDim } from "../sizes.ts";

/** Beyond the end of any axis. */
const END = 2 ** 31 - 1;

/** Nothing happens: the operand stands for the result. */
const same: Translate = ({ inputs: [x] }) => x!.name;

/** Of several in a row only the last counts. */
const reshape: Translate = (call) => {
  const { inputs: [x], results: [y], producer } = call;
  let first = x!;
  for (
    let from = producer(first);
    from?.op === "reshape";
    from = producer(first)
  ) first = from.inputs[0]!;
  return reshaped(call, first, first.dims, y!.dims);
};

/** A size of 1 keeps the operand's. */
const expand: Translate = ({ graph, sizes, inputs: [x], results: [y] }) => {
  const missing = y!.dims.length - x!.dims.length;
  const kept = y!.dims.map((dim, i): Dim =>
    sameDim(dim, x!.dims[i - missing]) ? 1 : dim
  );
  return graph.add("Expand", [x!, sizes.vector(kept)]);
};

interface Slice {
  dim: number;
  start: Dim;
  length: Dim;
  step: number;
}

/** Positions from the end where those from the start vary. */
const slice: Translate = (
  { graph, sizes, inputs: [x], params }: Call<Slice>,
) => {
  const { dim, step } = params;
  const size = x!.dims[dim]!;
  const last = derive(
    [params.start, params.length],
    (start, length) => length === 0 ? start : start + (length - 1) * step + 1,
  );
  const fromEnd = (at: Dim): Dim => {
    if (typeof at === "number" && typeof size === "number") return at;
    const left = derive([at, size], (a, n) => a - n);
    if (typeof at === "number" || typeof left !== "number") return at;
    return left === 0 ? END : left;
  };
  // Whatever is left after the last element is less than a step.
  const toEnd = derive(
    [last, size, params.length],
    (a, n, length) => length > 0 && n - a < step ? 1 : 0,
  );
  const end = toEnd === 1 ? END : fromEnd(last);
  return graph.add("Slice", [
    x!,
    sizes.vector([fromEnd(params.start)]),
    sizes.vector([end]),
    graph.ints([dim]),
    graph.ints([step]),
  ]);
};

interface Pad {
  shape: readonly Dim[];
  start: readonly Dim[];
  value: number;
}

const pad: Translate = ({ graph, sizes, inputs: [x], params }: Call<Pad>) => {
  const after = params.start.map((start, i) =>
    derive([params.shape[i]!, start, x!.dims[i]!], (n, at, own) => n - at - own)
  );
  const sides = sizes.vector([...params.start, ...after]);
  if (x!.dtype === "bool") {
    const numbers = cast(graph, x!, "int32");
    const value = graph.scalar(params.value === 0 ? 0 : 1, "int32");
    return cast(graph, graph.add("Pad", [numbers, sides, value]), "bool");
  }
  return graph.add("Pad", [x!, sides, graph.scalar(params.value, x!.dtype)]);
};

interface Windows {
  dim: number;
  size: Dim;
  step: Dim;
  dilation: Dim;
  count: Dim;
}

/** Windows along an axis: positions, picked, and the window's axis moved. */
const unfold: Translate = (
  { graph, sizes, inputs: [x], params, results: [y] }: Call<Windows>,
) => {
  const { dim, count, step, dilation, size } = params;
  const range = (n: Dim) =>
    graph.add("Range", [
      graph.scalar(0, "int64"),
      sizes.scalar(n, "int64"),
      graph.scalar(1, "int64"),
    ]);
  const times = (row: string, factor: Dim) =>
    graph.add("Mul", [row, sizes.scalar(factor, "int64")]);
  const starts = graph.add("Unsqueeze", [
    times(range(count), step),
    graph.ints([1]),
  ]);
  const at = graph.add("Add", [starts, times(range(size), dilation)]);
  const picked = graph.add("Gather", [x!, at], { axis: dim });
  const order = y!.dims.map((_, i) => i > dim ? i + 1 : i);
  order[order.length - 1] = dim + 1;
  return graph.add("Transpose", [picked], { perm: order });
};

interface Diagonal {
  offset: number;
  dim1: number;
  dim2: number;
}

/** Both axes as the last one, of which every (columns + 1)th is picked. */
const diagonal: Translate = (call: Call<Diagonal>) => {
  const { graph, inputs: [x], params } = call;
  const { offset, dim1, dim2 } = params;
  const [rows, columns] = [x!.dims[dim1]!, x!.dims[dim2]!];
  const others = x!.dims.map((_, i) => i).filter((i) =>
    i !== dim1 && i !== dim2
  );
  const order = [...others, dim1, dim2];
  const moved = graph.add("Transpose", [x!], { perm: order });
  const flat = reshaped(call, moved, order.map((i) => x!.dims[i]!), [
    ...others.map((i) => x!.dims[i]!),
    derive([rows, columns], (a, b) => a * b),
  ]);
  const length = call.results[0]!.dims.at(-1)!;
  const at = onDiagonal(call, columns, length, offset);
  return graph.add("Gather", [flat, at], { axis: others.length });
};

/** Positions of a diagonal in a matrix that lies flat. */
function onDiagonal(
  { graph, sizes }: Call<Diagonal>,
  columns: Dim,
  length: Dim,
  offset: number,
): string {
  const first = derive([columns], (n) => offset >= 0 ? offset : -offset * n);
  const step = derive([columns], (n) => n + 1);
  const limit = derive([first, step, length], (a, b, n) => a + b * n);
  const bounds = [first, limit, step].map((n) => sizes.scalar(n, "int64"));
  return graph.add("Range", bounds);
}

/** A vector as a diagonal: written into zeros that lie flat. */
const diagonalMatrix: Translate = (call: Call<Diagonal>) => {
  const { graph, sizes, inputs: [x], params: { offset }, results } = call;
  const [rows, columns] = results[0]!.dims as [Dim, Dim];
  const area = derive([rows, columns], (a, b) => a * b);
  const zero = graph.scalar(0, x!.dtype);
  const flat = graph.add("Expand", [zero, sizes.vector([area])]);
  const at = onDiagonal(call, columns, x!.dims[0]!, offset);
  const written = graph.add("ScatterElements", [flat, at, x!], { axis: 0 });
  return reshaped(call, written, [area], [rows, columns]);
};

const triangle: Translate = (
  { graph, inputs: [x], params }: Call<{ upper: boolean; offset: number }>,
) => {
  const { upper, offset } = params;
  const of = (value: string) =>
    graph.add("Trilu", [value, graph.scalar(offset, "int64")], {
      upper: upper ? 1 : 0,
    });
  if (x!.dtype !== "int32") return of(x!.name);
  return cast(graph, of(cast(graph, x!, "int64")), "int32");
};

/** Ops that move elements, by name. */
export const MOVEMENT: Translators = {
  cat: ({ graph, inputs, params: axis }: Call<number>) =>
    graph.add("Concat", inputs, { axis }),
  clone: same,
  contiguous: same,
  diagonal,
  diagonalBackward: diagonalMatrix,
  expand,
  pad,
  permute: ({ graph, inputs, params: perm }: Call<readonly number[]>) =>
    graph.add("Transpose", inputs, { perm }),
  reshape,
  slice,
  triangle,
  unfold,
};
