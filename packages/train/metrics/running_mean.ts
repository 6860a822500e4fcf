/** Means that are gathered batch by batch. */

/** A sum, and over how much it is. */
export type Sums = [total: number, count: number];

/**
 * A mean over all that was added: what most figures are. With an `update()` of
 * its own it is a metric.
 *
 * ```ts
 * import { RunningMean } from "@fdunn/train";
 * import { type Tensor, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * class Bias extends RunningMean {
 *   update(output: Tensor, target: Tensor): void {
 *     this.add(output.sub(target).sum().item(), target.size);
 *   }
 * }
 *
 * const bias = new Bias();
 * bias.update(tensor([1, 2]), tensor([0, 0]));
 * bias.update(tensor([6]), tensor([0]));
 * assertEquals(bias.compute(), 3);
 * ```
 */
export abstract class RunningMean {
  #total = 0;
  #count = 0;

  /** Adds the sum over so many. */
  protected add(total: number, count: number): void {
    this.#total += total;
    this.#count += count;
  }

  /** The mean over all; NaN before any. */
  compute(): number {
    return this.#total / this.#count;
  }

  /** Forgets all batches. */
  reset(): void {
    this.#total = this.#count = 0;
  }

  /** The sums. */
  state(): Sums {
    return [this.#total, this.#count];
  }

  /** Goes on from these sums. */
  loadState(state: Sums): void {
    [this.#total, this.#count] = state;
  }
}
