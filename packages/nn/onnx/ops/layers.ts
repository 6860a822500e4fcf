/** Layers that are operators: see `layer_runs.ts`. */

import {
  type Call,
  cast,
  reshaped,
  type Translate,
  type Translators,
} from "../call.ts";
import { elementsOf, fraction, type Input, type Operand } from "../graph.ts";
import { type Dim, Varying } from "../sizes.ts";
import { POOLS } from "./pools.ts";
import {
  convolution,
  kernelOf,
  type Window,
  windowAttributes,
} from "./products.ts";
import { walk, type WalkWeights } from "./recurrence.ts";

interface Convolution extends Window {
  outputPadding: readonly number[];
}

const transposed: Translate = ({ graph, inputs, params }: Call<Convolution>) =>
  graph.add("ConvTranspose", inputs, {
    ...windowAttributes(params, kernelOf(inputs)),
    output_padding: params.outputPadding,
  });

/** One operator for matrices; a product and a sum for more axes. */
const linear: Translate = ({ graph, inputs: [x, weight, bias] }: Call) => {
  if (x!.dims.length === 2) {
    return graph.add("Gemm", [x!, weight!, bias ?? null], { transB: 1 });
  }
  const turned = graph.add("Transpose", [weight!], { perm: [1, 0] });
  const y = graph.add("MatMul", [x!, turned]);
  return bias === undefined ? y : graph.add("Add", [y, bias]);
};

const layerNorm: Translate = (
  { graph, inputs: [x, weight, bias], params }: Call<
    { normalizedShape: readonly number[]; eps: number }
  >,
) => {
  const { normalizedShape, eps } = params;
  const size = normalizedShape.reduce((a, b) => a * b, 1);
  const ones = () =>
    graph.constant(
      x!.dtype,
      normalizedShape,
      elementsOf(new Array<number>(size).fill(1), x!.dtype),
    );
  const operands = [x!, weight ?? ones(), bias ?? null];
  return graph.add("LayerNormalization", operands, {
    axis: -normalizedShape.length,
    epsilon: fraction(eps),
  });
};

/** A factor and an offset for each channel, 1 and 0 where there are none. */
function affine(
  { graph, inputs: [x, weight, bias] }: Call<never>,
): [Input, Input] {
  const channels = x!.dims[1]!;
  return [
    weight ?? graph.filled(1, channels, x!.dtype),
    bias ?? graph.filled(0, channels, x!.dtype),
  ];
}

const groupNorm: Translate = (
  call: Call<{ numGroups: number; eps: number }>,
) => {
  const { graph, inputs: [x], params } = call;
  const operands = [x!, ...affine(call as Call<never>)];
  return graph.add("GroupNormalization", operands, {
    num_groups: params.numGroups,
    epsilon: fraction(params.eps),
  });
};

const instanceNorm: Translate = (
  call: Call<{ eps: number; running: boolean; affine: boolean }>,
) => {
  const { graph, inputs, params } = call;
  const [x] = inputs;
  const own = { ...call, inputs: params.affine ? inputs : [x!] };
  const operands = [x!, ...affine(own as Call<never>)];
  const epsilon = fraction(params.eps);
  if (!params.running) {
    return graph.add("InstanceNormalization", operands, { epsilon });
  }
  const running = inputs.slice(-2);
  return graph.add("BatchNormalization", [...operands, ...running], {
    epsilon,
  });
};

/** The axes from the last on in ours, from the first on in ONNX's. */
const pad: Translate = (
  { graph, inputs: [x], params }: Call<
    { padding: readonly number[]; mode: string }
  >,
) => {
  const { padding, mode } = params;
  const count = padding.length / 2;
  const axes = Array.from({ length: count }, (_, i) => i - count);
  const side = (end: 0 | 1) =>
    axes.map((axis) => padding[2 * (-axis - 1) + end]!);
  const sides = graph.ints([...side(0), ...side(1)]);
  const names: Record<string, string> = {
    ...{ reflect: "reflect", replicate: "edge", circular: "wrap" },
  };
  return graph.add("Pad", [x!, sides, null, graph.ints(axes)], {
    mode: names[mode]!,
  });
};

/** A pooling layer as its op. */
function pooled(op: "avgPool2d" | "maxPool2d"): Translate {
  return (call: Call<Record<string, unknown>>) => {
    const sizes = {
      ...{ input: call.inputs[0]!.dims, output: call.results[0]!.dims },
    };
    const params = { ...call.params, ...sizes };
    const result = POOLS[op]!({ ...call, params } as Call<never>);
    return typeof result === "string" ? result : result[0]!;
  };
}

