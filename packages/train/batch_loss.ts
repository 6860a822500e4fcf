/** From a batch to its loss: by a loss module, or by a function of one's own. */

import { Tensor } from "@fdunn/tensor";
import type {
  Criterion,
  SwitchableModel,
  TrainableModel,
} from "./trainable.ts";

/** What a {@linkcode BatchLoss} may give: with the loss, what metrics compare. */
export interface BatchResult {
  /** The loss, a scalar: the mean over the batch's samples. */
  loss: Tensor;
  /** The prediction, for metrics and callbacks; without, they are not told. */
  output?: Tensor | undefined;
  /** What the prediction should have been. */
  target?: Tensor | undefined;
  /** How many samples there are. Default: the first tensor's first size. */
  samples?: number | undefined;
}

/**
 * The loss of a batch, whatever a batch is: Lightning's `training_step` and
 * `validation_step` in one; `model.training` tells which.
 *
 * ```ts
 * import { type BatchLoss, Trainer } from "@fdunn/train";
 * import { manualSeed, randn, type Tensor } from "@fdunn/tensor";
 * import * as nn from "@fdunn/nn";
 * import { DataLoader, TensorDataset } from "@fdunn/data";
 * import { Adam } from "@fdunn/optim";
 * import { assertLess } from "@std/assert";
 *
 * manualSeed(0);
 * const model = new nn.Sequential(new nn.Linear(3, 1), new nn.Linear(1, 3));
 * const reconstruction: BatchLoss<readonly [Tensor]> = ([x]) =>
 *   nn.mseLoss(model.forward(x), x);
 * const trainer = new Trainer(model, {
 *   optimizer: new Adam(model.parameters(), { lr: 0.05 }),
 *   loss: reconstruction,
 *   epochs: 2,
 * });
 * const x = randn([64, 1]).mul(randn([3])); // on a line
 * const loader = new DataLoader(new TensorDataset(x), { batchSize: 8 });
 * const history = await trainer.fit(loader, loader);
 * assertLess(history[1]!.validLoss!, history[0]!.validLoss!);
 * ```
 *
 * See https://lightning.ai/docs/pytorch/stable/common/lightning_module.html#training-step
 */
export type BatchLoss<B> = (batch: B) => Tensor | BatchResult;

/** A batch's loss, with all that is asked of it. */
export interface LossTaken {
  /** The scalar to go back from. */
  readonly loss: Tensor;
  /** As mean over the samples. */
  readonly mean: number;
  /** Samples in the batch. */
  readonly samples: number;
  /** The prediction, if it is told. */
  readonly output: Tensor | null;
  /** What it should have been, if it is told. */
  readonly target: Tensor | null;
}

/** Takes the loss of a batch, by a module of (output, target) or a function. */
export function takeLoss<B>(
  model: SwitchableModel,
  loss: Criterion | BatchLoss<B>,
  batch: B,
): LossTaken {
  if (typeof loss === "function") {
    const result = loss(batch);
    if (result instanceof Tensor) return taken(batch, { loss: result });
    return taken(batch, result);
  }
  const [input, target] = batch as readonly [Tensor, Tensor];
  const output = (model as TrainableModel).forward(input);
  const scalar = loss.forward(output, target);
  const samples = input.shape[0]!;
  // Reading one number costs next to nothing: it lies in memory.
  const value = scalar.item();
  const mean = loss.reduction === "sum" ? value / samples : value;
  return { loss: scalar, mean, samples, output, target };
}

function taken<B>(batch: B, result: BatchResult): LossTaken {
  const { loss, output = null, target = null } = result;
  const samples = result.samples ?? firstTensor(batch)?.shape[0];
  if (samples === undefined) {
    throw new TypeError(
      "The loss of a batch without tensors must say how many samples there are: { loss, samples }",
    );
  }
  return { loss, mean: loss.item(), samples, output, target };
}

/** The first tensor in lists and objects. */
function firstTensor(value: unknown): Tensor | null {
  if (value instanceof Tensor) return value;
  if (typeof value !== "object" || value === null) return null;
  for (const part of Object.values(value)) {
    const found = firstTensor(part);
    if (found !== null) return found;
  }
  return null;
}
