/**
 * Whole models, and layers with options of every kind, to be exported with
 * sizes that are known later, and run on several of these.
 */

import * as nn from "@fdunn/nn";
import { randint, randn, type Shape, type Tensor } from "@fdunn/tensor";

/** A model, the example that it is exported with, and what it is run on. */
export interface OnnxModel {
  /** What the test is called. */
  name: string;
  /** Public names that it shows, beside those of the parity cases. */
  shows?: readonly string[];
  /** Makes it. */
  make: () => nn.Module<never[], unknown>;
  /** Arguments for a batch of n, of the other size m where there is one. */
  inputs: (n: number, m: number) => unknown[];
  /** The named axes, by the number of the input. */
  axes: readonly Readonly<Record<number, string>>[];
  /** The example's sizes. */
  example: readonly [n: number, m: number];
  /** The others'. */
  others: readonly (readonly [n: number, m: number])[];
}

/** A function of tensors as a module. */
export class Computed extends nn.Module<Tensor[], unknown> {
  readonly #f: (...inputs: Tensor[]) => unknown;

  /** Runs `f`. */
  constructor(f: (...inputs: Tensor[]) => unknown) {
    super();
    this.#f = f;
  }

  /** What `f` gives. */
  forward(...inputs: Tensor[]): unknown {
    return this.#f(...inputs);
  }
}

/** Words, numbered. */
export function words(count: number, ...shape: number[]): Tensor {
  return randint(0, count, shape, { dtype: "int32" });
}

/** Running moments as after some training, and parameters that tell. */
export function used<M extends nn.AnyModule>(model: M): M {
  for (const [name, value] of model.namedParameters()) {
    if (value.ndim === 1 && !name.includes("_l")) {
      nn.init.uniform_(value, 0.5, 1.5);
    }
  }
  for (const [name, buffer] of model.namedBuffers()) {
    if (name.endsWith("running_mean")) nn.init.uniform_(buffer, -0.5, 0.5);
    if (name.endsWith("running_var")) nn.init.uniform_(buffer, 0.5, 2);
  }
  return model;
}

/** A layer of one input whose batch is the first axis. */
export function batched(
  name: string,
  make: () => nn.AnyModule,
  ...shape: number[]
): OnnxModel {
  return {
    name,
    make: () => used(make()) as nn.Module<never[], unknown>,
    inputs: (n) => [randn([n, ...shape])],
    axes: [{ 0: "n" }],
    example: [1, 0],
    others: [[2, 0], [5, 0]],
  };
}

/** A layer of pictures or the like, of which batch and one size vary. */
export function sized(
  name: string,
  make: () => nn.AnyModule,
  shape: (n: number, m: number) => Shape,
  ...sizes: readonly [example: number, ...others: number[]]
): OnnxModel {
  const [example, ...others] = sizes;
  const axis = shape(-1, -2).indexOf(-2);
  return {
    name,
    make: () => used(make()) as nn.Module<never[], unknown>,
    inputs: (n, m) => [randn(shape(n, m))],
    axes: [{ [shape(-1, -2).indexOf(-1)]: "n", [axis]: "m" }],
    example: [2, example],
    others: [[1, example], ...others.map((m) => [3, m] as const)],
  };
}
