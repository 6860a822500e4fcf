/** Normalisation by running moments, or by those of the elements. */

import {
  type Call,
  reshaped,
  type Translate,
  type Translators,
} from "../call.ts";
import { fraction, type Input, type Operand } from "../graph.ts";
import { type Dim, Varying } from "../sizes.ts";

interface Norm {
  training: boolean;
  eps: number;
}

/** By the running moments, which are constants. */
function byRunning(
  { graph, inputs: [x], params }: Call<Norm>,
  weight: Operand | null,
  bias: Operand | null,
  running: readonly Operand[],
): string {
  const { dims, dtype } = x!;
  const scale = weight ?? graph.filled(1, dims[1]!, dtype);
  const offset = bias ?? graph.filled(0, dims[1]!, dtype);
  const inputs = [x!, scale, offset, ...running];
  return graph.add("BatchNormalization", inputs, {
    epsilon: fraction(params.eps),
  });
}

/** By the moments of each channel over all other axes. */
function byMoments({ graph, inputs: [x], params }: Call<Norm>): string {
  const { dims, dtype } = x!;
  const epsilon = fraction(params.eps);
  // The channels of one picture are rows: what layerNorm() makes.
  if (dims[0] === 1 && !dims.slice(2).some((dim) => dim instanceof Varying)) {
    const size = (dims.slice(2) as number[]).reduce((a, b) => a * b, 1);
    const ones = graph.filled(1, size, dtype);
    const shape = graph.ints(dims.slice(2) as number[]);
    const scale = dims.length === 3
      ? ones
      : graph.add("Reshape", [ones, shape]);
    return graph.add("LayerNormalization", [x!, scale], { axis: 2, epsilon });
  }
  const axes = graph.ints(dims.map((_, i) => i).filter((i) => i !== 1));
  const mean = graph.add("ReduceMean", [x!, axes]);
  const apart = graph.add("Sub", [x!, mean]);
  const squares = graph.add("Mul", [apart, apart]);
  const variance = graph.add("ReduceMean", [squares, axes]);
  const eps = graph.scalar(params.eps, dtype);
  const deviation = graph.add("Sqrt", [graph.add("Add", [variance, eps])]);
  return graph.add("Div", [apart, deviation]);
}

const normalize: Translate = (call: Call<Norm>) => {
  const [, ...running] = call.inputs;
  const y = call.params.training
    ? byMoments(call)
    : byRunning(call, null, null, running);
  return [y, null, null];
};

const batchNorm: Translate = (call: Call<Norm>) => {
  const [x, weight, bias, ...running] = call.inputs;
  if (!call.params.training) {
    return [byRunning(call, weight!, bias!, running), null, null];
  }
  const { graph } = call;
  const channel = x!.dims.map((dim, i): Dim => i === 1 ? dim : 1);
  const along = (value: Operand): Input =>
    reshaped(call, value, value.dims, channel);
  const scaled = graph.add("Mul", [byMoments(call), along(weight!)]);
  return [graph.add("Add", [scaled, along(bias!)]), null, null];
};

/** Normalisation by op. */
export const NORMALIZATION: Translators = { batchNorm, normalize };
