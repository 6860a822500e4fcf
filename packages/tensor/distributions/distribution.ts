/** What all distributions have: shapes, samples, checks of what they are given. */

import { tensor } from "../create.ts";
import { noGrad } from "../grad_mode.ts";
import type { Generator } from "../random.ts";
import {
  broadcastShapes,
  formatShape,
  sameShape,
  type Shape,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of {@linkcode Distribution.sample} and `rsample()`. */
export interface SampleOptions {
  /** Where the numbers come from. Default: the default generator. */
  generator?: Generator;
}

/**
 * Base of the distributions: a batch of them, each over values of one shape.
 *
 * Parameters that require grad give log-probabilities, entropies and divergences
 * that do.
 *
 * See https://docs.pytorch.org/docs/stable/distributions.html#torch.distributions.distribution.Distribution
 */
export abstract class Distribution {
  /** The shape of the batch of distributions. */
  readonly batchShape: Shape;
  /** The shape of one value. */
  readonly eventShape: Shape;

  /** Notes the shapes. */
  constructor(batchShape: Shape, eventShape: Shape = []) {
    this.batchShape = batchShape;
    this.eventShape = eventShape;
  }

  /** The expected values, `[...batchShape, ...eventShape]`. */
  abstract get mean(): Tensor;

  /** The variances, `[...batchShape, ...eventShape]`. */
  abstract get variance(): Tensor;

  /** The most probable values, `[...batchShape, ...eventShape]`. */
  abstract get mode(): Tensor;

  /** The square roots of the variances. */
  get stddev(): Tensor {
    return this.variance.sqrt();
  }

  /**
   * Draws values, `[...shape, ...batchShape, ...eventShape]`, without gradients.
   */
  sample(shape: Shape = [], options: SampleOptions = {}): Tensor {
    return noGrad(() => this.rsample(shape, options));
  }

  /**
   * Draws values as a function of the parameters, so that gradients reach them:
   * the reparametrization trick.
   *
   * @throws Error where values are not a differentiable function of them.
   */
  rsample(_shape: Shape = [], _options: SampleOptions = {}): Tensor {
    throw new Error(
      `${this.constructor.name} has no rsample(): its values are no differentiable function of its parameters; use sample() and logProb()`,
    );
  }

  /**
   * The logarithm of the probability, or of its density, of values that
   * broadcast with `[...batchShape, ...eventShape]`; one number for each value.
   *
   * @throws RangeError for values that cannot occur.
   */
  abstract logProb(value: Tensor): Tensor;

  /** The expected -log p, `[...batchShape]`. */
  abstract entropy(): Tensor;

  /** {@linkcode klDivergence} to another of its class. */
  abstract divergence(other: this): Tensor;

  /** Its name and shapes. */
  toString(): string {
    const { name } = this.constructor;
    const [batch, event] = [this.batchShape, this.eventShape].map(formatShape);
    return `${name}(batchShape=${batch}, eventShape=${event})`;
  }

  /** The shape of samples. */
  protected extended(shape: Shape): Shape {
    return [...shape, ...this.batchShape, ...this.eventShape];
  }
}

/** Parameters of one shape and dtype; numbers stand for scalars. */
export function broadcastAll(
  name: string,
  ...values: (Tensor | number)[]
): Tensor[] {
  const like = values.find((value) => typeof value !== "number");
  const all = values.map((value) =>
    typeof value !== "number" ? value : like?.scalarLike(value) ?? tensor(value)
  );
  const shape = all.map((value) => value.shape as Shape)
    .reduce((a, b) => broadcastShapes(name, a, b));
  return all.map((value) =>
    sameShape(value.shape, shape) ? value : value.expand(shape)
  );
}

/**
 * Throws unless a parameter, or a value, is what it must be everywhere.
 *
 * @throws RangeError, with the first element that is not.
 */
export function requireEach(
  what: string,
  value: Tensor,
  holds: (value: Tensor) => Tensor,
  expected: string,
): void {
  const wrong = noGrad(() => {
    const ok = holds(value.detach());
    if (ok.all().item() === 1) return null;
    return value.detach().expand(ok.shape).maskedSelect(ok.logicalNot())
      .data()[0];
  });
  if (wrong === null) return;
  throw new RangeError(`${what} got ${wrong}, expected ${expected}`);
}

/** Probabilities, kept away from 0 and 1 by the smallest step from 1. */
export function clampProbs(probs: Tensor): Tensor {
  const eps = probs.dtype === "float64" ? 2 ** -52 : 2 ** -23;
  return probs.clamp(eps, 1 - eps);
}

/** The one of two options that was given. */
export function onlyOne<T extends string>(
  name: string,
  options: Partial<Record<T, Tensor | number>>,
  keys: readonly [T, T],
): [key: T, value: Tensor | number] {
  const given = keys.filter((key) => options[key] !== undefined);
  if (given.length === 1) return [given[0]!, options[given[0]!]!];
  throw new TypeError(
    `${name} got ${given.length === 0 ? "neither" : "both"} of ${keys[0]} and ${
      keys[1]
    }, expected one of them`,
  );
}
