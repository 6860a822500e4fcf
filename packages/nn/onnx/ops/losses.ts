/** Losses that are ops of their own; all others are made of arithmetic. */

import { type Call, cast, type Translate, type Translators } from "../call.ts";

interface Labelled {
  reduction: string;
  ignored: number;
}

const crossEntropy: Translate = (
  { graph, inputs: [x, labels], params }: Call<Labelled>,
) => {
  const classes = cast(graph, labels!, "int64");
  const loss = graph.add("SoftmaxCrossEntropyLoss", [x!, classes], {
    reduction: params.reduction,
    ignore_index: params.ignored,
  });
  return [loss, graph.add("Softmax", [x!], { axis: 1 })];
};

/** Labels with 0 for the ignored, which are not, and how many are not. */
const labels: Translate = (
  { graph, inputs: [target], params }: Call<{ ignored: number | null }>,
) => {
  const zero = graph.scalar(0, "int32");
  const ignored = params.ignored ?? -1; // labels are not below 0
  const left = graph.add("Equal", [target!, graph.scalar(ignored, "int32")]);
  const kept = graph.add("Not", [left]);
  const count = graph.add("ReduceSum", [cast(graph, kept, "int32")], {
    keepdims: 0,
  });
  return [graph.add("Where", [kept, target!, zero]), kept, count];
};

/** `-(t log x + (1 - t) log(1 - x))`, with no logarithm below -100. */
const binaryCrossEntropy: Translate = ({ graph, inputs: [x, t] }) => {
  const { dtype } = x!;
  const one = graph.scalar(1, dtype);
  const least = graph.scalar(-100, dtype);
  const logarithm = (value: string) =>
    graph.add("Max", [graph.add("Log", [value]), least]);
  const hit = graph.add("Mul", [t!, logarithm(x!.name)]);
  const rest = logarithm(graph.add("Sub", [one, x!]));
  const missed = graph.add("Mul", [graph.add("Sub", [one, t!]), rest]);
  return graph.add("Neg", [graph.add("Add", [hit, missed])]);
};

/** Losses by op. */
export const LOSSES: Translators = { binaryCrossEntropy, crossEntropy, labels };