/** The slopes broadcast from the left in ONNX: one axis for each behind. */
const prelu: Translate = (call: Call) => {
  const { graph, inputs: [x, slope] } = call;
  const behind = Math.max(0, x!.dims.length - 2);
  if (slope!.dims[0] === 1 || behind === 0) {
    return graph.add("PRelu", [x!, slope!]);
  }
  const shape = [slope!.dims[0]!, ...new Array<Dim>(behind).fill(1)];
  const along = reshaped(call, slope!, slope!.dims, shape);
  return graph.add("PRelu", [x!, along]);
};

interface Resize {
  mode: string;
  alignCorners: boolean;
  axes: number;
  scales: readonly number[] | null;
}

const upsample: Translate = (
  { graph, sizes, inputs: [x], params, results: [y] }: Call<Resize>,
) => {
  const { mode, alignCorners, scales } = params;
  const after = y!.dims.slice(2);
  const varies = after.some((dim) => dim instanceof Varying);
  const before = x!.dims.slice(0, 2);
  // A fraction of a varying size is the operator's to round down.
  const byScales = scales !== null &&
    (varies || fits(x!.dims, y!.dims, scales));
  const extent = byScales
    ? [
      graph.constant(
        "float32",
        [scales.length + 2],
        Float32Array.from([1, 1, ...scales]),
      ),
    ]
    : [null, sizes.vector([...before, ...after])];
  return graph.add("Resize", [x!, null, ...extent], {
    ...resizeAttributes(mode, alignCorners),
  });
};

/** Whether the operator's size, by a factor, is ours. */
function fits(
  from: readonly Dim[],
  to: readonly Dim[],
  scales: readonly number[],
): boolean {
  return scales.every((scale, i) =>
    Math.floor(from[2 + i] as number * Math.fround(scale)) === to[2 + i]
  );
}

function resizeAttributes(mode: string, alignCorners: boolean) {
  const centres = alignCorners ? "align_corners" : "half_pixel";
  switch (mode) {
    case "nearest":
      return {
        mode: "nearest",
        coordinate_transformation_mode: "asymmetric",
        nearest_mode: "floor",
      };
    case "nearest-exact":
      return {
        mode: "nearest",
        coordinate_transformation_mode: "half_pixel",
        nearest_mode: "round_prefer_ceil",
      };
    case "bicubic":
      return {
        mode: "cubic",
        coordinate_transformation_mode: centres,
        cubic_coeff_a: fraction(-0.75),
      };
    default:
      return { mode: "linear", coordinate_transformation_mode: centres };
  }
}

const pixelShuffle: Translate = ({ graph, inputs, params }: Call<number>) =>
  graph.add("DepthToSpace", inputs, { blocksize: params, mode: "CRD" });

interface Columns {
  outputSize: readonly number[];
  kernelSize: readonly number[];
  stride: readonly number[];
  padding: readonly number[];
  dilation: readonly number[];
}

const fold: Translate = ({ graph, inputs: [x], params }: Call<Columns>) => {
  const { outputSize, kernelSize, stride, padding, dilation } = params;
  const sizes = [graph.ints(outputSize), graph.ints(kernelSize)];
  return graph.add("Col2Im", [x!, ...sizes], {
    strides: stride,
    pads: [...padding, ...padding],
    dilations: dilation,
  });
};

/** Rows beyond a norm are scaled when they have been looked up. */
const embedding: Translate = (
  { graph, inputs: [indices, table], params }: Call<
    { maxNorm: number | null; normType: number }
  >,
) => {
  const rows = graph.add("Gather", [table!, indices!]);
  const { maxNorm, normType } = params;
  if (maxNorm === null) return rows;
  const number = (value: number) => graph.scalar(value, table!.dtype);
  const last = graph.ints([-1]);
  const sizes = graph.add("Abs", [rows]);
  const norm = normType === Infinity
    ? graph.add("ReduceMax", [sizes, last])
    : graph.add("Pow", [
      graph.add("ReduceSum", [
        graph.add("Pow", [sizes, number(normType)]),
        last,
      ]),
      number(1 / normType),
    ]);
  const factor = graph.add("Div", [
    number(maxNorm),
    graph.add("Add", [norm, number(1e-7)]),
  ]);
  const beyond = graph.add("Greater", [norm, number(maxNorm)]);
  const by = graph.add("Where", [beyond, factor, number(1)]);
  return graph.add("Mul", [rows, by]);
};

