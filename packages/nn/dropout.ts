/** Dropout: a random part of the activations becomes zero in training. */

import { type Generator, streamFor, type Tensor } from "@fdunn/tensor";
import {
  allocate,
  applyMany,
  contiguous,
  floatKernels,
  type Op,
  pointer,
  requireProbability,
  writable,
} from "@fdunn/tensor/op";
import { Module } from "./module.ts";

interface DropoutParams {
  p: number;
  generator: Generator;
}

/**
 * Results: y = x m, and the mask m of 0 and 1 / (1 - p). An op of its own, so
 * that the mask's bytes go with the graph.
 */
const DROPOUT: Op<DropoutParams> = {
  name: "dropout",
  saves: "none",
  forward: ({ p, generator }, x) => {
    const kernels = floatKernels("dropout", x.dtype);
    const input = contiguous(x);
    const mask = allocate(x.shape, x.dtype);
    const out = allocate(x.shape, x.dtype);
    const n = x.size;
    const m = writable(mask);
    kernels.random_bernoulli(n, 1 - p, generator.address(), m);
    if (p < 1) kernels.scale(n, 1 / (1 - p), m, m);
    kernels.mul(n, pointer(input), 1, m, 1, writable(out));
    return [out, mask];
  },
  backward: (node, grad) => {
    const y = grad as Tensor | null;
    return [y === null ? null : y.mul(node.outputs[1]!)];
  },
};

/** Options of {@linkcode dropout}. */
export interface DropoutOptions {
  /**
   * Drop at all; pass a module's `training`. Default `true`, of `alphaDropout()`
   * and `featureAlphaDropout()` `false`.
   */
  training?: boolean;
  /** Where the numbers come from. Default: the stream "dropout". */
  generator?: Generator;
}

/**
 * Zeroes each element with probability `p` and scales the others by
 * 1 / (1 - p), so that sums stay the same on average. Any shape, float32 or
 * float64. Srivastava et al., "Dropout", JMLR 15, 2014.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.dropout.html
 *
 * @throws RangeError when p is not a probability.
 */
export function dropout(
  x: Tensor,
  p = 0.5,
  options: DropoutOptions = {},
): Tensor {
  requireProbability("dropout()", "p", p);
  if (options.training === false || p === 0) return x;
  const generator = options.generator ?? streamFor("dropout");
  return applyMany(DROPOUT, [x], { p, generator })[0]!;
}

/**
 * {@linkcode dropout} while training, nothing otherwise.
 *
 * ```ts
 * import { ones } from "@fdunn/tensor";
 * import { Dropout } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new Dropout(0.5);
 * const sum = layer.forward(ones([1000])).sum().item(); // about 1000
 * assertEquals(sum % 2, 0); // each element is 0 or 2
 * assertEquals(layer.eval().forward(ones([3])).toArray(), [1, 1, 1]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html
 */
export class Dropout extends Module<[Tensor]> {
  /** The probability of a zero. */
  readonly p: number;

  /** Drops with probability `p`. */
  constructor(p = 0.5) {
    super();
    requireProbability("dropout()", "p", p);
    this.p = p;
  }

  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return this.training ? dropout(x, this.p) : x;
  }

  /** The probability. */
  override extraRepr(): string {
    return `p=${this.p}`;
  }
}
