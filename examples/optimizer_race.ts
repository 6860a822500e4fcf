/**
 * Optimizers on one problem from the same weights: loss against steps, against
 * gradients computed, and against seconds. Three are of the second order: SOAP
 * by Kronecker factors, limited-memory BFGS by the last gradients, Newton-CG by
 * exact products with the Hessian.
 *
 *     deno task train optimizer_race
 *
 * @module
 */

import { makeSpirals } from "@fdunn/data";
import * as nn from "@fdunn/nn";
import { ClosureOptimizer, NewtonCG } from "@fdunn/optim/second_order";
import { manualSeed, type Tensor } from "@fdunn/tensor";
import { lineChart } from "@fdunn/train";
import { type Context, experimentOf } from "./experiment.ts";
import {
  choice,
  type ConfigOf,
  count,
  list,
  notNegative,
  positive,
} from "./option.ts";
import { Curves } from "./race_curves.ts";
import { ALL_RACERS, racerOf, RACERS } from "./racers.ts";

const options = {
  racers: list(RACERS, choice("sgd", ALL_RACERS, "who takes part")),
  gradients: count(3000, "gradients that each may compute"),
  lrSgd: positive(0.5, "learning rate of SGD"),
  lrMomentum: positive(0.2, "learning rate of SGD with momentum"),
  momentum: notNegative(0.9, "its momentum"),
  lrAdam: positive(0.01, "learning rate of Adam"),
  lrNadam: positive(0.05, "learning rate of NAdam"),
  lrLion: positive(0.008, "learning rate of Lion"),
  lrMuon: positive(0.05, "learning rate of Muon"),
  lrSoap: positive(0.05, "learning rate of SOAP"),
  target: positive(0.01, "loss whose first time is noted"),
  historySize: count(20, "steps that LBFGS remembers"),
  hidden: count(32, "units in each of two hidden layers"),
  samples: count(400, "points on two spirals, all of them in each step", 10),
  noise: notNegative(0.03, "deviation of their noise"),
};
type RaceConfig = ConfigOf<typeof options>;

function spiralNet(hidden: number): nn.Module {
  return new nn.Sequential(
    ...[new nn.Linear(2, hidden), new nn.Tanh()],
    ...[new nn.Linear(hidden, hidden), new nn.Tanh()],
    new nn.Linear(hidden, 2),
  );
}

/** Runs one racer; null when it was stopped. */
async function race(
  name: typeof ALL_RACERS[number],
  lossOf: (model: nn.Module) => Tensor,
  config: RaceConfig,
  context: Context,
): Promise<Curves | null> {
  const { gradients, hidden, seed, target } = config;
  manualSeed(seed); // all start at the same weights
  const model = spiralNet(hidden);
  const racer = racerOf(name, model, config);
  const newton = racer instanceof NewtonCG ? racer : null;
  const steps = racer instanceof ClosureOptimizer ? racer : null;
  const curves = new Curves(name, { gradients, target, context });
  let calls = 0;
  // A product with the Hessian is as dear as two gradients.
  const computed = () => calls + 2 * (newton?.hessEvals ?? 0);
  const closure = () => {
    racer.zeroGrad();
    const loss = lossOf(model);
    if (newton === null) loss.backward();
    calls++;
    const taken = steps === null ? calls : steps.nIter + 1;
    curves.add(loss.item(), taken, computed());
    return loss;
  };
  for (let turn = 0; computed() < gradients && !curves.done;) {
    const before = calls;
    racer.step(closure);
    if (steps !== null && calls - before === 1) break; // no way down
    if (computed() < turn) continue;
    turn = computed() + 100;
    await new Promise((resolve) => setTimeout(resolve)); // for Ctrl-C
    if (context.signal.aborted) return null;
  }
  return curves;
}

async function run(config: RaceConfig, context: Context): Promise<void> {
  const { noise, samples, seed } = config;
  const [x, y] = makeSpirals(samples, { noise, randomState: seed });
  const criterion = new nn.CrossEntropyLoss();
  const lossOf = (model: nn.Module) => criterion.forward(model.forward(x), y);
  const all: Curves[] = [];
  for (const name of config.racers) {
    const curves = await race(name, lossOf, config, context);
    if (curves === null) return;
    all.push(curves);
  }
  const charts = [
    ["steps", "steps; iterations of LBFGS and Newton-CG"],
    ["gradients", "gradients computed; a Hessian's product counts as two"],
    ["seconds", "seconds"],
  ] as const;
  for (const [kind, xLabel] of charts) {
    const chart = lineChart({
      title: `Lowest training loss so far against ${kind}`,
      xLabel,
      yLabel: "mean loss per sample",
      series: all.map((curves) => ({
        name: curves.name,
        points: curves[kind],
      })),
      xScale: "log",
      yScale: "log",
    });
    context.picture(`loss_against_${kind}`, chart);
  }
}

/** `deno task train optimizer_race` */
export const experiment = experimentOf({
  name: "optimizer_race",
  about:
    "Nine optimizers on two spirals, first and second order, by steps and by seconds.",
  details: `
All compute gradients over all samples, since LBFGS and Newton-CG cannot bear
noise; what a line search or a trust region tries counts.`,
  options,
  quick: { gradients: 600 },
  run,
});
