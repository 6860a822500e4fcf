import type { Tensor } from "@fdunn/tensor";
import {
  type AttentionOptions,
  LayerNorm,
  type Module,
  MultiheadAttention,
  type MultiheadAttentionInputs,
  scaledDotProductAttention,
  Transformer,
  TransformerDecoder,
  TransformerDecoderLayer,
  TransformerEncoder,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "@fdunn/nn";
import { testLayerCases } from "./layer_cases.ts";
import { testOpCases } from "./op_cases.ts";

testOpCases("attention", {
  scaledDotProductAttention: ([q, k, v, attnMask = null], options) =>
    scaledDotProductAttention(q!, k!, v!, {
      attnMask,
      ...options as AttentionOptions,
    }),
});

/** A MultiheadAttention takes one to three tensors, and masks by name. */
function attend(
  layer: MultiheadAttention,
  inputs: Tensor[],
  { names, ...rest }: { names: string[] } & MultiheadAttentionInputs,
): unknown {
  const given = Object.fromEntries(names.map((name, i) => [name, inputs[i]!]));
  const { query, key = query, value = key, ...masks } = given;
  return layer.forward(query!, key!, value!, { ...masks, ...rest });
}

/** The last inputs are masks, by name. */
function withMasks(
  layer: Module<never[]>,
  inputs: Tensor[],
  { masks = [] }: { masks?: string[] },
): unknown {
  const tensors = inputs.slice(0, inputs.length - masks.length);
  const named = Object.fromEntries(
    masks.map((name, i) => [name, inputs[tensors.length + i]!]),
  );
  return layer.forward(...[...tensors, named] as never[]);
}

testLayerCases("transformer", {
  MultiheadAttention: (
    ...args: ConstructorParameters<typeof MultiheadAttention>
  ) => new MultiheadAttention(...args),
  TransformerEncoderLayer: (
    ...args: ConstructorParameters<typeof TransformerEncoderLayer>
  ) => new TransformerEncoderLayer(...args),
  TransformerDecoderLayer: (
    ...args: ConstructorParameters<typeof TransformerDecoderLayer>
  ) => new TransformerDecoderLayer(...args),
  TransformerEncoder: (layers: number, options: TransformerLayerOptions) =>
    new TransformerEncoder(
      new TransformerEncoderLayer(4, 2, options),
      layers,
      { norm: new LayerNorm(4) },
    ),
  TransformerDecoder: (layers: number, options: TransformerLayerOptions) =>
    new TransformerDecoder(new TransformerDecoderLayer(4, 2, options), layers),
  Transformer: (...args: ConstructorParameters<typeof Transformer>) =>
    new Transformer(...args),
}, {
  MultiheadAttention: attend,
  TransformerEncoderLayer: withMasks,
  TransformerDecoderLayer: withMasks,
  TransformerEncoder: withMasks,
  TransformerDecoder: withMasks,
  Transformer: withMasks,
});
