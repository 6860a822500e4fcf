/** Smooth activations, as layers; some as functions of other ops. */

import {
  gelu,
  type GeluOptions,
  logSigmoid,
  mish,
  silu,
  softplus,
  type Tensor,
} from "@fdunn/tensor";
import { Module } from "./module.ts";

/**
 * `x / (1 + |x|)`.
 *
 * Any shape; float32 or float64, and int32 in float32.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { softsign } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(softsign(tensor([-1, 3])).toArray(), [-0.5, 0.75]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.softsign.html
 */
export function softsign(x: Tensor): Tensor {
  return x.div(x.abs().add(1));
}

/**
 * `x - tanh(x)`.
 *
 * Any shape; float32 or float64, and int32 in float32.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { tanhshrink } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(tanhshrink(tensor([-20, 0, 20])).toArray(), [-19, 0, 19]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.tanhshrink.html
 */
export function tanhshrink(x: Tensor): Tensor {
  return x.sub(x.tanh());
}

/**
 * `x Φ(x)`, Φ the distribution function of normal numbers.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { GELU } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const exact = new GELU().forward(tensor(1)).item();
 * const near = new GELU({ approximate: "tanh" }).forward(tensor(1)).item();
 * assertEquals([exact.toFixed(4), near.toFixed(4)], ["0.8413", "0.8412"]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.GELU.html
 */
export class GELU extends Module<[Tensor]> {
  /** `"none"`: by erf; `"tanh"`: the approximation. */
  readonly approximate: "none" | "tanh";

  /** By erf, unless `approximate` is `"tanh"`. */
  constructor(options: GeluOptions = {}) {
    super();
    this.approximate = options.approximate ?? "none";
  }

  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return gelu(x, { approximate: this.approximate });
  }

  /** How it is computed. */
  override extraRepr(): string {
    return `approximate=${this.approximate}`;
  }
}

/**
 * `x sigmoid(x)`, also called swish.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { SiLU } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new SiLU().forward(tensor([-1000, 0, 1000])).toArray(), [-0, 0, 1000]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.SiLU.html
 */
export class SiLU extends Module<[Tensor]> {
  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return silu(x);
  }
}

/**
 * `x tanh(log(1 + e^x))`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Mish } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Mish().forward(tensor([-1000, 0, 1000])).toArray(), [-0, 0, 1000]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Mish.html
 */
export class Mish extends Module<[Tensor]> {
  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return mish(x);
  }
}

/**
 * `log(1 + e^(beta x)) / beta`: a smooth relu.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Softplus } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Softplus().forward(tensor([-1000, 1000])).toArray(), [0, 1000]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Softplus.html
 */
export class Softplus extends Module<[Tensor]> {
  /** The steepness. Default 1. */
  readonly beta: number;
  /** Where `beta x` is above it, the result is `x`. Default 20. */
  readonly threshold: number;

  /** With PyTorch's defaults. */
  constructor(beta = 1, threshold = 20) {
    super();
    this.beta = beta;
    this.threshold = threshold;
  }

  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return softplus(x, this.beta, this.threshold);
  }

  /** The parameters. */
  override extraRepr(): string {
    return `beta=${this.beta}, threshold=${this.threshold}`;
  }
}

/**
 * `log(1 / (1 + e^-x))`, without overflow.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { LogSigmoid } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new LogSigmoid().forward(tensor([-1000])).toArray(), [-1000]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.LogSigmoid.html
 */
export class LogSigmoid extends Module<[Tensor]> {
  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return logSigmoid(x);
  }
}

/**
 * `x / (1 + |x|)`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Softsign } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Softsign().forward(tensor([-1, 3])).toArray(), [-0.5, 0.75]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Softsign.html
 */
export class Softsign extends Module<[Tensor]> {
  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return softsign(x);
  }
}

/**
 * `x - tanh(x)`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { Tanhshrink } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new Tanhshrink().forward(tensor([-20, 20])).toArray(), [-19, 19]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.Tanhshrink.html
 */
export class Tanhshrink extends Module<[Tensor]> {
  /** Any shape, which stays. */
  forward(x: Tensor): Tensor {
    return tanhshrink(x);
  }
}
