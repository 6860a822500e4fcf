/**
 * Four optimizers on one problem from the same weights: loss against gradients
 * computed, and against seconds. The second-order method is limited-memory BFGS.
 *
 *     deno task train optimizer_race
 *
 * @module
 */

import { makeSpirals } from "@fdunn/data";
import * as nn from "@fdunn/nn";
import { Adam, LBFGS, type Optimizer, SGD } from "@fdunn/optim";
import { manualSeed } from "@fdunn/tensor";
import { lineChart, type Series } from "@fdunn/train";
import { type Context, experimentOf } from "./experiment.ts";
import {
  choice,
  type ConfigOf,
  count,
  list,
  notNegative,
  positive,
} from "./option.ts";

const RACERS = ["sgd", "momentum", "adam", "lbfgs"] as const;

const options = {
  racers: list(RACERS, choice("sgd", RACERS, "who takes part")),
  gradients: count(3000, "gradients that each may compute"),
  lrSgd: positive(0.5, "learning rate of SGD"),
  lrMomentum: positive(0.2, "learning rate of SGD with momentum"),
  momentum: notNegative(0.9, "its momentum"),
  lrAdam: positive(0.01, "learning rate of Adam"),
  target: positive(0.01, "loss whose first time is noted"),
  historySize: count(20, "steps that LBFGS remembers"),
  hidden: count(32, "units in each of two hidden layers"),
  samples: count(400, "points on two spirals, all of them in each step", 10),
  noise: notNegative(0.03, "deviation of their noise"),
};
type RaceConfig = ConfigOf<typeof options>;

function optimizerOf(
  racer: typeof RACERS[number],
  model: nn.Module,
  config: RaceConfig,
): Pick<Optimizer, "zeroGrad" | "step"> {
  const parameters = model.parameters();
  const { lrAdam, lrMomentum, lrSgd, momentum, historySize } = config;
  switch (racer) {
    case "sgd":
      return new SGD(parameters, { lr: lrSgd });
    case "momentum":
      return new SGD(parameters, { lr: lrMomentum, momentum });
    case "adam":
      return new Adam(parameters, { lr: lrAdam });
    case "lbfgs":
      return new LBFGS(parameters, {
        lineSearchFn: "strongWolfe",
        historySize,
      });
  }
}

async function run(config: RaceConfig, context: Context): Promise<void> {
  const { gradients, hidden, noise, samples, seed, target } = config;
  const [x, y] = makeSpirals(samples, { noise, randomState: seed });
  const criterion = new nn.CrossEntropyLoss();
  const bySteps: Series[] = [];
  const bySeconds: Series[] = [];
  for (const racer of config.racers) {
    manualSeed(seed); // all start at the same weights
    const model = new nn.Sequential(
      new nn.Linear(2, hidden),
      new nn.Tanh(),
      new nn.Linear(hidden, hidden),
      new nn.Tanh(),
      new nn.Linear(hidden, 2),
    );
    const optimizer = optimizerOf(racer, model, config);
    const [steps, seconds]: [number, number][][] = [[], []];
    let computed = 0;
    let lowest = Infinity; // a line search tries points that it leaves again
    const start = performance.now();
    const closure = () => {
      optimizer.zeroGrad();
      const loss = criterion.forward(model.forward(x), y);
      loss.backward();
      const elapsed = (performance.now() - start) / 1000;
      const before = lowest;
      lowest = Math.min(lowest, loss.item());
      computed++;
      if (before > target && lowest <= target) {
        const [gradientsTo, secondsTo] = [computed, elapsed];
        context.figures(racer, { gradientsTo, secondsTo });
      }
      if (computed % 20 === 1 && computed <= gradients) {
        context.record(racer, { epoch: computed, trainLoss: lowest, elapsed });
        const exponent = Math.log10(Math.max(lowest, 1e-6));
        steps!.push([computed, exponent]);
        seconds!.push([elapsed, exponent]);
      }
      return loss;
    };
    for (let turn = 0; computed < gradients;) {
      const before = computed;
      optimizer.step(closure);
      if (racer === "lbfgs" && computed - before === 1) break; // no way down
      if (computed < turn) continue;
      turn = computed + 100;
      await new Promise((resolve) => setTimeout(resolve)); // for Ctrl-C
      if (context.signal.aborted) return;
    }
    bySteps.push({ name: racer, points: steps! });
    bySeconds.push({ name: racer, points: seconds! });
  }
  const draw = (xLabel: string, series: Series[]) =>
    lineChart({
      title: `Lowest training loss so far against ${xLabel}`,
      xLabel,
      yLabel: "log10 of the mean loss per sample",
      series,
    });
  context.picture(
    "loss_against_gradients",
    draw("gradients computed", bySteps),
  );
  context.picture("loss_against_seconds", draw("seconds", bySeconds));
}

/** `deno task train optimizer_race` */
export const experiment = experimentOf({
  name: "optimizer_race",
  about:
    "SGD, momentum, Adam and LBFGS on two spirals, by steps and by seconds.",
  details: `
All compute gradients over all samples, since LBFGS cannot bear noise; what a
line search computes counts.`,
  options,
  quick: { gradients: 600 },
  run,
});
