/** Attention: the function, and its masks. */

import {
  arange,
  type DType,
  type Generator,
  type Tensor,
  where,
  zeros,
} from "@fdunn/tensor";
import { formatShape, isFollowed } from "@fdunn/tensor/op";
import { dropout } from "./dropout.ts";

/** Options of {@linkcode scaledDotProductAttention}. */
export interface AttentionOptions {
  /**
   * Broadcast to the scores `[..., L, S]`: bool, true where a query may look,
   * or float, added to the scores.
   */
  attnMask?: Tensor | null;
  /** Probability of a zero among the weights; always, not in training only. */
  dropoutP?: number;
  /** Query i looks at the keys 0 to i only. Default `false`. */
  isCausal?: boolean;
  /** The factor of the scores. Default 1 / √E. */
  scale?: number;
  /** Where the numbers of dropout come from. Default: the stream "dropout". */
  generator?: Generator;
}

/**
 * For every query a mean of the values, weighted by how well the query fits
 * their keys: `softmax(scale q kᵀ + mask) v`. Vaswani et al., "Attention is all
 * you need", 2017.
 *
 * Shapes: query `[..., L, E]`, key `[..., S, E]`, value `[..., S, V]`, with
 * leading sizes that broadcast; result `[..., L, V]`. float32 or float64. A
 * query that may look at nothing gets zeros.
 *
 * ```ts
 * import { ones, tensor } from "@fdunn/tensor";
 * import { scaledDotProductAttention } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const value = tensor([[1], [3]]);
 * const x = ones([2, 4]); // all keys fit all queries alike
 * assertEquals(scaledDotProductAttention(x, x, value).toArray(), [[2], [2]]);
 * const y = scaledDotProductAttention(x, x, value, { isCausal: true });
 * assertEquals(y.toArray(), [[1], [2]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.scaled_dot_product_attention.html
 *
 * @throws RangeError when the sizes do not fit or a mask comes with `isCausal`,
 * TypeError for a mask of another dtype.
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  options: AttentionOptions = {},
): Tensor {
  const { attnMask = null, isCausal = false } = options;
  const [E, L, S] = [query.shape.at(-1), query.shape.at(-2), key.shape.at(-2)];
  const fit = query.shape.length > 1 && key.shape.length > 1 &&
    value.shape.length > 1 && key.shape.at(-1) === E &&
    value.shape.at(-2) === S;
  if (!fit) {
    throw new RangeError(
      `scaledDotProductAttention() got query ${formatShape(query.shape)}, key ${
        formatShape(key.shape)
      } and value ${
        formatShape(value.shape)
      }, expected [..., L, E], [..., S, E] and [..., S, V]`,
    );
  }
  if (attnMask !== null && isCausal) {
    throw new RangeError(
      "scaledDotProductAttention() got attnMask and isCausal, expected one of them",
    );
  }
  const mask = isCausal
    ? causalMask(L!, S!, query.dtype)
    : attnMask && addedMask("scaledDotProductAttention", attnMask, query.dtype);
  return attend(query, key, value, mask, options)[0];
}

/** The result and the weights; the mask is one to be added, or null. */
export function attend(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  mask: Tensor | null,
  options: Pick<AttentionOptions, "dropoutP" | "scale" | "generator">,
): [result: Tensor, weights: Tensor] {
  const scale = options.scale ?? 1 / Math.sqrt(query.shape.at(-1)!);
  // On the smaller operand: queries are fewer numbers than scores.
  const scores = query.mul(scale).matmul(key.transpose(-2, -1));
  let weights = mask === null ? scores.softmax(-1) : masked(scores, mask);
  const { dropoutP = 0, generator } = options;
  if (dropoutP > 0) {
    weights = dropout(weights, dropoutP, generator && { generator });
  }
  return [weights.matmul(value), weights];
}

/** Softmax of the sum; zeros in rows in which everything is masked. */
function masked(scores: Tensor, mask: Tensor): Tensor {
  const sum = scores.add(mask);
  const blind = mask.detach().eq(-Infinity).all(-1, { keepdim: true });
  if (!isFollowed(blind) && blind.any().item() === 0) return sum.softmax(-1);
  // NaN would spread into gradients, so that it must not arise.
  return where(blind, 0, where(blind, 0, sum).softmax(-1));
}

/** A mask to be added, from one of that kind or from one true where to look. */
export function addedMask(op: string, mask: Tensor, dtype: DType): Tensor {
  if (mask.dtype === dtype) return mask;
  if (mask.dtype !== "bool") {
    throw new TypeError(
      `${op}() got a mask of ${mask.dtype}, expected bool or ${dtype}`,
    );
  }
  return where(mask, zeros([], { dtype }), -Infinity);
}

/** 0 where key j is not behind query i, -∞ elsewhere: `[L, S]`. */
export function causalMask(L: number, S: number, dtype: DType): Tensor {
  const behind = arange(S).gt(arange(L).unsqueeze(1));
  return where(behind, -Infinity, zeros([], { dtype }));
}
