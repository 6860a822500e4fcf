/**
 * One convolution and its gradients, against sums in float64.
 *
 * @module
 */

import { type Instance, numbers } from "./instance.ts";
import { Sums } from "./sums.ts";

/** Sizes of one convolution; what is left out is 1 (padding: 0). */
export interface Sizes {
  n?: number;
  c?: number;
  h: number;
  w: number;
  o?: number;
  kh: number;
  kw: number;
  stride?: [number, number];
  pad?: [number, number];
  dilation?: [number, number];
  groups?: number;
}

/** The sizes as the ABI wants them, and those that follow. */
export function resolve(s: Sizes) {
  const { n = 1, c = 1, h, w, o = 1, kh, kw, groups = 1 } = s;
  const [sh, sw] = s.stride ?? [1, 1], [ph, pw] = s.pad ?? [0, 0];
  const [dh, dw] = s.dilation ?? [1, 1];
  const size = (x: number, k: number, s: number, p: number, d: number) =>
    Math.max(0, Math.floor((x + 2 * p - d * (k - 1) - 1) / s) + 1);
  const oh = size(h, kh, sh, ph, dh), ow = size(w, kw, sw, pw, dw);
  const args = [n, c, h, w, o, kh, kw, sh, sw, ph, pw, dh, dw, groups];
  const sizes = {
    x: n * c * h * w,
    weight: o * c / groups * kh * kw,
    out: n * o * oh * ow,
  };
  // deno-fmt-ignore
  return { n, c, h, w, o, kh, kw, sh, sw, ph, pw, dh, dw, groups, oh, ow, args, sizes };
}

/** Calls f(x position, weight position, output position) for all products. */
function products(
  s: ReturnType<typeof resolve>,
  f: (x: number, weight: number, out: number) => void,
): void {
  const gc = s.c / s.groups, go = s.o / s.groups;
  for (let i = 0; i < s.n * s.o * s.oh * s.ow; i++) {
    const ox = i % s.ow, oy = Math.floor(i / s.ow) % s.oh;
    const channel = Math.floor(i / s.ow / s.oh) % s.o;
    const picture = Math.floor(i / s.ow / s.oh / s.o);
    for (let j = 0; j < gc * s.kh * s.kw; j++) {
      const kx = j % s.kw, ky = Math.floor(j / s.kw) % s.kh;
      const c = Math.floor(channel / go) * gc + Math.floor(j / s.kw / s.kh);
      const y = oy * s.sh + ky * s.dh - s.ph;
      const x = ox * s.sw + kx * s.dw - s.pw;
      if (y < 0 || y >= s.h || x < 0 || x >= s.w) continue;
      const from = ((picture * s.c + c) * s.h + y) * s.w + x;
      f(from, channel * gc * s.kh * s.kw + j, i);
    }
  }
}

