/** Tensors as text and as nested arrays. */

import { type DType, isFloat, type TypedArray } from "./dtype.ts";
import { formatShape, type Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** A number, or arrays of arrays of numbers (booleans, for bool tensors). */
export type NestedArray =
  | number
  | boolean
  | bigint
  | NestedArray[];

/** Beyond this many elements the middle is left out. */
const SUMMARIZE_OVER = 1000;
/** Elements shown at each end of an axis that is cut. */
const EDGE = 3;

/** Elements of a row-major typed array, nested along `shape`. */
export function nestedArray(
  data: TypedArray,
  shape: Shape,
  dtype: DType,
): NestedArray {
  let position = 0;
  const build = (axis: number): NestedArray => {
    if (axis === shape.length) return element(data, dtype, position++);
    return Array.from({ length: shape[axis]! }, () => build(axis + 1));
  };
  return build(0);
}

function element(
  data: TypedArray,
  dtype: DType,
  i: number,
): number | boolean | bigint {
  const value = data[i]!;
  if (dtype === "bool") return value !== 0;
  if (dtype === "float16") return decodeHalf(Number(value), 5, 10);
  if (dtype === "bfloat16") return decodeHalf(Number(value), 8, 7);
  return value;
}

/** The value of a 16-bit float with this many exponent and mantissa bits. */
function decodeHalf(bits: number, exponents: number, mantissas: number) {
  const sign = bits >>> 15 ? -1 : 1;
  const bias = 2 ** (exponents - 1) - 1;
  const exponent = (bits >>> mantissas) & (2 ** exponents - 1);
  const mantissa = (bits & (2 ** mantissas - 1)) / 2 ** mantissas;
  if (exponent === 2 ** exponents - 1) {
    return mantissa === 0 ? sign * Infinity : NaN;
  }
  return exponent === 0
    ? sign * 2 ** (1 - bias) * mantissa
    : sign * 2 ** (exponent - bias) * (1 + mantissa);
}

/** `tensor([[1, 2], [3, 4]], shape=[2, 2], dtype=float32)`. */
export function formatTensor(tensor: Tensor): string {
  const { shape, dtype } = tensor;
  const notes = [`shape=${formatShape(shape)}`, `dtype=${dtype}`];
  if (tensor.gradFn !== null) notes.push(`gradFn=${tensor.gradFn}`);
  else if (tensor.requiresGrad) notes.push("requiresGrad=true");
  const { state } = tensor.array.storage;
  if (state !== "live" || tensor.disposed) {
    return `tensor(released, ${notes.join(", ")})`;
  }
  const data = tensor.data();
  const cut = tensor.size > SUMMARIZE_OVER;
  const show = formatter(data, dtype, shape, cut);
  return `tensor(${
    lines(show, shape, 0, 0, "tensor(".length, cut)
  }, ${notes.join(", ")})`;
}

function lines(
  show: (i: number) => string,
  shape: Shape,
  axis: number,
  start: number,
  indent: number,
  cut: boolean,
): string {
  if (axis === shape.length) return show(start);
  const size = shape[axis]!;
  const stride = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const parts = visible(size, cut).map((i) =>
    i < 0
      ? "..."
      : lines(show, shape, axis + 1, start + i * stride, indent + 1, cut)
  );
  const innermost = axis === shape.length - 1;
  const gap = innermost
    ? ", "
    : `,${"\n".repeat(shape.length - 1 - axis)}${" ".repeat(indent + 1)}`;
  return `[${parts.join(gap)}]`;
}

/** Indices of an axis that are shown; -1 stands for the dots. */
function visible(size: number, cut: boolean): number[] {
  const all = Array.from({ length: size }, (_, i) => i);
  if (!cut || size <= 2 * EDGE) return all;
  return [...all.slice(0, EDGE), -1, ...all.slice(size - EDGE)];
}

/** One notation for all shown elements, padded to one width. */
function formatter(
  data: TypedArray,
  dtype: DType,
  shape: Shape,
  cut: boolean,
): (i: number) => string {
  if (!isFloat(dtype) && dtype !== "float16" && dtype !== "bfloat16") {
    const text = (i: number) => String(element(data, dtype, i));
    const width = widest(shape, cut, text);
    return (i) => text(i).padStart(width);
  }
  const values: number[] = [];
  widest(shape, cut, (i) => {
    values.push(Number(element(data, dtype, i)));
    return "";
  });
  const finite = values.filter(Number.isFinite).map(Math.abs);
  const largest = finite.reduce((a, b) => Math.max(a, b), 0);
  const smallest = finite.reduce((a, b) => b > 0 ? Math.min(a, b) : a, Infinity);
  const whole = finite.every(Number.isInteger);
  const scientific = largest >= 1e8 ||
    (!whole && (largest / smallest > 1000 || smallest < 1e-4));
  const text = (i: number) => {
    const value = Number(element(data, dtype, i));
    if (!Number.isFinite(value)) {
      return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
    }
    if (scientific) return exponential(value);
    return whole ? `${Object.is(value, -0) ? "-0" : value}.` : value.toFixed(4);
  };
  const width = widest(shape, cut, text);
  return (i) => text(i).padStart(width);
}

/** `1.2300e-05`, with at least two digits of exponent. */
function exponential(value: number): string {
  return value.toExponential(4).replace(/e([+-])(\d)$/, "e$10$2");
}

/** Visits the elements that will be shown; the length of the longest text. */
function widest(
  shape: Shape,
  cut: boolean,
  text: (i: number) => string,
): number {
  let width = 0;
  const visit = (axis: number, start: number): void => {
    if (axis === shape.length) {
      width = Math.max(width, text(start).length);
      return;
    }
    const stride = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    for (const i of visible(shape[axis]!, cut)) {
      if (i >= 0) visit(axis + 1, start + i * stride);
    }
  };
  visit(0, 0);
  return width;
}
