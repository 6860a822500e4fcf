/** Newton's method with exact curvature. */

import { enableGrad, grad, scope, type Tensor } from "@fdunn/tensor";
import {
  ClosureOptimizer,
  type ClosureOptions,
  dot,
  largest,
} from "./closure_optimizer.ts";
import { requireAtLeastZero } from "./option_check.ts";
import type { OptimizerState } from "./state.ts";
import { requireCount, requireOption } from "@fdunn/tensor/op";

/** Options of {@linkcode NewtonCG}. */
export interface NewtonCGOptions extends ClosureOptions {
  /** The part of each step that is taken. Default 1. */
  lr: number;
  /** Iterations per `step()`. Default 20. */
  maxIter: number;
  /** Products with the Hessian per iteration. Default 100. */
  maxCg: number;
  /** Added to the Hessian's diagonal. Default 0. */
  damping: number;
  /** How far the first iteration may go. Default 1. */
  trustRadius: number;
  /** How far any may go. Default 1000. */
  maxTrustRadius: number;
  /** Ends when no component of the gradient is larger. Default 1e-7. */
  toleranceGrad: number;
  /** Ends when loss or parameters change by no more. Default 1e-9. */
  toleranceChange: number;
}

/** What {@linkcode NewtonCG} has done, and how far it trusts its model. */
interface NewtonState {
  nIter: number;
  /** Calls of the closure. */
  funcEvals: number;
  /** Products with the Hessian. */
  hessEvals: number;
  radius: number;
}

/** A direction of conjugate gradients: where to, its curvature, how far. */
interface Segment {
  d: Tensor;
  hd: Tensor;
  /** Up to the minimum along it; infinite where there is none. */
  length: number;
}

/** A step, what the Hessian makes of it, and whether the radius cut it. */
interface TrustStep {
  s: Tensor;
  hs: Tensor;
  cut: boolean;
}

/** A step must give this part of the fall that the model promised. */
const ACCEPTED = 1e-4;
/** The model is trusted less below, and further above. */
const [POOR, GOOD] = [0.25, 0.75];
/** How often a step is shortened before the iteration gives up. */
const ATTEMPTS = 20;

/**
 * Newton's method for a loss without noise: each iteration minimises the loss's
 * quadratic model, with its exact Hessian, inside a radius within which it has
 * been right. For as many parameters as one likes, since the Hessian is never
 * formed: the model is minimised by conjugate gradients, whose products `H v` are
 * gradients of gradients.
 *
 * Where the Hessian is not positive definite the step follows the curvature
 * downwards to the radius, so that saddles are left (Steihaug, "The conjugate
 * gradient method and trust regions in large scale optimization", 1983;
 * Nocedal and Wright, "Numerical optimization", 2006, algorithms 4.1 and 7.2;
 * PyTorch has none). `damping` makes steps shorter everywhere. Near a minimum
 * the number of right digits doubles or so with each iteration.
 *
 * Unlike that of LBFGS the closure calls no `backward()`: it computes the loss
 * and returns it. One group only.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { NewtonCG } from "@fdunn/optim/second_order";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Rosenbrock's valley: its minimum is at [1, 1].
 * const x = tensor([-1.5, 2], { dtype: "float64", requiresGrad: true });
 * const optimizer = new NewtonCG([x]);
 * for (let i = 0; i < 2; i++) {
 *   optimizer.step(() => {
 *     const [a, b] = x.split(1) as [typeof x, typeof x];
 *     return b.sub(a.square()).square().mul(100)
 *       .add(a.sub(1).square()).sum();
 *   });
 * }
 * assertAlmostEquals(x.select(0, 0).item(), 1, 1e-6);
 * ```
 *
 * See https://docs.scipy.org/doc/scipy/reference/optimize.minimize-trustncg.html
 *
 * @throws RangeError for options that make no sense or several groups;
 * TypeError for a step without a closure, or a closure whose loss has no graph.
 */
