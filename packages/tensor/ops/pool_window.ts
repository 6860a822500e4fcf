/** How many windows of a pooling fit along an axis. */

import { windows } from "./conv.ts";

/** A window along both axes of an image. */
export interface PoolWindow {
  /** Height and width. */
  kernel: readonly [number, number];
  /** Step of the window. */
  stride: readonly [number, number];
  /** Added on each side. */
  padding: readonly [number, number];
  /** Distance between taps. */
  dilation: readonly [number, number];
}

/**
 * Windows along axis 0 or 1 of images with `size` pixels there; with `ceil`
 * one more where the last one hangs over the end, unless it would begin there.
 */
export function poolWindows(
  op: string,
  size: number,
  axis: 0 | 1,
  { kernel, stride, padding, dilation }: PoolWindow,
  ceil: boolean,
): number {
  const [k, step, pad, gap] = [
    kernel[axis],
    stride[axis],
    padding[axis],
    dilation[axis],
  ];
  if (ceil) {
    const places = size + 2 * pad - gap * (k - 1) - 1;
    const count = Math.ceil(places / step) + 1;
    const fitting = (count - 1) * step >= size + pad ? count - 1 : count;
    if (fitting >= 1 && size > 0) return fitting;
  }
  return windows(op, size, k, step, pad, gap);
}
