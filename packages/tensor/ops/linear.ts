/** The linear layer's map and its gradients. */

import { runtime } from "@fdunn/wasm-kernels";
import { floatKernels, isForThreads, runInParts } from "../kernel.ts";
import { allocate, contiguous, pointer, writable } from "../nd_array.ts";
import { apply, applyMany, type Op } from "../op.ts";
import { formatShape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { GRAIN, multiply, product, requireSame } from "./matmul.ts";

/** `x wᵀ + bias` for `[m, k]`, `[n, k]` and `[n]`. */
const LINEAR: Op = {
  name: "linear",
  saves: [0b10, 0b01, 0],
  forward: (_, x, weight, bias) => {
    const kernel = floatKernels("linear", x.dtype).linear;
    const input = contiguous(x);
    const w = contiguous(weight!);
    const b = bias === undefined ? null : contiguous(bias);
    const m = x.shape[0]!;
    const k = x.shape[1]!;
    const n = weight!.shape[0]!;
    const out = allocate([m, n], x.dtype);
    if (out.size === 0) return out;
    const px = pointer(input);
    const pw = pointer(w);
    const pb = b === null ? 0 : pointer(b);
    const po = writable(out);
    if (isForThreads(x.dtype, 2 * m * n * k)) {
      linearInParts(m, n, k, px, pw, pb, po);
    } else kernel(m, n, k, px, pw, pb, po, n, runtime.scratch);
    return out;
  },
  backward: (node, grad) => {
    const inputs = [node.input(0), node.input(1), grad];
    const hasBias = node.inputs.length === 3;
    const needs: Needs = (node.needs(0) ? NEEDS_X : 0) |
      (node.needs(1) ? NEEDS_WEIGHT : 0) |
      (hasBias && node.needs(2) ? NEEDS_BIAS : 0);
    const grads = applyMany(LINEAR_BACKWARD, inputs, needs);
    let i = 0;
    return [
      (needs & NEEDS_X) !== 0 ? grads[i++]! : null,
      (needs & NEEDS_WEIGHT) !== 0 ? grads[i++]! : null,
      (needs & NEEDS_BIAS) !== 0 ? grads[i]! : null,
    ];
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

/** Bits of the gradients asked for; the results hold just those, in order. */
type Needs = number;
const NEEDS_X = 1;
const NEEDS_WEIGHT = 2;
const NEEDS_BIAS = 4;

/** All gradients of `linear`: g w, gᵀ x, and column sums. */
const LINEAR_BACKWARD: Op<Needs> = {
  name: "linearBackward",
  saves: [0b100, 0b100, 0b011],
  forward: (needs, x, weight, grad) => {
    const kernels = floatKernels("linear", x.dtype);
    const input = contiguous(x);
    const w = contiguous(weight!);
    const g = contiguous(grad!);
    const m = x.shape[0]!;
    const k = x.shape[1]!;
    const n = weight!.shape[0]!;
    const { dtype } = x;
    const ax = (needs & NEEDS_X) !== 0 ? allocate(x.shape, dtype) : null;
    const aw = (needs & NEEDS_WEIGHT) !== 0
      ? allocate(weight!.shape, dtype)
      : null;
    const ab = (needs & NEEDS_BIAS) !== 0 ? allocate([n], dtype) : null;
    const px = pointer(input);
    const pw = pointer(w);
    const pg = pointer(g);
    const gx = ax === null ? 0 : writable(ax);
    const gw = aw === null ? 0 : writable(aw);
    if (isForThreads(x.dtype, 2 * m * n * k)) {
      if (gx !== 0) product(m, k, n, pg, [n, 1], pw, [k, 1], gx);
      if (gw !== 0) product(n, k, m, pg, [1, n], px, [k, 1], gw);
    } else if (gx + gw !== 0) {
      kernels.linear_backward(m, n, k, px, pw, pg, gx, gw, runtime.scratch);
    }
    if (ab !== null) kernels.sum(1, m, n, pg, writable(ab));
    if (aw !== null && ab !== null) {
      return ax === null ? [aw, ab] : [ax, aw, ab];
    }
    return [ax, aw, ab].filter((array) => array !== null);
  },
  backward: (node, ...grads) => {
    const [x, w, g] = [node.input(0), node.input(1), node.input(2)];
    const { params: needs } = node;
    let i = 0;
    const next = (bit: number): Tensor | null =>
      (needs & bit) !== 0 ? grads[i++] ?? null : null;
    const ggx = next(NEEDS_X);
    const ggw = next(NEEDS_WEIGHT);
    const ggb = next(NEEDS_BIAS);
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
  const n = weight.shape[0];
  const k = weight.shape[1];
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
