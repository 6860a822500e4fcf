/**
 * Naive float64 implementations: plain loops over flat row-major arrays, as
 * close to the textbook as can be, so that a reader can check them by eye.
 * Kernels and operations are tested against them.
 *
 * @module
 */

/** Flat row-major numbers. */
export type Flat = ArrayLike<number>;

function at(x: Flat, i: number): number {
  const value = x[i];
  if (value === undefined) {
    throw new RangeError(`No element ${i} in an array of ${x.length}`);
  }
  return value;
}

function add(out: Float64Array, i: number, value: number): void {
  out[i] = at(out, i) + value;
}

/** `a [m, k]` times `b [k, n]`; `transA` means that a lies as [k, m]. */
export function matmul(
  a: Flat,
  b: Flat,
  [m, n, k]: [number, number, number],
  { transA = false, transB = false }: { transA?: boolean; transB?: boolean } =
    {},
): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let p = 0; p < k; p++) {
        const x = at(a, transA ? p * m + i : i * k + p);
        const y = at(b, transB ? j * k + p : p * n + j);
        add(out, i * n + j, x * y);
      }
    }
  }
  return out;
}

/** The sizes of a 2-D convolution; NCHW, weight [o, c / groups, kh, kw]. */
export interface Conv2dSizes {
  /** Batch. */
  n: number;
  /** Input channels. */
  c: number;
  /** Input height. */
  h: number;
  /** Input width. */
  w: number;
  /** Output channels. */
  o: number;
  /** Kernel height. */
  kh: number;
  /** Kernel width. */
  kw: number;
  /** Step of the window [height, width]. */
  stride?: [number, number];
  /** Zeros on each side [height, width]. */
  padding?: [number, number];
  /** Distance of the kernel's elements [height, width]. */
  dilation?: [number, number];
  /** Independent groups of channels. */
  groups?: number;
}

/** Calls `visit` with the flat positions of every product of a convolution. */
function eachProduct(
  sizes: Conv2dSizes,
  visit: (x: number, weight: number, out: number, channel: number) => void,
): void {
  const { n, c, h, w, o, kh, kw, groups = 1 } = sizes;
  const [sh, sw] = sizes.stride ?? [1, 1];
  const [ph, pw] = sizes.padding ?? [0, 0];
  const [dh, dw] = sizes.dilation ?? [1, 1];
  const [oh, ow] = conv2dOutputSize(sizes);
  const [inGroup, outGroup] = [c / groups, o / groups];
  for (let image = 0; image < n; image++) {
    for (let oc = 0; oc < o; oc++) {
      const first = Math.floor(oc / outGroup) * inGroup;
      for (let y = 0; y < oh; y++) {
        for (let x = 0; x < ow; x++) {
          for (let ic = 0; ic < inGroup; ic++) {
            for (let ky = 0; ky < kh; ky++) {
              for (let kx = 0; kx < kw; kx++) {
                const iy = y * sh - ph + ky * dh;
                const ix = x * sw - pw + kx * dw;
                if (iy < 0 || iy >= h || ix < 0 || ix >= w) continue;
                visit(
                  ((image * c + first + ic) * h + iy) * w + ix,
                  ((oc * inGroup + ic) * kh + ky) * kw + kx,
                  ((image * o + oc) * oh + y) * ow + x,
                  oc,
                );
              }
            }
          }
        }
      }
    }
  }
}

/** Output height and width of a convolution or a pooling window. */
export function conv2dOutputSize(
  sizes: Pick<
    Conv2dSizes,
    "h" | "w" | "kh" | "kw" | "stride" | "padding" | "dilation"
  >,
): [number, number] {
  const [sh, sw] = sizes.stride ?? [1, 1];
  const [ph, pw] = sizes.padding ?? [0, 0];
  const [dh, dw] = sizes.dilation ?? [1, 1];
  return [
    Math.floor((sizes.h + 2 * ph - dh * (sizes.kh - 1) - 1) / sh) + 1,
    Math.floor((sizes.w + 2 * pw - dw * (sizes.kw - 1) - 1) / sw) + 1,
  ];
}

