/** What all optimizers share: groups of parameters, options, state. */

import { Tensor } from "@fdunn/tensor";
import { formatShape } from "@fdunn/tensor/op";
import { type OptimizerState, readState, writeState } from "./state.ts";

/** Options that every optimizer has. */
export interface Hyperparameters {
  /** Learning rate. */
  lr: number;
}

/** What an optimizer keeps for one parameter: tensors and counts by name. */
export type ParameterState = object;

/** Parameters that share options. */
export type ParamGroup<Options extends Hyperparameters> = Options & {
  /** The parameters. */
  params: Tensor[];
  /** The learning rate before any schedule; set by schedulers. */
  initialLr?: number;
};

/** A group as one writes it: options that are left out take the defaults. */
export type ParamGroupOptions<Options extends Hyperparameters> =
  & Partial<Options>
  & {
    /** The parameters, or one. */
    params: Iterable<Tensor> | Tensor;
  };

/** What an optimizer takes: parameters, or groups of them. */
export type Params<Options extends Hyperparameters> =
  | Iterable<Tensor>
  | Iterable<ParamGroupOptions<Options>>;

/**
 * Base of the optimizers.
 *
 * `zeroGrad()` sets gradients to null, and `step()` skips parameters whose
 * gradient is null. Options live in `paramGroups` and may be changed between
 * steps: that is what learning rate schedules do. For one of your own extend
 * `ComposedOptimizer`.
 *
 * See https://docs.pytorch.org/docs/stable/optim.html
 */
export abstract class Optimizer<
  Options extends Hyperparameters = Hyperparameters,
  State extends ParameterState = ParameterState,
> {
  /** The groups, each with all options. */
  readonly paramGroups: ParamGroup<Options>[] = [];
  /** What is kept per parameter, once it has taken a step. */
  readonly state: Map<Tensor, State> = new Map();
  /** Options of groups that do not say otherwise. */
  readonly defaults: Options;

  /** Options that a group leaves out take `defaults`. */
  constructor(params: Params<Options>, defaults: Options) {
    this.defaults = defaults;
    this.checkOptions(defaults);
    const list = listOf<Tensor | ParamGroupOptions<Options>>(
      this.constructor.name,
      params,
    );
    if (list.length === 0) {
      throw new RangeError(
        `${this.constructor.name} got an empty parameter list`,
      );
    }
    const loose = list.filter((item) => item instanceof Tensor);
    if (loose.length === list.length) {
      const group = { params: loose } as unknown as ParamGroupOptions<Options>;
      this.addParamGroup(group);
    } else {
      for (const group of list) {
        if (group instanceof Tensor) {
          throw new TypeError(
            `${this.constructor.name} got tensors and groups in one list, expected either`,
          );
        }
        this.addParamGroup(group);
      }
    }
  }

  /** Throws for options that make no sense, naming the option. */
  protected abstract checkOptions(options: Options): void;

  /**
   * What to keep for a parameter, or null; `fresh` is false when saved values
   * will be copied into it.
   */
  protected abstract createState(
    parameter: Tensor,
    options: Options,
    fresh: boolean,
  ): State | null;

  /**
   * Adds parameters with options of their own, for instance layers that thaw.
   *
   * @throws RangeError for an empty list or an option that makes no sense;
   * Error for a tensor that is no leaf or that the optimizer has already.
   */
  addParamGroup(group: ParamGroupOptions<Options>): void {
    const name = this.constructor.name;
    const params = group.params instanceof Tensor
      ? [group.params]
      : listOf(name, group.params);
    if (params.length === 0) {
      throw new RangeError(`${name} got an empty parameter list`);
    }
    const known = new Set(this.paramGroups.flatMap((group) => group.params));
    for (const parameter of params) {
      checkParameter(name, parameter);
      if (known.has(parameter)) {
        throw new Error(
          `${name} got a parameter of shape ${
            formatShape(parameter.shape)
          } twice: each belongs to one group`,
        );
      }
      known.add(parameter);
    }
    const full: ParamGroup<Options> = { ...this.defaults, ...group, params };
    this.checkOptions(full);
    this.paramGroups.push(full);
  }

  /** Forgets the gradients: they become null. */
  zeroGrad(): void {
    const groups = this.paramGroups;
    for (let g = 0; g < groups.length; g++) {
      const { params } = groups[g]!;
      for (let i = 0; i < params.length; i++) params[i]!.grad = null;
    }
  }

  /** Updates every parameter that has a gradient. */
  abstract step(): null;
  /** First calls `closure`, which computes a loss and its gradients. */
  abstract step(closure: () => Tensor): Tensor;

  /**
   * State and options as plain data, in PyTorch's layout: parameters are
   * numbered, tensors share bytes with the optimizer's.
   */
  stateDict(): OptimizerState {
    return writeState(this.paramGroups, this.state);
  }

  /**
   * Continues from a state of an optimizer with the same groups.
   *
   * @throws RangeError when groups, parameters or shapes differ; nothing has
   * changed then.
   */
  loadStateDict(saved: OptimizerState): void {
    readState(
      this.constructor.name,
      saved,
      this.paramGroups,
      this.state,
      (parameter, options) => this.createState(parameter, options, false),
      (options) => this.checkOptions(options),
    );
  }
}

function listOf<T>(name: string, params: Iterable<T>): T[] {
  const iterable = typeof params === "object" && params !== null &&
    Symbol.iterator in params;
  if (iterable) return [...params];
  throw new TypeError(
    `${name} got ${
      params === null ? "null" : typeof params
    } as params, expected a list of tensors or of groups`,
  );
}

function checkParameter(name: string, parameter: unknown): void {
  if (!(parameter instanceof Tensor)) {
    throw new TypeError(
      `${name} got ${
        parameter === null ? "null" : typeof parameter
      } among the parameters, expected tensors`,
    );
  }
  const shape = `${formatShape(parameter.shape)}`;
  if (!parameter.isLeaf) {
    throw new Error(
      `${name} got a tensor ${shape} from ${parameter.gradFn}(): it can only change leaves`,
    );
  }
  if (parameter.disposed) {
    throw new Error(`${name} got a tensor ${shape} that was disposed of`);
  }
  if (!parameter.isContiguous()) {
    throw new Error(
      `${name} got a tensor ${shape} that is not row-major: make it contiguous() before requiresGrad_()`,
    );
  }
}
