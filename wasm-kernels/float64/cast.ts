/** Conversions to and from float64. */

import type { Cast, CastKernels } from "../abi.ts";
import type { Arrays } from "./loops.ts";

/** Numbers that are set at once, in another type. */
type Numbers = ArrayLike<number> & {
  set(values: ArrayLike<number>): void;
  subarray(from: number, to: number): Numbers;
};

/** The kernels on a memory. */
export function castKernels({ f64, f32, i32, u8 }: Arrays): CastKernels {
  const cast = (
    from: (pointer: number) => Numbers,
    to: (pointer: number) => Numbers,
    convert?: (x: number) => number,
  ): Cast =>
  (n, x, out) => {
    const values = from(x).subarray(0, n);
    to(out).set(convert === undefined ? values : Array.from(values, convert));
  };
  const truth = (x: number) => Number(x !== 0);
  // Integers truncate and saturate; NaN becomes 0 where it is stored.
  const within = (low: number, high: number) => (x: number) =>
    Math.min(Math.max(x, low), high);
  return {
    cast_f32_f64: cast(f32, f64),
    cast_i32_f64: cast(i32, f64),
    cast_u8_f64: cast(u8, f64),
    cast_i8_f64: cast(u8, f64, (x) => x << 24 >> 24),
    cast_bool_f64: cast(u8, f64, truth),
    cast_f64_f32: cast(f64, f32),
    cast_f64_i32: cast(f64, i32, within(-(2 ** 31), 2 ** 31 - 1)),
    cast_f64_u8: cast(f64, u8, within(0, 255)),
    cast_f64_bool: cast(f64, u8, truth),
  };
}