/** Cross-correlation of `x [n, c, h, w]`; the result is [n, o, oh, ow]. */
export function conv2d(
  x: Flat,
  weight: Flat,
  bias: Flat | null,
  sizes: Conv2dSizes,
): Float64Array {
  const [oh, ow] = conv2dOutputSize(sizes);
  const out = new Float64Array(sizes.n * sizes.o * oh * ow);
  if (bias !== null) {
    for (let i = 0; i < out.length; i++) {
      out[i] = at(bias, Math.floor(i / (oh * ow)) % sizes.o);
    }
  }
  eachProduct(sizes, (i, j, k) => add(out, k, at(x, i) * at(weight, j)));
  return out;
}

/** The gradients of `conv2d` for x, weight and bias. */
export function conv2dBackward(
  x: Flat,
  weight: Flat,
  grad: Flat,
  sizes: Conv2dSizes,
): { x: Float64Array; weight: Float64Array; bias: Float64Array } {
  const [oh, ow] = conv2dOutputSize(sizes);
  const result = {
    x: new Float64Array(x.length),
    weight: new Float64Array(weight.length),
    bias: new Float64Array(sizes.o),
  };
  eachProduct(sizes, (i, j, k) => {
    add(result.x, i, at(grad, k) * at(weight, j));
    add(result.weight, j, at(grad, k) * at(x, i));
  });
  for (let i = 0; i < grad.length; i++) {
    add(result.bias, Math.floor(i / (oh * ow)) % sizes.o, at(grad, i));
  }
  return result;
}

/** The sizes of 2-D pooling over `planes` pictures. */
export interface Pool2dSizes {
  /** Batch times channels. */
  planes: number;
  /** Input height. */
  h: number;
  /** Input width. */
  w: number;
  /** Window height. */
  kh: number;
  /** Window width. */
  kw: number;
  /** Step of the window; the window's size by default. */
  stride?: [number, number];
  /** Padding on each side. */
  padding?: [number, number];
  /** Distance of the window's elements. */
  dilation?: [number, number];
}

/** The window's positions inside the plane (-1 outside) for each output. */
function windows(sizes: Pool2dSizes): { out: number; taps: number[] }[] {
  const { h, w, kh, kw } = sizes;
  const stride = sizes.stride ?? [kh, kw];
  const [ph, pw] = sizes.padding ?? [0, 0];
  const [dh, dw] = sizes.dilation ?? [1, 1];
  const [oh, ow] = conv2dOutputSize({ ...sizes, stride });
  const result = [];
  for (let y = 0; y < oh; y++) {
    for (let x = 0; x < ow; x++) {
      const taps = [];
      for (let ky = 0; ky < kh; ky++) {
        for (let kx = 0; kx < kw; kx++) {
          const iy = y * stride[0] - ph + ky * dh;
          const ix = x * stride[1] - pw + kx * dw;
          const inside = iy >= 0 && iy < h && ix >= 0 && ix < w;
          taps.push(inside ? iy * w + ix : -1);
        }
      }
      result.push({ out: y * ow + x, taps });
    }
  }
  return result;
}

/** Max pooling; `indices` are positions in the plane, the first maximum's. */
export function maxPool2d(
  x: Flat,
  sizes: Pool2dSizes,
): { values: Float64Array; indices: Int32Array } {
  const each = windows(sizes);
  const values = new Float64Array(sizes.planes * each.length);
  const indices = new Int32Array(values.length);
  for (let plane = 0; plane < sizes.planes; plane++) {
    for (const { out, taps } of each) {
      let [best, where] = [-Infinity, -1];
      for (const tap of taps) {
        if (tap < 0) continue;
        const value = at(x, plane * sizes.h * sizes.w + tap);
        // NaN wins, as in PyTorch; the last of several NaNs is kept there.
        if (where < 0 || value > best || Number.isNaN(value)) {
          [best, where] = [value, tap];
        }
      }
      values[plane * each.length + out] = best;
      indices[plane * each.length + out] = where;
    }
  }
  return { values, indices };
}