export class NewtonCG extends ClosureOptimizer<NewtonCGOptions> {
  #done: NewtonState;

  /** Takes the parameters. */
  constructor(
    params: Iterable<Tensor>,
    options: Partial<NewtonCGOptions> = {},
  ) {
    super(params, {
      ...{ lr: 1, maxIter: 20, maxCg: 100, damping: 0, trustRadius: 1 },
      ...{ maxTrustRadius: 1000, toleranceGrad: 1e-7, toleranceChange: 1e-9 },
      maximize: false,
      ...options,
    });
    const radius = this.defaults.trustRadius;
    this.#done = { nIter: 0, funcEvals: 0, hessEvals: 0, radius };
  }

  /** See {@linkcode ClosureOptimizer}. */
  get nIter(): number {
    return this.#done.nIter;
  }

  /** Products with the Hessian so far, each as dear as two gradients. */
  get hessEvals(): number {
    return this.#done.hessEvals;
  }

  /** See {@linkcode Optimizer}. */
  protected checkOptions(options: NewtonCGOptions): void {
    const names = [
      "lr",
      "damping",
      "toleranceGrad",
      "toleranceChange",
    ] as const;
    requireAtLeastZero("NewtonCG", options, ...names);
    requireCount("NewtonCG", "maxIter", options.maxIter);
    requireCount("NewtonCG", "maxCg", options.maxCg);
    for (const name of ["trustRadius", "maxTrustRadius"] as const) {
      const value = options[name];
      requireOption("NewtonCG", name, value, value > 0, "a number above 0");
    }
  }

  /** Up to `maxIter` iterations; returns the loss before the first. */
  protected run(closure: () => Tensor): Tensor {
    const { maxIter, toleranceGrad, toleranceChange } = this.paramGroups[0]!;
    const first = this.#evaluate(closure);
    let loss = first;
    for (let i = 0; i < maxIter; i++) {
      const next: Tensor | null = scope(() =>
        this.#iterate(loss, closure, toleranceGrad)
      );
      if (next === null) break;
      const change = this.signed(loss) - this.signed(next);
      loss = next;
      if (Math.abs(change) < toleranceChange) break;
    }
    return first;
  }

