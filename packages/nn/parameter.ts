/** Parameters: the tensors that training changes. */

import { keep, noGrad, Tensor } from "@fdunn/tensor";

/**
 * A tensor that a module learns: a leaf that requires grad, with bytes of its
 * own (a copy of `data`) that no scope frees.
 *
 * A module's fields that hold one register themselves; see
 * {@linkcode Module.parameters}. Pass `requiresGrad: false` for one that
 * starts frozen.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { Parameter } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const scale = new Parameter(zeros([3]));
 * assertEquals([scale.isLeaf, scale.requiresGrad], [true, true]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.parameter.Parameter.html
 *
 * @throws TypeError when it requires grad and is not float32 or float64.
 */
export class Parameter extends Tensor {
  /** Copies `data`, without its history. */
  constructor(data: Tensor, requiresGrad = true) {
    const own = noGrad(() => data.clone());
    super(own.array, null, false);
    own.dispose(); // this handle is the only one
    keep(this);
    this.requiresGrad_(requiresGrad);
  }
}
