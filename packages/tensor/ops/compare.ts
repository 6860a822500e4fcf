/** Comparisons and logic: results are bool and carry no gradient. */

import { runtime } from "@fdunn/wasm-kernels";
import { fitsInt32, requireComputing } from "../dtype.ts";
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
