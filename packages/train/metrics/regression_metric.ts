/** Figures of predicted numbers, and of predicted distributions. */

import type { Tensor } from "@fdunn/tensor";
import { float64Of, type Metric } from "./metric.ts";
import { RunningMean } from "./running_mean.ts";

/** The mean of something over all elements of outputs and targets. */
export abstract class MeanError extends RunningMean implements Metric {
  /** What one element's difference counts. */
  protected abstract errorOf(difference: number): number;

  /**
   * Compares outputs with targets of the same shape.
   *
   * @throws RangeError when the shapes differ.
   */
  update(output: Tensor, target: Tensor): void {
    checkSame(this.constructor.name, output, target);
    const [a, b] = [float64Of(output), float64Of(target)];
    let total = 0;
    for (let i = 0; i < a.length; i++) total += this.errorOf(a[i]! - b[i]!);
    this.add(total, a.length);
  }
}

/**
 * The mean of squared differences.
 *
 * ```ts
 * import { MeanSquaredError } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new MeanSquaredError();
 * error.update(tensor([1, 2]), tensor([1, 4]));
 * assertEquals(error.compute(), 2);
 * ```
 *
 * See https://scikit-learn.org/stable/modules/generated/sklearn.metrics.mean_squared_error.html
 */
export class MeanSquaredError extends MeanError {
  /** The square. */
  protected override errorOf(difference: number): number {
    return difference * difference;
  }
}

/**
 * The mean of absolute differences.
 *
 * ```ts
 * import { MeanAbsoluteError } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const error = new MeanAbsoluteError();
 * error.update(tensor([1, 2]), tensor([1, 4]));
 * assertEquals(error.compute(), 1);
 * ```
 *
 * See https://scikit-learn.org/stable/modules/generated/sklearn.metrics.mean_absolute_error.html
 */
export class MeanAbsoluteError extends MeanError {
  /** The size. */
  protected override errorOf(difference: number): number {
    return Math.abs(difference);
  }
}

/** What is known of one column of targets. */
interface Column {
  mean: number;
  /** Sum of squared distances from the mean. */
  spread: number;
  /** Sum of squared differences from the outputs. */
  residual: number;
}

/**
 * The share of the targets' variance that the outputs explain:
 * 1 - sum (y - f)^2 / sum (y - mean)^2, as mean over the columns of `[N, D]`.
 * A column without variance counts 1 if it is met exactly, and 0 otherwise.
 *
 * ```ts
 * import { R2Score } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const r2 = new R2Score();
 * r2.update(tensor([1, 2, 2]), tensor([1, 2, 3]));
 * assertEquals(r2.compute(), 0.5);
 * ```
 *
 * See https://scikit-learn.org/stable/modules/generated/sklearn.metrics.r2_score.html
 */
export class R2Score implements Metric {
  #rows = 0;
  #columns: Column[] = [];

  /**
   * Compares outputs `[N]` or `[N, D]` with targets of the same shape.
   *
   * @throws RangeError for other shapes, or another D than before.
   */
  update(output: Tensor, target: Tensor): void {
    checkSame("R2Score", output, target);
    const width = output.shape[1] ?? 1;
    const known = this.#columns.length;
    const fits = output.ndim === 1 || output.ndim === 2;
    if (!fits || (known !== 0 && known !== width)) {
      throw new RangeError(
        `R2Score got output [${output.shape.join(", ")}], expected ${
          known === 0 ? "[N] or [N, D]" : `${known} columns as before`
        }`,
      );
    }
    while (this.#columns.length < width) {
      this.#columns.push({ mean: 0, spread: 0, residual: 0 });
    }
    const [a, b] = [float64Of(output), float64Of(target)];
    for (let i = 0; i < b.length; i++) {
      if (i % width === 0) this.#rows++;
      // Welford, Technometrics 4, 1962: no difference of large sums.
      const column = this.#columns[i % width]!;
      const distance = b[i]! - column.mean;
      column.mean += distance / this.#rows;
      column.spread += distance * (b[i]! - column.mean);
      column.residual += (b[i]! - a[i]!) ** 2;
    }
  }

  /** The mean over columns; NaN for less than two samples. */
  compute(): number {
    if (this.#rows < 2) return NaN;
    const each = this.#columns.map(({ spread, residual }) => {
      if (spread === 0) return residual === 0 ? 1 : 0;
      return 1 - residual / spread;
    });
    return each.reduce((total, share) => total + share, 0) / each.length;
  }

  /** Forgets all batches. */
  reset(): void {
    this.#rows = 0;
    this.#columns = [];
  }

  /** The sums of each column: mean, spread, residual. */
  state(): { rows: number; columns: [number, number, number][] } {
    const columns = this.#columns.map((
      { mean, spread, residual },
    ): [number, number, number] => [mean, spread, residual]);
    return { rows: this.#rows, columns };
  }

  /** Goes on from these sums. */
  loadState(
    state: { rows: number; columns: [number, number, number][] },
  ): void {
    this.#rows = state.rows;
    this.#columns = state.columns.map(([mean, spread, residual]) => ({
      mean,
      spread,
      residual,
    }));
  }
}

/** Options of {@linkcode Perplexity}. */
export interface PerplexityOptions {
  /** Targets of this class do not count. Default: all do. */
  ignoreIndex?: number;
}

/**
 * e to the mean cross entropy: between how many classes, equally likely, the
 * outputs leave one in doubt.
 *
 * ```ts
 * import { Perplexity } from "@fdunn/train";
 * import { zeros } from "@fdunn/tensor";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const perplexity = new Perplexity();
 * perplexity.update(zeros([2, 3, 7]), zeros([2, 3], { dtype: "int32" }));
 * assertAlmostEquals(perplexity.compute(), 7);
 * ```
 */
export class Perplexity extends RunningMean implements Metric {
  readonly #ignored: number | null;

  /** Nothing taken in yet. */
  constructor(options: PerplexityOptions = {}) {
    super();
    this.#ignored = options.ignoreIndex ?? null;
  }

  /**
   * Takes in logits `[..., C]` and classes `[...]`, int32.
   *
   * @throws RangeError when the shapes do not fit, or a class is not below C.
   */
  update(output: Tensor, target: Tensor): void {
    const classes = output.shape.at(-1) ?? 0;
    const outer = output.shape.slice(0, -1);
    if (classes === 0 || outer.join() !== target.shape.join()) {
      throw new RangeError(
        `Perplexity got output [${output.shape.join(", ")}] and target [${
          target.shape.join(", ")
        }], expected [..., C] and [...]`,
      );
    }
    const values = float64Of(output);
    const labels = target.data();
    for (let row = 0; row < labels.length; row++) {
      const label = Number(labels[row]);
      if (label === this.#ignored) continue;
      if (!(label >= 0 && label < classes)) {
        throw new RangeError(
          `Perplexity got the class ${label}, expected 0 to ${classes - 1}`,
        );
      }
      const own = values.subarray(row * classes, (row + 1) * classes);
      const largest = own.reduce((a, b) => Math.max(a, b), -Infinity);
      const sum = own.reduce((total, v) => total + Math.exp(v - largest), 0);
      this.add(largest + Math.log(sum) - own[label]!, 1);
    }
  }

  /** e to the mean over all targets; NaN before any. */
  override compute(): number {
    return Math.exp(super.compute());
  }
}

function checkSame(metric: string, output: Tensor, target: Tensor): void {
  if (output.shape.join() === target.shape.join()) return;
  throw new RangeError(
    `${metric} got output [${output.shape.join(", ")}] and target [${
      target.shape.join(", ")
    }], expected the same shape`,
  );
}
