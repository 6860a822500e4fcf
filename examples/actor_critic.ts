/**
 * Proximal policy optimization: a policy and a judge of states learn from what
 * the policy has just done, several times over, in steps that are cut off where
 * they would lead too far away (Schulman and others, 2017).
 */

import * as nn from "@fdunn/nn";
import { noGrad, randperm, type Tensor, tensor } from "@fdunn/tensor";
import { Categorical } from "@fdunn/tensor/distributions";
import type { BatchLoss } from "@fdunn/train";
import {
  ACTIONS,
  type CartPoles,
  type CartPolesState,
  STATE,
} from "./cart_poles.ts";

/** What a state comes to: logits of the actions, and its worth. */
type Judged = [logits: Tensor, values: Tensor];

/** Two nets that share nothing: who acts, and who judges. */
export class ActorCritic extends nn.Module<[Tensor], Judged> {
  actor: nn.Sequential;
  critic: nn.Sequential;

  constructor(hidden: number) {
    super();
    // The first policy is a coin's: it must not prefer what it knows nothing of.
    this.actor = perceptron(hidden, ACTIONS, 0.01);
    this.critic = perceptron(hidden, 1, 1);
  }

  /** States `[N, 4]` to logits `[N, 2]` and values `[N]`. */
  forward(states: Tensor): Judged {
    const values = this.critic.forward(states).squeeze(-1);
    return [this.actor.forward(states), values];
  }
}

function perceptron(hidden: number, out: number, gain: number): nn.Sequential {
  const layer = (from: number, to: number, spread: number) => {
    const linear = new nn.Linear(from, to);
    nn.init.orthogonal_(linear.weight, { gain: spread });
    nn.init.zeros_(linear.bias!);
    return linear;
  };
  return new nn.Sequential(
    ...[layer(STATE, hidden, Math.SQRT2), new nn.Tanh()],
    ...[layer(hidden, hidden, Math.SQRT2), new nn.Tanh()],
    layer(hidden, out, gain),
  );
}

/** What was done in some states, and how well that went. */
export type Experience = {
  /** `[N, 4]` */
  states: Tensor;
  /** int32 `[N]` */
  actions: Tensor;
  /** The policy's logarithms of their probabilities then, `[N]`. */
  logProbs: Tensor;
  /** How much better than expected they were, `[N]`. */
  advantages: Tensor;
  /** What the states were worth, as it turned out, `[N]`. */
  returns: Tensor;
};

/** How experience is gathered and used. */
export interface RolloutOptions {
  /** Steps of each cart before the policy learns from them. */
  steps: number;
  /** Times through what was gathered. */
  passes: number;
  /** What a reward is worth a step earlier. */
  discount: number;
  /** How far advantages look ahead, from 0 (a step) to 1 (to the end). */
  trace: number;
}

/**
 * The batches of an epoch: some steps of all carts, `passes` times. A checkpoint
 * keeps carts and experience, so that a training goes on exactly.
 */
export class Rollouts implements Iterable<Experience> {
  #experience: Experience | null = null;
  #pass = 0;

  constructor(
    readonly model: ActorCritic,
    readonly poles: CartPoles,
    readonly options: RolloutOptions,
  ) {}

  /** Batches of an epoch. */
  get length(): number {
    return this.options.passes;
  }

