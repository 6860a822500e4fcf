/** The attention layer with several heads. */

import { cat, type DType, linear, type Tensor, zeros } from "@fdunn/tensor";
import {
  formatShape,
  requireCount,
  requireProbability,
} from "@fdunn/tensor/op";
import { addedMask, attend, causalMask } from "./attention.ts";
import { constant_, xavierNormal_, xavierUniform_ } from "./init.ts";
import { Linear } from "./linear.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Options of {@linkcode MultiheadAttention}. */
export interface MultiheadAttentionOptions {
  /** Probability of a zero among the weights, in training. Default 0. */
  dropout?: number;
  /** Whether the projections have biases. Default `true`. */
  bias?: boolean;
  /** Whether a learned key and value are added to every sequence. */
  addBiasKv?: boolean;
  /** Whether a key and a value of zeros are added to every sequence. */
  addZeroAttn?: boolean;
  /** Size of a key. Default `embedDim`. */
  kdim?: number;
  /** Size of a value. Default `embedDim`. */
  vdim?: number;
  /** Whether inputs and outputs are `[N, L, E]`. Default `false`. */
  batchFirst?: boolean;
  /** Type of the parameters. Default float32. */
  dtype?: DType;
}

/** Options of {@linkcode MultiheadAttention}'s forward. */
export interface MultiheadAttentionInputs {
  /** `[N, S]`: bool, true for keys to ignore, or float, added to the scores. */
  keyPaddingMask?: Tensor | null;
  /** Whether the weights are returned, too. Default `true`. */
  needWeights?: boolean;
  /**
   * `[L, S]` or `[N heads, L, S]`: bool, true where a query must not look, or
   * float, added to the scores.
   */
  attnMask?: Tensor | null;
  /** Whether the weights are the heads' mean. Default `true`. */
  averageAttnWeights?: boolean;
  /** Query i looks at the keys 0 to i only, without a mask. Default `false`. */
  isCausal?: boolean;
}

/**
 * Attention in several heads: queries, keys and values are mapped linearly and
 * split into `numHeads` parts; each attends for itself
 * ({@linkcode scaledDotProductAttention}); what they find is joined and mapped
 * once more. Vaswani et al., "Attention is all you need", 2017.
 *
 * Shapes: query `[L, N, embedDim]`, key `[S, N, kdim]`, value `[S, N, vdim]`,
 * or N first with `batchFirst`, or all without N; result as the query, and the
 * weights `[N, L, S]`, or `[N, numHeads, L, S]` unless they are averaged, or
 * null. A query that may look at nothing gets zeros before the last map.
 *
 * Parameters have PyTorch's names and initialisation: `in_proj_weight`
 * `[3 embedDim, embedDim]` (`q_proj_weight`, `k_proj_weight`, `v_proj_weight`
 * where kdim or vdim differ), `in_proj_bias`, `bias_k`, `bias_v`,
 * `out_proj.weight`, `out_proj.bias`.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { MultiheadAttention } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new MultiheadAttention(16, 4, { batchFirst: true });
 * const x = randn([2, 5, 16]);
 * const [y, weights] = layer.forward(x, x, x, { isCausal: true });
 * assertEquals(y.shape, [2, 5, 16]);
 * assertEquals(weights!.shape, [2, 5, 5]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html
 */
export class MultiheadAttention extends Module<
  [
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options?: MultiheadAttentionInputs,
  ],
  [result: Tensor, weights: Tensor | null]
