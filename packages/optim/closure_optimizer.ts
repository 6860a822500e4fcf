/** Optimizers that compute the loss themselves, several times a step. */

import { cat, noGrad, type Tensor } from "@fdunn/tensor";
import { type Hyperparameters, Optimizer, type Params } from "./optimizer.ts";

/** Options of every {@linkcode ClosureOptimizer}. */
export interface ClosureOptions extends Hyperparameters {
  /** Climb instead of descend. Default `false`. */
  maximize: boolean;
}

/**
 * Base of the optimizers that see all parameters as one vector, and whose step
 * needs a closure that gives the loss.
 */
export abstract class ClosureOptimizer<Options extends ClosureOptions>
  extends Optimizer<Options> {
  /** Takes the parameters, of one group. */
  constructor(params: Params<Options>, defaults: Options) {
    super(params, defaults);
    const { length } = this.paramGroups;
    if (length !== 1) {
      throw new RangeError(
        `${this.constructor.name} got ${length} groups: it has one step length for all parameters`,
      );
    }
  }

  /** What is kept is of all parameters together: none has a state of its own. */
  protected createState(): null {
    return null;
  }

  /** A step needs a closure. */
  override step(): null;
  /** Several iterations; returns the loss before the first. */
  override step(closure: () => Tensor): Tensor;
  /** See the overloads. */
  override step(closure?: () => Tensor): Tensor | null {
    if (closure === undefined) {
      throw new TypeError(
        `${this.constructor.name}.step() got no closure: it computes the loss several times a step`,
      );
    }
    return noGrad(() => this.run(closure));
  }

  /** Iterations so far, in all steps. */
  abstract get nIter(): number;

  /** A step, without recording; returns the loss before it. */
  protected abstract run(closure: () => Tensor): Tensor;

  /** The parameters. */
  protected get params(): readonly Tensor[] {
    return this.paramGroups[0]!.params;
  }

  /** A loss to be made small. */
  protected signed(loss: Tensor): number {
    const value = loss.item();
    return this.paramGroups[0]!.maximize ? -value : value;
  }

  /** Gradients as one vector, of a loss to be made small; zeros for null. */
  protected flat(gradients: readonly (Tensor | null)[]): Tensor {
    const flat = cat(this.params.map((parameter, i) => {
      return (gradients[i] ?? parameter.zerosLike()).reshape([-1]);
    }));
    return this.paramGroups[0]!.maximize ? flat.neg() : flat;
  }

  /** A vector cut into the parameters' shapes. */
  protected pieces(vector: Tensor): Tensor[] {
    let from = 0;
    return this.params.map(({ size, shape }) => {
      const piece = vector.narrow(0, from, size).reshape(shape);
      from += size;
      return piece;
    });
  }

  /** Adds `t d` to the parameters. */
  protected move(t: number, d: Tensor): void {
    const pieces = this.pieces(d);
    this.params.forEach((parameter, i) => parameter.add_(pieces[i]!.mul(t)));
  }

  /** A copy of the parameters, to come back to. */
  protected place(): Tensor[] {
    return this.params.map((parameter) => parameter.clone());
  }

  /** Puts the parameters where they were. */
  protected goTo(place: readonly Tensor[]): void {
    this.params.forEach((parameter, i) => parameter.copy_(place[i]!));
  }
}

/** The product of two vectors. */
export function dot(a: Tensor, b: Tensor): number {
  return a.matmul(b).item();
}

/** The largest component's absolute value. */
export function largest(x: Tensor): number {
  return x.abs().amax().item();
}
