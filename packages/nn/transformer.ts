/** Stacks of Transformer layers, and the whole of both. */

import type { Tensor } from "@fdunn/tensor";
import { causalMask } from "./attention.ts";
import { ModuleList } from "./container.ts";
import { xavierUniform_ } from "./init.ts";
import { type AnyModule, Module } from "./module.ts";
import { LayerNorm } from "./norm.ts";
import {
  type DecoderLayerInputs,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  type TransformerLayerOptions,
} from "./transformer_layer.ts";
import { requireCount } from "@fdunn/tensor/op";

/** Options of {@linkcode TransformerEncoder} and {@linkcode TransformerDecoder}. */
export interface TransformerStackOptions {
  /** A normalisation of the result. Default: none. */
  norm?: Module<[Tensor]> | null;
}

/** Masks of {@linkcode TransformerEncoder}'s forward. */
export interface EncoderInputs {
  /** Which positions a position looks at: `[L, L]` or `[N heads, L, L]`. */
  mask?: Tensor | null;
  /** Which positions are padding: `[N, L]`. */
  srcKeyPaddingMask?: Tensor | null;
  /** Position i looks at the positions 0 to i only. Default `false`. */
  isCausal?: boolean;
}

/** `count` layers like the given one, with equal parameters of their own. */
function copies<L extends AnyModule & { copy(): L }>(
  stack: string,
  layer: L,
  count: number,
): ModuleList<L> {
  requireCount(stack, "numLayers", count);
  return new ModuleList(Array.from({ length: count }, () => layer.copy()));
}

/**
 * A stack of encoder layers: copies of one, whose parameters are equal at first
 * (as in PyTorch: {@linkcode Transformer} draws them anew).
 *
 * Shapes are the layer's. Parameters have PyTorch's names: `layers.0.linear1.weight`, …
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { TransformerEncoder, TransformerEncoderLayer } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new TransformerEncoderLayer(8, 2, { dimFeedforward: 16 });
 * const encoder = new TransformerEncoder(layer, 3);
 * assertEquals(encoder.forward(randn([5, 2, 8])).shape, [5, 2, 8]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerEncoder.html
 */
export class TransformerEncoder
  extends Module<[src: Tensor, masks?: EncoderInputs]> {
  /** The layers, in order. */
  layers: ModuleList<TransformerEncoderLayer>;
  /** A normalisation of the result, or null. */
  norm: Module<[Tensor]> | null;

  /** Copies `layer` so many times. */
  constructor(
    layer: TransformerEncoderLayer,
    numLayers: number,
    options: TransformerStackOptions = {},
  ) {
    super();
    this.layers = copies("TransformerEncoder", layer, numLayers);
    this.norm = options.norm ?? null;
  }

  /** The same shape as the input's. */
  forward(src: Tensor, masks: EncoderInputs = {}): Tensor {
    const { mask = null, srcKeyPaddingMask = null, isCausal = false } = masks;
    const own = { srcMask: mask, srcKeyPaddingMask, isCausal };
    let x = src;
    for (const layer of this.layers) x = layer.forward(x, own);
    return this.norm === null ? x : this.norm.forward(x);
  }
}

/**
 * A stack of decoder layers: copies of one, whose parameters are equal at first
 * (as in PyTorch: {@linkcode Transformer} draws them anew).
 *
 * Shapes and masks are the layer's.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { TransformerDecoder, TransformerDecoderLayer } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new TransformerDecoderLayer(8, 2, { dimFeedforward: 16 });
 * const decoder = new TransformerDecoder(layer, 2);
 * const y = decoder.forward(randn([3, 2, 8]), randn([5, 2, 8]));
 * assertEquals(y.shape, [3, 2, 8]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerDecoder.html
 */
export class TransformerDecoder extends Module<
  [tgt: Tensor, memory: Tensor, masks?: DecoderLayerInputs]
