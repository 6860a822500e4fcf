/** Recurrent layers: whole walks through time, as one operator each. */

import type { Call, Producer, Translate, Translators } from "../call.ts";
import type { TypedArray } from "@fdunn/tensor/op";
import type { Graph, Input, Operand } from "../graph.ts";
import type { Dim } from "../sizes.ts";

/** What ONNX calls a walk, and in which order it has PyTorch's gates. */
interface Kind {
  operator: "RNN" | "LSTM" | "GRU";
  order: readonly number[];
}

/** The kinds by op, and by layer. */
export const KINDS: Readonly<Record<"rnn" | "lstm" | "gru", Kind>> = {
  rnn: { operator: "RNN", order: [0] },
  lstm: { operator: "LSTM", order: [0, 3, 1, 2] },
  gru: { operator: "GRU", order: [1, 0, 2] },
};

/** One walk's weights; null for a bias of zeros. */
export interface WalkWeights {
  /** `[gates hidden, inputs]`. */
  weightIh: Operand;
  /** `[gates hidden, hidden]`. */
  weightHh: Operand;
  /** `[gates hidden]`. */
  biasIh: Operand | null;
  /** `[gates hidden]`. */
  biasHh: Operand | null;
}

/** A weight's elements with the gates in ONNX's order. */
function turned(data: TypedArray, order: readonly number[]): TypedArray {
  const size = data.length / order.length;
  const result = data.slice();
  order.forEach((gate, i) => {
    const part = data.subarray(gate * size, (gate + 1) * size);
    result.set(part as never, i * size);
  });
  return result;
}

/**
 * The gates of a weight in ONNX's order, behind an axis of its own. What is
 * known now is stored so, once for all walks; the rest is turned in the graph.
 */
function gates(
  graph: Graph,
  weight: Operand,
  order: readonly number[],
): string {
  const shape = weight.dims as readonly number[];
  const name = `${weight.name}/gates`;
  if (graph.tensors.has(name)) return name;
  const data = weight.data();
  if (data !== null) {
    return graph.store(name, weight.dtype, [1, ...shape], turned(data, order));
  }
  const rows = shape[0]! / order.length;
  const at = order.flatMap((gate) =>
    Array.from({ length: rows }, (_, i) => gate * rows + i)
  );
  const picked = graph.add("Gather", [weight, graph.ints(at)]);
  return graph.add("Unsqueeze", [picked, graph.ints([0])]);
}

/** Both biases of a walk, one behind the other: `[1, 2 gates hidden]`. */
function biases(
  graph: Graph,
  { biasIh, biasHh, weightHh: { dims, dtype } }: WalkWeights,
  order: readonly number[],
): string | null {
  if (biasIh === null && biasHh === null) return null;
  const parts = [biasIh, biasHh].map((bias) => {
    if (bias !== null) return gates(graph, bias, order);
    const row = graph.filled(0, dims[0]!, dtype);
    return graph.add("Unsqueeze", [row, graph.ints([0])]);
  });
  return graph.add("Concat", parts, { axis: 1 });
}

/** One after the other along the first axis, unless it is only one. */
function joined(graph: Graph, parts: readonly string[]): string {
  return parts.length === 1
    ? parts[0]!
    : graph.add("Concat", parts, { axis: 0 });
}

/** What {@linkcode walk} goes over, and how. */
export interface WalkPlan {
  /** Which layer. */
  kind: "rnn" | "lstm" | "gru";
  /** The inputs `[T, N, inputs]`. */
  x: Input;
  /** One walk's, or those of two in both directions. */
  weights: readonly WalkWeights[];
  /** The first states of each kind, `[directions, N, hidden]`; or none. */
  first: readonly Input[];
  /** What goes on the sums of an RNN. */
  nonlinearity: string;
}

/**
 * The states `[T, directions, N, hidden]`, and the last ones of each kind,
 * `[directions, N, hidden]`.
 */
