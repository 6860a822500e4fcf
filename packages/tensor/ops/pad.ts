/** Padding: a frame around the last axes, of a constant or of the elements. */

import { allocate, copyInto, type NdArray, viewOf } from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { formatShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { fillArray } from "./fill.ts";
import { indexSelect } from "./indexing.ts";
import { positions } from "./positions.ts";

/** What stands around the elements. */
export type PadMode = "constant" | "reflect" | "replicate" | "circular";

/** Options of {@linkcode pad}. */
export interface PadOptions {
  /** Default `constant`. */
  mode?: PadMode;
  /** The constant. Default 0. */
  value?: number;
}

interface PadParams {
  shape: Shape;
  /** Where the elements begin, by axis. */
  start: readonly number[];
  value: number;
}

const PAD: Op<PadParams> = {
  name: "pad",
  saves: "none",
  forward: ({ shape, start, value }, x) => {
    const out = allocate(shape, x.dtype);
    fillArray(out, value);
    copyInto(x, within(out, start, x.shape));
    return out;
  },
  backward: (node, grad) => {
    const { shape } = node.input(0);
    let part = grad;
    node.params.start.forEach((start, i) => {
      if (shape[i] === node.params.shape[i]) return;
      part = part.narrow(i, start, shape[i]!);
    });
    return [part];
  },
};

/** The part of `out` that begins at `start` and has `shape`. */
function within(
  out: NdArray,
  start: readonly number[],
  shape: Shape,
): NdArray {
  const { strides } = out;
  let { offset } = out;
  start.forEach((first, i) => offset += first * strides[i]!);
  return viewOf(out, shape, strides, offset);
}

/** How far an axis grows on each side; negative numbers crop. */
type Sides = readonly [before: number, after: number];

/**
 * A tensor with elements added, or with negative numbers taken away, at both
 * ends of its last axes: `[left, right]` of the last axis, then `[top, bottom]`
 * of the one before it, and so on.
 *
 * Modes: `constant`; `reflect` at the outermost element, which is not
 * repeated; `replicate` the outermost element; `circular` goes on at the other
 * end. Any shape and dtype with a value; reflected padding must be shorter
 * than its axis, circular at most as long.
 *
 * ```ts
 * import { pad, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const x = tensor([[1, 2, 3]]);
 * assertEquals(pad(x, [1, 2]).toArray(), [[0, 1, 2, 3, 0, 0]]);
 * assertEquals(pad(x, [2, 0], { mode: "reflect" }).toArray(), [[3, 2, 1, 2, 3]]);
 * assertEquals(pad(x, [-1, 0, 0, 1]).toArray(), [[2, 3], [0, 0]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.pad.html
 *
 * @throws RangeError for more pads than axes, or more padding than there is.
 */
export function pad(
  x: Tensor,
  pads: readonly number[],
  options: PadOptions = {},
): Tensor {
  const { mode = "constant", value = 0 } = options;
  const axes = pads.length / 2;
  const whole = pads.every((n) => Number.isSafeInteger(n));
  if (!Number.isInteger(axes) || axes > x.ndim || !whole) {
    throw new RangeError(
      `pad() got pads ${formatShape(pads)} for a tensor of shape ${
        formatShape(x.shape)
      }, expected two whole numbers for each of at most ${x.ndim} axes`,
    );
  }
  const sides = x.shape.map((size, i): Sides => {
    const from = 2 * (x.ndim - 1 - i);
    const [before, after] = [pads[from] ?? 0, pads[from + 1] ?? 0];
    if (size + before + after < 0) {
      throw new RangeError(
        `pad() got pads ${before} and ${after} for dim ${i} of ${
          formatShape(x.shape)
        }, which take away more than its size of ${size}`,
      );
    }
    return [before, after];
  });
  switch (mode) {
    case "constant":
      return framed(x, sides, value);
    case "reflect":
    case "replicate":
    case "circular":
      return continued(x, sides, mode);
    default:
      throw new RangeError(
        `pad() got mode "${mode}", expected constant, reflect, replicate or circular`,
      );
  }
}

/** Crops, then frames in one value. */
function framed(x: Tensor, sides: readonly Sides[], value: number): Tensor {
  let y = x;
  sides.forEach(([before, after], i) => {
    const [first, last] = [Math.max(0, -before), Math.max(0, -after)];
    if (first + last > 0) y = y.narrow(i, first, y.shape[i]! - first - last);
  });
  if (sides.every(([before, after]) => before <= 0 && after <= 0)) {
    return y.clone();
  }
  const start = sides.map(([before]) => Math.max(0, before));
  const shape = y.shape.map((size, i) =>
    size + start[i]! + Math.max(0, sides[i]![1])
  );
  return apply(PAD, [y], { shape, start, value });
}

/** Picks the elements that stand for those beyond each end. */
function continued(
  x: Tensor,
  sides: readonly Sides[],
  mode: Exclude<PadMode, "constant">,
): Tensor {
  let y = x;
  sides.forEach(([before, after], i) => {
    if (before === 0 && after === 0) return;
    const n = x.shape[i]!;
    const room = mode === "reflect"
      ? n - 1
      : mode === "circular"
      ? n
      : Infinity;
    if (n === 0 || before > room || after > room) {
      throw new RangeError(
        `pad() got ${mode} pads ${before} and ${after} for dim ${i} of ${
          formatShape(x.shape)
        }, which leaves room for ${n === 0 ? 0 : room} on each side`,
      );
    }
    const count = n + before + after;
    // A cropped end is gone before the other one continues there.
    const first = mode === "circular" ? Math.max(0, -before) : 0;
    const end = mode === "circular" ? n - Math.max(0, -after) : n;
    const place = PLACES[mode];
    const at = positions(count, (j) => place(j - before, first, end));
    y = indexSelect(y, i, at);
  });
  return y === x ? x.clone() : y;
}

/** For a position on either side of `first` to `end - 1` one between. */
const PLACES: Record<
  Exclude<PadMode, "constant">,
  (at: number, first: number, end: number) => number
> = {
  reflect: (at, first, end) =>
    at < first ? 2 * first - at : at >= end ? 2 * (end - 1) - at : at,
  replicate: (at, first, end) => Math.min(end - 1, Math.max(first, at)),
  circular: (at, first, end) => {
    const n = end - first;
    return first + (((at - first) % n) + n) % n;
  },
};
