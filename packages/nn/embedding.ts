/** Tables of learned vectors, looked up by index. */

import {
  type DType,
  embedding,
  embeddingBag,
  type EmbeddingBagMode,
  noGrad,
  type Tensor,
  zeros,
} from "@fdunn/tensor";
import { formatShape, requireCount } from "@fdunn/tensor/op";
import { normal_ } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Options of {@linkcode Embedding}. */
export interface EmbeddingLayerOptions {
  /** A row that is 0 at first and learns nothing; negative counts from the end. */
  paddingIdx?: number | null;
  /** Rows that are looked up are first scaled, in place, to at most this norm. */
  maxNorm?: number | null;
  /** The p of that norm. Default 2. */
  normType?: number;
  /** Divide each row's gradient by how often it was looked up. Default `false`. */
  scaleGradByFreq?: boolean;
  /** Type of the weight. Default float32. */
  dtype?: DType;
}

/** Options of {@linkcode EmbeddingBag}. */
export interface EmbeddingBagLayerOptions extends EmbeddingLayerOptions {
  /** How a bag's rows become one. Default `"mean"`. */
  mode?: EmbeddingBagMode;
  /** Whether the last offset is the end of the last bag. Default `false`. */
  includeLastOffset?: boolean;
}

/** Options of both layers' `fromPretrained`. */
export interface PretrainedOptions {
  /** Whether the weight is not learned. Default `true`. */
  freeze?: boolean;
}

/** What both layers share: the table and how it is looked up. */
export abstract class EmbeddingTable<Inputs extends unknown[]>
  extends Module<Inputs> {
  /** The table `[numEmbeddings, embeddingDim]`, standard normal at first. */
  weight: Parameter;
  /** Rows. */
  readonly numEmbeddings: number;
  /** Columns. */
  readonly embeddingDim: number;
  /** The row that learns nothing, from 0, or null. */
  readonly paddingIdx: number | null;
  /** The largest norm of a row, or null. */
  readonly maxNorm: number | null;
  /** The p of that norm. */
  readonly normType: number;
  /** Whether gradients are divided by how often a row was looked up. */
  readonly scaleGradByFreq: boolean;

  /** Makes and initialises the table. */
  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    options: EmbeddingLayerOptions,
  ) {
    super();
    const { name } = new.target;
    requireCount(name, "numEmbeddings", numEmbeddings);
    requireCount(name, "embeddingDim", embeddingDim);
    const { paddingIdx = null, dtype = "float32" } = options;
    const outside = paddingIdx !== null &&
      !(Number.isInteger(paddingIdx) && paddingIdx >= -numEmbeddings &&
        paddingIdx < numEmbeddings);
    if (outside) {
      throw new RangeError(
        `${name} got paddingIdx ${paddingIdx}, expected ${-numEmbeddings} to ${
          numEmbeddings - 1
        }`,
      );
    }
    this.numEmbeddings = numEmbeddings;
    this.embeddingDim = embeddingDim;
    this.paddingIdx = paddingIdx === null || paddingIdx >= 0
      ? paddingIdx
      : paddingIdx + numEmbeddings;
    this.maxNorm = options.maxNorm ?? null;
    this.normType = options.normType ?? 2;
    this.scaleGradByFreq = options.scaleGradByFreq ?? false;
    const shape = [numEmbeddings, embeddingDim];
    this.weight = new Parameter(zeros(shape, { dtype }));
    this.resetParameters();
  }

  /** Fills the table anew: standard normal, 0 in the padding row. */
  resetParameters(): void {
    normal_(this.weight);
    const { paddingIdx } = this;
    if (paddingIdx === null) return;
    noGrad(() => this.weight.select(0, paddingIdx).fill_(0));
  }

  /** Sizes, and what is not as by default. */
  override extraRepr(): string {
    const parts = [`${this.numEmbeddings}, ${this.embeddingDim}`];
    if (this.paddingIdx !== null) parts.push(`paddingIdx=${this.paddingIdx}`);
    if (this.maxNorm !== null) parts.push(`maxNorm=${this.maxNorm}`);
    if (this.normType !== 2) parts.push(`normType=${this.normType}`);
    if (this.scaleGradByFreq) parts.push("scaleGradByFreq=true");
    return parts.join(", ");
  }
}