const embeddingBag: Translate = (
  { graph, inputs: [indices, table, factors], params }: Call<{ mode: string }>,
) => {
  let rows = graph.add("Gather", [table!, indices!]);
  if (factors !== undefined) {
    const column = graph.add("Unsqueeze", [factors, graph.ints([2])]);
    rows = graph.add("Mul", [rows, column]);
  }
  const operator = { sum: "ReduceSum", mean: "ReduceMean", max: "ReduceMax" };
  return graph.add(
    operator[params.mode as "sum" | "mean" | "max"],
    [rows, graph.ints([1])],
    { keepdims: 0 },
  );
};

function labelled(operator: string): Translate {
  return (
    { graph, inputs: [x, target, weight], params }: Call<
      { reduction: string; ignoreIndex: number }
    >,
  ) => {
    const classes = cast(graph, target!, "int64");
    return graph.add(operator, [x!, classes, weight ?? null], {
      reduction: params.reduction,
      ignore_index: params.ignoreIndex,
    });
  };
}

interface Layers {
  numLayers: number;
  directions: number;
  batchFirst: boolean;
  nonlinearity: string;
  states: number;
}

function recurrent(kind: "rnn" | "lstm" | "gru"): Translate {
  return (call: Call<Layers>) => {
    const { graph, inputs: [x, ...rest], params } = call;
    const { numLayers, directions, batchFirst, states } = params;
    const first = rest.slice(0, states);
    const weights = walkWeights(rest.slice(states), numLayers * directions);
    const turn = (value: Input) =>
      graph.add("Transpose", [value], { perm: [1, 0, 2] });
    let rows: Input = batchFirst ? turn(x!) : x!;
    const last: string[][] = [];
    for (let layer = 0; layer < numLayers; layer++) {
      const from = layer * directions;
      const bounds = [graph.ints([from]), graph.ints([from + directions])];
      const starts = first.map((state) =>
        numLayers === 1
          ? state
          : graph.add("Slice", [state, ...bounds, graph.ints([0])])
      );
      const [y, ...ends] = walk(graph, {
        ...{ kind, x: rows, first: starts },
        weights: weights.slice(from, from + directions),
        nonlinearity: params.nonlinearity,
      });
      last.push(ends);
      // [T, directions, N, H] to [T, N, directions H]
      rows = directions === 1
        ? graph.add("Squeeze", [y!, graph.ints([1])])
        : graph.add("Reshape", [
          graph.add("Transpose", [y!], { perm: [0, 2, 1, 3] }),
          graph.ints([0, 0, -1]),
        ]);
    }
    const ends = last[0]!.map((end, i) =>
      numLayers === 1
        ? end
        : graph.add("Concat", last.map((all) => all[i]!), { axis: 0 })
    );
    return [batchFirst ? turn(rows) : rows as string, ...ends];
  };
}

function walkWeights(
  tensors: readonly Operand[],
  walks: number,
): WalkWeights[] {
  const each = tensors.length / walks;
  return Array.from({ length: walks }, (_, i) => {
    const [weightIh, weightHh, biasIh = null, biasHh = null] = tensors
      .slice(i * each, (i + 1) * each);
    return { weightIh: weightIh!, weightHh: weightHh!, biasIh, biasHh };
  });
}

/** Layers by class. */
export const LAYERS: Translators = {
  AvgPool1d: pooled("avgPool2d"),
  Conv1d: convolution,
  Conv2d: convolution,
  Conv3d: convolution,
  ConvTranspose1d: transposed,
  ConvTranspose2d: transposed,
  CrossEntropyLoss: labelled("SoftmaxCrossEntropyLoss"),
  Embedding: embedding,
  EmbeddingBag: embeddingBag,
  Fold: fold,
  GRU: recurrent("gru"),
  GroupNorm: groupNorm,
  InstanceNorm: instanceNorm,
  LSTM: recurrent("lstm"),
  LayerNorm: layerNorm,
  Linear: linear,
  MaxPool1d: pooled("maxPool2d"),
  NLLLoss: labelled("NegativeLogLikelihoodLoss"),
  PReLU: prelu,
  PadLayer: pad,
  PixelShuffle: pixelShuffle,
  RNN: recurrent("rnn"),
  Upsample: upsample,
};
