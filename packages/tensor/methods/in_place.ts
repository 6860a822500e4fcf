/** The tensor's methods that write into it. */

import * as fill from "../ops/fill.ts";
import type { Tensor } from "../tensor.ts";
import { MovementMethods } from "./movement.ts";

/** In place: refused where autograd would need the old value. */
export abstract class InPlaceMethods extends MovementMethods {
  /** In-place {@linkcode add}; the shape and dtype stay. */
  add_<T extends Tensor>(this: T, other: Tensor | number): T {
    fill.arithmeticInPlace("add", this, other);
    return this;
  }

  /** In-place {@linkcode sub}; the shape and dtype stay. */
  sub_<T extends Tensor>(this: T, other: Tensor | number): T {
    fill.arithmeticInPlace("sub", this, other);
    return this;
  }

  /** In-place {@linkcode mul}; the shape and dtype stay. */
  mul_<T extends Tensor>(this: T, other: Tensor | number): T {
    fill.arithmeticInPlace("mul", this, other);
    return this;
  }

  /** In-place {@linkcode div}; the shape and dtype stay. */
  div_<T extends Tensor>(this: T, other: Tensor | number): T {
    fill.arithmeticInPlace("div", this, other);
    return this;
  }

  /** Sets every element. */
  fill_<T extends Tensor>(this: T, value: number): T {
    fill.fillInPlace(this, value);
    return this;
  }

  /** Sets every element to 0. */
  zero_<T extends Tensor>(this: T): T {
    fill.fillInPlace(this, 0);
    return this;
  }

  /** Copies another tensor's elements, broadcast and converted. */
  copy_<T extends Tensor>(this: T, source: Tensor): T {
    fill.copyInPlace(this, source);
    return this;
  }
}
