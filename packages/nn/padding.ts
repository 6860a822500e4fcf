/** Padding as layers: frames around the last axes of sequences, images, volumes. */

import { pad, type PadMode, type Tensor } from "@fdunn/tensor";
import { formatShape } from "@fdunn/tensor/op";
import { Module } from "./module.ts";

/**
 * How much each end grows: one number for all, or `[left, right]`, then
 * `[top, bottom]`, then `[front, back]`, in one list. Negative ones crop.
 */
export type Padding = number | readonly number[];

/** What all padding layers share: they differ in mode and in axes. */
export abstract class PadLayer extends Module<[Tensor]> {
  /** How much each end grows, from the last axis on. */
  readonly padding: readonly number[];
  /** The constant. */
  readonly value: number;
  /** What stands around the elements. */
  protected abstract readonly mode: PadMode;

  /** Pads `axes` axes. */
  constructor(axes: number, padding: Padding, value = 0) {
    super();
    const sides = typeof padding === "number"
      ? new Array<number>(2 * axes).fill(padding)
      : padding;
    const valid = sides.length === 2 * axes &&
      sides.every((n) => Number.isSafeInteger(n));
    if (!valid) {
      throw new RangeError(
        `${new.target.name} got padding ${
          formatShape(sides)
        }, expected a whole number, or ${2 * axes} of them`,
      );
    }
    this.padding = [...sides];
    this.value = value;
  }

  /** Larger along the last axes. */
  forward(x: Tensor): Tensor {
    const { padding, mode, value } = this;
    return pad(x, padding, { mode, value });
  }

  /** How much each end grows. */
  override extraRepr(): string {
    const value = this.value === 0 ? "" : `, value=${this.value}`;
    return `padding=${formatShape(this.padding)}${value}`;
  }
}

/**
 * Frames sequences in a constant.
 *
 * Shapes: input `[N, C, L]` or `[C, L]`; the last axis grows by the padding.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ConstantPad1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new ConstantPad1d(1, 7).forward(zeros([2, 3, 5]));
 * assertEquals(y.shape, [2, 3, 7]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad1d.html
 */
export class ConstantPad1d extends PadLayer {
  /** A constant. */
  protected override readonly mode = "constant";

  /** Pads by one number, or by 2. */
  constructor(padding: Padding, value: number) {
    super(1, padding, value);
  }
}

/**
 * Frames images in a constant.
 *
 * Shapes: input `[N, C, H, W]` or `[C, H, W]`; the last two axes grow by the padding.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ConstantPad2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new ConstantPad2d(1, 7).forward(zeros([2, 3, 5, 6]));
 * assertEquals(y.shape, [2, 3, 7, 8]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad2d.html
 */
export class ConstantPad2d extends PadLayer {
  /** A constant. */
  protected override readonly mode = "constant";

  /** Pads by one number, or by 4. */
  constructor(padding: Padding, value: number) {
    super(2, padding, value);
  }
}

/**
 * Frames volumes in a constant.
 *
 * Shapes: input `[N, C, D, H, W]` or `[C, D, H, W]`; the last three axes grow by the padding.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ConstantPad3d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new ConstantPad3d(1, 7).forward(zeros([2, 3, 4, 5, 6]));
 * assertEquals(y.shape, [2, 3, 6, 7, 8]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ConstantPad3d.html
 */
export class ConstantPad3d extends PadLayer {
  /** A constant. */
  protected override readonly mode = "constant";

  /** Pads by one number, or by 6. */
  constructor(padding: Padding, value: number) {
    super(3, padding, value);
  }
}

/**
 * Frames sequences in zeros.
 *
 * Shapes: input `[N, C, L]` or `[C, L]`; the last axis grows by the padding.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ZeroPad1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new ZeroPad1d(1).forward(zeros([2, 3, 5]));
 * assertEquals(y.shape, [2, 3, 7]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad1d.html
 */
export class ZeroPad1d extends ConstantPad1d {
  /** Pads by one number, or by 2. */
  constructor(padding: Padding) {
    super(padding, 0);
  }
}

/**
 * Frames images in zeros.
 *
 * Shapes: input `[N, C, H, W]` or `[C, H, W]`; the last two axes grow by the padding.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ZeroPad2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new ZeroPad2d(1).forward(zeros([2, 3, 5, 6]));
 * assertEquals(y.shape, [2, 3, 7, 8]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad2d.html
 */
export class ZeroPad2d extends ConstantPad2d {
  /** Pads by one number, or by 4. */
  constructor(padding: Padding) {
    super(padding, 0);
  }
}

/**
 * Frames volumes in zeros.
 *
 * Shapes: input `[N, C, D, H, W]` or `[C, D, H, W]`; the last three axes grow by the padding.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ZeroPad3d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new ZeroPad3d(1).forward(zeros([2, 3, 4, 5, 6]));
 * assertEquals(y.shape, [2, 3, 6, 7, 8]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ZeroPad3d.html
 */
export class ZeroPad3d extends ConstantPad3d {
  /** Pads by one number, or by 6. */
  constructor(padding: Padding) {
    super(padding, 0);
  }
}
