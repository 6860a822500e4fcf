/** What layers share that work along one axis. */

import type { Tensor } from "@fdunn/tensor";
import { Module } from "./module.ts";

/** A layer that holds nothing but its axis. */
export abstract class AxisLayer extends Module<[Tensor]> {
  /** The axis. */
  readonly dim: number;

  /** Along axis `dim`. */
  constructor(dim: number) {
    super();
    this.dim = dim;
  }

  /** The axis. */
  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}
