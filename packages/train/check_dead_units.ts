/** Notices ReLUs that never give anything but zero. */

import { type AnyModule, ReLU } from "@fdunn/nn";
import { noGrad, scope, type Tensor } from "@fdunn/tensor";
import type { Check, Tell } from "./checkups.ts";

/** One step in so many is looked at. */
const EVERY = 16;
/** How many looks, and samples, a verdict takes. */
const LOOKS = 32;
const SAMPLES = 256;
/** How many are enough where the training ends before. */
const FEW_LOOKS = 4;
const FEW_SAMPLES = 64;
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
  #next = 0;
  #looks = 0;
  #samples = 0;

  /** Watches all ReLUs of a model. */
  constructor(model: AnyModule, tell: Tell) {
    this.#tell = tell;
    this.#layers = model.namedModules().flatMap(([name, module]) =>
      module instanceof ReLU ? [{ name, module, alive: null }] : []
    );
    this.#look();
  }

  /** Looks at every so many-th step. */
  onStep(): void {
    this.#step++;
    if (this.#unhook.length > 0) {
      this.#leave();
      this.#looks++;
      this.#next = this.#step - 1 + EVERY;
      if (this.#looks >= LOOKS && this.#samples >= SAMPLES) this.#judge();
    }
    if (this.#step >= this.#next) this.#look();
  }

  /** Judges by what there is, if that is not too little. */
  end(): void {
    this.#leave();
    if (this.#looks >= FEW_LOOKS && this.#samples >= FEW_SAMPLES) this.#judge();
  }

  #look(): void {
    if (this.#next === Infinity) return;
    this.#unhook = this.#layers.map((layer, i) =>
      layer.module.registerForwardHook((module, _, output) => {
        if (!module.training || output.size === 0) return;
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
    for (const { name, alive } of this.#layers) {
      if (alive === null) continue;
      const dead = alive.reduce((count, flag) => count + (1 - flag), 0);
      if (dead < alive.length * SHARE || dead < 2) continue;
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

/** Notes which units are above zero. */
function gather(layer: Layer, output: Tensor): void {
  const { ndim } = output;
  if (ndim < 2) return;
  const axis = ndim === 3 ? 2 : 1;
  const others = output.shape.map((_, i) => i).filter((i) => i !== axis);
  const largest = noGrad(() =>
    scope(() => output.detach().amax(others).data())
  );
  if (layer.alive?.length !== largest.length) {
    layer.alive = new Uint8Array(largest.length);
  }
  const { alive } = layer;
  for (let i = 0; i < largest.length; i++) {
    // What is no number is not dead.
    if (!(Number(largest[i]) <= 0)) alive[i] = 1;
  }
}
