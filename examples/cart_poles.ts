/**
 * Poles to be balanced on carts: several at once, after Barto, Sutton and
 * Anderson, "Neuronlike adaptive elements that can solve difficult learning
 * control problems" (1983); the physics and the limits of gymnasium's
 * CartPole-v1.
 */

import { type Generator, uniform } from "@fdunn/tensor";

const GRAVITY = 9.8;
const MASS_OF_POLE = 0.1;
const MASS = 1 + MASS_OF_POLE;
const HALF_LENGTH = 0.5;
const MOMENT = MASS_OF_POLE * HALF_LENGTH;
const FORCE = 10;
const SECONDS = 0.02;
const LARGEST_POSITION = 2.4;
const LARGEST_ANGLE = 12 * Math.PI / 180;

/** A cart's numbers: position, velocity, angle of the pole, its velocity. */
export const STATE = 4;
/** To the left, to the right. */
export const ACTIONS = 2;
/** An episode ends after so many steps, and each is a reward of 1. */
export const LONGEST = 500;

/** What a step has come to, cart by cart; valid until the next one. */
export interface StepOutcome {
  /** The pole fell or the cart left its track. */
  readonly fallen: readonly boolean[];
  /** The state behind the last step of each episode that ended, else null. */
  readonly lastStates: readonly (readonly number[] | null)[];
}

/** Where carts are, for checkpoints. */
export interface CartPolesState {
  states: number[];
  lengths: number[];
  returns: number[];
}

/** Carts, each of which begins again when its episode ends. */
export class CartPoles {
  /** The states, {@linkcode STATE} numbers each. */
  readonly states: Float64Array;
  /** Steps of the running episodes: what they have earned. */
  readonly lengths: Int32Array;
  /** What the episodes that ended have earned, in their order. */
  readonly returns: number[] = [];

  /** Begins `count` episodes; `generator` draws where they begin. */
  constructor(readonly count: number, readonly generator: Generator) {
    this.states = new Float64Array(count * STATE);
    this.lengths = new Int32Array(count);
    for (let i = 0; i < count; i++) this.#begin(i);
  }

  /** Pushes each cart: 0 to the left, 1 to the right. */
  step(actions: ArrayLike<number>): StepOutcome {
    const fallen: boolean[] = [];
    const lastStates: (readonly number[] | null)[] = [];
    for (let i = 0; i < this.count; i++) {
      this.#move(i, actions[i] === 1 ? FORCE : -FORCE);
      const state = Array.from(
        this.states.subarray(i * STATE, (i + 1) * STATE),
      );
      const [x, , angle] = state as [number, number, number, number];
      const falls = Math.abs(x) > LARGEST_POSITION ||
        Math.abs(angle) > LARGEST_ANGLE;
      const length = ++this.lengths[i]!;
      const ends = falls || length === LONGEST;
      fallen.push(falls);
      lastStates.push(ends ? state : null);
      if (!ends) continue;
      this.returns.push(length);
      this.#begin(i);
    }
    return { fallen, lastStates };
  }

  /** All that the next steps hang on but the generator, as plain data. */
  state(): CartPolesState {
    const { states, lengths, returns } = this;
    return {
      states: Array.from(states),
      lengths: Array.from(lengths),
      returns: returns.slice(),
    };
  }

  /** Goes on from a {@linkcode state}. */
  loadState({ states, lengths, returns }: CartPolesState): void {
    this.states.set(states);
    this.lengths.set(lengths);
    this.returns.splice(0, Infinity, ...returns);
  }

  #begin(i: number): void {
    const options = { generator: this.generator, dtype: "float64" as const };
    this.states.set(uniform([STATE], -0.05, 0.05, options).data(), i * STATE);
    this.lengths[i] = 0;
  }

  /** Euler's step of the equations of motion. */
  #move(i: number, force: number): void {
    const at = i * STATE;
    const { states } = this;
    const [speed, angle, turning] = [
      states[at + 1]!,
      states[at + 2]!,
      states[at + 3]!,
    ];
    const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
    const push = (force + MOMENT * turning ** 2 * sin) / MASS;
    const turn = (GRAVITY * sin - cos * push) /
      (HALF_LENGTH * (4 / 3 - MASS_OF_POLE * cos ** 2 / MASS));
    const gain = push - MOMENT * turn * cos / MASS;
    states[at]! += SECONDS * speed;
    states[at + 1]! += SECONDS * gain;
    states[at + 2]! += SECONDS * turning;
    states[at + 3]! += SECONDS * turn;
  }
}