  /** Gathers experience, unless it has some that is not used up. */
  *[Symbol.iterator](): IterableIterator<Experience> {
    if (this.#experience === null) this.#pass = 0;
    this.#experience ??= noGrad(() => this.#gather());
    while (this.#pass < this.length) {
      this.#pass++;
      yield shuffled(this.#experience);
    }
    this.#experience = null;
  }

  /** The place within an epoch. */
  state(): RolloutState {
    const done = this.#pass === this.length;
    const experience = done ? null : this.#experience;
    return { poles: this.poles.state(), pass: this.#pass, experience };
  }

  /** Goes on from a {@linkcode state}. */
  loadState({ poles, pass, experience }: RolloutState): void {
    this.poles.loadState(poles);
    this.#pass = pass;
    this.#experience = experience;
  }

  #gather(): Experience {
    const { model, poles, options: { steps, discount } } = this;
    const n = steps * poles.count;
    const rewards = new Float32Array(n).fill(1);
    const goesOn = new Uint8Array(n).fill(1);
    const states = new Float32Array(n * STATE);
    const actions = new Int32Array(n);
    const logProbs = new Float32Array(n);
    const values = new Float32Array(n + poles.count);
    for (let step = 0; step < steps; step++) {
      const at = step * poles.count;
      states.set(poles.states, at * STATE);
      const [logits, judged] = model.forward(statesOf(poles));
      const policy = new Categorical({ logits });
      const chosen = policy.sample();
      actions.set(chosen.data(), at);
      logProbs.set(policy.logProb(chosen).data(), at);
      values.set(judged.data(), at);
      const { fallen, lastStates } = poles.step(actions.subarray(at));
      lastStates.forEach((last, i) => {
        if (last === null) return;
        goesOn[at + i] = 0;
        // An episode that was only cut off would have gone on to earn.
        if (fallen[i]) return;
        const [, worth] = model.forward(tensor([[...last]]));
        rewards[at + i]! += discount * worth.item();
      });
    }
    values.set(model.forward(statesOf(poles))[1].data(), n);
    const advantages = advantagesOf(
      { rewards, goesOn, values },
      poles.count,
      this.options,
    );
    const returns = advantages.map((a, i) => a + values[i]!);
    return {
      states: tensor(states, { shape: [n, STATE] }),
      actions: tensor(actions),
      logProbs: tensor(logProbs),
      advantages: tensor(advantages),
      returns: tensor(returns),
    };
  }
}

/** Where {@linkcode Rollouts} are. */
export interface RolloutState {
  poles: CartPolesState;
  pass: number;
  experience: Experience | null;
}

function statesOf(poles: CartPoles): Tensor {
  return tensor(Float32Array.from(poles.states), {
    shape: [poles.count, STATE],
  });
}

function shuffled(experience: Experience): Experience {
  const order = randperm(experience.actions.size);
  return Object.fromEntries(
    Object.entries(experience).map(([name, x]) => [name, x.index([order])]),
  ) as Experience;
}

/** Steps of some carts side by side: the carts' first ones, then the next. */
export interface Played {
  rewards: Float32Array;
  /** 0 where an episode ended with the step. */
  goesOn: Uint8Array;
  /** Of the states before the steps, and of those behind the last. */
  values: Float32Array;
}

/**
 * Generalized advantage estimation: the sum of what was earned beyond what was
 * expected, step by step, later ones for less (Schulman and others, 2015).
 */
export function advantagesOf(
  { rewards, goesOn, values }: Played,
  carts: number,
  { discount, trace }: Pick<RolloutOptions, "discount" | "trace">,
): Float32Array {
  const advantages = new Float32Array(rewards.length);
  for (let i = rewards.length - 1; i >= 0; i--) {
    const next = goesOn[i]! * discount;
    const surprise = rewards[i]! + next * values[i + carts]! - values[i]!;
    advantages[i] = surprise + next * trace * (advantages[i + carts] ?? 0);
  }
  return advantages;
}

/**
 * What becomes small: the policy's part, which ends to gain where it has moved
 * away by the share `clip`, and the judge's errors.
 */
export function clippedLoss(
  model: ActorCritic,
  clip: number,
): BatchLoss<Experience> {
  return ({ states, actions, logProbs, advantages, returns }) => {
    const [logits, values] = model.forward(states);
    const policy = new Categorical({ logits });
    const ratio = policy.logProb(actions).sub(logProbs).exp();
    const [std, mean] = advantages.stdMean();
    const gain = advantages.sub(mean).div(std.add(1e-8));
    const free = ratio.mul(gain);
    const bounded = ratio.clamp(1 - clip, 1 + clip).mul(gain);
    const earned = free.minimum(bounded).mean();
    return nn.mseLoss(values, returns).mul(0.5).sub(earned);
  };
}

/** What episodes earn, one on each cart, whose policy takes its best actions. */
export function playGreedily(model: ActorCritic, poles: CartPoles): number[] {
  const earned: number[] = new Array(poles.count).fill(0);
  const done: boolean[] = new Array(poles.count).fill(false);
  noGrad(() => {
    while (done.includes(false)) {
      const [logits] = model.forward(statesOf(poles));
      const lengths = poles.lengths.slice();
      const { lastStates } = poles.step(logits.argmax(1).data());
      lastStates.forEach((last, i) => {
        if (last === null || done[i]) return;
        done[i] = true;
        earned[i] = lengths[i]! + 1;
      });
    }
  });
  return earned;
}
