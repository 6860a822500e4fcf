/** Activations, of which ONNX has most. */

import { type Call, plain, type Translate, type Translators } from "../call.ts";
import { fraction } from "../graph.ts";

/** The numbers that go with an op's kernel. */
interface Scalars {
  scalars: readonly number[];
}

/** The bounds and coefficients of a function of three pieces. */
type Pieces = readonly number[];

/** Beyond which softplus is the identity to the last bit. */
const STRAIGHT = 16;

/** `log(1 + e^(beta x)) / beta`, and x where beta x is beyond a threshold. */
const softplus: Translate = (
  { graph, inputs: [x], params }: Call<Scalars>,
) => {
  const [beta = 1, threshold = 20] = params.scalars;
  const factor = graph.scalar(beta, x!.dtype);
  const inner = beta === 1 ? x! : graph.add("Mul", [x!, factor]);
  const soft = graph.add("Softplus", [inner]);
  const y = beta === 1 ? soft : graph.add("Div", [soft, factor]);
  if (threshold > STRAIGHT) return y;
  const limit = graph.scalar(threshold, x!.dtype);
  const straight = graph.add("Greater", [inner, limit]);
  return graph.add("Where", [straight, x!, y]);
};

/** Clip between the bounds that the pieces begin with. */
const clip: Translate = ({ graph, inputs: [x], params }: Call<Pieces>) => {
  const bounds = params.slice(0, 2).map((b) => graph.scalar(b, x!.dtype));
  return graph.add("Clip", [x!, ...bounds]);
};

/** Shrink, whose lambda is the pieces' upper bound. */
function shrink(moves: boolean): Translate {
  return ({ graph, inputs, params }: Call<Pieces>) => {
    const lambd = fraction(params[1]!);
    const bias = moves ? lambd : fraction(0);
    return graph.add("Shrink", inputs, { lambd, bias });
  };
}

const threshold: Translate = (
  { graph, inputs: [x], params }: Call<Pieces>,
) => {
  const [limit, , , value] = params;
  const { dtype } = x!;
  const below = graph.add("LessOrEqual", [x!, graph.scalar(limit!, dtype)]);
  return graph.add("Where", [below, graph.scalar(value!, dtype), x!]);
};

/** An operator over the logarithms or shares along an axis. */
function along(operator: string): Translate {
  return ({ graph, inputs, params: axis }: Call<number>) =>
    graph.add(operator, inputs, { axis });
}

/** Activations by op. */
export const ACTIVATIONS: Translators = {
  celu: ({ graph, inputs, params }: Call<Scalars>) =>
    graph.add("Celu", inputs, { alpha: fraction(params.scalars[0]!) }),
  elu: ({ graph, inputs, params }: Call<Scalars>) =>
    graph.add("Elu", inputs, { alpha: fraction(params.scalars[0]!) }),
  gelu: plain("Gelu"),
  geluTanh: plain("Gelu", { approximate: "tanh" }),
  hardshrink: shrink(false),
  hardsigmoid: plain("HardSigmoid", {
    alpha: fraction(1 / 6),
    beta: fraction(0.5),
  }),
  hardswish: plain("HardSwish"),
  hardtanh: clip,
  leakyRelu: ({ graph, inputs, params }: Call<number>) =>
    graph.add("LeakyRelu", inputs, { alpha: fraction(params) }),
  logSigmoid: softplus,
  logSoftmax: along("LogSoftmax"),
  mish: plain("Mish"),
  relu: plain("Relu"),
  relu6: clip,
  selu: ({ graph, inputs, params }: Call<Scalars>) => {
    const [product, gamma] = params.scalars;
    const alpha = fraction(product! / gamma!);
    return graph.add("Selu", inputs, { alpha, gamma: fraction(gamma!) });
  },
  sigmoid: plain("Sigmoid"),
  silu: ({ graph, inputs: [x] }) =>
    graph.add("Mul", [x!, graph.add("Sigmoid", [x!])]),
  softmax: along("Softmax"),
  softplus,
  softshrink: shrink(true),
  tanh: plain("Tanh"),
  threshold,
};