/** Calls all kernels with these sizes and fails unless they are right. */
export function check(
  wasm: Instance,
  sizes: Sizes,
  { fill = numbers, paddingMeetsInfinity = false, factor = 1 }: {
    fill?: (n: number, seed: number) => Float64Array;
    paddingMeetsInfinity?: boolean;
    factor?: number;
  } = {},
): void {
  wasm.checkGuards();
  wasm.reset();
  const s = resolve(sizes), label = JSON.stringify(sizes);
  const scratch = wasm.scratch();
  const x = wasm.floats(fill(s.sizes.x, 1), 1);
  const weight = wasm.floats(fill(s.sizes.weight, 2), 3);
  const g = wasm.floats(fill(s.sizes.out, 3), 1);
  const bias = wasm.floats(numbers(s.o, 4), 1);
  const empty = (n: number) => wasm.floats(new Float64Array(n).fill(NaN), 1);
  const out = empty(s.sizes.out), plain = empty(s.sizes.out);
  const gx = empty(s.sizes.x), gw = empty(s.sizes.weight), gb = empty(s.o);

  const forward = new Sums(s.sizes.out), biased = new Sums(s.sizes.out);
  const byX = new Sums(s.sizes.x), byW = new Sums(s.sizes.weight);
  const byB = new Sums(s.o);
  const xs = x.values, ws = weight.values, gs = g.values;
  for (let i = 0; i < s.sizes.out; i++) {
    const channel = Math.floor(i / s.oh / s.ow) % s.o;
    biased.add(i, bias.values[channel]!, 1);
    byB.add(channel, gs[i]!, 1);
  }
  products(s, (from, at, to) => {
    forward.add(to, xs[from]!, ws[at]!);
    biased.add(to, xs[from]!, ws[at]!);
    byX.add(from, gs[to]!, ws[at]!);
    byW.add(at, gs[to]!, xs[from]!);
  });
  // deno-fmt-ignore
  wasm.call("conv2d", ...s.args, x.pointer, weight.pointer, 0, plain.pointer, scratch);
  forward.check(wasm, plain.values, `conv2d ${label}`, factor);
  // deno-fmt-ignore
  wasm.call("conv2d", ...s.args, x.pointer, weight.pointer, bias.pointer, out.pointer, scratch);
  biased.check(wasm, out.values, `conv2d with bias ${label}`, factor);
  // deno-fmt-ignore
  wasm.call("conv2d_grad_input", ...s.args, g.pointer, weight.pointer, gx.pointer, scratch);
  byX.check(wasm, gx.values, `grad_input ${label}`, factor);
  // deno-fmt-ignore
  wasm.call("conv2d_grad_weight", ...s.args, 0, s.o, x.pointer, g.pointer, gw.pointer, scratch);
  if (!paddingMeetsInfinity) {
    byW.check(wasm, gw.values, `grad_weight ${label}`, factor);
  }
  // deno-fmt-ignore
  wasm.call("conv2d_grad_bias", s.n, s.o, s.oh * s.ow, g.pointer, gb.pointer);
  byB.check(wasm, gb.values, `grad_bias ${label}`);
}

/**
 * Calls the kernels for a gradient of `count` values in each plane, some of
 * them at the same pixel.
 */
export function checkSparse(
  wasm: Instance,
  sizes: Sizes,
  count: number,
): void {
  wasm.checkGuards();
  wasm.reset();
  const s = resolve(sizes), label = `${count} of ${JSON.stringify(sizes)}`;
  const scratch = wasm.scratch(), pixels = s.oh * s.ow;
  const x = wasm.floats(numbers(s.sizes.x, 1), 1);
  const weight = wasm.floats(numbers(s.sizes.weight, 2), 3);
  const values = wasm.floats(numbers(s.n * s.o * count, 3), 1);
  const places = numbers(s.n * s.o * count, 4);
  const index = wasm.ints(
    places.map((at) => Math.floor((at + 1) / 2 * pixels)),
    1,
  );
  const empty = (n: number) => wasm.floats(new Float64Array(n).fill(NaN), 1);
  const gx = empty(s.sizes.x), gw = empty(s.sizes.weight);
  const byX = new Sums(s.sizes.x), byW = new Sums(s.sizes.weight);
  const listed: number[][] = Array.from({ length: s.sizes.out }, () => []);
  index.values.forEach((at, i) => {
    listed[Math.floor(i / count) * pixels + at]!.push(values.values[i]!);
  });
  const xs = x.values, ws = weight.values;
  products(s, (from, at, to) => {
    for (const g of listed[to]!) {
      byX.add(from, g, ws[at]!);
      byW.add(at, g, xs[from]!);
    }
  });
  const args = [s.n, s.c, s.h, s.w, s.o, s.kh, s.kw, s.ph, s.pw, count];
  // deno-fmt-ignore
  wasm.call("conv2d_sparse_grad_input", ...args, values.pointer, index.pointer, weight.pointer, gx.pointer, scratch);
  byX.check(wasm, gx.values, `sparse grad_input ${label}`);
  // In two parts, of which the second is done first.
  for (const [first, end] of [[1, s.o], [0, 1]]) {
    // deno-fmt-ignore
    wasm.call("conv2d_sparse_grad_weight", ...args, first!, end!, x.pointer, values.pointer, index.pointer, gw.pointer, scratch);
  }
  byW.check(wasm, gw.values, `sparse grad_weight ${label}`);
}
