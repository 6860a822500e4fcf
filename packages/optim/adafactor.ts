/** Adafactor: Adam's scale in the memory of its margins. */

import { keep, type Tensor, zeros } from "@fdunn/tensor";
import type { AdaptiveState } from "./adaptive.ts";
import { ComposedOptimizer, type ComposedOptions } from "./composed.ts";
import { requireAtLeastZero } from "./option_check.ts";
import type { Params } from "./optimizer.ts";
import { requireOption } from "@fdunn/tensor/op";

/** Options of {@linkcode Adafactor}. */
export interface AdafactorOptions extends ComposedOptions {
  /** The largest rate, of which early steps take less. Default 0.01. */
  lr: number;
  /** The averages of squares move by `t^beta2Decay`, at most 0. Default -0.8. */
  beta2Decay: number;
  /**
   * Keeps squares from zero (null: the dtype's precision), and the least scale
   * of a parameter. Default [null, 0.001].
   */
  eps: readonly [number | null, number];
  /** The largest root mean square of an update, at least 1. Default 1. */
  d: number;
  /** Weight decay that the averages do not see. Default 0. */
  weightDecay: number;
}

/** What {@linkcode Adafactor} keeps for a parameter. */
export interface AdafactorState extends AdaptiveState {
  /** Average of the squares along the last axis, of matrices and more. */
  rowVar: Tensor | null;
  /** Average along the axis before it. */
  colVar: Tensor | null;
  /** Average of each square, of vectors and scalars. */
  variance: Tensor | null;
}

/**
 * Adam without momentum whose squares are kept by row and column only: for
 * models whose optimizer must need no memory.
 *
 * With `R`, `C` the averages of `g²` over rows and columns: `V = R C / mean(R)`,
 * `u = g / √V`, and `p -= lr_t max(eps₂, rms(p)) u / max(1, rms(u) / d)`, `lr_t =
 * min(lr, 1/√t)`. Shazeer and Stern, "Adafactor: adaptive learning rates with
 * sublinear memory cost", 2018.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { Adafactor } from "@fdunn/optim";
 * import { assertEquals } from "@std/assert";
 *
 * const w = randn([64, 32], { requiresGrad: true });
 * const optimizer = new Adafactor([w]);
 * w.square().sum().backward();
 * optimizer.step();
 * const { rowVar, colVar } = optimizer.state.get(w)!;
 * assertEquals([rowVar!.shape, colVar!.shape], [[64, 1], [1, 32]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.Adafactor.html
 *
 * @throws RangeError for options that make no sense, Error for tensors that
 * are no leaves or come twice.
 */
export class Adafactor
  extends ComposedOptimizer<AdafactorOptions, AdafactorState> {
  /** Takes parameters, or groups with options of their own. */
  constructor(
    params: Params<AdafactorOptions>,
    options: Partial<AdafactorOptions> = {},
  ) {
    super(params, {
      ...{ lr: 0.01, beta2Decay: -0.8, eps: [null, 0.001], d: 1 },
      ...{ weightDecay: 0, maximize: false },
      ...options,
    });
  }

  /** See {@linkcode FusedOptimizer}. */
  protected override checkOptions(options: AdafactorOptions): void {
    super.checkOptions(options);
    const { beta2Decay, d } = options;
    const [eps1, eps2] = options.eps;
    const all = { "eps[0]": eps1 ?? 0, "eps[1]": eps2 };
    requireAtLeastZero("Adafactor", all, "eps[0]", "eps[1]");
    const falls = beta2Decay <= 0;
    requireOption("Adafactor", "beta2Decay", beta2Decay, falls, "at most 0");
    requireOption("Adafactor", "d", d, d >= 1, "at least 1");
  }

  /** See {@linkcode FusedOptimizer}. */
  protected createState({ shape, dtype }: Tensor): AdafactorState {
    const make = (axis: number) =>
      keep(zeros(shape.map((n, i) => i === axis ? 1 : n), { dtype }));
    const { length } = shape;
    const isMatrix = length > 1;
    return {
      step: 0,
      rowVar: isMatrix ? make(length - 1) : null,
      colVar: isMatrix ? make(length - 2) : null,
      variance: isMatrix ? null : make(-1),
    };
  }

  /** See {@linkcode ComposedOptimizer}. */
  protected change(
    parameter: Tensor,
    gradient: Tensor,
    state: AdafactorState,
    options: AdafactorOptions,
  ): Tensor {
    const { lr, d, beta2Decay } = options;
    const { step, rowVar, colVar, variance } = state;
    const epsilon = parameter.dtype === "float64" ? 2 ** -52 : 2 ** -23;
    const eps1 = options.eps[0] ?? epsilon;
    const rest = step ** beta2Decay;
    const rate = Math.min(lr, 1 / Math.sqrt(step)) *
      Math.max(options.eps[1], rootMeanSquare(parameter));
    const squares = gradient.square();
    let estimate: Tensor;
    if (rowVar !== null && colVar !== null) {
      rowVar.lerp_(squares.mean(-1, { keepdim: true }), rest);
      colVar.lerp_(squares.mean(-2, { keepdim: true }), rest);
      const mean = rowVar.mean(-2, { keepdim: true }).clamp(eps1);
      estimate = rowVar.mul(colVar).div(mean);
    } else estimate = variance!.lerp_(squares, rest);
    const update = estimate.clamp(eps1 * eps1).rsqrt().mul(gradient);
    const clip = Math.max(1, rootMeanSquare(update) / d);
    return update.mul_(rate / clip);
  }
}

function rootMeanSquare(x: Tensor): number {
  return x.norm().item() / Math.sqrt(x.size);
}
