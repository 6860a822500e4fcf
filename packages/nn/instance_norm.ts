/** Normalisation of each channel of each sample. */

import { type DType, instanceNorm, type Tensor } from "@fdunn/tensor";
import { RunningNorm } from "./running_norm.ts";

/** Options of {@linkcode InstanceNorm1d} and its kin. */
export interface InstanceNormLayerOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** How far the running moments move. Default 0.1. */
  momentum?: number;
  /** Whether each channel gets a learned factor and offset. Default `false`. */
  affine?: boolean;
  /** Whether to keep running moments for evaluation. Default `false`. */
  trackRunningStats?: boolean;
  /** Type of parameters and buffers. Default float32. */
  dtype?: DType;
}

/** What the instance norms share: they differ in the inputs that they take. */
export abstract class InstanceNorm extends RunningNorm {
  /** How far the running moments move. */
  declare readonly momentum: number;

  /** Makes parameters and running moments, where they are asked for. */
  constructor(numFeatures: number, options: InstanceNormLayerOptions = {}) {
    const { affine = false, trackRunningStats = false } = options;
    super(numFeatures, { ...options, affine, trackRunningStats });
  }

  /** The same shape as the input's. */
  forward(x: Tensor): Tensor {
    const { ranks, weight, bias, eps, momentum } = this;
    const batched = x.ndim === ranks[1];
    this.checkInput(x, batched ? 1 : 0);
    const { runningMean, runningVar } = this;
    const useInputStats = this.training || runningMean === null;
    const moments = { runningMean, runningVar };
    const options = { weight, bias, eps, momentum, useInputStats, ...moments };
    if (batched) return instanceNorm(x, options);
    return instanceNorm(x.unsqueeze(0), options).squeeze(0);
  }
}

/**
 * {@linkcode instanceNorm} of sequences: each channel of each sample gets mean
 * 0 and variance 1.
 *
 * Shapes: input `[N, C, L]` or `[C, L]`, the output's too.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { InstanceNorm1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new InstanceNorm1d(2).forward(tensor([[1, 3], [10, 30]]));
 * assertEquals(y.round().toArray(), [[-1, 1], [-1, 1]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm1d.html
 */
export class InstanceNorm1d extends InstanceNorm {
  /** `[N, C, L]`, or without N. */
  protected override readonly ranks: readonly number[] = [2, 3];
}

/**
 * {@linkcode instanceNorm} of images; see {@linkcode InstanceNorm1d}.
 *
 * Shapes: input `[N, C, H, W]` or `[C, H, W]`, the output's too.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { InstanceNorm2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new InstanceNorm2d(4, { affine: true });
 * assertEquals(layer.forward(randn([16, 4, 7, 7])).shape, [16, 4, 7, 7]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm2d.html
 */
export class InstanceNorm2d extends InstanceNorm {
  /** `[N, C, H, W]`, or without N. */
  protected override readonly ranks: readonly number[] = [3, 4];
}

/**
 * {@linkcode instanceNorm} of volumes; see {@linkcode InstanceNorm1d}.
 *
 * Shapes: input `[N, C, D, H, W]` or `[C, D, H, W]`, the output's too.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { InstanceNorm3d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new InstanceNorm3d(2).forward(randn([3, 2, 4, 5, 6]));
 * assertEquals(y.shape, [3, 2, 4, 5, 6]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.InstanceNorm3d.html
 */
export class InstanceNorm3d extends InstanceNorm {
  /** `[N, C, D, H, W]`, or without N. */
  protected override readonly ranks: readonly number[] = [4, 5];
}
