/** Limits on gradients within a Trainer. */

import { clipGradNorm, clipGradValue } from "@fdunn/optim";
import type { Callback } from "../callback.ts";
import { groupsOf } from "../trainable.ts";
import type { Trainer } from "../trainer.ts";

/** How gradients are limited: one of the two. */
export interface GradientClippingOptions {
  /** The joint norm of all gradients is at most this. */
  norm?: number;
  /** Every element is within [-value, value]. */
  value?: number;
}

/**
 * Clips the gradients before each step of the optimizer, as a callback of the
 * Trainer, which makes one for its option `gradClip`.
 *
 * ```ts
 * import { GradientClipping } from "@fdunn/train";
 *
 * const callbacks = [new GradientClipping({ norm: 1 })];
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html
 */
export class GradientClipping implements Callback {
  /** The joint norm before the last clipping; NaN where values are clipped. */
  norm: number = NaN;
  readonly #options: GradientClippingOptions;

  /**
   * Clips nothing yet.
   *
   * @throws RangeError unless there is either a norm or a value, at least 0.
   */
  constructor(options: GradientClippingOptions) {
    const { norm, value } = options;
    const limit = norm ?? value;
    if ((norm === undefined) === (value === undefined) || !(limit! >= 0)) {
      throw new RangeError(
        `GradientClipping got ${
          JSON.stringify(options)
        }, expected either a norm or a value of at least 0`,
      );
    }
    this.#options = options;
  }

  /** Clips. */
  onStepStart({ optimizer }: Trainer): void {
    const { norm, value } = this.#options;
    const params = groupsOf("GradientClipping", optimizer)
      .flatMap((group) => group.params);
    if (norm !== undefined) this.norm = clipGradNorm(params, norm);
    else clipGradValue(params, value!);
  }
}
