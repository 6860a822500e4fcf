/** One layer of a Transformer's encoder, and one of its decoder. */

import { type DType, gelu, type Tensor } from "@fdunn/tensor";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { MultiheadAttention } from "./multihead_attention.ts";
import { LayerNorm } from "./norm.ts";

/** What a feed-forward part has between its two maps. */
export type TransformerActivation = "relu" | "gelu" | ((x: Tensor) => Tensor);

/** Options of the Transformer's layers. */
export interface TransformerLayerOptions {
  /** Width of the feed-forward part. Default 2048. */
  dimFeedforward?: number;
  /** Probability of a zero, in training. Default 0.1. */
  dropout?: number;
  /** Default `"relu"`. */
  activation?: TransformerActivation;
  /** Added to the variance in normalisations. Default 1e-5. */
  layerNormEps?: number;
  /** Whether inputs and outputs are `[N, L, dModel]`. Default `false`. */
  batchFirst?: boolean;
  /** Normalise before each part instead of after it. Default `false`. */
  normFirst?: boolean;
  /** Whether maps and normalisations have biases. Default `true`. */
  bias?: boolean;
  /** Type of the parameters. Default float32. */
  dtype?: DType;
}

/** Masks of {@linkcode TransformerEncoderLayer}'s forward. */
export interface EncoderLayerInputs {
  /** See `attnMask` of {@linkcode MultiheadAttentionInputs}. */
  srcMask?: Tensor | null;
  /** See `keyPaddingMask` of {@linkcode MultiheadAttentionInputs}. */
  srcKeyPaddingMask?: Tensor | null;
  /** Position i looks at the positions 0 to i only. Default `false`. */
  isCausal?: boolean;
}

/** Masks of {@linkcode TransformerDecoderLayer}'s forward. */
export interface DecoderLayerInputs {
  /** Which of its own positions a position looks at. */
  tgtMask?: Tensor | null;
  /** Which positions of the memory it looks at. */
  memoryMask?: Tensor | null;
  /** Which of its own positions are padding. */
  tgtKeyPaddingMask?: Tensor | null;
  /** Which positions of the memory are padding. */
  memoryKeyPaddingMask?: Tensor | null;
  /** Position i looks at its own positions 0 to i only. Default `false`. */
  tgtIsCausal?: boolean;
  /** Position i looks at the memory's positions 0 to i only. Default `false`. */
  memoryIsCausal?: boolean;
}

/** What both layers share: attention to oneself, and the feed-forward part. */
export abstract class TransformerLayer<Inputs extends unknown[]>
  extends Module<Inputs> {
  // Declared where the constructor sets them in PyTorch's order of parameters.

  /** Attention to oneself. */
  declare self_attn: MultiheadAttention;
  /** `[dimFeedforward, dModel]`. */
  declare linear1: Linear;
  /** Behind the activation. */
  declare dropout: Dropout;
  /** `[dModel, dimFeedforward]`. */
  declare linear2: Linear;
  /** Of the first part. */
  declare norm1: LayerNorm;
  /** Of the second part. */
  declare norm2: LayerNorm;
  /** Behind the first part. */
  declare dropout1: Dropout;
  /** Behind the second part. */
  declare dropout2: Dropout;
  /** Size of a position. */
  readonly dModel: number;
  /** Heads of each attention. */
  readonly nhead: number;
  /** Whether parts are normalised before instead of after. */
  readonly normFirst: boolean;
  /** What the feed-forward part has between its maps. */
  readonly activation: TransformerActivation;
  /** As given, for {@linkcode copy}. */
  protected readonly options: TransformerLayerOptions;

  /** Makes the parts. */
  constructor(dModel: number, nhead: number, options: TransformerLayerOptions) {
    super();
    const { dimFeedforward = 2048, activation = "relu" } = options;
    const dropout = options.dropout ?? 0.1;
    if (
      activation !== "relu" && activation !== "gelu" &&
      typeof activation !== "function"
    ) {
      throw new RangeError(
        `${new.target.name} got activation "${activation}", expected "relu", "gelu" or a function`,
      );
    }
    this.options = options;
    this.dModel = dModel;
    this.nhead = nhead;
    this.normFirst = options.normFirst ?? false;
    this.activation = activation;
    this.self_attn = this.makeAttention();
    this.addAttention();
    const { bias = true, dtype = "float32" } = options;
    this.linear1 = new Linear(dModel, dimFeedforward, { bias, dtype });
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, { bias, dtype });
    this.norm1 = this.makeNorm();
    this.norm2 = this.makeNorm();
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
  }

  /** Adds what stands behind `self_attn` in PyTorch's order of parameters. */
  protected addAttention(): void {}

  /** An attention of the layer's sizes and options. */
  protected makeAttention(): MultiheadAttention {
    const { bias = true, dtype = "float32" } = this.options;
    const { dropout = 0.1, batchFirst = false } = this.options;
    const options = { bias, dtype, dropout, batchFirst };
    return new MultiheadAttention(this.dModel, this.nhead, options);
  }

  /** A normalisation of the layer's size and options. */
  protected makeNorm(): LayerNorm {
    const { bias = true, dtype = "float32" } = this.options;
    const eps = this.options.layerNormEps ?? 1e-5;
    return new LayerNorm(this.dModel, { eps, bias, dtype });
  }

  /** `x` and what a part adds to it, normalised before or after. */
  protected residual(
    x: Tensor,
    norm: LayerNorm,
    part: (x: Tensor) => Tensor,
  ): Tensor {
    return this.normFirst
      ? x.add(part(norm.forward(x)))
      : norm.forward(x.add(part(x)));
  }

  /** The feed-forward part, but for its last dropout. */
  protected feedForward(x: Tensor): Tensor {
    const wide = this.linear1.forward(x);
    const { activation } = this;
    const bent = activation === "relu"
      ? wide.relu()
      : activation === "gelu"
      ? gelu(wide)
      : activation(wide);
    return this.linear2.forward(this.dropout.forward(bent));
  }

  /**
   * Another layer with the same options and equal parameters of its own;
   * subclasses with more to copy override it.
   */
  abstract copy(): TransformerLayer<Inputs>;
}

