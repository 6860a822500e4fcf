/** Conversions between element types. */

import { type Cast, runtime } from "@fdunn/wasm-kernels";
import { checkDType, type DType, promote } from "../dtype.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import type { Tensor } from "../tensor.ts";

/** Short names of the kernels: `cast_u8_f32`. */
const SHORT: Readonly<Record<DType, string>> = {
  float32: "f32",
  float64: "f64",
  int32: "i32",
  bool: "bool",
  float16: "f16",
  bfloat16: "bf16",
  int64: "i64",
  int8: "i8",
  uint8: "u8",
};

const TO: Op<DType> = {
  name: "to",
  saves: "none",
  forward: (dtype, x) => convert(contiguous(x), dtype),
  backward: (node, grad) => [grad.to(node.input(0).dtype)],
};

function convert(x: NdArray, dtype: DType): NdArray {
  const kernel = castKernel(x.dtype, dtype);
  if (kernel === undefined) {
    // No direct road: int64 goes by way of int32, all else by float32.
    const through = x.dtype === "int64" ||
        (dtype === "int64" && castKernel(x.dtype, "int32") !== undefined)
      ? "int32"
      : "float32";
    return convert(convert(x, through), dtype);
  }
  const out = allocate(x.shape, dtype);
  if (x.size === 0) return out;
  const bad = kernel(x.size, pointer(x), writable(out));
  if (typeof bad === "number" && bad >= 0) {
    throw new RangeError(
      `to("${dtype}") got a value outside of ${dtype} at position ${bad} of ${x.dtype}`,
    );
  }
  return out;
}

function castKernel(from: DType, to: DType): Cast | undefined {
  const name = `cast_${SHORT[from]}_${SHORT[to]}`;
  return from === "float64" || to === "float64"
    ? runtime.float64.cast[name]
    : runtime.kernels.cast[name];
}

/** See {@linkcode Tensor.to}. */
export function to(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  checkDType("to", dtype);
  return apply(TO, [x], dtype);
}

/** Both operands in the type in which they meet. */
export function meet(op: string, a: Tensor, b: Tensor): [Tensor, Tensor] {
  const dtype = promote(op, a.dtype, b.dtype);
  return [to(a, dtype), to(b, dtype)];
}

/** int32 and bool as float32, for functions with fractions; others stay. */
export function toFloat(x: Tensor): Tensor {
  return x.dtype === "int32" || x.dtype === "bool" ? to(x, "float32") : x;
}
