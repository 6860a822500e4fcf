/**
 * Layers that are one ONNX operator, though their `forward` is made of several
 * ops: while one runs, its ops are not looked at. A subclass with a `forward`
 * of its own is another layer.
 *
 * @module
 */

import { Tensor } from "@fdunn/tensor";
import { Conv1d } from "../conv1d.ts";
import { Conv2d } from "../conv.ts";
import { Conv3d } from "../conv3d.ts";
import { ConvTranspose1d } from "../conv_transpose1d.ts";
import { ConvTranspose2d } from "../conv_transpose.ts";
import { CrossEntropyLoss, NLLLoss } from "../cross_entropy_loss.ts";
import { Embedding, EmbeddingBag } from "../embedding.ts";
import { Fold } from "../fold.ts";
import { GroupNorm } from "../group_norm.ts";
import { InstanceNorm } from "../instance_norm.ts";
import { Linear } from "../linear.ts";
import type { AnyModule } from "../module.ts";
import { LayerNorm } from "../norm.ts";
import { PadLayer } from "../padding.ts";
import { AvgPool1d, MaxPool1d } from "../pool1d.ts";
import { PReLU } from "../rectifier.ts";
import { GRU, LSTM, type Recurrent, RNN } from "../recurrent.ts";
import { PixelShuffle, Upsample } from "../upsample.ts";

/** A run of a layer, as if it were an op. */
export interface LayerRun {
  /** The layer's class. */
  readonly op: string;
  /** What it does, as plain data. */
  readonly params: unknown;
  /** Its input first, then its parameters. */
  readonly inputs: readonly Tensor[];
}

type Describe = (
  layer: never,
  inputs: readonly unknown[],
) => Omit<LayerRun, "op"> | null;

const table = new Map<object, readonly [op: string, describe: Describe]>();

/**
 * Notes a layer under the prototype that has its `forward`; by a name that no
 * bundler shortens.
 */
function layer<L extends AnyModule>(
  op: string,
  type: abstract new (...args: never[]) => L,
  describe: (
    layer: L,
    inputs: readonly unknown[],
  ) => Omit<LayerRun, "op"> | null,
): void {
  table.set(type.prototype, [op, describe as Describe]);
}

/** The run of a layer of `owner`'s, or null where ops tell more. */
export function layerRun(
  owner: object,
  module: AnyModule,
  inputs: readonly unknown[],
): LayerRun | null {
  const entry = table.get(owner);
  if (entry === undefined || !(inputs[0] instanceof Tensor)) return null;
  const [op, describe] = entry;
  const run = describe(module as never, inputs);
  return run && { op, ...run };
}

/** The tensors among an input and parameters that may be missing. */
function present(...tensors: (Tensor | null | undefined)[]): Tensor[] {
  return tensors.filter((x) => x !== null && x !== undefined);
}

/** The input, if it has so many axes: without the batch's, ops tell more. */
function batched(inputs: readonly unknown[], rank: number): Tensor | null {
  const x = inputs[0] as Tensor;
  return x.ndim === rank ? x : null;
}

/** One number for each axis of a window. */
function each(value: number | readonly number[], axes: number): number[] {
  return typeof value === "number"
    ? new Array<number>(axes).fill(value)
    : [...value];
}

type AnyConvolution =
  | Conv1d
  | Conv2d
  | Conv3d
  | ConvTranspose1d
  | ConvTranspose2d;

const CONVOLUTIONS = {
  ...{ Conv1d, Conv2d, Conv3d, ConvTranspose1d, ConvTranspose2d },
};
for (const [op, type] of Object.entries(CONVOLUTIONS)) {
  layer(
    op,
    type as abstract new (...args: never[]) => AnyConvolution,
    ({ options, weight, bias }, inputs) => {
      const axes = weight.ndim - 2;
      const x = batched(inputs, weight.ndim);
      if (x === null) return null;
      const { stride, padding, dilation, groups } = options;
      const { outputPadding = 0 } = options as { outputPadding?: number };
      const window = { stride, padding, dilation, outputPadding };
      const params = Object.fromEntries(
        Object.entries(window).map(([key, value]) => [key, each(value, axes)]),
      );
      return {
        inputs: present(x, weight, bias),
        params: { ...params, groups },
      };
    },
  );
}

layer("Linear", Linear, ({ weight, bias }, [x]) => ({
  inputs: present(x as Tensor, weight, bias),
  params: null,
}));

layer("LayerNorm", LayerNorm, (norm, [x]) => {
  const { normalizedShape, weight, bias, eps } = norm;
  if (weight === null && bias !== null) return null;
  return {
    inputs: present(x as Tensor, weight, bias),
    params: { normalizedShape, eps },
  };
});

layer("GroupNorm", GroupNorm, ({ numGroups, weight, bias, eps }, inputs) => {
  const x = inputs[0] as Tensor;
  // The operator is for pictures, and has both or none.
  if (x.ndim < 3 || (weight === null) !== (bias === null)) return null;
  return { inputs: present(x, weight, bias), params: { numGroups, eps } };
});