/** Average pooling. */
export function avgPool2d(
  x: Flat,
  sizes: Pool2dSizes,
  { countIncludePad = true }: { countIncludePad?: boolean } = {},
): Float64Array {
  const each = windows(sizes);
  const result = new Float64Array(sizes.planes * each.length);
  for (let plane = 0; plane < sizes.planes; plane++) {
    for (const { out, taps } of each) {
      const inside = taps.filter((tap) => tap >= 0);
      const sum = inside.reduce(
        (s, tap) => s + at(x, plane * sizes.h * sizes.w + tap),
        0,
      );
      const count = countIncludePad ? taps.length : inside.length;
      result[plane * each.length + out] = sum / count;
    }
  }
  return result;
}

/** `exp(x) / sum(exp(x))` over the middle axis of [outer, n, inner]. */
export function softmax(
  x: Flat,
  [outer, n, inner]: [number, number, number],
): Float64Array {
  return logSoftmax(x, [outer, n, inner]).map(Math.exp);
}

/** `x - log(sum(exp(x)))` over the middle axis of [outer, n, inner]. */
export function logSoftmax(
  x: Flat,
  [outer, n, inner]: [number, number, number],
): Float64Array {
  const out = new Float64Array(outer * n * inner);
  for (let a = 0; a < outer; a++) {
    for (let b = 0; b < inner; b++) {
      const place = (i: number) => (a * n + i) * inner + b;
      let max = -Infinity;
      for (let i = 0; i < n; i++) max = Math.max(max, at(x, place(i)));
      let sum = 0;
      for (let i = 0; i < n; i++) sum += Math.exp(at(x, place(i)) - max);
      for (let i = 0; i < n; i++) {
        out[place(i)] = at(x, place(i)) - max - Math.log(sum);
      }
    }
  }
  return out;
}

/** `-log softmax(logits [rows, classes])[target]`, one number per row. */
export function crossEntropy(
  logits: Flat,
  target: Flat,
  [rows, classes]: [number, number],
): Float64Array {
  const logs = logSoftmax(logits, [rows, classes, 1]);
  return Float64Array.from(
    { length: rows },
    (_, row) => -at(logs, row * classes + at(target, row)),
  );
}

/** Folds the middle axis of [outer, n, inner] with `f`, from `start`. */
export function reduce(
  x: Flat,
  [outer, n, inner]: [number, number, number],
  start: number,
  f: (total: number, value: number) => number,
): Float64Array {
  const out = new Float64Array(outer * inner).fill(start);
  for (let a = 0; a < outer; a++) {
    for (let i = 0; i < n; i++) {
      for (let b = 0; b < inner; b++) {
        const value = at(x, (a * n + i) * inner + b);
        out[a * inner + b] = f(at(out, a * inner + b), value);
      }
    }
  }
  return out;
}

/** `x` of shape `from` repeated along missing axes and axes of size 1. */
export function broadcastTo(
  x: Flat,
  from: readonly number[],
  to: readonly number[],
): Float64Array {
  const out = new Float64Array(to.reduce((a, b) => a * b, 1));
  for (let i = 0; i < out.length; i++) {
    let [rest, place, step] = [i, 0, 1];
    for (let axis = 1; axis <= to.length; axis++) {
      const size = at(to, to.length - axis);
      const position = rest % size;
      rest = Math.floor(rest / size);
      if (axis > from.length) continue;
      const own = at(from, from.length - axis);
      if (own !== 1) place += position * step;
      step *= own;
    }
    out[i] = at(x, place);
  }
  return out;
}
