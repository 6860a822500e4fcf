/** Adam with decoupled weight decay. */

import { AdamFamily, type AdamOptions } from "./adam.ts";
import type { Params } from "./optimizer.ts";

/**
 * Adam with weight decay that the averages do not see: `p *= 1 - lr
 * weightDecay` before each step. Loshchilov and Hutter, "Decoupled weight
 * decay regularization", 2017.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { AdamW } from "@fdunn/optim";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const w = tensor([3], { requiresGrad: true });
 * const optimizer = new AdamW([w], { lr: 0.5, weightDecay: 0.1 });
 * w.square().sum().backward();
 * optimizer.step();
 * assertAlmostEquals(w.item(), 2.35, 1e-6); // 3 · 0.95 - 0.5
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html
 *
 * @throws RangeError for options that make no sense, Error for tensors that
 * are no leaves or come twice.
 */
export class AdamW extends AdamFamily {
  /** Weight decay bypasses the averages, also with the state of an Adam. */
  protected override decouples(): boolean {
    return true;
  }

  /** Takes parameters, or groups with options of their own. */
  constructor(params: Params<AdamOptions>, options: Partial<AdamOptions> = {}) {
    super(params, options, 0.01, true);
  }
}
