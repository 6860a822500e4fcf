/** Figures that are gathered batch by batch. */

import type { Tensor } from "@fdunn/tensor";
import { RunningMean } from "./running_mean.ts";

/** A figure, or what else is computed, gathered over batches. */
export interface Metric<Value = number> {
  /** Takes in one batch: what the model gave, and what was expected. */
  update(output: Tensor, target: Tensor): void;
  /** The figure over all batches since {@linkcode reset}; NaN before any. */
  compute(): Value;
  /** Forgets all batches. */
  reset(): void;
  /** What it has gathered, as plain data: checkpoints within an epoch keep it. */
  state?(): unknown;
  /** Goes on from what was gathered. */
  loadState?(state: never): void;
}

/**
 * The share of rows whose largest output is at the target class, in [0, 1].
 *
 * ```ts
 * import { Accuracy } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const accuracy = new Accuracy();
 * const logits = tensor([[2, 1], [0, 3], [5, 4], [1, 0]]);
 * accuracy.update(logits, tensor([0, 1, 1, 0], { dtype: "int32" }));
 * assertEquals(accuracy.compute(), 0.75);
 * ```
 */
export class Accuracy extends RunningMean implements Metric {
  /**
   * Compares outputs `[N, C]` with classes `[N]`, int32.
   *
   * @throws RangeError when the shapes do not fit.
   */
  update(output: Tensor, target: Tensor): void {
    const rows = checkClasses("Accuracy", output, target);
    this.add(output.detach().argmax(1).eq(target).sum().item(), rows);
  }
}

/**
 * The number of rows of outputs `[N, C]` with classes `[N]`.
 *
 * @throws RangeError when the shapes do not fit.
 */
export function checkClasses(
  metric: string,
  output: Tensor,
  target: Tensor,
): number {
  const rows = output.shape[0]!;
  if (output.ndim === 2 && target.ndim === 1 && target.size === rows) {
    return rows;
  }
  throw new RangeError(
    `${metric} got output [${output.shape.join(", ")}] and target [${
      target.shape.join(", ")
    }], expected [N, C] and [N]`,
  );
}

/** A tensor's values as float64, row by row. */
export function float64Of(tensor: Tensor): Float64Array {
  return tensor.detach().to("float64").data() as Float64Array;
}

/**
 * The mean of a loss over samples, from batches of different sizes.
 *
 * ```ts
 * import { MeanLoss } from "@fdunn/train";
 * import { assertEquals } from "@std/assert";
 *
 * const loss = new MeanLoss();
 * loss.update(0.5, 4); // mean of 4 samples
 * loss.update(2, 2);
 * assertEquals(loss.compute(), 1);
 * ```
 */
export class MeanLoss extends RunningMean {
  /** Takes in a batch: the mean of its samples' losses, and their number. */
  update(mean: number, samples: number): void {
    this.add(mean * samples, samples);
  }
}
