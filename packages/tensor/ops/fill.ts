/** Filling arrays with one value, and writing in place. */

import { runtime } from "@fdunn/wasm-kernels";
import { fitsInt32, INT_RANGES, ITEM_BYTES } from "../dtype.ts";
import { mode } from "../grad_mode.ts";
import { floatKernels, numericKernels } from "../kernel.ts";
import {
  allocate,
  copyInto,
  copyOf,
  heap,
  type NdArray,
  pointer,
  viewOf,
  writable,
} from "../nd_array.ts";
import { describe, released } from "../liveness.ts";
import { wrap } from "../op.ts";
import { track } from "../scope.ts";
import {
  broadcastShapes,
  formatShape,
  sameShape,
  type Shape,
} from "../shape.ts";
import {
  beginOp,
  freshCount,
  freshStorage,
  releaseStorage,
} from "../storage.ts";
import type { Tensor } from "../tensor.ts";
import { broadcastStrides, elementwise } from "./binary.ts";

/** Sets every element of a row-major array; fractions are cut off integers. */
export function fillArray(out: NdArray, value: number): void {
  if (out.size === 0) return;
  const range = INT_RANGES[out.dtype];
  if (range !== undefined && !(value > range[0] - 1 && value < range[1] + 1)) {
    throw new RangeError(
      `Cannot fill a tensor of dtype ${out.dtype} with ${value}: it holds ${
        range[0]
      } to ${range[1]}`,
    );
  }
  const address = writable(out);
  const { bytes, float32 } = runtime.kernels;
  switch (out.dtype) {
    case "float32":
      return float32.fill(out.size, value, address);
    case "float64":
      return runtime.float64.float64.fill(out.size, value, address);
    case "int32":
      return bytes.fill_b32(out.size, value, address);
    case "bool":
      return bytes.fill_b8(out.size, value === 0 ? 0 : 1, address);
    case "uint8":
    case "int8":
      return bytes.fill_b8(out.size, value, address);
    default:
      if (value === 0) {
        return bytes.fill_b8(out.size * ITEM_BYTES[out.dtype], 0, address);
      }
      throw new TypeError(
        `Cannot fill a ${out.dtype} tensor, which only stores, with ${value}`,
      );
  }
}

/** A tensor of one value with the dtype of another. */
export function filledLike(x: Tensor, shape: Shape, value: number): Tensor {
  beginOp("fill");
  const array = allocate(shape, x.dtype);
  track(array.storage);
  fillArray(array, value);
  return wrap(array);
}

const SCALAR: Shape = [];

/** See {@linkcode Tensor.scalarLike}: an operand, made for every number. */
export function scalarLike(x: Tensor, value: number): Tensor {
  if (x.dtype !== "float32") return filledLike(x, SCALAR, value);
  beginOp("scalar");
  const array = allocate(SCALAR, "float32");
  track(array.storage);
  heap.f32[writable(array) >>> 2] = value;
  return wrap(array);
}

/** Throws unless a tensor's bytes may be written: autograd might need them. */
export function requireWritable(name: string, x: Tensor): void {
  const { storage } = x.array;
  if (!storage.live) throw released(x, name);
  if (x.disposed) throw new Error(`${describe(x)} was disposed of: ${name}()`);
  if (x.requiresGrad && mode.recording) {
    throw new Error(
      `${name}() writes in place into ${
        describe(x)
      }, which requires grad: use ${
        name.slice(0, -1)
      }(), or write inside noGrad()`,
    );
  }
}

/** Writes under way in a tensor's own bytes; refuses what autograd cannot. */
export function writeInPlace(
  name: string,
  x: Tensor,
  write: () => void,
): Tensor {
  requireWritable(name, x);
  beginOp(name);
  try {
    write();
    if (mode.inspector !== null) mode.inspector.wrote(name, x);
  } finally {
    for (let i = 0; i < freshCount(); i++) {
      const storage = freshStorage(i);
      if (storage !== null) releaseStorage(storage, "dispose");
    }
  }
  return x;
}

/** The names of the arithmetic that can be done in place. */
type Arithmetic = "add" | "sub" | "mul" | "div";

