/** Averages of a model's weights along the way: SWA and EMA. */

import { noGrad, scope, type Tensor, zeros } from "@fdunn/tensor";
import { type AnyModule, BatchNorm, Module } from "@fdunn/nn";
import { copyModule } from "./copy_module.ts";
import type { Batches, TrainableModel } from "../trainable.ts";
import { modesOf } from "../training_modes.ts";

/**
 * The new average of one tensor from the old one, the model's tensor, and how
 * many models the average is of.
 */
export type AverageFunction = (
  averaged: Tensor,
  current: Tensor,
  numAveraged: number,
) => Tensor;

/** Writes the new averages of tensors of one dtype into the first list. */
export type MultiAverageFunction = (
  averaged: readonly Tensor[],
  current: readonly Tensor[],
  numAveraged: number,
) => void;

/** Options of {@linkcode AveragedModel}. */
export interface AveragedModelOptions {
  /** How to average a tensor. Default: {@linkcode getSwaAvgFn}. */
  avgFn?: AverageFunction;
  /** How to average all tensors of one dtype; not together with `avgFn`. */
  multiAvgFn?: MultiAverageFunction;
  /** Average buffers, too, instead of copying them. Default `false`. */
  useBuffers?: boolean;
}

/**
 * A copy of a model whose weights are the average of those that the model had
 * whenever `updateParameters(model)` was called.
 *
 * By default all count alike: stochastic weight averaging (Izmailov et al.,
 * "Averaging weights leads to wider optima and better generalization", 2018).
 * With `multiAvgFn: getEmaMultiAvgFn(0.999)` older ones fade: an exponential
 * moving average. The first call copies. The state has the names of
 * PyTorch's: `n_averaged`, and the copy's with `module.` in front.
 *
 * ```ts
 * import { AveragedModel, getEmaMultiAvgFn } from "@fdunn/train";
 * import { noGrad } from "@fdunn/tensor";
 * import { Linear } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const model = new Linear(1, 1);
 * const ema = new AveragedModel(model, { multiAvgFn: getEmaMultiAvgFn(0.9) });
 * for (const weight of [2, 12]) {
 *   noGrad(() => model.weight.fill_(weight)); // a step of training
 *   ema.updateParameters(model);
 * }
 * const [average] = ema.parameters();
 * assertAlmostEquals(average!.item(), 3, 1e-6); // 0.9 · 2 + 0.1 · 12
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/optim.html#weight-averaging-swa-and-ema
 *
 * @throws RangeError for both an `avgFn` and a `multiAvgFn`, or a model whose
 * parameters differ in number.
 */
export class AveragedModel<
  Inputs extends unknown[] = Tensor[],
  Output = Tensor,
> extends Module<Inputs, Output> {
  /** The copy that has the averages. */
  readonly module: Module<Inputs, Output>;
  /** The field of {@linkcode numAveraged}: buffers have PyTorch's names. */
  declare n_averaged: Tensor;
  /** Where averages are computed. */
  protected readonly average: MultiAverageFunction;
  /** Whether buffers are averaged, too. */
  protected readonly useBuffers: boolean;

  /** Copies `model`, see {@linkcode copyModule}. */
  constructor(
    model: Module<Inputs, Output>,
    options: AveragedModelOptions = {},
  ) {
    super();
    const { avgFn, multiAvgFn, useBuffers = false } = options;
    if (avgFn !== undefined && multiAvgFn !== undefined) {
      throw new RangeError(
        "AveragedModel got an avgFn and a multiAvgFn, expected one of them",
      );
    }
    this.module = copyModule(model);
    this.registerBuffer("n_averaged", zeros([], { dtype: "int32" }));
    this.average = multiAvgFn ??
      (avgFn === undefined ? getSwaMultiAvgFn() : each(avgFn));
    this.useBuffers = useBuffers;
  }

  /** How many models the average is of. */
  get numAveraged(): number {
    return this.n_averaged.item();
  }

  /** What the copy computes. */
  forward(...inputs: Inputs): Output {
    return this.module.forward(...inputs);
  }

  /** Takes the model's weights into the average. */
  updateParameters(model: Module<Inputs, Output>): void {
    const tensorsOf = (module: Module<Inputs, Output>) =>
      this.useBuffers
        ? [...module.parameters(), ...module.buffers()]
        : module.parameters();
    const own = tensorsOf(this.module);
    const theirs = tensorsOf(model);
    if (own.length !== theirs.length) {
      throw new RangeError(
        `AveragedModel got a model of ${theirs.length} tensors, expected ${own.length}`,
      );
    }
    const { numAveraged } = this;
    noGrad(() => {
      if (numAveraged === 0) copyAll(own, theirs);
      else {
        for (const dtype of new Set(own.map((tensor) => tensor.dtype))) {
          const alike = own.map((_, i) => i)
            .filter((i) => own[i]!.dtype === dtype);
          scope(() => {
            const mine = alike.map((i) => own[i]!.detach());
            const current = alike.map((i) => theirs[i]!.detach());
            this.average(mine, current, numAveraged);
          });
        }
      }
      if (!this.useBuffers) copyAll(this.module.buffers(), model.buffers());
      this.n_averaged.add_(1);
    });
  }
}

