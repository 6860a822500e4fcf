/**
 * Encodings of positions, for layers that cannot see an order by themselves.
 * PyTorch has none; the names are fdunn's.
 */

import {
  arange,
  cat,
  type DType,
  type Tensor,
  tensor,
  zeros,
} from "@fdunn/tensor";
import { formatShape, requireCount } from "@fdunn/tensor/op";
import { Dropout } from "./dropout.ts";
import { normal_ } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Options of both encodings. */
export interface PositionalEncodingOptions {
  /** The longest sequence. Default 5000. */
  maxLen?: number;
  /** Probability of a zero behind the sum, in training. Default 0. */
  dropout?: number;
  /** Whether inputs are `[N, L, dModel]`, not `[L, N, dModel]`. Default `false`. */
  batchFirst?: boolean;
  /** Type of the encoding. Default float32. */
  dtype?: DType;
}

/** What both encodings share: a row for each position, added to the input. */
export abstract class PositionalEncoding
  extends Module<[x: Tensor, start?: number]> {
  /** Behind the sum. */
  dropout: Dropout;
  /** Size of a position. */
  readonly dModel: number;
  /** The longest sequence. */
  readonly maxLen: number;
  /** Whether inputs are `[N, L, dModel]`. */
  readonly batchFirst: boolean;

  /** Checks the sizes. */
  constructor(dModel: number, options: PositionalEncodingOptions) {
    super();
    const { maxLen = 5000 } = options;
    requireCount(new.target.name, "dModel", dModel);
    requireCount(new.target.name, "maxLen", maxLen);
    this.dModel = dModel;
    this.maxLen = maxLen;
    this.batchFirst = options.batchFirst ?? false;
    this.dropout = new Dropout(options.dropout ?? 0);
  }

  /** A row for each position: `[maxLen, dModel]`. */
  protected abstract rows(): Tensor;

  /** The input plus the rows of its positions, the first of which is `start`. */
  forward(x: Tensor, start = 0): Tensor {
    const rank = x.shape.length;
    const axis = rank === 3 && this.batchFirst ? 1 : 0;
    const length = x.shape[axis] ?? 0;
    if ((rank !== 2 && rank !== 3) || x.shape.at(-1) !== this.dModel) {
      throw new RangeError(
        `${this.constructor.name} got input ${
          formatShape(x.shape)
        }, expected [L, N, ${this.dModel}], or N and L in turn with batchFirst, or [L, ${this.dModel}]`,
      );
    }
    if (!Number.isInteger(start) || start < 0 || start + length > this.maxLen) {
      throw new RangeError(
        `${this.constructor.name} got ${length} positions from ${start} on, expected at most maxLen ${this.maxLen}`,
      );
    }
    const own = this.rows().narrow(0, start, length);
    const fit = rank === 3 && axis === 0 ? own.unsqueeze(1) : own;
    return this.dropout.forward(x.add(fit));
  }

  /** Sizes. */
  override extraRepr(): string {
    return `${this.dModel}, maxLen=${this.maxLen}`;
  }
}

/**
 * Adds waves of many lengths: `sin(p / 10000^(2i / dModel))` in column 2i and
 * the cosine of the same in column 2i + 1, p being the position. Vaswani et
 * al., "Attention is all you need", 2017.
 *
 * Shapes: input `[L, N, dModel]`, or `[N, L, dModel]` with `batchFirst`, or
 * `[L, dModel]`; the output's too. Nothing is learned, and nothing is in the
 * state.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { SinusoidalPositionalEncoding } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const encoding = new SinusoidalPositionalEncoding(4);
 * assertEquals(encoding.forward(zeros([1, 4])).toArray(), [[0, 1, 0, 1]]);
 * ```
 */
export class SinusoidalPositionalEncoding extends PositionalEncoding {
  /** The waves: `[maxLen, dModel]`, a buffer that is not in the state. */
  declare encoding: Tensor;

