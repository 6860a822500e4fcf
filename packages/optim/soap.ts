/** SOAP: Adam in the eigenbasis of Shampoo. */

import { eye, keep, type Tensor, zeros, zerosLike } from "@fdunn/tensor";
import type { MomentState } from "./adaptive.ts";
import { ComposedOptimizer, type ComposedOptions } from "./composed.ts";
import {
  requireAtLeastZero,
  requireBetas,
  requireFraction,
} from "./option_check.ts";
import type { Params } from "./optimizer.ts";
import { orthonormal } from "./orthonormal.ts";
import { requireCount } from "@fdunn/tensor/op";

/** Options of {@linkcode SOAP}. */
export interface SOAPOptions extends ComposedOptions {
  /** Learning rate. Default 0.003. */
  lr: number;
  /** How slowly the averages of gradient and square forget. Default [0.95, 0.95]. */
  betas: readonly [number, number];
  /** How slowly the curvature forgets; null for `betas[1]`. Default null. */
  shampooBeta: number | null;
  /** Keeps the denominator from zero. Default 1e-8. */
  eps: number;
  /** Weight decay that the averages do not see. Default 0.01. */
  weightDecay: number;
  /** Steps between two refinements of the bases. Default 10. */
  preconditionFrequency: number;
  /** Longer sides of a matrix keep their own basis. Default 256. */
  maxPreconditionDim: number;
}

/**
 * What {@linkcode SOAP} keeps for a parameter, an `[m, n]` matrix; both averages
 * are in the bases.
 */
export interface SOAPState extends MomentState {
  /** Average of `G Gᵀ`, `[m, m]`; null for vectors and long sides. */
  left: Tensor | null;
  /** Its eigenvectors, in columns. */
  leftBasis: Tensor | null;
  /** Average of `Gᵀ G`, `[n, n]`. */
  right: Tensor | null;
  /** Its eigenvectors, in columns. */
  rightBasis: Tensor | null;
}

/** Orthogonal iterations that make the first basis. */
const FIRST_ITERATIONS = 10;

/**
 * Adam, run in the basis in which the gradient's rows and columns are not
 * correlated: a second-order method by Kronecker factors, for the price of a
 * few products of matrices a step.
 *
 * For a matrix with gradient `G` and averages `L` of `G Gᵀ`, `R` of `Gᵀ G`, with
 * eigenvectors `U`, `W`: `G' = Uᵀ G W`, `V` averages `G'²`, `M` averages `G`, and
 * `p -= lr U (Uᵀ M W / (√V + eps)) Wᵀ`, with Adam's corrections. Every
 * `preconditionFrequency` steps `U` and `W` are refined by one orthogonal
 * iteration. Vectors take Adam's steps, longer shapes are seen as `[m, rest]`.
 * The first call only measures, so that no gradient is scaled by itself; what
 * is below 1e-6 of the largest `√V` counts as rounding (1e-15 in float64).
 * Vyas et al., "SOAP: improving and stabilizing Shampoo using Adam", 2024
 * (PyTorch has none).
 *
 * Why not Shampoo: it needs `L^(-1/4)` anew often, and a rate and damping of
 * its own, while SOAP bears old bases and takes Adam's rates.
 *
 * ```ts
 * import { manualSeed, randn, tensor } from "@fdunn/tensor";
 * import { SOAP } from "@fdunn/optim/second_order";
 * import { assert } from "@std/assert";
 *
 * manualSeed(0);
 * const w = randn([3, 2], { requiresGrad: true });
 * const x = randn([50, 3]).matmul(tensor([[9, 9, 0], [0, 1, 0], [0, 0, 0.1]]));
 * const optimizer = new SOAP([w], { lr: 0.1, weightDecay: 0 });
 * const losses: number[] = [];
 * for (let step = 0; step < 100; step++) {
 *   optimizer.zeroGrad();
 *   const loss = x.matmul(w.sub(1)).square().mean();
 *   loss.backward();
 *   losses.push(loss.item());
 *   optimizer.step();
 * }
 * assert(losses.at(-1)! < 0.01 * losses[0]!);
 * ```
 *
 * See https://arxiv.org/abs/2409.11321
 *
 * @throws RangeError for options that make no sense, Error for tensors that
 * are no leaves or come twice.
 */
export class SOAP extends ComposedOptimizer<SOAPOptions, SOAPState> {
  /** Takes parameters, or groups with options of their own. */
  constructor(params: Params<SOAPOptions>, options: Partial<SOAPOptions> = {}) {
    super(params, {
      ...{ lr: 0.003, betas: [0.95, 0.95], shampooBeta: null, eps: 1e-8 },
      ...{ weightDecay: 0.01, preconditionFrequency: 10 },
      ...{ maxPreconditionDim: 256, maximize: false },
      ...options,
    });
  }

