/** Tensors as text and as nested arrays. */

import { type DType, isFloat, type TypedArray } from "./dtype.ts";
import { formatShape, type Shape, sizeOf } from "./shape.ts";
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
  let list = new Array<NestedArray>(data.length);
  for (let i = 0; i < list.length; i++) list[i] = element(data, dtype, i);
  // From the last axis on: what lies along it becomes one element.
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const n = shape[axis]!;
    const outer = new Array<NestedArray>(sizeOf(shape.slice(0, axis)));
    for (let i = 0; i < outer.length; i++) {
      outer[i] = list.slice(i * n, i * n + n);
    }
    list = outer;
  }
  return list[0]!;
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

/** What PyTorch breaks lines at. */
const LINE_WIDTH = 80;

/** `tensor([[1, 2], [3, 4]], shape=[2, 2], dtype=int32)`, as PyTorch lays out. */
export function formatTensor(tensor: Tensor): string {
  const { shape, dtype } = tensor;
  const notes = [`shape=${formatShape(shape)}`, `dtype=${dtype}`];
  if (tensor.gradFn !== null) notes.push(`gradFn=${tensor.gradFn}`);
  else if (tensor.requiresGrad) notes.push("requiresGrad=true");
  const { state } = tensor.array.storage;
  if (state !== "live" || tensor.disposed) {
    return `tensor(released, ${notes.join(", ")})`;
  }
  const cut = tensor.size > SUMMARIZE_OVER;
  const head = "tensor(";
  let text = head;
  if (tensor.size === 0) text += "[]";
  else {
    const show = formatter(tensor.data(), dtype, shape, cut);
    text += lines(show, shape, 0, 0, head.length, cut);
  }
  let width = text.length - text.lastIndexOf("\n");
  for (const note of notes) {
    const fits = width + note.length + 2 <= LINE_WIDTH;
    text += fits ? `, ${note}` : `,\n${" ".repeat(head.length)}${note}`;
    width = fits ? width + note.length + 2 : head.length + note.length;
  }
  return `${text})`;
}

/** Text of the elements, all of one width but for NaN and infinities. */
interface Formatter {
  text(i: number): string;
  width: number;
}

function lines(
  show: Formatter,
  shape: Shape,
  axis: number,
  start: number,
  indent: number,
  cut: boolean,
): string {
  if (axis === shape.length) return show.text(start);
  const stride = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  const innermost = axis === shape.length - 1;
  const parts = visible(shape[axis]!, cut).map((i) => {
    if (i < 0) return innermost ? " ..." : "...";
    return lines(show, shape, axis + 1, start + i * stride, indent + 1, cut);
  });
  const margin = " ".repeat(indent + 1);
  if (!innermost) {
    const gap = "\n".repeat(shape.length - 1 - axis);
    return `[${parts.join(`,${gap}${margin}`)}]`;
  }
  const perLine = Math.max(
    1,
    Math.floor((LINE_WIDTH - indent) / (show.width + 2)),
  );
  const rows: string[] = [];
  for (let i = 0; i < parts.length; i += perLine) {
    rows.push(parts.slice(i, i + perLine).join(", "));
  }
  return `[${rows.join(`,\n${margin}`)}]`;
}

/** Indices of an axis that are shown; -1 stands for the dots. */
function visible(size: number, cut: boolean): number[] {
  const range = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, i) => from + i);
  if (!cut || size <= 2 * EDGE) return range(0, size);
  return [...range(0, EDGE), -1, ...range(size - EDGE, size)];
}

/** The flat positions that will be shown. */
function shown(shape: Shape, cut: boolean): number[] {
  let positions = [0];
  for (const size of shape) {
    const indices = visible(size, cut).filter((i) => i >= 0);
    positions = positions.flatMap((p) => indices.map((i) => p * size + i));
  }
  return positions;
}

/**
 * One notation for all elements that are shown, chosen by PyTorch's rules:
 * whole numbers with a point, four decimals, or powers of ten.
 */
function formatter(
  data: TypedArray,
  dtype: DType,
  shape: Shape,
  cut: boolean,
): Formatter {
  const positions = shown(shape, cut);
  if (!isFloat(dtype) && dtype !== "float16" && dtype !== "bfloat16") {
    return padded((i) => String(element(data, dtype, i)), positions);
  }
  const value = (i: number) => Number(element(data, dtype, i));
  // Zeros, infinities and NaN have no say.
  const telling = positions.filter((i) =>
    Number.isFinite(value(i)) && value(i) !== 0
  );
  const sizes = telling.map((i) => Math.abs(value(i)));
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0);
  const smallest = sizes.reduce((a, b) => Math.min(a, b), Infinity);
  const whole = sizes.every(Number.isInteger);
  const scientific = largest / smallest > 1000 || largest > 1e8 ||
    (!whole && smallest < 1e-4);
  return padded((i) => {
    const number = value(i);
    if (Number.isNaN(number)) return "nan";
    if (!Number.isFinite(number)) return number > 0 ? "inf" : "-inf";
    const sign = number < 0 || Object.is(number, -0) ? "-" : "";
    const size = Math.abs(number);
    if (scientific) return sign + exponential(size);
    return whole ? `${sign}${size}.` : sign + fourDecimals(size);
  }, telling);
}

/** Pads to the widest text at some positions. */
function padded(
  text: (i: number) => string,
  positions: readonly number[],
): Formatter {
  const width = positions.reduce((w, i) => Math.max(w, text(i).length), 1);
  return { text: (i) => text(i).padStart(width), width };
}

/** `1.2300e-05`, with at least two digits of exponent. */
function exponential(value: number): string {
  return value.toExponential(4).replace(/e([+-])(\d)$/, "e$10$2");
}

/** Four decimals; ties go to the even digit, as in C and unlike toFixed. */
function fourDecimals(value: number): string {
  const halves = value * 2e4;
  // Only a multiple of 1/32 can lie exactly between two fourth decimals.
  const isTie = Number.isInteger(value * 32) && halves % 2 === 1;
  if (!isTie) return value.toFixed(4);
  const below = (halves - 1) / 2;
  return ((below % 2 === 0 ? below : below + 1) / 1e4).toFixed(4);
}
