/** The classic activations, as functions and as layers. */

import type { Tensor } from "@fdunn/tensor";
import { Module } from "./module.ts";

/** max(x, 0), elementwise. */
export function relu(x: Tensor): Tensor {
  return x.relu();
}

/** 1 / (1 + e^-x), elementwise. */
export function sigmoid(x: Tensor): Tensor {
  return x.sigmoid();
}

/** Hyperbolic tangent, elementwise. */
export function tanh(x: Tensor): Tensor {
  return x.tanh();
}

/** e^x / Σ e^x along one axis. */
export function softmax(x: Tensor, dim: number): Tensor {
  return x.softmax(dim);
}

/** log(e^x / Σ e^x) along one axis, without overflow. */
export function logSoftmax(x: Tensor, dim: number): Tensor {
  return x.logSoftmax(dim);
}

/**
 * e^-x / Σ e^-x along one axis: the smallest gets the most.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { softmin } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(softmin(tensor([0, 0, 1000]), 0).toArray(), [0.5, 0.5, 0]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmin.html
 */
export function softmin(x: Tensor, dim: number): Tensor {
  return x.neg().softmax(dim);
}

/**
 * max(x, 0), elementwise.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { ReLU } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new ReLU().forward(tensor([-1, 2])).toArray(), [0, 2]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ReLU.html
 */
export class ReLU extends Module<[Tensor]> {
  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return x.relu();
  }
}

/**
 * 1 / (1 + e^-x), elementwise.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Sigmoid.html
 */
export class Sigmoid extends Module<[Tensor]> {
  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return x.sigmoid();
  }
}

/**
 * Hyperbolic tangent, elementwise.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanh.html
 */
export class Tanh extends Module<[Tensor]> {
  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return x.tanh();
  }
}

/**
 * e^x / Σ e^x along one axis, which must be named.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html
 */
export class Softmax extends Module<[Tensor]> {
  /** The axis. */
  readonly dim: number;

  /** Along axis `dim`. */
  constructor(dim: number) {
    super();
    this.dim = dim;
  }

  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return x.softmax(this.dim);
  }

  /** The axis. */
  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/**
 * The logarithm of softmax along one axis, which must be named.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
 */
export class LogSoftmax extends Module<[Tensor]> {
  /** The axis. */
  readonly dim: number;

  /** Along axis `dim`. */
  constructor(dim: number) {
    super();
    this.dim = dim;
  }

  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return x.logSoftmax(this.dim);
  }

  /** The axis. */
  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/**
 * Softmax of -x along one axis, which must be named: the smallest gets the most.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Softmin } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new Softmin(0).forward(tensor([0, 0, 1000]));
 * assertEquals(y.toArray(), [0.5, 0.5, 0]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmin.html
 */
export class Softmin extends Module<[Tensor]> {
  /** The axis. */
  readonly dim: number;

  /** Along axis `dim`. */
  constructor(dim: number) {
    super();
    this.dim = dim;
  }

  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return softmin(x, this.dim);
  }

  /** The axis. */
  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/**
 * Its input: a place to fill later, or to leave empty.
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Identity.html
 */
export class Identity extends Module<[Tensor]> {
  /** Returns `x` itself. */
  forward(x: Tensor): Tensor {
    return x;
  }
}
