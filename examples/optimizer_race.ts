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
import { Adam, AdamW, Lion, Muon, NAdam, SGD } from "@fdunn/optim";
import {
  ClosureOptimizer,
  LBFGS,
  NewtonCG,
  SOAP,
} from "@fdunn/optim/second_order";
import { manualSeed, type Tensor } from "@fdunn/tensor";
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

const RACERS = [
  ...["sgd", "momentum", "adam", "nadam", "lion", "muon", "soap"] as const,
  ...["lbfgs", "newton"] as const,
];

const options = {
  racers: list(["all"], choice("all", ["all", ...RACERS], "who takes part")),
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

/** Below, float32 has nothing more to tell: a racer has arrived. */
const FLOOR = 1e-9;

/** What a racer needs: one optimizer, or two for different parameters. */
interface Racer {
  zeroGrad(): void;
  step(closure: () => Tensor): unknown;
}

function racerOf(
  name: typeof RACERS[number],
  model: nn.Module,
  config: RaceConfig,
): Racer {
  const parameters = model.parameters();
  const { momentum, historySize } = config;
  switch (name) {
    case "sgd":
      return new SGD(parameters, { lr: config.lrSgd });
    case "momentum":
      return new SGD(parameters, { lr: config.lrMomentum, momentum });
    case "adam":
      return new Adam(parameters, { lr: config.lrAdam });
    case "nadam":
      return new NAdam(parameters, { lr: config.lrNadam });
    case "lion":
      return new Lion(parameters, { lr: config.lrLion });
    case "muon":
      return muonBesideAdam(parameters, config);
    case "soap":
      return new SOAP(parameters, { lr: config.lrSoap, weightDecay: 0 });
    case "lbfgs":
      return new LBFGS(parameters, {
        lineSearchFn: "strongWolfe",
        historySize,
      });
    case "newton":
      return new NewtonCG(parameters, { maxIter: 5, maxTrustRadius: 100 });
  }
}

/** Muon is for matrices; biases are Adam's. */
function muonBesideAdam(parameters: Tensor[], config: RaceConfig): Racer {
  const isMatrix = (p: Tensor) => p.ndim === 2;
  const decay = { weightDecay: 0 };
  const both = [
    new Muon(parameters.filter(isMatrix), { lr: config.lrMuon, ...decay }),
    new AdamW(parameters.filter((p) => !isMatrix(p)), {
      lr: config.lrAdam,
      ...decay,
    }),
  ];
  return {
    zeroGrad: () => both.forEach((optimizer) => optimizer.zeroGrad()),
    step(closure) {
      closure();
      both.forEach((optimizer) => optimizer.step());
    },
  };
}

function spiralNet(hidden: number): nn.Module {
  return new nn.Sequential(
    ...[new nn.Linear(2, hidden), new nn.Tanh()],
    ...[new nn.Linear(hidden, hidden), new nn.Tanh()],
    new nn.Linear(hidden, 2),
  );
}

/** The lowest loss so far against what it has cost. */
interface Curves {
  steps: [number, number][];
  gradients: [number, number][];
  seconds: [number, number][];
}

/** Runs one racer; null when it was stopped. */
async function race(
  name: typeof RACERS[number],
  lossOf: (model: nn.Module) => Tensor,
  config: RaceConfig,
  context: Context,
): Promise<Curves | null> {
  const { gradients, hidden, seed, target } = config;
  manualSeed(seed); // all start at the same weights
  const model = spiralNet(hidden);
  const racer = racerOf(name, model, config);
  const curves: Curves = { steps: [], gradients: [], seconds: [] };
  let calls = 0;
  let lowest = Infinity; // a line search tries points that it leaves again
  let shown = 0;
  const start = performance.now();
  // A product with the Hessian is as dear as two gradients.
  const computed = () =>
    racer instanceof NewtonCG ? calls + 2 * racer.hessEvals : calls;
  const closure = () => {
    racer.zeroGrad();
    const loss = lossOf(model);
    if (!(racer instanceof NewtonCG)) loss.backward();
    const elapsed = (performance.now() - start) / 1000;
    const before = lowest;
    lowest = Math.min(lowest, loss.item());
    calls++;
    const cost = computed();
    const steps = racer instanceof ClosureOptimizer ? racer.nIter + 1 : calls;
    if (before > target && lowest <= target) {
      context.figures(name, {
        ...{ stepsTo: steps, gradientsTo: cost, secondsTo: elapsed },
      });
    }
    if (cost >= shown && cost <= gradients) {
      shown = cost * 1.16; // evenly on a logarithmic axis, few enough to mark
      context.record(name, { epoch: cost, trainLoss: lowest, elapsed });
      const height = Math.max(lowest, FLOOR);
      curves.steps.push([steps, height]);
      curves.gradients.push([cost, height]);
      curves.seconds.push([elapsed, height]);
    }
    return loss;
  };
  for (let turn = 0; computed() < gradients && lowest > FLOOR;) {
    const before = calls;
    racer.step(closure);
    const stuck = calls - before === 1; // no way down
    if (racer instanceof ClosureOptimizer && stuck) break;
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
  const all: [name: string, curves: Curves][] = [];
  const { racers } = config;
  for (const name of RACERS) {
    if (!racers.includes("all") && !racers.includes(name)) continue;
    const curves = await race(name, lossOf, config, context);
    if (curves === null) return;
    all.push([name, curves]);
  }
  const draw = (kind: keyof Curves, xLabel: string) => {
    const series = all.map(([name, curves]): Series => ({
      name,
      points: curves[kind],
    }));
    const chart = lineChart({
      title: `Lowest training loss so far against ${kind}`,
      xLabel,
      yLabel: "mean loss per sample",
      series,
      xScale: "log",
      yScale: "log",
    });
    context.picture(`loss_against_${kind}`, chart);
  };
  draw("steps", "steps; iterations of LBFGS and Newton-CG");
  draw("gradients", "gradients computed; a Hessian's product counts as two");
  draw("seconds", "seconds");
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