/** See {@linkcode Tensor.add_} and its kin. */
export function arithmeticInPlace(
  name: Arithmetic,
  x: Tensor,
  other: Tensor | number,
): Tensor {
  if (typeof other !== "number") requireReadable(`${name}_`, other);
  return writeInPlace(`${name}_`, x, () => {
    const { array } = x;
    const kernels = name === "div"
      ? floatKernels("div_", x.dtype)
      : numericKernels(`${name}_`, x.dtype);
    if (
      typeof other === "number" && x.dtype === "int32" && !fitsInt32(other)
    ) {
      throw new TypeError(
        `${name}_() got ${other} for an int32 tensor, which cannot hold the result: use ${name}()`,
      );
    }
    const operand = typeof other === "number"
      ? x.scalarLike(other).array
      : other.array;
    if (operand.dtype !== array.dtype) {
      throw new TypeError(
        `${name}_() got ${operand.dtype} for a tensor of ${array.dtype}: convert it with to("${array.dtype}")`,
      );
    }
    requireFit(`${name}_`, array, operand);
    const flat = array.steps === null && !overlaps(array, operand) &&
      (operand.size === 1 ||
        (operand.steps === null && operand.size === array.size));
    if (flat) {
      if (array.size === 0) return;
      const b = pointer(operand);
      const a = writable(array);
      kernels[name](array.size, a, 1, b, operand.size === 1 ? 0 : 1, a);
      return;
    }
    const kernel = kernels[name];
    const result = elementwise(
      name,
      kernel,
      kernels[`${name}_nd`],
      array,
      operand,
    );
    copyInto(result, array);
  });
}

/** Same bytes seen otherwise: an element might be read after it was written. */
function overlaps(out: NdArray, x: NdArray): boolean {
  return out.storage === x.storage &&
    (x.offset !== out.offset || x.steps !== out.steps ||
      x.size !== out.size);
}

/** Refuses an operand that is gone, or whose gradient would be lost. */
export function requireReadable(name: string, operand: Tensor): void {
  if (!operand.array.storage.live) {
    throw released(operand, name);
  }
  if (operand.disposed) {
    throw new Error(`${describe(operand)} was disposed of: ${name}()`);
  }
  if (!operand.requiresGrad || !mode.recording) return;
  throw new Error(
    `${name}() writes ${
      describe(operand)
    }, which requires grad, into a tensor that would not remember it: use the op that makes a new tensor, detach() the operand, or write inside noGrad()`,
  );
}

/** Throws unless `x` fits, and elements that share bytes get one value. */
function requireFit(name: string, out: NdArray, x: NdArray): void {
  const expanded = x.size > 1 &&
    out.steps?.some((step, i) => step === 0 && out.shape[i]! > 1);
  if (expanded === true) {
    throw new RangeError(
      `${name}() cannot write into an expanded tensor of shape ${
        formatShape(out.shape)
      }, whose elements share bytes: clone() it first`,
    );
  }
  if (!sameShape(broadcastShapes(name, out.shape, x.shape), out.shape)) {
    throw new RangeError(
      `${name}() cannot write ${formatShape(x.shape)} into ${
        formatShape(out.shape)
      }: the result must have the tensor's own shape`,
    );
  }
}

/** See {@linkcode Tensor.fill_}. */
export function fillInPlace(x: Tensor, value: number): Tensor {
  return writeInPlace(value === 0 ? "zero_" : "fill_", x, () => {
    const { array } = x;
    if (array.steps === null) return fillArray(array, value);
    copyInto(stretched(x.scalarLike(value).array, array), array);
  });
}

/** See {@linkcode Tensor.copy_}. */
export function copyInPlace(x: Tensor, source: Tensor): Tensor {
  requireReadable("copy_", source);
  const converted = source.to(x.dtype);
  return writeInPlace("copy_", x, () => {
    const { array } = x;
    requireFit("copy_", array, converted.array);
    const from = converted.array.storage === array.storage
      ? copyOf(converted.array)
      : converted.array;
    copyInto(stretched(from, array), array);
  });
}

function stretched(x: NdArray, like: NdArray): NdArray {
  return sameShape(x.shape, like.shape)
    ? x
    : viewOf(x, like.shape, broadcastStrides(x, like.shape), x.offset);
}

/** Copies the result of an op, which must have the tensor's dtype and fit. */
export function writeResult(name: string, x: Tensor, result: Tensor): void {
  if (result.dtype !== x.dtype) {
    throw new TypeError(
      `${name}() gives ${result.dtype}, which a tensor of ${x.dtype} cannot hold: use ${
        name.slice(0, -1)
      }()`,
    );
  }
  requireFit(name, x.array, result.array);
  writeInPlace(name, x, () => copyInto(result.array, x.array));
}
