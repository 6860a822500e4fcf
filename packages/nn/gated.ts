/** Gated linear units: one half of an axis opens and closes the other. */

import { silu, type Tensor } from "@fdunn/tensor";
import { formatShape } from "@fdunn/tensor/op";
import { AxisLayer } from "./axis_layer.ts";

/** The halves of an axis, as views. */
function halves(op: string, x: Tensor, dim: number): [Tensor, Tensor] {
  const size = x.shape[dim < 0 ? dim + x.ndim : dim];
  if (size === undefined || size % 2 !== 0) {
    throw new RangeError(
      `${op}() got input ${
        formatShape(x.shape)
      } and dim ${dim}, expected an axis of even size`,
    );
  }
  const half = size / 2;
  return [x.narrow(dim, 0, half), x.narrow(dim, half, half)];
}

/**
 * `a sigmoid(b)`, a and b the halves of an axis.
 *
 * `[..., 2n, ...]` to `[..., n, ...]`; float32 or float64.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { glu } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(glu(tensor([3, 4, 0, 1000])).toArray(), [1.5, 4]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.glu.html
 * and Dauphin et al., https://arxiv.org/abs/1612.08083
 *
 * @param dim Default -1.
 * @throws RangeError when the axis has an odd size, or there is none.
 */
export function glu(x: Tensor, dim = -1): Tensor {
  const [a, b] = halves("glu", x, dim);
  return a.mul(b.sigmoid());
}

/**
 * `silu(a) b`, a and b the halves of an axis: the gate of Llama's feed-forward
 * layers, between `Linear(n, 2m)` and `Linear(m, n)`.
 *
 * `[..., 2n, ...]` to `[..., n, ...]`; float32 or float64. PyTorch has no such
 * function; this is `F.silu(a) * b` of `a, b = x.chunk(2, dim)`.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { swiglu } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(swiglu(tensor([0, 1000, 5, 0.25])).toArray(), [0, 250]);
 * ```
 *
 * See Shazeer, https://arxiv.org/abs/2002.05202
 *
 * @param dim Default -1.
 * @throws RangeError when the axis has an odd size, or there is none.
 */
export function swiglu(x: Tensor, dim = -1): Tensor {
  const [a, b] = halves("swiglu", x, dim);
  return silu(a).mul(b);
}

/**
 * `a sigmoid(b)`, a and b the halves of an axis.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { GLU } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new GLU().forward(tensor([3, 4, 0, 1000])).toArray(), [1.5, 4]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.GLU.html
 */
export class GLU extends AxisLayer {
  /** Along axis `dim`, the last one by default. */
  constructor(dim = -1) {
    super(dim);
  }

  /** `[..., 2n, ...]` to `[..., n, ...]`. */
  forward(x: Tensor): Tensor {
    return glu(x, this.dim);
  }
}

/**
 * `silu(a) b`, a and b the halves of an axis: see {@linkcode swiglu}.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { SwiGLU } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(new SwiGLU().forward(tensor([0, 1000, 5, 0.25])).toArray(), [0, 250]);
 * ```
 *
 * See Shazeer, https://arxiv.org/abs/2002.05202
 */
export class SwiGLU extends AxisLayer {
  /** Along axis `dim`, the last one by default. */
  constructor(dim = -1) {
    super(dim);
  }

  /** `[..., 2n, ...]` to `[..., n, ...]`. */
  forward(x: Tensor): Tensor {
    return swiglu(x, this.dim);
  }
}
