/** Division with a whole quotient, and what it leaves. */

import { fitsInt32, requireComputing } from "../dtype.ts";
import { isFollowed } from "../grad_mode.ts";
import { floatKernels, intKernels } from "../kernel.ts";
import type { NdArray } from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { binary, div, elementwise } from "./binary.ts";
import { meet } from "./cast.ts";
import { sumTo } from "./reduce.ts";
import { where } from "./where.ts";

/** Options of {@linkcode Tensor.div}. */
export interface DivOptions {
  /**
   * `"floor"` rounds the quotient down, `"trunc"` towards 0; no gradient flows
   * then, and int32 stays int32. Default `null`: the quotient as it is.
   */
  roundingMode?: "floor" | "trunc" | null;
}

const FMOD: Op = {
  name: "fmod",
  saves: [0, 0b11],
  forward: (_, a, b) => {
    if (a.dtype === "int32") return integerRemainder(a, b!);
    const k = floatKernels("fmod", a.dtype);
    return elementwise("fmod", k.fmod, k.fmod_nd, a, b!);
  },
  backward: (node, grad) => {
    const [a, b] = [node.input(0), node.input(1)];
    // fmod(a, b) = a - trunc(a / b) b
    return [
      node.needs(0) ? sumTo(grad, a.shape) : null,
      node.needs(1) ? sumTo(grad.mul(a.div(b).trunc()).neg(), b.shape) : null,
    ];
  },
};

function integerRemainder(a: NdArray, b: NdArray): NdArray {
  const k = intKernels();
  const quotient = elementwise("div", k.div, k.div_nd, a, b);
  const product = elementwise("mul", k.mul, k.mul_nd, quotient, b);
  return elementwise("sub", k.sub, k.sub_nd, a, product);
}

/** Quotients of int32, truncated by the kernel. */
const TRUNC_DIVIDE: Op = {
  name: "floorDivide",
  saves: "none",
  forward: (_, a, b) => {
    const k = intKernels();
    return elementwise("div", k.div, k.div_nd, a, b!);
  },
  backward: null,
};

/** Whether both operands are whole; throws for what has no quotient. */
function areWhole(op: string, a: Tensor, b: Tensor | number): boolean {
  requireComputing(op, a.dtype);
  const whole = a.dtype === "int32" || a.dtype === "bool";
  if (typeof b === "number") {
    if (whole && b === 0) throw dividedByZero(op);
    return whole && fitsInt32(b);
  }
  requireComputing(op, b.dtype);
  if (!whole || (b.dtype !== "int32" && b.dtype !== "bool")) return false;
  if (a.dtype === "bool" && b.dtype === "bool") {
    throw new TypeError(
      `${op}() expects float32, float64 or int32, got bool: convert it first, as in x.to("int32")`,
    );
  }
  if (!isFollowed(b) && b.eq(0).any().item() !== 0) throw dividedByZero(op);
  return true;
}

function dividedByZero(op: string): RangeError {
  return new RangeError(
    `${op}() got a divisor of 0 for int32, which has no infinity`,
  );
}

/** See {@linkcode Tensor.fmod}. */
export function fmod(a: Tensor, b: Tensor | number): Tensor {
  areWhole("fmod", a, b);
  return binary(FMOD, a, b);
}

/** See {@linkcode Tensor.remainder}. */
export function remainder(a: Tensor, b: Tensor | number): Tensor {
  areWhole("remainder", a, b);
  const rest = binary(FMOD, a, b);
  return where(beyond(rest, b), rest.add(b), rest);
}

/** Where what is left has another sign than the divisor. */
function beyond(rest: Tensor, b: Tensor | number): Tensor {
  if (typeof b === "number") return b < 0 ? rest.gt(0) : rest.lt(0);
  return rest.lt(0).logicalXor(b.lt(0)).logicalAnd(rest.ne(0));
}

/** See {@linkcode Tensor.floorDivide}. */
export function floorDivide(a: Tensor, b: Tensor | number): Tensor {
  const whole = areWhole("floorDivide", a, b);
  const rest = binary(FMOD, a, b);
  const lower = beyond(rest, b);
  if (whole) return truncDivide(a, b).sub(lower.to("int32"));
  // Without its rest the dividend is a multiple: only rounding is left.
  const quotient = a.sub(rest).div(b).sub(lower.to(rest.dtype)).round();
  if (typeof b === "number") return b === 0 ? div(a, b) : quotient;
  return where(b.eq(0), div(a, b), quotient);
}

function truncDivide(a: Tensor, b: Tensor | number): Tensor {
  const x = a.to("int32");
  const y = typeof b === "number" ? x.scalarLike(b) : b;
  return apply(TRUNC_DIVIDE, meet("floorDivide", x, y), undefined);
}

/** See {@linkcode Tensor.div}. */
export function divide(
  a: Tensor,
  b: Tensor | number,
  { roundingMode = null }: DivOptions,
): Tensor {
  switch (roundingMode) {
    case null:
      return div(a, b);
    case "floor":
      return floorDivide(a, b);
    case "trunc":
      return areWhole("div", a, b) ? truncDivide(a, b) : div(a, b).trunc();
    default:
      throw new RangeError(
        `div() got roundingMode "${roundingMode}", expected "floor", "trunc" or null`,
      );
  }
}
