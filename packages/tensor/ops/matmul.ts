/** Matrix products: matmul of any rank, and the linear layer's map. */

import { runtime } from "@fdunn/wasm-kernels";
import { floatKernels, numericKernels, runInParts } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, applyMany, type Op } from "../op.ts";
import { broadcastShapes, formatShape, type Shape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { meet } from "./cast.ts";

/** Threads take at least this many rows, so that all choose the same loops. */
const ROW_GRAIN = 64;

/** `[..., m, k] x [..., k, n]`, batch axes equal on both sides or absent. */
const MATMUL: Op = {
  name: "matmul",
  saves: [0b10, 0b01],
  forward: (_, a, b) => {
    const { matmul } = numericKernels("matmul", a.dtype);
    const batchShape = a.shape.slice(0, -2);
    const [m, k] = a.shape.slice(-2) as [number, number];
    const n = b!.shape[b!.shape.length - 1]!;
    const [left, right] = [asMatrices(a), asMatrices(b!)];
    const out = allocate([...batchShape, m, n], a.dtype);
    if (out.size === 0) return out;
    const batch = sizeOf(batchShape);
    const [pa, pb] = [pointer(left.array), pointer(right.array)];
    const po = writable(out);
    const { row, column } = left;
    const product = (rows: number, a: number, o: number, scratch: number) => [
      ...[batch, rows, n, k, a, left.batch, row, column],
      ...[pb, right.batch, right.row, right.column, 0, o, scratch],
    ];
    const flops = 2 * batch * m * n * k;
    if (batch === 1 && a.dtype === "float32" && m >= 2 * ROW_GRAIN) {
      // Rows of the result are independent: threads share them.
      runInParts(
        "matmul",
        a.dtype,
        m,
        ROW_GRAIN,
        flops,
        (i, end, scratch) =>
          product(end - i, pa + 4 * row * i, po + 4 * n * i, scratch),
      );
      return out;
    }
    matmul(...product(m, pa, po, runtime.scratch) as Parameters<typeof matmul>);
    return out;
  },
  backward: (node, grad) => {
    const [a, b] = [node.input(0), node.input(1)];
    return [
      node.needs(0) ? multiply(grad, b.transpose(-2, -1)) : null,
      node.needs(1) ? multiply(a.transpose(-2, -1), grad) : null,
    ];
  },
};

interface Matrices {
  array: NdArray;
  batch: number;
  row: number;
  column: number;
}

/** Strides as the kernel takes them; a copy where they do not fit. */
function asMatrices(x: NdArray): Matrices {
  const rank = x.shape.length;
  const { strides } = x;
  const [row, column] = [strides[rank - 2]!, strides[rank - 1]!];
  const [rows, columns] = [x.shape[rank - 2]!, x.shape[rank - 1]!];
  const batch = batchStride(x, strides);
  const fits = row === 1 || column === 1 || rows === 1 || columns === 1;
  if (batch === null || !fits) {
    return asMatrices(contiguous(x));
  }
  return { array: x, batch, row, column };
}

/** The one stride that walks all batch axes, or null. */
function batchStride(x: NdArray, strides: readonly number[]): number | null {
  let stride: number | null = null;
  let expected = 0;
  for (let i = x.shape.length - 3; i >= 0; i--) {
    const size = x.shape[i]!;
    if (size === 1) continue;
    if (stride === null) stride = strides[i]!;
    else if (strides[i] !== expected) return null;
    expected = strides[i]! * size;
  }
  return stride ?? 0;
}

/** The product of two tensors with the same number of axes, batch expanded. */
function multiply(a: Tensor, b: Tensor): Tensor {
  return apply(MATMUL, [a, b], undefined);
}

/** See {@linkcode Tensor.matmul}. */
export function matmul(a: Tensor, b: Tensor): Tensor {
  if (a.dtype !== b.dtype) [a, b] = meet("matmul", a, b);
  const [aShape, bShape] = [a.shape, b.shape];
  if (aShape.length === 0 || bShape.length === 0) {
    throw new RangeError(
      `Cannot multiply ${formatShape(aShape)} by ${
        formatShape(bShape)
      }: matmul() takes no scalars, use mul()`,
    );
  }
  // Vectors become a row on the left, a column on the right.
  const left = aShape.length === 1 ? a.unsqueeze(0) : a;
  const right = bShape.length === 1 ? b.unsqueeze(1) : b;
  const k = left.shape[left.shape.length - 1]!;
  const rows = right.shape[right.shape.length - 2]!;
  if (k !== rows) {
    throw new RangeError(
      `Cannot multiply ${formatShape(aShape)} by ${
        formatShape(bShape)
      }: inner sizes are ${k} and ${rows} and must be equal`,
    );
  }
  const product = batched(left, right);
  if (aShape.length > 1 && bShape.length > 1) return product;
  const shape = product.shape.slice(0, -2);
  if (aShape.length > 1) shape.push(aShape[aShape.length - 2]!);
  if (bShape.length > 1) shape.push(bShape[bShape.length - 1]!);
  return product.reshape(shape);
}

function batched(a: Tensor, b: Tensor): Tensor {
  const [aBatch, bBatch] = [a.shape.slice(0, -2), b.shape.slice(0, -2)];
  if (aBatch.length === 0 && bBatch.length === 0) return multiply(a, b);
  if (bBatch.length === 0) {
    // One matrix on the right: all rows of the left go in one product.
    const [k, n] = b.shape as readonly [number, number];
    const rows = a.size === 0 ? sizeOf(a.shape.slice(0, -1)) : a.size / k;
    return multiply(a.reshape([rows, k]), b)
      .reshape([...a.shape.slice(0, -1), n]);
  }
  const batch = broadcastShapes("matmul", aBatch, bBatch);
  return multiply(withBatch(a, batch), withBatch(b, batch));
}

function withBatch(x: Tensor, batch: Shape): Tensor {
  return x.expand([...batch, ...x.shape.slice(-2)]);
}

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
    kernel(
      m,
      n,
      k,
      pointer(input),
      pointer(w),
      b === null ? 0 : pointer(b),
      writable(out),
      runtime.scratch,
    );
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

/** Which gradients are asked for; the results hold just those, in order. */
interface LinearNeeds {
  x: boolean;
  weight: boolean;
  bias: boolean;
}

/** All gradients of `linear` in one kernel: g w, gᵀ x, and column sums. */
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
    kernel(
      m,
      n,
      k,
      px,
      pw,
      pg,
      needs.x ? writable(outs[i++]!) : 0,
      needs.weight ? writable(outs[i++]!) : 0,
      needs.bias ? writable(outs[i++]!) : 0,
      runtime.scratch,
    );
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

/** Throws unless input, weight and bias have one dtype. */
export function requireSame(
  op: string,
  x: Tensor,
  weight: Tensor,
  bias: Tensor | null,
): void {
  if (
    x.dtype !== weight.dtype || (bias !== null && bias.dtype !== x.dtype)
  ) {
    throw new TypeError(
      `${op}() got input ${x.dtype}, weight ${weight.dtype}${
        bias === null ? "" : ` and bias ${bias.dtype}`
      }, which must be equal: convert with to()`,
    );
  }
}
