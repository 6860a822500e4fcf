/**
 * Proof of gradients by finite differences, after HIPS/autograd's
 * `check_grads`: along random directions, of second order too.
 */

import { grad } from "./autograd.ts";
import { isFloat } from "./dtype.ts";
import { noGrad } from "./grad_mode.ts";
import { Generator, randn } from "./random.ts";
import { formatShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Options of {@linkcode checkGrad}. */
export interface CheckGradOptions {
  /** 1: gradients; 2: gradients of gradients, too. Default 2. */
  order?: 1 | 2;
  /** Random directions to try. Default 3. */
  directions?: number;
  /** Relative tolerance in float64. Default 1e-5. */
  rtol?: number;
  /** Absolute tolerance in float64. Default 1e-7. */
  atol?: number;
  /** Step of the central difference. Default 1e-5. */
  step?: number;
  /** Tolerance of float32 gradients against float64 ones. Default 1e-4. */
  float32Tolerance?: number;
  /** Seed of the directions. Default 0. */
  seed?: number;
}

/** What {@linkcode checkGrad} measured. */
export interface CheckGradResult {
  /** Largest relative error of first-order gradients, float64. */
  firstOrder: number;
  /** Largest relative error of second-order gradients, float64; 0 if unused. */
  secondOrder: number;
  /** Largest error of float32 gradients, relative to the largest gradient. */
  float32: number;
}

/**
 * Checks the gradients of a function of tensors; throws where they are wrong.
 *
 * The function runs in float64: along random directions v the central
 * difference `(f(x + hv) - f(x - hv)) / 2h` must equal our `∇f · v`, and the
 * same must hold for the gradient itself. Then the float32 gradient must agree
 * with the float64 one. Inputs of float32 or float64 that require grad are
 * varied; keep them away from points where the function has a kink.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { checkGrad } from "@fdunn/tensor/op";
 *
 * const x = tensor([0.5, -1.5], { requiresGrad: true });
 * checkGrad((x) => x.sigmoid().mul(x), [x]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.autograd.gradcheck.gradcheck.html
 *
 * @throws Error that names the direction, both figures and the tolerance.
 */
export function checkGrad(
  f: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  options: CheckGradOptions = {},
): CheckGradResult {
  const order = options.order ?? 2;
  const generator = new Generator(options.seed ?? 0);
  const varied = inputs.map((x) => x.requiresGrad && isFloat(x.dtype));
  if (!varied.includes(true)) {
    throw new Error("checkGrad() needs an input that requires grad");
  }
  const doubles = inputs.map((x, i) => leafOf(x, varied[i]!, "float64"));
  const result: CheckGradResult = {
    firstOrder: 0,
    secondOrder: 0,
    float32: 0,
  };

  // Σ w_i f_i with fixed random weights: a scalar whose gradient sees it all.
  const weights = weightsFor(f, doubles, generator);
  const scalar = (xs: readonly Tensor[]) => weighted(f, xs, weights);
  for (let d = 0; d < (options.directions ?? 3); d++) {
    const v = directionsFor(doubles, varied, generator);
    const error = compare("first", scalar, doubles, varied, v, options);
    result.firstOrder = Math.max(result.firstOrder, error);
    if (order === 2) {
      // g(x) = ∇f(x) · u is a scalar function again.
      const u = directionsFor(doubles, varied, generator);
      const slope = (xs: readonly Tensor[]): Tensor | null =>
        project(scalar, xs, varied, u);
      const second = compare("second", slope, doubles, varied, v, options);
      result.secondOrder = Math.max(result.secondOrder, second);
    }
  }
  result.float32 = compareFloat32(f, inputs, doubles, varied, weights, options);
  return result;
}

function leafOf(x: Tensor, varied: boolean, dtype: "float32" | "float64") {
  if (!isFloat(x.dtype)) return x;
  const leaf = noGrad(() => x.detach().to(dtype).clone());
  return varied ? leaf.requiresGrad_() : leaf;
}

function outputsOf(
  f: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  xs: readonly Tensor[],
): readonly Tensor[] {
  const out = f(...xs);
  const list: readonly Tensor[] = Array.isArray(out) ? out : [out as Tensor];
  return list.filter((t) => isFloat(t.dtype));
}

function weightsFor(
  f: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  xs: readonly Tensor[],
  generator: Generator,
): Tensor[] {
  return outputsOf(f, xs).map((out) =>
    randn(out.shape, { dtype: "float64", generator })
  );
}

function weighted(
  f: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  xs: readonly Tensor[],
  weights: readonly Tensor[],
): Tensor {
  return outputsOf(f, xs)
    .map((out, i) => out.mul(weights[i]!.to(out.dtype)).sum())
    .reduce((a, b) => a.add(b));
}

function directionsFor(
  xs: readonly Tensor[],
  varied: readonly boolean[],
  generator: Generator,
): (Tensor | null)[] {
  return xs.map((x, i) =>
    varied[i]! ? randn(x.shape, { dtype: "float64", generator }) : null
  );
}

/** ∇s(x) · u, recorded; null where s does not depend on x smoothly. */
function project(
  s: (xs: readonly Tensor[]) => Tensor | null,
  xs: readonly Tensor[],
  varied: readonly boolean[],
  u: readonly (Tensor | null)[],
): Tensor | null {
  const value = s(xs);
  if (value === null || !value.requiresGrad) return null;
  const leaves = xs.filter((_, i) => varied[i]);
  const gradients = grad(value, leaves, {
    createGraph: true,
    allowUnused: true,
  });
  const directions = u.filter((_, i) => varied[i]);
  let dot: Tensor | null = null;
  gradients.forEach((gradient, i) => {
    if (gradient === null) return;
    const term = gradient.mul(directions[i]!).sum();
    dot = dot === null ? term : dot.add(term);
  });
  return dot;
}

/** Central difference along v against the gradient; the relative error. */
function compare(
  order: "first" | "second",
  s: (xs: readonly Tensor[]) => Tensor | null,
  xs: readonly Tensor[],
  varied: readonly boolean[],
  v: readonly (Tensor | null)[],
  options: CheckGradOptions,
): number {
  const h = options.step ?? 1e-5;
  const at = (sign: number) => {
    const moved = xs.map((x, i) => {
      if (!varied[i]) return x;
      return noGrad(() => x.add(v[i]!.mul(sign * h))).requiresGrad_();
    });
    return s(moved)?.item() ?? 0;
  };
  const numeric = (at(1) - at(-1)) / (2 * h);
  const exact = project(s, xs, varied, v)?.item() ?? 0;
  const error = Math.abs(numeric - exact);
  const scale = Math.max(Math.abs(numeric), Math.abs(exact));
  const atol = options.atol ?? 1e-7;
  const rtol = options.rtol ?? 1e-5;
  // Cancellation: the difference cannot be better than eps |s| / h.
  const noise = 4e-16 * Math.abs(s(xs)?.item() ?? 0) / h;
  if (!(error <= atol + rtol * scale + 16 * noise)) {
    const shapes = xs.map((x) => formatShape(x.shape)).join(", ");
    throw new Error(
      `checkGrad() found a wrong ${order}-order gradient for inputs ${shapes}: along a random direction finite differences give ${numeric}, backward gives ${exact} (error ${error}, tolerated ${
        atol + rtol * scale
      })`,
    );
  }
  return scale === 0 ? 0 : error / Math.max(scale, 1e-3);
}

function compareFloat32(
  f: (...inputs: Tensor[]) => Tensor | readonly Tensor[],
  inputs: readonly Tensor[],
  doubles: readonly Tensor[],
  varied: readonly boolean[],
  weights: readonly Tensor[],
  options: CheckGradOptions,
): number {
  const singles = inputs.map((x, i) => leafOf(x, varied[i]!, "float32"));
  // The same points in both: float64 copies of the float32 values.
  const exact = singles.map((x, i) =>
    isFloat(x.dtype) ? leafOf(x, varied[i]!, "float64") : doubles[i]!
  );
  const gradients = (xs: readonly Tensor[]) => {
    const value = weighted(f, xs, weights);
    if (!value.requiresGrad) return [];
    return grad(value, xs.filter((_, i) => varied[i]), { allowUnused: true });
  };
  const [single, double] = [gradients(singles), gradients(exact)];
  let worst = 0;
  double.forEach((expected, i) => {
    const actual = single[i] ?? null;
    if (expected === null || actual === null) return;
    if (expected.size === 0) return;
    const difference = actual.to("float64").sub(expected).abs().amax().item();
    const scale = Math.max(expected.abs().amax().item(), 1e-3);
    worst = Math.max(worst, difference / scale);
    if (!(difference / scale <= (options.float32Tolerance ?? 1e-4))) {
      throw new Error(
        `checkGrad() found a float32 gradient of input ${i} that differs from the float64 one by ${difference}, at a largest gradient of ${scale}`,
      );
    }
  });
  return worst;
}
