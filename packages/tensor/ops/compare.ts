/** Comparisons and logic: results are bool and carry no gradient. */

import { runtime, type Where } from "@fdunn/wasm-kernels";
import {
  type DType,
  fitsInt32,
  isFloat,
  ITEM_BYTES,
  requireComputing,
} from "../dtype.ts";
import { numericKernels } from "../kernel.ts";
import { allocate, contiguous, pointer, writable } from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { broadcastShapes } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { elementwise } from "./binary.ts";
import { meet } from "./cast.ts";

type Comparison = "eq" | "ne" | "lt" | "le" | "gt" | "ge";

function comparison(name: Comparison): Op {
  return {
    name,
    saves: "none",
    forward: (_, a, b) => {
      const k = numericKernels(name, a.dtype);
      return elementwise(name, k[name], k[`${name}_nd`], a, b, "bool");
    },
    backward: null,
  };
}

const EQ: Op = comparison("eq");
const NE: Op = comparison("ne");
const LT: Op = comparison("lt");
const LE: Op = comparison("le");
const GT: Op = comparison("gt");
const GE: Op = comparison("ge");

function compare(op: Op, a: Tensor, b: Tensor | number): Tensor {
  requireComputing(op.name, a.dtype);
  const x = a.dtype === "bool" ? a.to("int32") : a;
  if (typeof b === "number") {
    const whole = fitsInt32(b) || x.dtype !== "int32";
    const left = whole ? x : x.to("float32");
    const scalar = left.scalarLike(b);
    const out = apply(op, [left, scalar], undefined);
    scalar.dispose();
    return out;
  }
  const y = b.dtype === "bool" ? b.to("int32") : b;
  return apply(
    op,
    x.dtype === y.dtype ? [x, y] : meet(op.name, x, y),
    undefined,
  );
}

/** See {@linkcode Tensor.eq}. */
export function eq(a: Tensor, b: Tensor | number): Tensor {
  return compare(EQ, a, b);
}

/** See {@linkcode Tensor.ne}. */
export function ne(a: Tensor, b: Tensor | number): Tensor {
  return compare(NE, a, b);
}

/** See {@linkcode Tensor.lt}. */
export function lt(a: Tensor, b: Tensor | number): Tensor {
  return compare(LT, a, b);
}

/** See {@linkcode Tensor.le}. */
export function le(a: Tensor, b: Tensor | number): Tensor {
  return compare(LE, a, b);
}

/** See {@linkcode Tensor.gt}. */
export function gt(a: Tensor, b: Tensor | number): Tensor {
  return compare(GT, a, b);
}

/** See {@linkcode Tensor.ge}. */
export function ge(a: Tensor, b: Tensor | number): Tensor {
  return compare(GE, a, b);
}

const LOGICAL_NOT: Op = {
  name: "logicalNot",
  saves: "none",
  forward: (_, x) => {
    const source = contiguous(x);
    const out = allocate(x.shape, "bool");
    const { logical_not_u8 } = runtime.kernels.bytes;
    logical_not_u8(x.size, pointer(source), writable(out));
    return out;
  },
  backward: null,
};

function logical(name: "logicalAnd" | "logicalOr" | "logicalXor"): Op {
  return {
    name,
    saves: "none",
    forward: (_, a, b) => {
      const [x, y] = [contiguous(a), contiguous(b)];
      const out = allocate(a.shape, "bool");
      const { bytes } = runtime.kernels;
      const kernel = name === "logicalAnd"
        ? bytes.logical_and_u8
        : name === "logicalOr"
        ? bytes.logical_or_u8
        : bytes.logical_xor_u8;
      kernel(out.size, pointer(x), pointer(y), writable(out));
      return out;
    },
    backward: null,
  };
}

const LOGICAL_AND: Op = logical("logicalAnd");
const LOGICAL_OR: Op = logical("logicalOr");
const LOGICAL_XOR: Op = logical("logicalXor");

/** See {@linkcode Tensor.logicalNot}. */
export function logicalNot(x: Tensor): Tensor {
  return apply(LOGICAL_NOT, [x.to("bool")], undefined);
}

function combine(op: Op, a: Tensor, b: Tensor): Tensor {
  const shape = broadcastShapes(op.name, a.shape, b.shape);
  const x = a.to("bool").expand(shape);
  return apply(op, [x, b.to("bool").expand(shape)], undefined);
}

/** See {@linkcode Tensor.logicalAnd}. */
export function logicalAnd(a: Tensor, b: Tensor): Tensor {
  return combine(LOGICAL_AND, a, b);
}

/** See {@linkcode Tensor.logicalOr}. */
export function logicalOr(a: Tensor, b: Tensor): Tensor {
  return combine(LOGICAL_OR, a, b);
}

/** See {@linkcode Tensor.logicalXor}. */
export function logicalXor(a: Tensor, b: Tensor): Tensor {
  return combine(LOGICAL_XOR, a, b);
}

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

const WHERE: Op = {
  name: "where",
  saves: [0, 0b001, 0b001],
  forward: (_, condition, a, b) => {
    const c = contiguous(condition);
    const [x, y] = [contiguous(a!), contiguous(b!)];
    const out = allocate(condition.shape, a!.dtype);
    const kernel = whereKernel(a!.dtype);
    kernel(out.size, pointer(c), pointer(x), pointer(y), writable(out));
    return out;
  },
  backward: (node, grad) => {
    const condition = node.input(0);
    const zeros = grad.zerosLike();
    return [
      null,
      node.needs(1) ? where(condition, grad, zeros) : null,
      node.needs(2) ? where(condition, zeros, grad) : null,
    ];
  },
};

/**
 * Elements of `a` where `condition` is true, of `b` elsewhere.
 *
 * All three broadcast together; `condition` is bool, `a` and `b` meet in one
 * dtype, and numbers stand for scalars.
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
  let x = typeof a !== "number" ? a : scalarBeside(a, like, condition);
  let y = typeof b !== "number" ? b : scalarBeside(b, like, condition);
  if (x.dtype !== y.dtype) [x, y] = meet("where", x, y);
  const shape = broadcastShapes(
    "where",
    condition.shape,
    broadcastShapes("where", x.shape, y.shape),
  );
  const inputs = [condition.expand(shape), x.expand(shape), y.expand(shape)];
  return apply(WHERE, inputs, undefined);
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