  /** See {@linkcode FusedOptimizer}. */
  protected override checkOptions(options: SOAPOptions): void {
    super.checkOptions(options);
    requireAtLeastZero("SOAP", options, "eps");
    const { betas, shampooBeta } = options;
    requireBetas("SOAP", betas);
    requireFraction("SOAP", "shampooBeta", shampooBeta ?? 0);
    const { preconditionFrequency, maxPreconditionDim } = options;
    requireCount("SOAP", "preconditionFrequency", preconditionFrequency);
    requireCount("SOAP", "maxPreconditionDim", maxPreconditionDim, 0);
  }

  /** See {@linkcode FusedOptimizer}. */
  protected createState(parameter: Tensor, options: SOAPOptions): SOAPState {
    const { shape, dtype, ndim, size } = parameter;
    const m = shape[0] ?? 1;
    const most = ndim > 1 && size > 0 ? options.maxPreconditionDim : 0;
    const make = (n: number) =>
      n <= most ? keep(zeros([n, n], { dtype })) : null;
    return {
      step: 0,
      expAvg: keep(zerosLike(parameter)),
      expAvgSq: keep(zerosLike(parameter)),
      left: make(m),
      leftBasis: make(m),
      right: make(size / m),
      rightBasis: make(size / m),
    };
  }

  /** See {@linkcode ComposedOptimizer}. */
  protected change(
    parameter: Tensor,
    gradient: Tensor,
    state: SOAPState,
    options: SOAPOptions,
  ): Tensor | null {
    const { betas: [beta1, beta2], lr, eps } = options;
    const beta = options.shampooBeta ?? beta2;
    // The first call measured only.
    const t = state.step - 1;
    const { shape, ndim } = parameter;
    const asMatrix = (x: Tensor) => ndim > 2 ? x.flatten(1) : x;
    const g = asMatrix(gradient);
    const mean = asMatrix(state.expAvg);
    const square = asMatrix(state.expAvgSq);
    let change: Tensor | null = null;
    if (t > 0) {
      const projected = project(g, state);
      mean.lerp_(projected, 1 - beta1);
      square.lerp_(projected.square(), 1 - beta2);
      const root = square.sqrt();
      const scaled = mean.div(root.add(eps + noiseOf(root, state)));
      const rate = lr * Math.sqrt(1 - beta2 ** t) / (1 - beta1 ** t);
      change = projectBack(scaled, state).mul(rate).reshape(shape);
    }
    const { left, right } = state;
    left?.lerp_(g.matmul(g.t()), 1 - beta);
    right?.lerp_(g.t().matmul(g), 1 - beta);
    if (t === 0) {
      first(left, state.leftBasis);
      first(right, state.rightBasis);
    } else if (t % options.preconditionFrequency === 0) {
      const kept = projectBack(mean, state);
      refine(left, state.leftBasis, square, 0);
      refine(right, state.rightBasis, square, 1);
      mean.copy_(project(kept, state));
    }
    return change;
  }
}

/** What of roots is rounding: no direction of noise may be scaled up. */
function noiseOf(root: Tensor, { leftBasis, rightBasis }: SOAPState): number {
  if (leftBasis === null && rightBasis === null) return 0;
  const unit = root.dtype === "float64" ? 2 ** -49 : 2 ** -20;
  return unit * root.amax().item();
}

/** A matrix in the bases of its rows and columns. */
function project(x: Tensor, { leftBasis, rightBasis }: SOAPState): Tensor {
  if (leftBasis !== null) x = leftBasis.t().matmul(x);
  return rightBasis === null ? x : x.matmul(rightBasis);
}

/** The inverse of {@linkcode project}. */
function projectBack(x: Tensor, { leftBasis, rightBasis }: SOAPState): Tensor {
  if (leftBasis !== null) x = leftBasis.matmul(x);
  return rightBasis === null ? x : x.matmul(rightBasis.t());
}

/** About the eigenvectors of a matrix. */
function first(matrix: Tensor | null, basis: Tensor | null): void {
  if (matrix === null || basis === null) return;
  const n = matrix.shape[0]!;
  basis.copy_(eye(n, n, { dtype: matrix.dtype }));
  for (let i = 0; i < FIRST_ITERATIONS; i++) {
    basis.copy_(orthonormal(matrix.matmul(basis)));
  }
}

/** One orthogonal iteration, from the largest eigenvalue to the smallest. */
function refine(
  matrix: Tensor | null,
  basis: Tensor | null,
  square: Tensor,
  axis: number,
): void {
  if (matrix === null || basis === null) return;
  const product = matrix.matmul(basis);
  const order = basis.mul(product).sum(0).argsort(0, { descending: true });
  square.copy_(square.indexSelect(axis, order));
  basis.copy_(orthonormal(product.indexSelect(1, order)));
}
