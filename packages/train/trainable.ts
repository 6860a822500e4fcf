/** What a Trainer works with: batches, a model, a loss, an optimizer. */

import type { Tensor } from "@fdunn/tensor";

/** What a data loader yields: a batch of inputs and one of targets. */
export type Batch = readonly [input: Tensor, target: Tensor];

/**
 * Batches that can be iterated once an epoch, such as a `DataLoader`. With
 * `state()` and `loadState()` a training goes on in the middle of an epoch
 * where it was; without them the batches that were done are drawn again and
 * dropped.
 */
export type Batches<B = Batch> =
  & (Iterable<B> | AsyncIterable<B>)
  & { readonly length?: number };

/** Something with a place that can be kept: a loader, a generator, a metric. */
export interface Resumable {
  /** The place, as plain data. */
  state(): unknown;
  /** Continues from a place. */
  loadState(state: never): unknown;
}

/** A model with a mode; every `nn.Module` is one, whatever it computes. */
export interface SwitchableModel {
  /** Whether it is in training mode. */
  readonly training: boolean;
  /** Switches to training mode, or with `false` out of it. */
  train(mode?: boolean): unknown;
}

/** What the Trainer needs of a model; every `nn.Module` of one tensor has it. */
export interface TrainableModel extends SwitchableModel {
  /** The prediction for a batch. */
  forward(input: Tensor): Tensor;
}

/** What the Trainer needs of an optimizer. */
export interface StepOptimizer {
  /** Forgets the gradients. */
  zeroGrad(): void;
  /** Changes the parameters by their gradients. */
  step(): void;
}

/** Parameters with a learning rate, as optimizers group them. */
export interface RatedGroup {
  /** The learning rate; may be changed at any time. */
  lr: number;
  /** The parameters. */
  params: Tensor[];
}

/** What the Trainer needs of a loss; every loss module has it. */
export interface Criterion {
  /** The loss of a batch, a scalar. */
  forward(output: Tensor, target: Tensor): Tensor;
  /** `"sum"` if the scalar is a sum over samples. Default: it is a mean. */
  readonly reduction?: string;
}

/** The groups of an optimizer; none of one's own that has no such list. */
export function knownGroups(optimizer: StepOptimizer): RatedGroup[] {
  const { paramGroups } = optimizer as { paramGroups?: RatedGroup[] };
  return Array.isArray(paramGroups) ? paramGroups : [];
}

/** Learning rates by name: `lr`, or of several groups `lr/0`, `lr/1` and so on. */
export function learningRates(
  groups: readonly RatedGroup[],
): [name: string, rate: number][] {
  return groups.map((
    { lr },
    i,
  ) => [groups.length === 1 ? "lr" : `lr/${i}`, lr]);
}

/**
 * The groups of an optimizer, whose `lr` may be changed while it trains.
 *
 * @throws TypeError, naming who asks, when it has none.
 */
export function groupsOf(who: string, optimizer: StepOptimizer): RatedGroup[] {
  const { paramGroups } = optimizer as { paramGroups?: RatedGroup[] };
  if (Array.isArray(paramGroups)) return paramGroups;
  throw new TypeError(
    `${who} needs an optimizer with paramGroups, as those of @fdunn/optim`,
  );
}

/** The number of batches, or null where the loader cannot know it. */
export function lengthOf(data: Batches<unknown>): number | null {
  try {
    return data.length ?? null;
  } catch {
    return null; // a stream's loader throws, as Python's len() does
  }
}

/** The place of a loader that has one. */
export function placeOf(data: unknown): unknown {
  return isResumable(data) ? data.state() : null;
}

/** Takes data back to a place, where they have one. */
export function loadPlace(data: unknown, place: unknown): void {
  if (place !== null && isResumable(data)) data.loadState(place as never);
}

/** Whether it has a place. */
export function isResumable(value: unknown): value is Resumable {
  const { state, loadState } = (value ?? {}) as Partial<Resumable>;
  return typeof state === "function" && typeof loadState === "function";
}

/** What has a state as modules and optimizers have one. */
export interface Kept {
  /** The state. */
  stateDict(): Record<string, unknown>;
  /** Takes over a state. */
  loadStateDict(state: unknown): unknown;
}

/**
 * Something as what has a state.
 *
 * @throws TypeError, naming who asks and for what, when it has none.
 */
export function keptOf(who: string, part: object, what: string): Kept {
  const { stateDict, loadStateDict } = part as Partial<Kept>;
  if (stateDict !== undefined && loadStateDict !== undefined) {
    return part as Kept;
  }
  throw new TypeError(
    `${who} needs ${what} with stateDict() and loadStateDict()`,
  );
}