function copyAll(to: readonly Tensor[], from: readonly Tensor[]): void {
  to.forEach((tensor, i) => tensor.copy_(from[i]!));
}

/** Averages tensor by tensor. */
function each(average: AverageFunction): MultiAverageFunction {
  return (averaged, current, numAveraged) =>
    averaged.forEach((tensor, i) =>
      tensor.copy_(average(tensor, current[i]!, numAveraged))
    );
}

/** Moves `averaged` a part of the way; counts are rounded towards zero. */
function moved(averaged: Tensor, current: Tensor, part: number): Tensor {
  const isFloat = averaged.dtype.startsWith("float");
  const [from, to] = isFloat
    ? [averaged, current]
    : [averaged.to("float64"), current.to("float64")];
  return from.lerp(to, part);
}

function requireDecay(name: string, decay: number): void {
  if (!(decay >= 0 && decay <= 1)) {
    throw new RangeError(
      `${name} got decay ${decay}, expected a number from 0 to 1`,
    );
  }
}

/**
 * The exponential moving average of one tensor, for `avgFn`: `decay averaged +
 * (1 - decay) current`. Default decay 0.999.
 *
 * ```ts
 * import { getEmaAvgFn } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const average = getEmaAvgFn(0.5);
 * assertEquals(average(tensor([2]), tensor([4]), 1).toArray(), [3]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/optim.html#custom-averaging-strategies
 */
export function getEmaAvgFn(decay: number = 0.999): AverageFunction {
  requireDecay("getEmaAvgFn", decay);
  return (averaged, current) => moved(averaged, current, 1 - decay);
}

/**
 * {@linkcode getEmaAvgFn} for `multiAvgFn`.
 *
 * ```ts
 * import { getEmaMultiAvgFn } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const averages = [tensor([2])];
 * getEmaMultiAvgFn(0.5)(averages, [tensor([4])], 1);
 * assertEquals(averages[0]!.toArray(), [3]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/optim.html#custom-averaging-strategies
 */
export function getEmaMultiAvgFn(decay: number = 0.999): MultiAverageFunction {
  requireDecay("getEmaMultiAvgFn", decay);
  return each(getEmaAvgFn(decay));
}

/**
 * The equal average of one tensor, for `avgFn`: `averaged + (current -
 * averaged) / (numAveraged + 1)`.
 *
 * ```ts
 * import { getSwaAvgFn } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(getSwaAvgFn()(tensor([2]), tensor([8]), 2).toArray(), [4]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/optim.html#custom-averaging-strategies
 */
export function getSwaAvgFn(): AverageFunction {
  return (averaged, current, numAveraged) =>
    moved(averaged, current, 1 / (numAveraged + 1));
}

/**
 * {@linkcode getSwaAvgFn} for `multiAvgFn`.
 *
 * ```ts
 * import { getSwaMultiAvgFn } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const averages = [tensor([2])];
 * getSwaMultiAvgFn()(averages, [tensor([8])], 2);
 * assertEquals(averages[0]!.toArray(), [4]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/optim.html#custom-averaging-strategies
 */
export function getSwaMultiAvgFn(): MultiAverageFunction {
  return each(getSwaAvgFn());
}

/**
 * Gives the batch norms of a model the moments that data have under its
 * weights: averaged weights have none that fit. The inputs are the batches, or
 * their first members; the model's mode and momentums are put back.
 *
 * ```ts
 * import { updateBn } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { BatchNorm1d } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const model = new BatchNorm1d(1);
 * await updateBn([tensor([[1], [3]]), tensor([[5], [7]])], model);
 * assertEquals(model.runningMean!.toArray(), [4]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/optim.html#taking-care-of-batch-normalization
 */
export async function updateBn(
  loader:
    | Batches
    | Iterable<Tensor | readonly Tensor[]>
    | AsyncIterable<Tensor | readonly Tensor[]>,
  model: Module<[Tensor], unknown> | AnyModule,
): Promise<void> {
  const norms = model.modules().filter((module) => module instanceof BatchNorm);
  if (norms.length === 0) return;
  const momentums = norms.map((norm) => norm.momentum);
  const putBackModes = modesOf(model as unknown as TrainableModel);
  const setMomentum = (norm: BatchNorm, momentum: number | null) => {
    (norm as { momentum: number | null }).momentum = momentum;
  };
  for (const norm of norms) {
    norm.resetRunningStats();
    setMomentum(norm, null); // the mean of all batches
  }
  model.train();
  const forward = (input: Tensor) =>
    (model as unknown as Module<[Tensor], unknown>).forward(input);
  try {
    for await (const batch of loader) {
      const input = Array.isArray(batch) ? batch[0] : batch;
      noGrad(() => scope(() => void forward(input)));
    }
  } finally {
    norms.forEach((norm, i) => setMomentum(norm, momentums[i]!));
    putBackModes();
  }
}
