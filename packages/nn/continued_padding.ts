/** Padding by the elements themselves, as layers. */

import { type Padding, PadLayer } from "./padding.ts";

/**
 * Frames sequences in the elements reflected at the outermost ones.
 *
 * Shapes: input `[N, C, L]` or `[C, L]`; the last axis grows by the padding.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ReflectionPad1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new ReflectionPad1d(1).forward(zeros([2, 3, 5]));
 * assertEquals(y.shape, [2, 3, 7]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad1d.html
 */
export class ReflectionPad1d extends PadLayer {
  /** The elements reflected at the outermost ones. */
  protected override readonly mode = "reflect";

  /** Pads by one number, or by 2. */
  constructor(padding: Padding) {
    super(1, padding);
  }
}

/**
 * Frames images in the elements reflected at the outermost ones.
 *
 * Shapes: input `[N, C, H, W]` or `[C, H, W]`; the last two axes grow by the padding.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ReflectionPad2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new ReflectionPad2d(1).forward(zeros([2, 3, 5, 6]));
 * assertEquals(y.shape, [2, 3, 7, 8]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad2d.html
 */
export class ReflectionPad2d extends PadLayer {
  /** The elements reflected at the outermost ones. */
  protected override readonly mode = "reflect";

  /** Pads by one number, or by 4. */
  constructor(padding: Padding) {
    super(2, padding);
  }
}

/**
 * Frames volumes in the elements reflected at the outermost ones.
 *
 * Shapes: input `[N, C, D, H, W]` or `[C, D, H, W]`; the last three axes grow by the padding.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ReflectionPad3d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new ReflectionPad3d(1).forward(zeros([2, 3, 4, 5, 6]));
 * assertEquals(y.shape, [2, 3, 6, 7, 8]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ReflectionPad3d.html
 */
export class ReflectionPad3d extends PadLayer {
  /** The elements reflected at the outermost ones. */
  protected override readonly mode = "reflect";

  /** Pads by one number, or by 6. */
  constructor(padding: Padding) {
    super(3, padding);
  }
}

/**
 * Frames sequences in the outermost elements.
 *
 * Shapes: input `[N, C, L]` or `[C, L]`; the last axis grows by the padding.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ReplicationPad1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new ReplicationPad1d(1).forward(zeros([2, 3, 5]));
 * assertEquals(y.shape, [2, 3, 7]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad1d.html
 */
export class ReplicationPad1d extends PadLayer {
  /** The outermost elements. */
  protected override readonly mode = "replicate";

  /** Pads by one number, or by 2. */
  constructor(padding: Padding) {
    super(1, padding);
  }
}

/**
 * Frames images in the outermost elements.
 *
 * Shapes: input `[N, C, H, W]` or `[C, H, W]`; the last two axes grow by the padding.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ReplicationPad2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new ReplicationPad2d(1).forward(zeros([2, 3, 5, 6]));
 * assertEquals(y.shape, [2, 3, 7, 8]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad2d.html
 */
export class ReplicationPad2d extends PadLayer {
  /** The outermost elements. */
  protected override readonly mode = "replicate";

  /** Pads by one number, or by 4. */
  constructor(padding: Padding) {
    super(2, padding);
  }
}

/**
 * Frames volumes in the outermost elements.
 *
 * Shapes: input `[N, C, D, H, W]` or `[C, D, H, W]`; the last three axes grow by the padding.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { ReplicationPad3d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new ReplicationPad3d(1).forward(zeros([2, 3, 4, 5, 6]));
 * assertEquals(y.shape, [2, 3, 6, 7, 8]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.ReplicationPad3d.html
 */
export class ReplicationPad3d extends PadLayer {
  /** The outermost elements. */
  protected override readonly mode = "replicate";

  /** Pads by one number, or by 6. */
  constructor(padding: Padding) {
    super(3, padding);
  }
}

/**
 * Frames sequences in the elements of the other end.
 *
 * Shapes: input `[N, C, L]` or `[C, L]`; the last axis grows by the padding.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { CircularPad1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new CircularPad1d(1).forward(zeros([2, 3, 5]));
 * assertEquals(y.shape, [2, 3, 7]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad1d.html
 */
export class CircularPad1d extends PadLayer {
  /** The elements of the other end. */
  protected override readonly mode = "circular";

  /** Pads by one number, or by 2. */
  constructor(padding: Padding) {
    super(1, padding);
  }
}

/**
 * Frames images in the elements of the other end.
 *
 * Shapes: input `[N, C, H, W]` or `[C, H, W]`; the last two axes grow by the padding.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { CircularPad2d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new CircularPad2d(1).forward(zeros([2, 3, 5, 6]));
 * assertEquals(y.shape, [2, 3, 7, 8]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad2d.html
 */
export class CircularPad2d extends PadLayer {
  /** The elements of the other end. */
  protected override readonly mode = "circular";

  /** Pads by one number, or by 4. */
  constructor(padding: Padding) {
    super(2, padding);
  }
}

/**
 * Frames volumes in the elements of the other end.
 *
 * Shapes: input `[N, C, D, H, W]` or `[C, D, H, W]`; the last three axes grow by the padding.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import { CircularPad3d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const y = new CircularPad3d(1).forward(zeros([2, 3, 4, 5, 6]));
 * assertEquals(y.shape, [2, 3, 6, 7, 8]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.CircularPad3d.html
 */
export class CircularPad3d extends PadLayer {
  /** The elements of the other end. */
  protected override readonly mode = "circular";

  /** Pads by one number, or by 6. */
  constructor(padding: Padding) {
    super(3, padding);
  }
}
