/** Optimizers whose step is one kernel call per group. */

import {
  type DType,
  enableGrad,
  keep,
  noGrad,
  type Tensor,
} from "@fdunn/tensor";
import { formatShape, sameShape } from "@fdunn/tensor/op";
import {
  type Hyperparameters,
  Optimizer,
  type ParameterState,
  type ParamGroup,
  type Params,
} from "./optimizer.ts";
import { StepTable } from "./step_table.ts";

/**
 * Base of the optimizers that update each parameter alone, element by element:
 * it lists what has a gradient, and a subclass writes a table of pointers and
 * calls its kernel once.
 */
export abstract class FusedOptimizer<
  Options extends Hyperparameters = Hyperparameters,
  State extends ParameterState = ParameterState,
> extends Optimizer<Options, State> {
  /** For subclasses: the parameters of the running step, and their states. */
  protected readonly active: Tensor[] = [];
  /** See {@linkcode active}; null where nothing is kept. */
  protected readonly states: (State | null)[] = [];
  /** The pointer table of the kernel call. */
  protected readonly table: StepTable;
  /** Whether the running step met other types than float32. */
  #mixed = false;

  /** `columns` are the kernel's integers per parameter. */
  constructor(params: Params<Options>, defaults: Options, columns: number) {
    super(params, defaults);
    this.table = new StepTable(columns);
  }

  /** Updates the `count` first of {@linkcode active} that are of one type. */
  protected abstract update(
    options: Options,
    dtype: DType,
    count: number,
  ): void;

  /** Updates every parameter that has a gradient. */
  override step(): null;
  /** First calls `closure`, which computes a loss and its gradients. */
  override step(closure: () => Tensor): Tensor;
  /** See the overloads. */
  override step(closure?: () => Tensor): Tensor | null {
    const loss = closure === undefined ? null : enableGrad(closure);
    const groups = this.paramGroups;
    for (let g = 0; g < groups.length; g++) {
      const group = groups[g]!;
      const count = this.#collect(group);
      if (count === 0) continue;
      this.update(group, "float32", count);
      if (this.#mixed) this.update(group, "float64", count);
    }
    return loss;
  }

  /**
   * Lists what has a gradient, and makes missing state: all that allocates
   * happens before the first pointer is taken.
   */
  #collect(group: ParamGroup<Options>): number {
    const { active, states, state } = this;
    const { params } = group;
    this.#mixed = false;
    let count = 0;
    for (let i = 0; i < params.length; i++) {
      const parameter = params[i]!;
      const { gradient } = parameter.slot;
      if (gradient === null) continue;
      const { array } = gradient;
      const { dtype, shape } = parameter.array;
      if (
        array.dtype !== dtype || array.steps !== null ||
        !sameShape(array.shape, shape)
      ) this.#straighten(parameter, gradient);
      if (dtype !== "float32") this.#mixed = true;
      let kept = state.size === 0 ? null : state.get(parameter) ?? null;
      if (kept === null) {
        kept = this.createState(parameter, group, true);
        if (kept !== null) state.set(parameter, kept);
      }
      active[count] = parameter;
      states[count++] = kept;
    }
    // What the last step listed is not to be kept alive by the list.
    if (active.length > count) active.length = states.length = count;
    return count;
  }

  /** Gives a parameter a gradient of its own shape and type, row-major. */
  #straighten(parameter: Tensor, gradient: Tensor): void {
    if (!sameShape(gradient.shape, parameter.shape)) {
      throw new RangeError(
        `${this.constructor.name} got a gradient of shape ${
          formatShape(gradient.shape)
        } for a parameter of shape ${formatShape(parameter.shape)}`,
      );
    }
    const straight = noGrad(() => gradient.to(parameter.dtype).contiguous());
    if (straight !== gradient) parameter.grad = keep(straight);
  }
}