/**
 * A table of learned vectors, looked up by int32 indices.
 *
 * Shapes: indices `[...]` of any shape, result `[..., embeddingDim]`. The
 * parameter `weight` `[numEmbeddings, embeddingDim]` is standard normal at
 * first; the row `paddingIdx`, if any, is 0 and learns nothing.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Embedding } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const words = new Embedding(1000, 16, { paddingIdx: 0 });
 * const sentences = tensor([[5, 9, 0], [7, 2, 3]], { dtype: "int32" });
 * assertEquals(words.forward(sentences).shape, [2, 3, 16]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html
 */
export class Embedding extends EmbeddingTable<[indices: Tensor]> {
  /** Makes and initialises the table. */
  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    options: EmbeddingLayerOptions = {},
  ) {
    super(numEmbeddings, embeddingDim, options);
  }

  /**
   * A layer with a copy of the given table `[rows, columns]`, which is not
   * learned unless `freeze` is false.
   */
  static fromPretrained(
    embeddings: Tensor,
    options: EmbeddingLayerOptions & PretrainedOptions = {},
  ): Embedding {
    const [rows, columns] = sizesOf("Embedding", embeddings);
    return filled(new Embedding(rows, columns, options), embeddings, options);
  }

  /** The rows that the indices name. */
  forward(indices: Tensor): Tensor {
    return embedding(indices, this.weight, this);
  }
}

/**
 * A table of learned vectors, looked up and pooled bag by bag, without making
 * the rows' own tensor by hand: their sum, mean or largest values.
 *
 * Shapes: indices `[bags, n]`, or 1-D with the offsets at which bags begin;
 * result `[bags, embeddingDim]`. Factors for each index come as the third
 * argument, with mode `"sum"`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { EmbeddingBag } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const bag = new EmbeddingBag(10, 3, { mode: "sum" });
 * const words = tensor([1, 2, 4, 5, 4], { dtype: "int32" });
 * const offsets = tensor([0, 3], { dtype: "int32" });
 * assertEquals(bag.forward(words, offsets).shape, [2, 3]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.EmbeddingBag.html
 */
export class EmbeddingBag extends EmbeddingTable<
  [indices: Tensor, offsets?: Tensor | null, perSampleWeights?: Tensor | null]
> {
  /** How a bag's rows become one. */
  readonly mode: EmbeddingBagMode;
  /** Whether the last offset is the end of the last bag. */
  readonly includeLastOffset: boolean;

  /** Makes and initialises the table. */
  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    options: EmbeddingBagLayerOptions = {},
  ) {
    super(numEmbeddings, embeddingDim, options);
    this.mode = options.mode ?? "mean";
    this.includeLastOffset = options.includeLastOffset ?? false;
  }

  /**
   * A layer with a copy of the given table `[rows, columns]`, which is not
   * learned unless `freeze` is false.
   */
  static fromPretrained(
    embeddings: Tensor,
    options: EmbeddingBagLayerOptions & PretrainedOptions = {},
  ): EmbeddingBag {
    const [rows, columns] = sizesOf("EmbeddingBag", embeddings);
    const layer = new EmbeddingBag(rows, columns, options);
    return filled(layer, embeddings, options);
  }

  /** One row for each bag. */
  forward(
    indices: Tensor,
    offsets: Tensor | null = null,
    perSampleWeights: Tensor | null = null,
  ): Tensor {
    return embeddingBag(indices, this.weight, {
      mode: this.mode,
      includeLastOffset: this.includeLastOffset,
      paddingIdx: this.paddingIdx,
      maxNorm: this.maxNorm,
      normType: this.normType,
      scaleGradByFreq: this.scaleGradByFreq,
      offsets,
      perSampleWeights,
    });
  }

  /** Sizes, the mode, and what is not as by default. */
  override extraRepr(): string {
    return `${super.extraRepr()}, mode=${this.mode}`;
  }
}

function sizesOf(name: string, table: Tensor): readonly [number, number] {
  if (table.shape.length !== 2) {
    throw new RangeError(
      `${name}.fromPretrained() got ${
        formatShape(table.shape)
      }, expected [rows, columns]`,
    );
  }
  return table.shape as readonly [number, number];
}

function filled<L extends EmbeddingTable<never[]>>(
  layer: L,
  table: Tensor,
  { freeze = true }: PretrainedOptions,
): L {
  layer.weight = new Parameter(table.detach().clone(), !freeze);
  return layer;
}
