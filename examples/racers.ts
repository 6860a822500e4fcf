/** The optimizers of the race, each from its settings. */

import {
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  Adamax,
  AdamW,
  LAMB,
  Lion,
  Muon,
  NAdam,
  RAdam,
  RMSprop,
  SGD,
} from "@fdunn/optim";
import { LBFGS, NewtonCG, SOAP } from "@fdunn/optim/second_order";
import type * as nn from "@fdunn/nn";
import type { Tensor } from "@fdunn/tensor";

/** Those that race unless others are named. */
export const RACERS = [
  ...["sgd", "momentum", "adam", "nadam", "lion", "muon", "soap"] as const,
  ...["lbfgs", "newton"] as const,
];

/** The others, with their learning rates. */
const OTHERS = {
  rmsprop: (p: Tensor[]) => new RMSprop(p, { lr: 0.005 }),
  radam: (p: Tensor[]) => new RAdam(p, { lr: 0.02 }),
  adamax: (p: Tensor[]) => new Adamax(p, { lr: 0.02 }),
  adagrad: (p: Tensor[]) => new Adagrad(p, { lr: 0.1 }),
  adadelta: (p: Tensor[]) => new Adadelta(p, { lr: 5 }),
  adafactor: (p: Tensor[]) => new Adafactor(p, { lr: 0.05 }),
  lamb: (p: Tensor[]) => new LAMB(p, { lr: 0.02 }),
};

/** All names. */
export const ALL_RACERS: readonly (
  | typeof RACERS[number]
  | keyof typeof OTHERS
)[] = [...RACERS, ...Object.keys(OTHERS) as (keyof typeof OTHERS)[]];

/** What they are told. */
export interface RacerSettings {
  lrSgd: number;
  lrMomentum: number;
  momentum: number;
  lrAdam: number;
  lrNadam: number;
  lrLion: number;
  lrMuon: number;
  lrSoap: number;
  historySize: number;
}

/** What a racer needs: one optimizer, or two for different parameters. */
export interface Racer {
  zeroGrad(): void;
  step(closure: () => Tensor): unknown;
}

/** A racer for a model's parameters. */
export function racerOf(
  name: typeof ALL_RACERS[number],
  model: nn.Module,
  config: RacerSettings,
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
    default:
      return OTHERS[name](parameters);
  }
}

/** Muon is for matrices; biases are Adam's. */
function muonBesideAdam(parameters: Tensor[], config: RacerSettings): Racer {
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
