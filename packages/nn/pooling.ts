/** What pooling layers share. */

import type { OutputSize, Pair, Tensor } from "@fdunn/tensor";
import { Module } from "./module.ts";
import { namedValues } from "./named_values.ts";

/** Options that every window of pooling has. */
export interface PoolOptions {
  /** How far the window moves. The window's size by default. */
  stride?: Pair;
  /** How many elements frame the input. Default 0. */
  padding?: Pair;
}

/** What layers that pool over windows share: they differ in what they take. */
export abstract class Pool<
  Kernel extends Pair,
  Options extends PoolOptions,
  Inputs extends unknown[] = [Tensor],
> extends Module<Inputs> {
  /** Size of the window. */
  readonly kernelSize: Kernel;
  /** How the window moves, and what counts. */
  readonly options: Readonly<Options>;

  /** Pools over windows of `kernelSize`. */
  constructor(kernelSize: Kernel, options: Options) {
    super();
    this.kernelSize = kernelSize;
    this.options = { ...options };
  }

  /** The window and its options. */
  override extraRepr(): string {
    const { kernelSize } = this;
    const { stride = kernelSize, padding = 0 } = this.options;
    return namedValues({ kernelSize, stride, padding });
  }
}

/** What layers that pool to a given size share. */
export abstract class AdaptivePool<Size extends OutputSize>
  extends Module<[Tensor]> {
  /** Size of the output. */
  readonly outputSize: Size;

  /** Pools to `outputSize`. */
  constructor(outputSize: Size) {
    super();
    this.outputSize = outputSize;
  }

  /** The output's size. */
  override extraRepr(): string {
    return namedValues({ outputSize: this.outputSize });
  }
}
