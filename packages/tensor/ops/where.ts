/** A choice between two arrays, element by element. */

import { runtime, type Where } from "@fdunn/wasm-kernels";
import {
  type DType,
  fitsInt32,
  isFloat,
  ITEM_BYTES,
  requireComputing,
} from "../dtype.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  viewOf,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import {
  broadcastShapes,
  formatShape,
  sameShape,
  type Shape,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { broadcastStrides } from "./binary.ts";
import { meet } from "./cast.ts";
import { sumTo } from "./reduce.ts";

function whereKernel(dtype: DType): Where {
  const { bytes } = runtime.kernels;
  switch (ITEM_BYTES[dtype]) {
    case 1:
      return bytes.where_b8;
    case 4:
      return bytes.where_b32;
    case 8:
      return bytes.where_b64;
    default:
      throw new TypeError(
        `where() does not take ${dtype}: convert it first, as in x.to("float32")`,
      );
  }
}

/** Row-major in `shape`, by a copy where it must be. */
function stretched(x: NdArray, shape: Shape): NdArray {
  if (sameShape(x.shape, shape)) return contiguous(x);
  return contiguous(viewOf(x, shape, broadcastStrides(x, shape), x.offset));
}

const WHERE: Op = {
  name: "where",
  saves: [0, 0b001, 0b001],
  forward: (_, condition, a, b) => {
    const kernel = whereKernel(a!.dtype);
    const shape = broadcastShapes(
      "where",
      condition.shape,
      broadcastShapes("where", a!.shape, b!.shape),
    );
    const c = stretched(condition, shape);
    // A single element stands for all: the kernel repeats it.
    const x = a!.size === 1 ? a! : stretched(a!, shape);
    const y = b!.size === 1 ? b! : stretched(b!, shape);
    const out = allocate(shape, a!.dtype);
    const { size } = out;
    if (size === 0) return out;
    const [aStep, bStep] = [x.size === 1 ? 0 : 1, y.size === 1 ? 0 : 1];
    const [pc, px, py] = [pointer(c), pointer(x), pointer(y)];
    kernel(size, pc, px, aStep, py, bStep, writable(out));
    return out;
  },
  backward: (node, grad) => {
    const condition = node.input(0);
    const zero = grad.scalarLike(0);
    const [a, b] = [node.input(1), node.input(2)];
    return [
      null,
      node.needs(1) ? sumTo(where(condition, grad, zero), a.shape) : null,
      node.needs(2) ? sumTo(where(condition, zero, grad), b.shape) : null,
    ];
  },
};

/**
 * Elements of `a` where `condition` is true, of `b` elsewhere.
 *
 * All three broadcast together; `condition` is bool, `a` and `b` meet in one
 * dtype, and numbers stand for scalars. Gradients go to the side that was
 * chosen; the other's is 0, but the function that made it may multiply that 0
 * by infinity: give `x.log()` an `x` that is safe on both sides.
 *
 * ```ts
 * import { tensor, where } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor([-1, 2, -3]);
 * assertEquals(where(x.gt(0), x, 0).toArray(), [0, 2, 0]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.where.html
 *
 * @throws TypeError for a condition that is not bool; RangeError for shapes
 * that do not broadcast.
 */
export function where(
  condition: Tensor,
  a: Tensor | number,
  b: Tensor | number,
): Tensor {
  if (condition.dtype !== "bool") {
    throw new TypeError(
      `where() expects a bool condition, got ${condition.dtype}`,
    );
  }
  const like = typeof a !== "number" ? a : typeof b !== "number" ? b : null;
  const left = typeof a !== "number" ? a : scalarBeside(a, like, condition);
  const right = typeof b !== "number" ? b : scalarBeside(b, like, condition);
  const [x, y] = left.dtype === right.dtype
    ? [left, right]
    : meet("where", left, right);
  const out = apply(WHERE, [condition, x, y], undefined);
  if (left !== a) left.dispose();
  if (right !== b) right.dispose();
  return out;
}

/** A number as a scalar of the other choice's dtype; float32 beside none. */
function scalarBeside(
  value: number,
  like: Tensor | null,
  condition: Tensor,
): Tensor {
  if (like === null) return condition.to("float32").scalarLike(value);
  requireComputing("where", like.dtype);
  if (isFloat(like.dtype)) return like.scalarLike(value);
  return like.to(fitsInt32(value) ? "int32" : "float32").scalarLike(value);
}

/** See {@linkcode Tensor.maskedFill}. */
export function maskedFill(
  x: Tensor,
  mask: Tensor,
  value: Tensor | number,
): Tensor {
  if (mask.dtype !== "bool") {
    throw new TypeError(
      `maskedFill() expects a bool mask, got ${mask.dtype}`,
    );
  }
  if (typeof value === "number") {
    const scalar = x.scalarLike(value);
    const out = apply(WHERE, [mask, scalar, x], undefined);
    scalar.dispose();
    return out;
  }
  if (value.shape.length !== 0) {
    throw new RangeError(
      `maskedFill() expects a scalar, got a value of shape ${
        formatShape(value.shape)
      }`,
    );
  }
  return apply(WHERE, [mask, value.to(x.dtype), x], undefined);
}