  /** Computes the waves. */
  constructor(dModel: number, options: PositionalEncodingOptions = {}) {
    super(dModel, options);
    const values = new Float64Array(this.maxLen * dModel);
    for (let i = 0; i < values.length; i++) {
      const [position, column] = [Math.floor(i / dModel), i % dModel];
      const even = column - column % 2;
      const angle = position / 10000 ** (even / dModel);
      values[i] = column === even ? Math.sin(angle) : Math.cos(angle);
    }
    const shape = [this.maxLen, dModel];
    const waves = tensor(values, { shape }).to(options.dtype ?? "float32");
    this.registerBuffer("encoding", waves, { persistent: false });
  }

  /** The waves. */
  protected override rows(): Tensor {
    return this.encoding;
  }
}

/**
 * Adds a learned row for each position.
 *
 * Shapes: input `[L, N, dModel]`, or `[N, L, dModel]` with `batchFirst`, or
 * `[L, dModel]`; the output's too. The parameter `weight` `[maxLen, dModel]` is
 * normal with deviation 0.02 at first, as in GPT-2 (Radford et al., 2019).
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { LearnedPositionalEncoding } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const encoding = new LearnedPositionalEncoding(4, { maxLen: 10 });
 * const y = encoding.forward(zeros([3, 2, 4]));
 * assertEquals(y.select(1, 0).toArray(), y.select(1, 1).toArray());
 * assertEquals(encoding.parameters().length, 1);
 * ```
 */
export class LearnedPositionalEncoding extends PositionalEncoding {
  /** A row for each position: `[maxLen, dModel]`. */
  weight: Parameter;

  /** Makes and initialises the rows. */
  constructor(dModel: number, options: PositionalEncodingOptions = {}) {
    super(dModel, options);
    const { dtype = "float32" } = options;
    this.weight = new Parameter(zeros([this.maxLen, dModel], { dtype }));
    this.resetParameters();
  }

  /** Draws the rows anew. */
  resetParameters(): void {
    normal_(this.weight, 0, 0.02);
  }

  /** The parameter. */
  protected override rows(): Tensor {
    return this.weight;
  }
}

/** Options of {@linkcode rotaryEmbedding}. */
export interface RotaryEmbeddingOptions {
  /** The position of the first row, as when a sequence goes on. Default 0. */
  start?: number;
  /** The base of the wave lengths. Default 10000. */
  base?: number;
}

/**
 * Turns queries or keys by angles that grow with their position, so that a
 * score depends on how far apart two positions are: column i of the first half
 * and column i of the second half are a point of the plane, turned by
 * `p base^(-2i / E)`, p being the position. Su et al., "RoFormer", 2021, with
 * the halves of Llama.
 *
 * Shapes: `[..., L, E]` with an even E, the result's too. float32 or float64.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { rotaryEmbedding, scaledDotProductAttention } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const [q, k, v] = [randn([5, 8]), randn([5, 8]), randn([5, 8])];
 * const turned = [rotaryEmbedding(q), rotaryEmbedding(k)] as const;
 * const y = scaledDotProductAttention(...turned, v, { isCausal: true });
 * assertEquals(y.shape, [5, 8]);
 * ```
 *
 * @throws RangeError unless there are two axes or more and E is even.
 */
export function rotaryEmbedding(
  x: Tensor,
  options: RotaryEmbeddingOptions = {},
): Tensor {
  const { start = 0, base = 10000 } = options;
  const [L = 0, E = 1] = x.shape.slice(-2);
  if (x.shape.length < 2 || E % 2 !== 0) {
    throw new RangeError(
      `rotaryEmbedding() got ${
        formatShape(x.shape)
      }, expected [..., L, E] with an even E`,
    );
  }
  const half = E / 2;
  const rates = arange(half, { dtype: "float64" })
    .mul(-2 * Math.log(base) / E).exp();
  const positions = arange(start, start + L, 1, { dtype: "float64" });
  const angles = positions.unsqueeze(1).mul(rates);
  const [cos, sin] = [angles.cos().to(x.dtype), angles.sin().to(x.dtype)];
  const [a, b] = [x.narrow(-1, 0, half), x.narrow(-1, half, half)];
  return cat([
    a.mul(cos).sub(b.mul(sin)),
    a.mul(sin).add(b.mul(cos)),
  ], -1);
}