/**
 * A layer of a Transformer's encoder: attention of a sequence to itself, then a
 * feed-forward part of two maps; each is added to its input and normalised
 * (before it, with `normFirst`). Vaswani et al., "Attention is all you need",
 * 2017.
 *
 * Shapes: input `[L, N, dModel]`, or `[N, L, dModel]` with `batchFirst`, or
 * without N; the output's too. Modules have PyTorch's names: `self_attn`,
 * `linear1`, `linear2`, `norm1`, `norm2`, `dropout`, `dropout1`, `dropout2`.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { TransformerEncoderLayer } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new TransformerEncoderLayer(16, 4, {
 *   dimFeedforward: 32,
 *   batchFirst: true,
 * });
 * const y = layer.forward(randn([2, 5, 16]), { isCausal: true });
 * assertEquals(y.shape, [2, 5, 16]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerEncoderLayer.html
 */
export class TransformerEncoderLayer
  extends TransformerLayer<[src: Tensor, masks?: EncoderLayerInputs]> {
  /** Makes the parts. */
  constructor(
    dModel: number,
    nhead: number,
    options: TransformerLayerOptions = {},
  ) {
    super(dModel, nhead, options);
  }

  /** The same shape as the input's. */
  forward(src: Tensor, masks: EncoderLayerInputs = {}): Tensor {
    const { srcMask = null, srcKeyPaddingMask = null, isCausal = false } =
      masks;
    const x = this.residual(src, this.norm1, (x) => {
      const [y] = this.self_attn.forward(x, x, x, {
        attnMask: srcMask,
        keyPaddingMask: srcKeyPaddingMask,
        needWeights: false,
        isCausal,
      });
      return this.dropout1.forward(y);
    });
    return this.residual(
      x,
      this.norm2,
      (x) => this.dropout2.forward(this.feedForward(x)),
    );
  }

  /** Another layer with the same options and equal parameters of its own. */
  copy(): TransformerEncoderLayer {
    const { dModel, nhead, options } = this;
    const copy = new TransformerEncoderLayer(dModel, nhead, options);
    copy.loadStateDict(this.stateDict());
    return copy;
  }
}

/**
 * A layer of a Transformer's decoder: attention of a sequence to itself, then
 * to the memory that an encoder made, then a feed-forward part; each is added
 * to its input and normalised (before it, with `normFirst`). Vaswani et al.,
 * "Attention is all you need", 2017.
 *
 * Shapes: input `[L, N, dModel]` and memory `[S, N, dModel]`, or N first with
 * `batchFirst`, or both without N; the output is shaped as the input. Modules
 * have PyTorch's names: {@linkcode TransformerEncoderLayer}'s and
 * `multihead_attn`, `norm3`, `dropout3`.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { TransformerDecoderLayer } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new TransformerDecoderLayer(16, 4, { dimFeedforward: 32 });
 * const memory = randn([7, 2, 16]);
 * const y = layer.forward(randn([5, 2, 16]), memory, { tgtIsCausal: true });
 * assertEquals(y.shape, [5, 2, 16]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.TransformerDecoderLayer.html
 */
export class TransformerDecoderLayer extends TransformerLayer<
  [tgt: Tensor, memory: Tensor, masks?: DecoderLayerInputs]
> {
  /** Attention to the memory. */
  declare multihead_attn: MultiheadAttention;
  /** Of the third part. */
  norm3: LayerNorm;
  /** Behind the third part. */
  dropout3: Dropout;

  /** Makes the parts. */
  constructor(
    dModel: number,
    nhead: number,
    options: TransformerLayerOptions = {},
  ) {
    super(dModel, nhead, options);
    this.norm3 = this.makeNorm();
    this.dropout3 = new Dropout(options.dropout ?? 0.1);
  }

  /** Adds the attention to the memory. */
  protected override addAttention(): void {
    this.multihead_attn = this.makeAttention();
  }

  /** The same shape as the input's. */
  forward(
    tgt: Tensor,
    memory: Tensor,
    masks: DecoderLayerInputs = {},
  ): Tensor {
    let x = this.residual(tgt, this.norm1, (x) => {
      const [y] = this.self_attn.forward(x, x, x, {
        attnMask: masks.tgtMask ?? null,
        keyPaddingMask: masks.tgtKeyPaddingMask ?? null,
        needWeights: false,
        isCausal: masks.tgtIsCausal ?? false,
      });
      return this.dropout1.forward(y);
    });
    x = this.residual(x, this.norm2, (x) => {
      const [y] = this.multihead_attn.forward(x, memory, memory, {
        attnMask: masks.memoryMask ?? null,
        keyPaddingMask: masks.memoryKeyPaddingMask ?? null,
        needWeights: false,
        isCausal: masks.memoryIsCausal ?? false,
      });
      return this.dropout2.forward(y);
    });
    return this.residual(
      x,
      this.norm3,
      (x) => this.dropout3.forward(this.feedForward(x)),
    );
  }

  /** Another layer with the same options and equal parameters of its own. */
  copy(): TransformerDecoderLayer {
    const { dModel, nhead, options } = this;
    const copy = new TransformerDecoderLayer(dModel, nhead, options);
    copy.loadStateDict(this.stateDict());
    return copy;
  }
}
