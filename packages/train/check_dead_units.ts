/** Notices ReLUs that never give anything but zero. */

import { type AnyModule, ReLU } from "@fdunn/nn";
import type { Tensor } from "@fdunn/tensor";
import type { Check, Tell } from "./checkups.ts";

/** One step in so many is looked at. */
const EVERY = 16;
/** How many looks, and samples, a verdict takes. */
const LOOKS = 32;
const SAMPLES = 256;
/** How many are enough where the training ends before. */
const FEW_LOOKS = 4;
const FEW_SAMPLES = 128;
/** The share of a layer's units that may be dead. */
const SHARE = 0.5;

/** After a verdict at step n the next looks begin at so many times n. */
const REST = 1.25;

/** What is known of one ReLU's units. */
interface Layer {
  name: string;
  module: ReLU;
  /** 1 where a unit gave more than zero. */
  alive: Uint8Array | null;
  /** How many never did. */
  missing: number;
}

/**
 * Gathers over many steps which units of each `nn.ReLU` were ever above zero.
 * A unit is a feature of `[N, F]` and `[N, T, F]`, and a channel of pictures.
 * After a verdict it rests, the longer the later.
 */
export class DeadUnitsCheck implements Check {
  readonly #tell: Tell;
  readonly #layers: readonly Layer[];
  #unhook: (() => void)[] = [];
  #step = 0;
  /** Where the next looks begin. */
  #next = 0;
  #looking = false;
  #looks = 0;
  #samples = 0;

  /** Watches all ReLUs of a model. */
  constructor(model: AnyModule, tell: Tell) {
    this.#tell = tell;
    this.#layers = model.namedModules().flatMap(([name, module]) =>
      module instanceof ReLU ? [{ name, module, alive: null, missing: 0 }] : []
    );
    if (this.#layers.length === 0) this.#next = Infinity;
    else this.#begin();
  }

  /** Looks at every so many-th step. */
  onStep(): void {
    this.#step++;
    if (this.#unhook.length > 0) {
      if (this.#looking) this.#looks++;
      if (this.#looks >= LOOKS && this.#samples >= SAMPLES) this.#judge();
      this.#looking = this.#step % EVERY === 0;
    } else if (this.#step >= this.#next) this.#begin();
  }

  /** Judges by what there is, if that is not too little. */
  end(): void {
    const enough = this.#looks >= FEW_LOOKS && this.#samples >= FEW_SAMPLES;
    if (this.#unhook.length > 0 && enough) this.#judge();
    this.#leave();
  }

  #begin(): void {
    this.#looking = true;
    this.#unhook = this.#layers.map((layer, i) =>
      layer.module.registerForwardHook((module, _, output) => {
        if (!this.#looking || !module.training || output.size === 0) return;
        if (i === 0) this.#samples += output.shape[0] ?? 0;
        gather(layer, output);
      })
    );
  }

  #leave(): void {
    for (const unhook of this.#unhook) unhook();
    this.#unhook = [];
  }

  #judge(): void {
    this.#leave();
    for (const { name, alive, missing: dead } of this.#layers) {
      if (alive === null || dead < 2 || dead < alive.length * SHARE) continue;
      this.#tell(
        "dead-units",
        `${dead} of the ${alive.length} units of the ReLU "${name}" gave 0 for each of ${this.#samples} samples up to step ${this.#step}: they are dead, and get no gradient that could wake them. Start anew with a smaller learning rate, init.kaimingNormal_ weights and scaled inputs, or use LeakyReLU or GELU`,
      );
      this.#next = Infinity;
      return;
    }
    for (const layer of this.#layers) layer.alive = null;
    this.#looks = this.#samples = 0;
    this.#next = this.#step * REST;
  }
}

/** Notes which units are above zero; looks only for those that never were. */
function gather(layer: Layer, output: Tensor): void {
  const { shape, ndim } = output;
  if (ndim < 2) return;
  const axis = ndim === 3 ? 2 : 1;
  const units = shape[axis]!;
  if (layer.alive?.length !== units) {
    layer.alive = new Uint8Array(units);
    layer.missing = units;
  }
  if (layer.missing === 0) return;
  const { alive } = layer;
  const values = output.data();
  const inner = shape.slice(axis + 1).reduce((n, size) => n * size, 1);
  for (let unit = 0; unit < units; unit++) {
    if (alive[unit] === 1 || !anyAbove(values, unit, units, inner)) continue;
    alive[unit] = 1;
    layer.missing--;
  }
}

/** Whether a unit has a value that is not 0 or less: NaN is not dead. */
function anyAbove(
  values: ArrayLike<number | bigint>,
  unit: number,
  units: number,
  inner: number,
): boolean {
  for (let i = unit * inner; i < values.length; i += units * inner) {
    for (let k = i; k < i + inner; k++) if (!(values[k]! <= 0)) return true;
  }
  return false;
}
