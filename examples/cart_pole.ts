/**
 * Reinforcement learning: a policy balances a pole on a cart. Small nets and a
 * batch of eight states are what a processor is good at, and nothing needs to
 * be installed for it.
 *
 *     deno task train cart_pole
 *
 * @module
 */

import { Adam, LinearLR } from "@fdunn/optim";
import { Generator, manualSeed, streamFor } from "@fdunn/tensor";
import { lineChart, Trainer } from "@fdunn/train";
import {
  ActorCritic,
  clippedLoss,
  playGreedily,
  Rollouts,
} from "./actor_critic.ts";
import { CartPoles, LONGEST } from "./cart_poles.ts";
import { type Context, experimentOf } from "./experiment.ts";
import { type ConfigOf, count, positive } from "./option.ts";

const options = {
  updates: count(800, "times that experience is gathered and learnt from"),
  carts: count(8, "carts at once"),
  steps: count(32, "steps of each cart before the policy learns"),
  passes: count(20, "times through what was gathered"),
  lr: positive(0.001, "learning rate, which falls to a tenth"),
  clip: positive(0.2, "share by which probabilities may move away"),
  discount: positive(0.98, "what a reward is worth a step earlier"),
  trace: positive(0.8, "how far advantages look ahead, up to 1"),
  hidden: count(64, "units of each of two layers"),
  goal: count(475, "mean return of 100 episodes that ends the training"),
};
type CartPoleConfig = ConfigOf<typeof options>;

/** Episodes whose mean return tells how well it goes. */
const EPISODES = 100;

async function run(config: CartPoleConfig, context: Context): Promise<void> {
  const { carts, clip, discount, goal, lr, passes, steps, trace } = config;
  manualSeed(config.seed);
  const model = new ActorCritic(config.hidden);
  const poles = new CartPoles(carts, streamFor("poles"));
  const rollouts = new Rollouts(model, poles, {
    steps,
    passes,
    discount,
    trace,
  });
  const optimizer = new Adam(model.parameters(), { lr, eps: 1e-5 });
  const decay = { startFactor: 1, endFactor: 0.1, totalIters: config.updates };
  const trainer = new Trainer(model, {
    optimizer,
    loss: clippedLoss(model, clip),
    epochs: config.updates,
    gradClip: 0.5,
    lrScheduler: new LinearLR(optimizer, decay),
    signal: context.signal,
    callbacks: [
      {
        onEpochEnd(trainer, record) {
          const last = poles.returns.slice(-EPISODES);
          if (last.length === 0) return;
          const meanReturn = record.meanReturn = meanOf(last);
          if (last.length === EPISODES && meanReturn >= goal) trainer.stop();
        },
      },
      ...await context.watch(model, { every: 10, keep: {} }),
    ],
  });
  const history = await trainer.fit(rollouts);
  if (context.signal.aborted) return;
  const { epoch, meanReturn = 0 } = history.at(-1)!;
  const fresh = new CartPoles(EPISODES, new Generator(config.seed));
  context.figures("", {
    solved: meanReturn as number >= goal,
    steps: epoch * steps * carts,
    episodes: poles.returns.length,
    seconds: history.reduce((sum, record) => sum + record.seconds, 0),
    meanReturn,
    testReturn: meanOf(playGreedily(model, fresh)),
  });
  context.picture(
    "return",
    lineChart({
      title: `Mean return of the last ${EPISODES} episodes`,
      xLabel: "steps of carts",
      yLabel: `steps that the pole stands, at most ${LONGEST}`,
      yLimits: [0, LONGEST],
      series: [{
        name: "while learning, with chance",
        points: history.flatMap(({ epoch, meanReturn }) =>
          typeof meanReturn === "number"
            ? [[epoch * steps * carts, meanReturn] as const]
            : []
        ),
      }],
    }),
  );
}

function meanOf(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0) / values.length;
}

/** `deno task train cart_pole` */
export const experiment = experimentOf({
  name: "cart_pole",
  about: "A policy learns to balance a pole on a cart: PPO, some seconds.",
  options,
  quick: { goal: 195 },
  run,
});
