/** What a line of the gradient tables is, and the inputs that it varies. */

import { grad, type Shape, type Tensor, tensor } from "../../mod.ts";
import type { CheckGradOptions } from "../../custom_op.ts";
import { count, numbers, wholes } from "../../samples_test.ts";

/** A differentiable function. */
export type F = (...inputs: Tensor[]) => Tensor | readonly Tensor[];
/** Makes an input. */
export type Make = () => Tensor;
/** Lines by family: what, function, inputs, options. */
export type Rows = Record<string, [string, F, Make[], CheckGradOptions?][]>;

let seed = 0;

/** An input that varies, with values in a range where the op is smooth. */
export function x(shape: Shape, low = -2, high = 2): Make {
  const own = ++seed;
  const make = () =>
    tensor(numbers(count(shape), own, low, high), {
      shape,
      dtype: "float64",
      requiresGrad: true,
    });
  return make;
}

/** Values at least 0.1 away from each other and from 0, in random order. */
export function apart(shape: Shape): Make {
  const order = numbers(count(shape), ++seed)
    .map((key, i) => [key, i] as const)
    .sort(([a], [b]) => a - b);
  const values = order.map(([, i]) => (i - order.length / 2 + 0.25) * 0.1);
  return () => tensor(values, { shape, dtype: "float64", requiresGrad: true });
}

/** Whole numbers in [0, high): labels and positions. */
export function index(shape: Shape, high: number): Make {
  const values = wholes(count(shape), ++seed, 0, high);
  return () => tensor(values, { shape, dtype: "int32" });
}

/** The gradient as a function of its own, to look one order higher. */
export function slopeOf(f: (x: Tensor) => Tensor): F {
  return (x) => {
    const value = curved([f(x!)])[0]!.sum();
    return grad(value, [x!], { createGraph: true })[0]!;
  };
}

/** `y² + 3y`, so that the gradients of linear ops have gradients, too. */
export function curved(ys: readonly Tensor[]): Tensor[] {
  return ys.map((y) => y.square().add(y.mul(3)));
}