  /** The loss and its graph. */
  #evaluate(closure: () => Tensor): Tensor {
    this.#done.funcEvals++;
    const loss = enableGrad(closure);
    if (!loss.requiresGrad || loss.node === null || loss.node.retired) {
      throw new TypeError(
        "NewtonCG got a loss without a graph: its closure must compute the loss of the parameters, and not call backward()",
      );
    }
    return loss;
  }

  /** One step from where `loss` was computed; the next loss, or null. */
  #iterate(
    loss: Tensor,
    closure: () => Tensor,
    toleranceGrad: number,
  ): Tensor | null {
    const { lr, maxTrustRadius, toleranceChange } = this.paramGroups[0]!;
    const gradients = grad(loss, this.params, {
      createGraph: true,
      allowUnused: true,
    });
    const g = this.flat(gradients);
    if (!(largest(g) > toleranceGrad)) return null; // also where it is NaN
    const done = this.#done;
    done.nIter++;
    const path = this.#path(gradients, g);
    const place = this.place();
    const before = this.signed(loss);
    // Where losses differ by rounding only, they say nothing about the model.
    const unit = g.dtype === "float64" ? 2 ** -52 : 2 ** -23;
    const noise = 10 * unit * Math.max(1, Math.abs(before));
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const { s, hs, cut } = cutPath(path, g, done.radius);
      const promised = -lr * (dot(g, s) + lr / 2 * dot(s, hs));
      const length = Math.sqrt(dot(s, s));
      this.move(lr, s);
      const next = this.#evaluate(closure);
      const fall = before - this.signed(next);
      const ratio = (fall + noise) / (promised + noise);
      if (!(ratio >= POOR)) done.radius = length / 4;
      else if (ratio > GOOD && cut) {
        done.radius = Math.min(2 * done.radius, maxTrustRadius);
      }
      if (ratio > ACCEPTED) return next;
      this.goTo(place);
      if (!(length > toleranceChange)) break;
    }
    return null;
  }

  /** The way of conjugate gradients towards the model's minimum. */
  #path(gradients: readonly (Tensor | null)[], g: Tensor): Segment[] {
    const { maxCg } = this.paramGroups[0]!;
    const { radius } = this.#done;
    const path: Segment[] = [];
    let r = g;
    let d = g.neg();
    let z = g.zerosLike();
    let square = dot(r, r);
    const norm = Math.sqrt(square);
    const enough = Math.min(0.5, Math.sqrt(norm)) * norm;
    for (let i = 0; i < maxCg; i++) {
      const hd = this.#curvature(gradients, d);
      const curvature = dot(d, hd);
      const falls = !(curvature > 0);
      const length = falls ? Infinity : square / curvature;
      path.push({ d, hd, length });
      if (falls) break;
      z = z.add(d.mul(length));
      r = r.add(hd.mul(length));
      const next = dot(r, r);
      if (Math.sqrt(next) <= enough || dot(z, z) >= radius ** 2) break;
      d = d.mul(next / square).sub(r);
      square = next;
    }
    return path;
  }

  /** The damped Hessian times a vector, by differentiating gradients. */
  #curvature(gradients: readonly (Tensor | null)[], v: Tensor): Tensor {
    this.#done.hessEvals++;
    const { damping } = this.paramGroups[0]!;
    const pieces = this.pieces(v);
    // A gradient that does not depend on the parameters has no curvature.
    const curved = gradients.flatMap((gradient, i) =>
      gradient?.requiresGrad ? [[gradient, pieces[i]!] as const] : []
    );
    let product = v.zerosLike();
    if (curved.length > 0) {
      product = this.flat(grad(curved.map(([g]) => g), this.params, {
        gradOutputs: curved.map(([, piece]) => piece),
        retainGraph: true,
        allowUnused: true,
      }));
    }
    return damping === 0 ? product : product.add(v.mul(damping));
  }

  /** Counts and radius, as the state of parameter 0. */
  override stateDict(): OptimizerState {
    const saved = super.stateDict();
    saved.state[0] = { ...this.#done };
    return saved;
  }

  /** See {@linkcode Optimizer.loadStateDict}. */
  override loadStateDict(saved: OptimizerState): void {
    const entries = { ...saved.state?.[0] };
    const names = ["nIter", "funcEvals", "hessEvals", "radius"] as const;
    const values = names.map((name) => entries[name]);
    requireOption(
      ...["NewtonCG", "a state with", values] as const,
      values.every((value) => typeof value === "number"),
      `the numbers ${names.join(", ")}`,
    );
    super.loadStateDict({ ...saved, state: {} });
    const [nIter, funcEvals, hessEvals, radius] = values as number[];
    this.#done = {
      ...{ nIter: nIter!, funcEvals: funcEvals!, hessEvals: hessEvals! },
      radius: radius!,
    };
  }
}

/** Follows a path until its end, or to the radius. */
function cutPath(
  path: readonly Segment[],
  like: Tensor,
  radius: number,
): TrustStep {
  let s = like.zerosLike();
  let hs = s;
  for (const { d, hd, length } of path) {
    const whole = length < Infinity ? s.add(d.mul(length)) : null;
    const cut = whole === null || dot(whole, whole) >= radius ** 2;
    const part = cut ? toRadius(s, d, radius) : length;
    s = s.add(d.mul(part));
    hs = hs.add(hd.mul(part));
    if (cut) return { s, hs, cut };
  }
  return { s, hs, cut: false };
}

/** The t > 0 for which s + t d has the length `radius`. */
function toRadius(s: Tensor, d: Tensor, radius: number): number {
  const [dd, sd] = [dot(d, d), dot(s, d)];
  const missing = radius ** 2 - dot(s, s);
  return (Math.sqrt(sd ** 2 + dd * missing) - sd) / dd;
}
