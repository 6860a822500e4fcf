/** Random numbers by Philox4x32-10, two of every block. */

import type { FloatKernels } from "../float_abi.ts";
import type { Arrays } from "./loops.ts";

/** The upper half of the 64 bits of a product. */
function multiplyHigh(a: number, b: number): number {
  const high = a >>> 16, low = a & 0xffff;
  const middle = high * (b & 0xffff) + (low * (b & 0xffff) >>> 16);
  const carried = low * (b >>> 16) + (middle & 0xffff);
  return high * (b >>> 16) + (middle >>> 16) + (carried >>> 16);
}

/** The four words of a block. */
function philox(
  k0: number,
  k1: number,
  a: number,
  b: number,
): [number, number, number, number] {
  let c = 0, d = 0;
  for (let round = 0; round < 10; round++) {
    const high = multiplyHigh(0xcd9e8d57, c) ^ b ^ k0;
    b = Math.imul(0xcd9e8d57, c);
    c = multiplyHigh(0xd2511f53, a) ^ d ^ k1;
    d = Math.imul(0xd2511f53, a);
    a = high;
    k0 += 0x9e3779b9;
    k1 += 0xbb67ae85;
  }
  return [a, b, c, d];
}

/** 53 bits of two words, as a multiple of 2^-53 in [0, 1). */
function unit(low: number, high: number): number {
  return ((high >>> 0) * 2 ** 21 + (low >>> 11)) / 2 ** 53;
}

type RandomKernels = Pick<
  FloatKernels,
  "random_uniform" | "random_normal" | "random_bernoulli"
>;

/** The kernels on a memory. */
export function randomKernels({ f64, u32 }: Arrays): RandomKernels {
  /** Makes two numbers of every two in [0, 1), and moves the state on. */
  const draw = (
    n: number,
    state: number,
    out: number,
    pair: (a: number, b: number) => [number, number],
  ) => {
    const to = f64(out), at = u32(state);
    for (let i = 0; i < n; i += 2) {
      const words = philox(at[0]!, at[1]!, at[2]!, at[3]!);
      const two = pair(unit(words[0], words[1]), unit(words[2], words[3]));
      to[i] = two[0];
      if (i + 1 < n) to[i + 1] = two[1];
      at[2]!++;
      if (at[2] === 0) at[3]!++;
    }
  };
  return {
    random_uniform(n, low, high, state, out) {
      // Rounding may reach `high`.
      const last = Math.max(low, high - Math.abs(high) * 2 ** -53);
      const place = (u: number) => Math.min(u * (high - low) + low, last);
      draw(n, state, out, (a, b) => [place(a), place(b)]);
    },
    random_normal(n, mean, std, state, out) {
      draw(n, state, out, (a, b) => {
        // By Box and Muller; 1 - a is in (0, 1].
        const r = std * Math.sqrt(-2 * Math.log(1 - a)),
          angle = 2 * Math.PI * b;
        return [r * Math.cos(angle) + mean, r * Math.sin(angle) + mean];
      });
    },
    random_bernoulli(n, p, state, out) {
      draw(n, state, out, (a, b) => [Number(a < p), Number(b < p)]);
    },
  };
}
