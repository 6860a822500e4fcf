/** Notices ReLUs that never give anything but zero. */

import type { AnyModule } from "@fdunn/nn";
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

/** A run of an op, in the graph of the model's output. */
type Node = NonNullable<Tensor["node"]>;

/** What is known of the units of one ReLU. */
interface Units {
  /** The parameter before it. */
  after: string;
  /** 1 where a unit gave more than zero. */
  alive: Uint8Array;
  /** How many never did. */
  missing: number;
}

/**
 * Gathers over many steps which units of each ReLU were ever above zero. A unit
 * is a feature of `[N, F]` and `[N, T, F]`, and a channel of pictures. ReLUs
 * are found in the graph of the model's output, whether a module made them or
 * a function, and told apart by the layer before them: one that follows the
 * same layer at every time step is one. After a verdict the check rests, the
 * longer the later.
 */
export class DeadUnitsCheck implements Check {
  readonly #tell: Tell;
  readonly #model: AnyModule;
  readonly #names: ReadonlyMap<Tensor, string>;
  #found: Map<string, Units> = new Map();
  #step = 0;
  /** Where the next look is. */
  #next = 0;
  #looks = 0;
  #samples = 0;

  /** Watches all ReLUs of a model. */
  constructor(model: AnyModule, tell: Tell) {
    this.#tell = tell;
    this.#model = model;
    this.#names = new Map(
      model.namedParameters().map(([name, p]) => [p, name]),
    );
  }

  /** Looks at every so many-th step. */
  onOutput(output: Tensor): void {
    if (this.#step < this.#next || !this.#model.training) return;
    if (output.node === null || output.size === 0) return;
    for (const node of rectifiersIn(output.node)) this.#gather(node);
    this.#samples += output.shape[0] ?? 0;
  }

  /** Counts. */
  onStep(): void {
    if (this.#step++ < this.#next) return;
    this.#looks++;
    this.#next = this.#step - 1 + EVERY;
    if (this.#looks >= LOOKS && this.#samples >= SAMPLES) this.#judge();
  }

  /** Judges by what there is, if that is not too little. */
  end(): void {
    if (this.#looks >= FEW_LOOKS && this.#samples >= FEW_SAMPLES) this.#judge();
  }

  /** Notes which units are above zero; reads only where some never were. */
  #gather(node: Node): void {
    const [output] = node.outputs;
    if (output === undefined || output.ndim < 2) return;
    const { shape } = output;
    const axis = shape.length === 3 ? 2 : 1;
    const count = shape[axis]!;
    const after = parameterBefore(node, this.#names);
    const key = `${after} ${count}`;
    let units = this.#found.get(key);
    if (units === undefined) {
      units = { after, alive: new Uint8Array(count), missing: count };
      this.#found.set(key, units);
    }
    if (units.missing === 0) return;
    const { alive } = units;
    const values = output.data();
    const inner = shape.slice(axis + 1).reduce((n, size) => n * size, 1);
    for (let unit = 0; unit < count; unit++) {
      if (alive[unit] === 1 || !anyAbove(values, unit, count, inner)) continue;
      alive[unit] = 1;
      units.missing--;
    }
  }

  #judge(): void {
    this.#next = this.#found.size === 0 ? Infinity : this.#step * REST;
    for (const { after, alive, missing: dead } of this.#found.values()) {
      if (dead < 2 || dead < alive.length * SHARE) continue;
      this.#tell(
        "dead-units",
        `${dead} of the ${alive.length} units of the ReLU after ${
          after === "" ? "the input" : `"${after.replace(/\.[^.]*$/, "")}"`
        } gave 0 for each of ${this.#samples} samples up to step ${this.#step}: they are dead, and get no gradient that could wake them. Start anew with a smaller learning rate, init.kaimingNormal_ weights and scaled inputs, or use LeakyReLU or GELU`,
      );
      this.#next = Infinity;
      break;
    }
    this.#found = new Map();
    this.#looks = this.#samples = 0;
  }
}

/** The nodes that cut off at 0, in the order in which they ran. */
function rectifiersIn(last: Node): Node[] {
  const seen = new Set([last]);
  for (const { inputs } of seen) { // which grows meanwhile
    for (const { node } of inputs) if (node !== null) seen.add(node);
  }
  return [...seen].filter(isRectifier).sort((a, b) => a.sequence - b.sequence);
}

function isRectifier({ op: { name }, params }: Node): boolean {
  return name === "relu" ||
    name === "clamp" && Array.isArray(params) && params[0] === 0;
}

/** The name of the nearest parameter that a node hangs on, or nothing. */
function parameterBefore(
  last: Node,
  names: ReadonlyMap<Tensor, string>,
): string {
  const seen = new Set([last]);
  for (const { inputs } of seen) {
    for (const input of inputs) {
      const name = names.get(input);
      if (name !== undefined) return name;
      if (input.node !== null) seen.add(input.node);
    }
  }
  return "";
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