> {
  /** All three maps in one: `[3 embedDim, embedDim]`; or null. */
  in_proj_weight: Parameter | null;
  /** `[embedDim, embedDim]`, where kdim or vdim differ from it. */
  q_proj_weight: Parameter | null;
  /** `[embedDim, kdim]`, where kdim or vdim differ from embedDim. */
  k_proj_weight: Parameter | null;
  /** `[embedDim, vdim]`, where kdim or vdim differ from embedDim. */
  v_proj_weight: Parameter | null;
  /** All three maps' biases: `[3 embedDim]`; or null. */
  in_proj_bias: Parameter | null;
  /** The key that is added to every sequence: `[1, 1, embedDim]`; or null. */
  bias_k: Parameter | null;
  /** The value that is added to every sequence. */
  bias_v: Parameter | null;
  /** The last map. */
  out_proj: Linear;
  /** Size of a query and of the result. */
  readonly embedDim: number;
  /** Heads. */
  readonly numHeads: number;
  /** Probability of a zero among the weights. */
  readonly dropout: number;
  /** Whether inputs and outputs are `[N, L, E]`. */
  readonly batchFirst: boolean;
  /** Whether a key and a value of zeros are added to every sequence. */
  readonly addZeroAttn: boolean;

  /** Makes and initialises the parameters. */
  constructor(
    embedDim: number,
    numHeads: number,
    options: MultiheadAttentionOptions = {},
  ) {
    super();
    requireCount("MultiheadAttention", "embedDim", embedDim);
    requireCount("MultiheadAttention", "numHeads", numHeads);
    if (embedDim % numHeads !== 0) {
      throw new RangeError(
        `MultiheadAttention got embedDim ${embedDim}, expected a multiple of numHeads ${numHeads}`,
      );
    }
    const { bias = true, kdim = embedDim, vdim = embedDim } = options;
    const dtype = options.dtype ?? "float32";
    this.embedDim = embedDim;
    this.numHeads = numHeads;
    this.dropout = options.dropout ?? 0;
    requireProbability("MultiheadAttention", "dropout", this.dropout);
    this.batchFirst = options.batchFirst ?? false;
    this.addZeroAttn = options.addZeroAttn ?? false;
    const make = (given: boolean, ...shape: number[]) =>
      given ? new Parameter(zeros(shape, { dtype })) : null;
    const same = kdim === embedDim && vdim === embedDim;
    this.in_proj_weight = make(same, 3 * embedDim, embedDim);
    this.q_proj_weight = make(!same, embedDim, embedDim);
    this.k_proj_weight = make(!same, embedDim, kdim);
    this.v_proj_weight = make(!same, embedDim, vdim);
    this.in_proj_bias = make(bias, 3 * embedDim);
    this.out_proj = new Linear(embedDim, embedDim, { bias, dtype });
    this.bias_k = make(options.addBiasKv ?? false, 1, 1, embedDim);
    this.bias_v = make(options.addBiasKv ?? false, 1, 1, embedDim);
    this.resetParameters();
  }

  /** Initialises the parameters anew, as PyTorch does. */
  resetParameters(): void {
    const { in_proj_weight, q_proj_weight, k_proj_weight, v_proj_weight } =
      this;
    for (
      const weight of [
        in_proj_weight,
        q_proj_weight,
        k_proj_weight,
        v_proj_weight,
      ]
    ) {
      if (weight !== null) xavierUniform_(weight);
    }
    this.out_proj.resetParameters();
    for (const bias of [this.in_proj_bias, this.out_proj.bias]) {
      if (bias !== null) constant_(bias, 0);
    }
    for (const bias of [this.bias_k, this.bias_v]) {
      if (bias !== null) xavierNormal_(bias);
    }
  }

  /** What the queries find, and the weights or null. */
  forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: MultiheadAttentionInputs = {},
  ): [result: Tensor, weights: Tensor | null] {
    if (query.shape.length === 3) {
      return this.#attend(query, key, value, options);
    }
    // One sequence is a batch of one; one tensor in three places stays one.
    const axis = this.batchFirst ? 0 : 1;
    const q = query.unsqueeze(axis);
    const k = key === query ? q : key.unsqueeze(axis);
    const v = value === key ? k : value.unsqueeze(axis);
    const { keyPaddingMask = null } = options;
    const [result, weights] = this.#attend(q, k, v, {
      ...options,
      keyPaddingMask: keyPaddingMask && keyPaddingMask.unsqueeze(0),
    });
    return [result.squeeze(axis), weights && weights.squeeze(0)];
  }

  #attend(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    options: MultiheadAttentionInputs,
  ): [result: Tensor, weights: Tensor | null] {
    this.#check(query, key, value);
    let [q, k, v] = this.#project(query, key, value); // [N, heads, L or S, d]
    let mask = this.#mask(options, q, k.shape[2]!);
    const keys = this.#moreKeys(k);
    if (keys.length > 0) {
      k = cat([k, ...keys.map((row) => row[0])], 2);
      v = cat([v, ...keys.map((row) => row[1])], 2);
      const shape = mask?.shape.slice(0, -1);
      const open = shape && zeros([...shape, keys.length], { dtype: q.dtype });
      mask = mask && cat([mask, open!], -1);
    }
    const dropoutP = this.training ? this.dropout : 0;
    const [found, weights] = attend(q, k, v, mask, { dropoutP });
    const order = this.batchFirst ? [0, 2, 1, 3] : [2, 0, 1, 3];
    const rows = found.permute(order).reshape(query.shape);
    const { needWeights = true, averageAttnWeights = true } = options;
    return [
      this.out_proj.forward(rows),
      !needWeights ? null : averageAttnWeights ? weights.mean(1) : weights,
    ];
  }

  #check(query: Tensor, key: Tensor, value: Tensor): void {
    const kdim = (this.k_proj_weight ?? this.in_proj_weight!).shape[1]!;
    const vdim = (this.v_proj_weight ?? this.in_proj_weight!).shape[1]!;
    const [s, n] = this.batchFirst ? [1, 0] : [0, 1];
    const fit = [query, key, value].every((x) => x.shape.length === 3) &&
      query.shape[2] === this.embedDim && key.shape[2] === kdim &&
      value.shape[2] === vdim && key.shape[n] === query.shape[n] &&
      value.shape[n] === query.shape[n] && key.shape[s] === value.shape[s];
    if (fit) return;
    const axes = (length: string, size: number) =>
      `[${this.batchFirst ? `N, ${length}` : `${length}, N`}, ${size}]`;
    throw new RangeError(
      `MultiheadAttention got query ${formatShape(query.shape)}, key ${
        formatShape(key.shape)
      } and value ${formatShape(value.shape)}, expected ${
        axes("L", this.embedDim)
      }, ${axes("S", kdim)} and ${axes("S", vdim)}, or all without N`,
    );
  }

  /** Queries, keys and values by head: `[N, heads, L or S, d]`, row-major. */
  #project(
    query: Tensor,
    key: Tensor,
    value: Tensor,
  ): [q: Tensor, k: Tensor, v: Tensor] {
    const { numHeads, batchFirst, in_proj_weight, in_proj_bias } = this;
    if (in_proj_weight !== null && query === key && key === value) {
      const all = linear(query, in_proj_weight, in_proj_bias);
      const parts = [...all.shape.slice(0, 2), 3, numHeads, -1];
      const order = batchFirst ? [2, 0, 3, 1, 4] : [2, 1, 3, 0, 4];
      const heads = all.reshape(parts).permute(order).contiguous();
      return [heads.select(0, 0), heads.select(0, 1), heads.select(0, 2)];
    }
    const weights = in_proj_weight?.chunk(3, 0) ??
      [this.q_proj_weight!, this.k_proj_weight!, this.v_proj_weight!];
    const biases = in_proj_bias?.chunk(3, 0);
    const order = batchFirst ? [0, 2, 1, 3] : [1, 2, 0, 3];
    return [query, key, value].map((x, i) => {
      const y = linear(x, weights[i]!, biases?.[i] ?? null);
      const parts = [...y.shape.slice(0, 2), numHeads, -1];
      return y.reshape(parts).permute(order).contiguous();
    }) as [Tensor, Tensor, Tensor];
  }

  /** Keys and values that every sequence gets in addition. */
  #moreKeys(k: Tensor): [key: Tensor, value: Tensor][] {
    const [n, heads, , d] = k.shape as [number, number, number, number];
    const more: [Tensor, Tensor][] = [];
    if (this.bias_k !== null && this.bias_v !== null) {
      const spread = (bias: Tensor) =>
        bias.reshape([1, heads, 1, d]).expand([n, heads, 1, d]);
      more.push([spread(this.bias_k), spread(this.bias_v)]);
    }
    if (this.addZeroAttn) {
      const nothing = zeros([n, heads, 1, d], { dtype: k.dtype });
      more.push([nothing, nothing]);
    }
    return more;
  }

  /** All masks as one to be added to the scores `[N, heads, L, S]`, or null. */
  #mask(
    options: MultiheadAttentionInputs,
    { shape, dtype }: Tensor,
    S: number,
  ): Tensor | null {
    const [N, heads, L] = shape as readonly [number, number, number];
    const { keyPaddingMask, attnMask, isCausal = false } = options;
    const masks: Tensor[] = [];
    if (isCausal) masks.push(causalMask(L, S, dtype));
    if (attnMask) {
      const whole = attnMask.shape.length === 3;
      const expected = whole ? [N * heads, L, S] : [L, S];
      const mask = toAdd("attnMask", attnMask, expected, dtype);
      masks.push(whole ? mask.reshape([N, heads, L, S]) : mask);
    }
    if (keyPaddingMask) {
      const mask = toAdd("keyPaddingMask", keyPaddingMask, [N, S], dtype);
      masks.push(mask.reshape([N, 1, 1, S]));
    }
    return masks.length === 0 ? null : masks.reduce((a, b) => a.add(b));
  }

  /** Sizes, and what is not as by default. */
  override extraRepr(): string {
    const parts = [`${this.embedDim}, ${this.numHeads}`];
    if (this.dropout > 0) parts.push(`dropout=${this.dropout}`);
    if (this.batchFirst) parts.push("batchFirst=true");
    return parts.join(", ");
  }
}

/** A mask that is true where not to look, as one to be added. */
function toAdd(
  name: string,
  mask: Tensor,
  expected: readonly number[],
  dtype: DType,
): Tensor {
  if (mask.shape.join() !== expected.join()) {
    throw new RangeError(
      `MultiheadAttention got ${name} ${formatShape(mask.shape)}, expected ${
        formatShape(expected)
      }`,
    );
  }
  const look = mask.dtype === "bool" ? mask.logicalNot() : mask;
  return addedMask("MultiheadAttention", look, dtype);
}
