/** The classic activations, as functions and as layers. */

import type { Tensor } from "@fdunn/tensor";
import { AxisLayer } from "./axis_layer.ts";
import { Module } from "./module.ts";

/**
 * max(x, 0), elementwise.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { relu } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(relu(tensor([-1, 2])).toArray(), [0, 2]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.relu.html
 */
export function relu(x: Tensor): Tensor {
  return x.relu();
}

/**
 * 1 / (1 + e^-x), elementwise.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { sigmoid } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(sigmoid(tensor([0, 1000])).toArray(), [0.5, 1]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.sigmoid.html
 */
export function sigmoid(x: Tensor): Tensor {
  return x.sigmoid();
}

/**
 * Hyperbolic tangent, elementwise.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { tanh } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(tanh(tensor([0, 1000])).toArray(), [0, 1]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.tanh.html
 */
export function tanh(x: Tensor): Tensor {
  return x.tanh();
}

/**
 * e^x / Σ e^x along one axis.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { softmax } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(softmax(tensor([[5, 5], [0, 1000]]), 1).toArray(), [
 *   [0.5, 0.5],
 *   [0, 1],
 * ]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softmax.html
 */
export function softmax(x: Tensor, dim: number): Tensor {
  return x.softmax(dim);
}

/**
 * log(e^x / Σ e^x) along one axis, without overflow.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { logSoftmax } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(logSoftmax(tensor([0, 1000]), 0).toArray(), [-1000, 0]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.log_softmax.html
 */
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
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Sigmoid } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Sigmoid().forward(tensor([0, 1000])).toArray(), [0.5, 1]);
 * ```
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
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Tanh } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Tanh().forward(tensor([0, 1000])).toArray(), [0, 1]);
 * ```
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
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Softmax } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Softmax(0).forward(tensor([5, 5])).toArray(), [0.5, 0.5]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Softmax.html
 */
export class Softmax extends AxisLayer {
  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return x.softmax(this.dim);
  }
}

/**
 * The logarithm of softmax along one axis, which must be named.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { LogSoftmax } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new LogSoftmax(0).forward(tensor([0, 1000]));
 * assertEquals(y.toArray(), [-1000, 0]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSoftmax.html
 */
export class LogSoftmax extends AxisLayer {
  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return x.logSoftmax(this.dim);
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
export class Softmin extends AxisLayer {
  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return softmin(x, this.dim);
  }
}

/**
 * Its input: a place to fill later, or to leave empty.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Identity } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Identity().forward(tensor([1, 2])).toArray(), [1, 2]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Identity.html
 */
export class Identity extends Module<[Tensor]> {
  /** Returns `x` itself. */
  forward(x: Tensor): Tensor {
    return x;
  }
}