> {
  /** The layers, in order. */
  layers: ModuleList<TransformerDecoderLayer>;
  /** A normalisation of the result, or null. */
  norm: Module<[Tensor]> | null;

  /** Copies `layer` so many times. */
  constructor(
    layer: TransformerDecoderLayer,
    numLayers: number,
    options: TransformerStackOptions = {},
  ) {
    super();
    this.layers = copies("TransformerDecoder", layer, numLayers);
    this.norm = options.norm ?? null;
  }

  /** The same shape as the input's. */
  forward(
    tgt: Tensor,
    memory: Tensor,
    masks: DecoderLayerInputs = {},
  ): Tensor {
    let x = tgt;
    for (const layer of this.layers) x = layer.forward(x, memory, masks);
    return this.norm === null ? x : this.norm.forward(x);
  }
}

/** Options of {@linkcode Transformer}. */
export interface TransformerOptions extends TransformerLayerOptions {
  /** Size of a position. Default 512. */
  dModel?: number;
  /** Heads of each attention. Default 8. */
  nhead?: number;
  /** Layers of the encoder. Default 6. */
  numEncoderLayers?: number;
  /** Layers of the decoder. Default 6. */
  numDecoderLayers?: number;
}

/** Masks of {@linkcode Transformer}'s forward. */
export interface TransformerInputs extends DecoderLayerInputs {
  /** Which positions of the source a position of it looks at. */
  srcMask?: Tensor | null;
  /** Which positions of the source are padding. */
  srcKeyPaddingMask?: Tensor | null;
  /** Position i of the source looks at 0 to i only. Default `false`. */
  srcIsCausal?: boolean;
}

/**
 * Encoder and decoder: a target sequence is read in the light of a source
 * sequence. Vaswani et al., "Attention is all you need", 2017.
 *
 * Shapes: source `[S, N, dModel]` and target `[L, N, dModel]`, or N first with
 * `batchFirst`, or both without N; the result is shaped as the target. Both
 * stacks end with a normalisation; matrices are xavier uniform at first.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { Transformer } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const model = new Transformer({
 *   dModel: 8,
 *   nhead: 2,
 *   numEncoderLayers: 1,
 *   numDecoderLayers: 1,
 *   dimFeedforward: 16,
 * });
 * const y = model.forward(randn([7, 2, 8]), randn([4, 2, 8]), {
 *   tgtIsCausal: true,
 * });
 * assertEquals(y.shape, [4, 2, 8]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Transformer.html
 */
export class Transformer extends Module<
  [src: Tensor, tgt: Tensor, masks?: TransformerInputs]
> {
  /** Reads the source. */
  encoder: TransformerEncoder;
  /** Reads the target, and what the encoder made of the source. */
  decoder: TransformerDecoder;

  /** Makes both stacks. */
  constructor(options: TransformerOptions = {}) {
    super();
    const { dModel = 512, nhead = 8, ...layer } = options;
    const { numEncoderLayers = 6, numDecoderLayers = 6 } = options;
    const norm = () =>
      new LayerNorm(dModel, {
        eps: layer.layerNormEps ?? 1e-5,
        bias: layer.bias ?? true,
        dtype: layer.dtype ?? "float32",
      });
    this.encoder = new TransformerEncoder(
      new TransformerEncoderLayer(dModel, nhead, layer),
      numEncoderLayers,
      { norm: norm() },
    );
    this.decoder = new TransformerDecoder(
      new TransformerDecoderLayer(dModel, nhead, layer),
      numDecoderLayers,
      { norm: norm() },
    );
    this.resetParameters();
  }

  /** Draws all matrices anew, xavier uniform. */
  resetParameters(): void {
    for (const parameter of this.parameters()) {
      if (parameter.shape.length > 1) xavierUniform_(parameter);
    }
  }

  /** The same shape as the target's. */
  forward(
    src: Tensor,
    tgt: Tensor,
    masks: TransformerInputs = {},
  ): Tensor {
    const memory = this.encoder.forward(src, {
      mask: masks.srcMask ?? null,
      srcKeyPaddingMask: masks.srcKeyPaddingMask ?? null,
      isCausal: masks.srcIsCausal ?? false,
    });
    return this.decoder.forward(tgt, memory, masks);
  }

  /**
   * A mask that hides the positions behind each position: 0 on and below the
   * diagonal of `[size, size]`, -∞ above it. The option `isCausal` (or
   * `tgtIsCausal`) does the same without a mask.
   */
  static generateSquareSubsequentMask(size: number): Tensor {
    return causalMask(size, size, "float32");
  }
}