export function walk(graph: Graph, plan: WalkPlan): string[] {
  const { kind, x, weights, first, nonlinearity } = plan;
  const { operator, order } = KINDS[kind];
  const hidden = weights[0]!.weightHh.dims[1]!;
  const own = weights.map((w) => biases(graph, w, order));
  const inputs = [
    x,
    joined(graph, weights.map((w) => gates(graph, w.weightIh, order))),
    joined(graph, weights.map((w) => gates(graph, w.weightHh, order))),
    own.includes(null) ? null : joined(graph, own as string[]),
    null,
    ...first,
  ];
  const activation = nonlinearity === "relu" ? "Relu" : "Tanh";
  return graph.addMany(operator, inputs, {
    hidden_size: hidden,
    direction: weights.length === 2 ? "bidirectional" : "forward",
    ...kind === "gru" ? { linear_before_reset: 1 } : {},
    ...kind === "rnn" ? { activations: weights.map(() => activation) } : {},
  }, kind === "lstm" ? 3 : 2);
}

/** The map of the inputs, which stands before the op and in the operator. */
function inputMap(
  call: Call<never>,
): { x: Operand; weightIh: Operand; biasIh: Operand | null } {
  let from: Producer | null = call.producer(call.inputs[0]!);
  while (from?.op === "reshape") from = call.producer(from.inputs[0]!);
  if (from?.op !== "linear") {
    throw new Error("has inputs that no linear map gave");
  }
  const [x, weightIh, biasIh = null] = from.inputs;
  return { x: x!, weightIh: weightIh!, biasIh };
}

/** Steps, rows of a step, size of a state. */
interface Walk {
  steps: Dim;
  batch: Dim;
  hidden: number;
}

/** A walk as the op sees it: one layer, one direction. */
function single(
  { graph, sizes, params }: Call<never>,
  { kind, x, weights: [weights], first, nonlinearity }: SinglePlan,
): string[] {
  const { steps, batch } = params as Walk;
  const axes = graph.ints([0]);
  const shape = [steps, batch, x.dims.at(-1)!];
  const rows = graph.add("Reshape", [x, sizes.vector(shape)]);
  const starts = first.map((state) => graph.add("Unsqueeze", [state, axes]));
  const [states, ...last] = walk(graph, {
    ...{ kind, x: rows, weights: [weights], first: starts, nonlinearity },
  });
  return [
    graph.add("Squeeze", [states!, graph.ints([1])]),
    ...last.map((state) => graph.add("Squeeze", [state, axes])),
  ];
}

interface SinglePlan extends WalkPlan {
  x: Operand;
  weights: readonly [WalkWeights];
  first: readonly Operand[];
}

const lstm: Translate = (call: Call<never>) => {
  const { x, weightIh, biasIh } = inputMap(call);
  const [, weightHh, ...first] = call.inputs;
  const weights = { weightIh, weightHh: weightHh!, biasIh, biasHh: null };
  const found = single(call, {
    ...{ kind: "lstm", x, weights: [weights], first, nonlinearity: "tanh" },
  });
  return [...found, null, null];
};

const gru: Translate = (call: Call<never>) => {
  const { x, weightIh, biasIh } = inputMap(call);
  const [, weightHh, ...first] = call.inputs;
  const { biased } = call.params as { biased: boolean };
  const biasHh = biased ? first.shift()! : null;
  const weights = { weightIh, weightHh: weightHh!, biasIh, biasHh };
  const found = single(call, {
    ...{ kind: "gru", x, weights: [weights], first, nonlinearity: "tanh" },
  });
  return [...found, null];
};

const rnn: Translate = (call: Call<never>) => {
  const [x, weightIh, weightHh, h0, biasIh = null, biasHh = null] = call.inputs;
  const weights = { weightIh: weightIh!, weightHh: weightHh!, biasIh, biasHh };
  const { nonlinearity } = call.params as { nonlinearity: string };
  const found = single(call, {
    ...{ kind: "rnn", x: x!, weights: [weights], first: [h0!], nonlinearity },
  });
  // A cell's input has no axis of steps, nor has its state.
  if (x!.dims.length === 3) return found;
  return [call.graph.add("Squeeze", [found[0]!, call.graph.ints([0])])];
};

/** Walks by op. */
export const RECURRENCE: Translators = { gru, lstm, rnn };
