/** Images, sequences and volumes at another size, one axis after the other. */

import { requireFloat } from "../dtype.ts";
import { formatShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { adaptiveAvgPool2d } from "./adaptive_avg_pool.ts";
import { factors, positions } from "./positions.ts";
import { resample } from "./resample.ts";

/** How values between elements are found. */
export type InterpolateMode =
  | "nearest"
  | "nearest-exact"
  | "linear"
  | "bilinear"
  | "trilinear"
  | "bicubic"
  | "area";

/** Options of {@linkcode interpolate}: either `size` or `scaleFactor`. */
export interface InterpolateOptions {
  /** The sizes of the result, one for all axes or one each. */
  size?: number | readonly number[];
  /** Result's size over input's, one for all axes or one each. */
  scaleFactor?: number | readonly number[];
  /** Default `nearest`. */
  mode?: InterpolateMode;
  /** Whether the centres of corner elements meet, not their edges. Default `false`. */
  alignCorners?: boolean;
  /** Use the ratio of the rounded sizes, not `scaleFactor`. Default `false`. */
  recomputeScaleFactor?: boolean;
}

/** The axes that each mode is for; absent: any number. */
const AXES: Partial<Record<InterpolateMode, number>> = {
  linear: 1,
  bilinear: 2,
  trilinear: 3,
  bicubic: 2,
};

/** Along one axis: sizes, and the input's elements per element of the result. */
interface Axis {
  dim: number;
  from: number;
  to: number;
  scale: number;
}

/**
 * A sequence, image or volume at another size.
 *
 * Shapes: x `[N, C, L]`, `[N, C, H, W]` or `[N, C, D, H, W]`; the axes after
 * the channels become `size`, or `floor(size scaleFactor)`. Modes: `nearest`
 * and `nearest-exact` (any dtype that computes), `linear`, `bilinear` and
 * `trilinear` for one, two and three axes, `bicubic` (a = -0.75) for two,
 * `area` (means, as `adaptiveAvgPool2d`) for one or two; float32 or float64.
 *
 * ```ts
 * import { interpolate, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor([[[1, 3]]]);
 * assertEquals(interpolate(x, { size: 4 }).toArray(), [[[1, 1, 3, 3]]]);
 * const options = { size: 3, mode: "linear", alignCorners: true } as const;
 * assertEquals(interpolate(x, options).toArray(), [[[1, 2, 3]]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.interpolate.html
 *
 * @throws RangeError when sizes or options do not fit, TypeError for other
 * dtypes.
 */
export function interpolate(x: Tensor, options: InterpolateOptions): Tensor {
  const { mode = "nearest", alignCorners = false } = options;
  const axes = axesOf(x, options);
  switch (mode) {
    case "nearest":
    case "nearest-exact": {
      if (alignCorners) throw misaligned(mode);
      const half = mode === "nearest" ? 0 : 0.5;
      return along(x, axes, (y, axis) => nearest(y, axis, half));
    }
    case "area":
      if (alignCorners) throw misaligned(mode);
      return area(x, axes);
    case "linear":
    case "bilinear":
    case "trilinear":
      requireFloat("interpolate", x.dtype);
      return along(x, axes, (y, axis) => linear(y, axis, alignCorners));
    case "bicubic":
      requireFloat("interpolate", x.dtype);
      return along(x, axes, (y, axis) => cubic(y, axis, alignCorners));
    default:
      throw new RangeError(
        `interpolate() got mode "${mode}", expected nearest, nearest-exact, linear, bilinear, trilinear, bicubic or area`,
      );
  }
}

function misaligned(mode: string): RangeError {
  return new RangeError(
    `interpolate() got alignCorners for mode "${mode}", which has no such choice`,
  );
}

function axesOf(x: Tensor, options: InterpolateOptions): Axis[] {
  const { size, scaleFactor, mode = "nearest" } = options;
  const count = x.ndim - 2;
  const wanted = AXES[mode];
  if (count < 1 || count > 3 || (wanted !== undefined && count !== wanted)) {
    throw new RangeError(
      `interpolate() got input ${formatShape(x.shape)} for mode "${mode}", ${
        wanted === undefined
          ? "expected [N, C, ...] with one to three axes more"
          : `expected ${2 + wanted} axes: [N, C, ...]`
      }`,
    );
  }
  if ((size === undefined) === (scaleFactor === undefined)) {
    throw new RangeError(
      "interpolate() needs either size or scaleFactor, and not both",
    );
  }
  const given = (size ?? scaleFactor)!;
  const each = typeof given === "number"
    ? new Array<number>(count).fill(given)
    : given;
  if (each.length !== count) {
    throw new RangeError(
      `interpolate() got ${each.length} sizes or factors for ${count} axes of ${
        formatShape(x.shape)
      }`,
    );
  }
  return each.map((value, i) => {
    const from = x.shape[2 + i]!;
    const to = size === undefined ? Math.floor(from * value) : value;
    if (!Number.isInteger(to) || to < 1 || from < 1) {
      throw new RangeError(
        `interpolate() cannot make ${to} elements of ${from} along dim ${
          2 + i
        }: both must be whole and at least 1`,
      );
    }
    const ratio = size !== undefined || options.recomputeScaleFactor === true;
    // Single precision, as PyTorch's: it decides which neighbour is nearest.
    const scale = Math.fround(ratio ? from / to : 1 / value);
    return { dim: 2 + i, from, to, scale };
  });
}

/** Does one axis after the other, those that grow most last. */
function along(
  x: Tensor,
  axes: readonly Axis[],
  step: (x: Tensor, axis: Axis) => Tensor,
): Tensor {
  const growth = ({ from, to }: Axis) => to / from;
  let y = x;
  for (const axis of axes.toSorted((a, b) => growth(a) - growth(b))) {
    if (axis.from !== axis.to || axis.scale !== 1) y = step(y, axis);
  }
  return y === x ? x.clone() : y;
}

function nearest(
  x: Tensor,
  { dim, from, to, scale }: Axis,
  half: number,
): Tensor {
  const at = (i: number) => Math.floor(Math.fround((i + half) * scale));
  return x.indexSelect(dim, positions(to, (i) => Math.min(from - 1, at(i))));
}

/** Where an element of the result lies in the input. */
function source(i: number, axis: Axis, alignCorners: boolean): number {
  const { from, to, scale } = axis;
  if (!alignCorners) return scale * (i + 0.5) - 0.5;
  return to > 1 ? i * (from - 1) / (to - 1) : 0;
}

/**
 * Each element of the result as a sum of neighbours: `weight(d)` of one that
 * lies d away from `place(i)`, neighbours beyond the ends being the last ones.
 */
function blended(
  x: Tensor,
  { dim, from, to }: Axis,
  [first, last]: readonly [first: number, last: number],
  place: (i: number) => number,
  weight: (distance: number) => number,
): Tensor {
  const taps = last - first + 1;
  const neighbour = (i: number) =>
    Math.floor(place(Math.floor(i / taps))) + first + i % taps;
  const at = positions(
    to * taps,
    (i) => Math.min(from - 1, Math.max(0, neighbour(i))),
  );
  const by = factors(x, to * taps, (i) => {
    return weight(Math.abs(place(Math.floor(i / taps)) - neighbour(i)));
  });
  const shape = [to, taps];
  return resample(x, dim, at.reshape(shape), by.reshape(shape));
}

function linear(x: Tensor, axis: Axis, alignCorners: boolean): Tensor {
  const place = (i: number) => Math.max(0, source(i, axis, alignCorners));
  return blended(x, axis, [0, 1], place, (distance) => 1 - distance);
}

/** Keys, "Cubic convolution interpolation", 1981, with PyTorch's parameter. */
const A = -0.75;

function cubic(x: Tensor, axis: Axis, alignCorners: boolean): Tensor {
  const place = (i: number) => source(i, axis, alignCorners);
  const near = (d: number) => ((A + 2) * d - (A + 3)) * d * d + 1;
  const far = (d: number) => ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
  const weight = (d: number) => d <= 1 ? near(d) : far(d);
  return blended(x, axis, [-1, 2], place, weight);
}

function area(x: Tensor, axes: readonly Axis[]): Tensor {
  const sizes = axes.map(({ to }) => to);
  if (sizes.length === 2) {
    return adaptiveAvgPool2d(x, sizes as [number, number]);
  }
  if (sizes.length === 1) {
    return adaptiveAvgPool2d(x.unsqueeze(2), [1, sizes[0]!]).squeeze(2);
  }
  throw new RangeError(
    `interpolate() got input ${
      formatShape(x.shape)
    } for mode "area", expected [N, C, L] or [N, C, H, W]`,
  );
}