layer("InstanceNorm", InstanceNorm, (norm, inputs) => {
  const { runningMean, runningVar, weight, bias, eps } = norm;
  const { ranks } = norm as unknown as { ranks: readonly number[] }; // protected
  const x = batched(inputs, ranks[1]!);
  if (x === null || (weight === null) !== (bias === null)) return null;
  const running = runningMean !== null;
  if (running && norm.training) return null;
  return {
    inputs: present(x, weight, bias, runningMean, runningVar),
    params: { eps, running, affine: weight !== null },
  };
});

layer("PadLayer", PadLayer, (pads, inputs) => {
  const { padding } = pads;
  const { mode } = pads as unknown as { mode: string }; // a protected field
  // Constants are an op, and cropping is none of the operator's.
  if (mode === "constant" || padding.some((n) => n < 0)) return null;
  return { inputs: [inputs[0] as Tensor], params: { padding, mode } };
});

for (const [op, type] of Object.entries({ AvgPool1d, MaxPool1d })) {
  layer(op, type as typeof AvgPool1d, ({ kernelSize, options }, inputs) => {
    const x = batched(inputs, 3);
    if (x === null) return null;
    const { stride = kernelSize, padding = 0 } = options;
    const { countIncludePad = true } = options;
    const { dilation = 1 } = options as { dilation?: number };
    const params = { kernel: [kernelSize], stride: [stride] };
    return {
      inputs: [x],
      params: {
        ...{ ...params, padding: [padding], dilation: [dilation] },
        countIncludePad,
      },
    };
  });
}

layer("PReLU", PReLU, ({ weight }, [x]) => ({
  inputs: [x as Tensor, weight],
  params: null,
}));

layer("Upsample", Upsample, ({ options }, inputs) => {
  const x = inputs[0] as Tensor;
  const { mode = "nearest", size, scaleFactor, alignCorners = false } = options;
  if (mode === "area") return null; // means over windows
  const axes = x.ndim - 2;
  const exact = size === undefined && options.recomputeScaleFactor !== true;
  return {
    inputs: [x],
    params: {
      ...{ mode, alignCorners, axes },
      scales: exact ? each(scaleFactor!, axes) : null,
    },
  };
});

layer("PixelShuffle", PixelShuffle, ({ upscaleFactor }, inputs) => {
  const x = batched(inputs, 4);
  return x && { inputs: [x], params: upscaleFactor };
});

layer("Fold", Fold, ({ outputSize, kernelSize, options }, inputs) => {
  const x = batched(inputs, 3);
  if (x === null) return null;
  const { stride = 1, padding = 0, dilation = 1 } = options;
  const all = { outputSize, kernelSize, stride, padding, dilation };
  return {
    inputs: [x],
    params: Object.fromEntries(
      Object.entries(all).map(([key, value]) => [key, each(value, 2)]),
    ),
  };
});

layer("Embedding", Embedding, ({ weight, maxNorm, normType }, [indices]) => ({
  inputs: [indices as Tensor, weight],
  params: { maxNorm, normType },
}));

layer(
  "EmbeddingBag",
  EmbeddingBag,
  ({ weight, mode, paddingIdx, maxNorm }, inputs) => {
    const [indices, offsets, factors] = inputs as (Tensor | null | undefined)[];
    const rows = indices!.ndim === 2 && (offsets ?? null) === null;
    // Bags that the indices decide on are known when the graph runs only.
    if (!rows || paddingIdx !== null || maxNorm !== null) return null;
    return { inputs: present(indices, weight, factors), params: { mode } };
  },
);

for (const [op, type] of Object.entries({ CrossEntropyLoss, NLLLoss })) {
  layer(op, type as typeof CrossEntropyLoss, (loss, inputs) => {
    const [x, target] = inputs as Tensor[];
    const { reduction, weight, options } = loss;
    const { ignoreIndex = -100, labelSmoothing = 0 } = options;
    if (x!.ndim < 2 || target!.dtype !== "int32" || labelSmoothing !== 0) {
      return null;
    }
    return {
      inputs: present(x, target, weight),
      params: { reduction, ignoreIndex },
    };
  });
}

type AnyRecurrent = Recurrent<unknown[], unknown>;

for (const [op, type] of Object.entries({ RNN, LSTM, GRU })) {
  layer(
    op,
    type as unknown as abstract new (...args: never[]) => AnyRecurrent,
    (walk, inputs) => {
      const x = batched(inputs, 3);
      if (x === null) return null;
      const first = inputs[1] ?? [];
      const states = (Array.isArray(first) ? first : [first]) as Tensor[];
      const { numLayers, directions, batchFirst } = walk;
      const weights: Tensor[] = [];
      for (let i = 0; i < numLayers * directions; i++) {
        const layer = Math.floor(i / directions);
        const own = walk.weightsOf(layer, i % directions === 1);
        const { weightIh, weightHh, biasIh, biasHh } = own;
        weights.push(...present(weightIh, weightHh, biasIh, biasHh));
      }
      const { nonlinearity = "tanh" } = walk as { nonlinearity?: string };
      return {
        inputs: [x, ...states, ...weights],
        params: {
          ...{ numLayers, directions, batchFirst, nonlinearity },
          states: states.length,
        },
      };
    },
  );
}
