/** The linear layer's map and its gradients. */

import { runtime } from "@fdunn/wasm-kernels";
import { floatKernels, runInParts } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, applyMany, type Op } from "../op.ts";
import { formatShape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { GRAIN, LARGE, multiply, product, requireSame } from "./matmul.ts";

/** `x wᵀ + bias` for `[m, k]`, `[n, k]` and `[n]`. */
const LINEAR: Op = {
  name: "linear",
  saves: [0b10, 0b01, 0],
  forward: (_, x, weight, bias) => {
    const kernel = floatKernels("linear", x.dtype).linear;
    const [input, w] = [contiguous(x), contiguous(weight!)];
    const b = bias === undefined ? null : contiguous(bias);
    const [m, k] = x.shape as readonly [number, number];
    const n = weight!.shape[0]!;
    const out = allocate([m, n], x.dtype);
    if (out.size === 0) return out;
    const [px, pw] = [pointer(input), pointer(w)];
    const pb = b === null ? 0 : pointer(b);
    const po = writable(out);
    if (x.dtype === "float32" && 2 * m * n * k >= LARGE) {
      linearInParts(m, n, k, px, pw, pb, po);
    } else kernel(m, n, k, px, pw, pb, po, n, runtime.scratch);
    return out;
  },
  backward: (node, grad) => {
    const [x, weight] = [node.input(0), node.input(1)];
    const hasBias = node.inputs.length === 3;
    const needs: LinearNeeds = {
      x: node.needs(0),
      weight: node.needs(1),
      bias: hasBias && node.needs(2),
    };
    const grads = applyMany(LINEAR_BACKWARD, [x, weight, grad], needs);
    let i = 0;
    const all = [
      needs.x ? grads[i++]! : null,
      needs.weight ? grads[i++]! : null,
    ];
    if (hasBias) all.push(needs.bias ? grads[i++]! : null);
    return all;
  },
};

/** The same in float32: threads share the rows or columns of the result. */
function linearInParts(
  m: number,
  n: number,
  k: number,
  x: number,
  w: number,
  bias: number,
  out: number,
): void {
  const tall = m > n;
  const [longer, flops] = [tall ? m : n, 2 * m * n * k];
  runInParts("linear", "float32", longer, GRAIN, flops, (from, to, scratch) => {
    const count = to - from;
    if (tall) {
      const [some, rows] = [x + 4 * from * k, out + 4 * from * n];
      return [count, n, k, some, w, bias, rows, n, scratch];
    }
    const b = bias === 0 ? 0 : bias + 4 * from;
    return [m, count, k, x, w + 4 * from * k, b, out + 4 * from, n, scratch];
  });
}

/** Which gradients are asked for; the results hold just those, in order. */
interface LinearNeeds {
  x: boolean;
  weight: boolean;
  bias: boolean;
}

/**
 * All gradients of `linear`: g w, gᵀ x, and column sums. Small ones in one
 * kernel, which has the same bits as the products one by one.
 */
const LINEAR_BACKWARD: Op<LinearNeeds> = {
  name: "linearBackward",
  saves: [0b100, 0b100, 0b011],
  forward: (needs, x, weight, grad) => {
    const kernel = floatKernels("linear", x.dtype).linear_backward;
    const [input, w, g] = [
      contiguous(x),
      contiguous(weight!),
      contiguous(grad!),
    ];
    const [m, k] = x.shape as readonly [number, number];
    const n = weight!.shape[0]!;
    const outs: NdArray[] = [];
    if (needs.x) outs.push(allocate(x.shape, x.dtype));
    if (needs.weight) outs.push(allocate(weight!.shape, x.dtype));
    if (needs.bias) outs.push(allocate([n], x.dtype));
    let i = 0;
    const [px, pw, pg] = [pointer(input), pointer(w), pointer(g)];
    let gx = needs.x ? writable(outs[i++]!) : 0;
    let gw = needs.weight ? writable(outs[i++]!) : 0;
    const gb = needs.bias ? writable(outs[i++]!) : 0;
    if (x.dtype === "float32" && 2 * m * n * k >= LARGE) {
      if (gx !== 0) product(m, k, n, pg, [n, 1], pw, [k, 1], gx);
      if (gw !== 0) product(n, k, m, pg, [1, n], px, [k, 1], gw);
      gx = gw = 0;
    }
    kernel(m, n, k, px, pw, pg, gx, gw, gb, runtime.scratch);
    return outs;
  },
  backward: (node, ...grads) => {
    const [x, w, g] = [node.input(0), node.input(1), node.input(2)];
    const { params: needs } = node;
    let i = 0;
    const ggx: Tensor | null = needs.x ? grads[i++] ?? null : null;
    const ggw: Tensor | null = needs.weight ? grads[i++] ?? null : null;
    const ggb: Tensor | null = needs.bias ? grads[i++] ?? null : null;
    // gx = g w, gw = gᵀ x, gb = Σ g
    return [
      node.needs(0) && ggw !== null ? multiply(g, ggw) : null,
      node.needs(1) && ggx !== null ? multiply(g.t(), ggx) : null,
      node.needs(2)
        ? total([
          ggx && multiply(ggx, w.t()),
          ggw && multiply(x, ggw.t()),
          ggb && ggb.expand(g.shape),
        ])
        : null,
    ];
  },
};

function total(terms: readonly (Tensor | null)[]): Tensor | null {
  let sum: Tensor | null = null;
  for (const term of terms) {
    if (term !== null) sum = sum === null ? term : sum.add(term);
  }
  return sum;
}

/**
 * The linear layer's map `y = x Wᵀ + b`, over the last axis of `x`.
 *
 * Shapes: x `[..., in]`, weight `[out, in]`, bias `[out]` or null; result
 * `[..., out]`. float32 or float64.
 *
 * ```ts
 * import { linear, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const y = linear(tensor([[1, 2]]), tensor([[3, 4], [5, 6]]), tensor([0, 1]));
 * assertEquals(y.toArray(), [[11, 18]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.linear.html
 *
 * @throws RangeError when the sizes do not fit, TypeError for other dtypes.
 */
export function linear(
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null = null,
): Tensor {
  const rank = x.shape.length;
  const [n, k] = weight.shape;
  if (weight.shape.length !== 2 || rank === 0 || x.shape[rank - 1] !== k) {
    throw new RangeError(
      `linear() got input ${formatShape(x.shape)} and weight ${
        formatShape(weight.shape)
      }: the input's last size must equal the weight's last (in_features)`,
    );
  }
  if (bias !== null && (bias.shape.length !== 1 || bias.shape[0] !== n)) {
    throw new RangeError(
      `linear() got bias ${formatShape(bias.shape)}, expected [${n}]`,
    );
  }
  requireSame("linear", x, weight, bias);
  const flat = rank === 2 ? x : x.reshape([sizeOf(x.shape.slice(0, -1)), k!]);
  const inputs = bias === null ? [flat, weight] : [flat, weight, bias];
  const y = apply(LINEAR, inputs, undefined);
  return rank === 2 ? y : y.reshape([...x.shape.slice(0, -1), n!]);
}
