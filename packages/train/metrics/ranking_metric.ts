/** Figures of how well scores rank samples: all scores are kept until then. */

import type { Tensor } from "@fdunn/tensor";
import { checkClasses, float64Of, type Metric } from "./metric.ts";

/** Scores of samples for one class, and whether each is of it. */
export interface Ranked {
  /** Positions, from the highest score to the lowest. */
  order: number[];
  /** Each sample's score. */
  scores: number[];
  /** Whether each sample is of the class. */
  positive: boolean[];
}

/** What a {@linkcode RankingMetric} has gathered. */
export interface RankingState {
  /** Scores by class; of two classes only those of the second. */
  scores: number[][];
  /** The samples' classes. */
  labels: number[];
  /** Columns of the outputs; 1 for scores `[N]`. */
  columns: number;
}

/** A figure of rankings, for one class or as mean over several. */
export abstract class RankingMetric implements Metric {
  /** Scores by class; of two classes only those of the second. */
  #scores: number[][] = [];
  #labels: number[] = [];
  /** Columns of the outputs; 1 for scores `[N]`. */
  #columns = 0;

  /**
   * Takes in logits `[N, C]`, or scores `[N]` for class 1, whatever their
   * scale, with classes `[N]`.
   *
   * @throws RangeError when the shapes do not fit, or differ from before, or
   * for a class that is none.
   */
  update(output: Tensor, target: Tensor): void {
    const { name } = this.constructor;
    const columns = output.ndim === 1 ? 1 : output.shape[1]!;
    const rows = output.ndim === 1 && target.ndim === 1 &&
        target.size === output.size
      ? output.size
      : checkClasses(name, output, target);
    if (this.#columns !== 0 && this.#columns !== columns) {
      throw new RangeError(
        `${name} got output [${
          output.shape.join(", ")
        }] after batches of ${this.#columns} columns`,
      );
    }
    const classes = Math.max(2, columns);
    const labels = Array.from(float64Of(target));
    const bad = labels.find((c) =>
      !(Number.isInteger(c) && c >= 0 && c < classes)
    );
    if (bad !== undefined) {
      throw new RangeError(
        `${name} got the class ${bad}, expected 0 to ${classes - 1}`,
      );
    }
    this.#columns = columns;
    const kept = columns > 2 ? columns : 1;
    while (this.#scores.length < kept) this.#scores.push([]);
    const values = float64Of(output);
    for (let row = 0; row < rows; row++) {
      const own = values.subarray(row * columns, (row + 1) * columns);
      if (columns === 1) this.#scores[0]!.push(own[0]!);
      else if (columns === 2) this.#scores[0]!.push(own[1]! - own[0]!);
      else {
        // The logarithm ranks as probabilities do, without their rounding.
        const shares = logSoftmax(own);
        for (let c = 0; c < columns; c++) this.#scores[c]!.push(shares[c]!);
      }
      this.#labels.push(labels[row]!);
    }
  }

  /** The figure of one ranking. */
  protected abstract ofRanking(ranked: Ranked): number;

  /** Each class's figure against all others; of two classes the second's. */
  perClass(): number[] {
    const single = this.#columns <= 2;
    return this.#scores.map((scores, c) => {
      const positive = this.#labels.map((label) => label === (single ? 1 : c));
      const order = scores.map((_, i) => i)
        .sort((i, k) => scores[k]! - scores[i]!);
      return this.ofRanking({ order, scores, positive });
    });
  }

  /** The mean over classes; NaN before any batch. */
  compute(): number {
    const each = this.perClass();
    return each.reduce((total, figure) => total + figure, 0) / each.length;
  }

  /** Forgets all batches. */
  reset(): void {
    this.#scores = [];
    this.#labels = [];
    this.#columns = 0;
  }

  /** All scores and classes. */
  state(): RankingState {
    const scores = this.#scores.map((list) => list.slice());
    return { scores, labels: this.#labels.slice(), columns: this.#columns };
  }

  /** Goes on from these. */
  loadState(state: RankingState): void {
    this.#scores = state.scores.map((list) => list.slice());
    this.#labels = state.labels.slice();
    this.#columns = state.columns;
  }
}

/**
 * The area under the receiver operating characteristic: how often a sample of
 * the class has a higher score than one of another, ties counting a half.
 * Of more than two classes the mean of each against all others. NaN where a
 * class has no samples, or all of them.
 *
 * ```ts
 * import { AUROC } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const auroc = new AUROC();
 * const classes = tensor([0, 0, 1, 1], { dtype: "int32" });
 * auroc.update(tensor([0.1, 0.4, 0.35, 0.8]), classes);
 * assertEquals(auroc.compute(), 0.75);
 * ```
 *
 * See https://scikit-learn.org/stable/modules/generated/sklearn.metrics.roc_auc_score.html
 */
export class AUROC extends RankingMetric {
  /** The area by pairs of samples. */
  protected override ofRanking(ranked: Ranked): number {
    let [right, positives, negatives] = [0, 0, 0];
    for (const [hits, misses] of groupsOf(ranked)) {
      // From above: each other sample is below all positives so far.
      right += misses * (positives + hits / 2);
      positives += hits;
      negatives += misses;
    }
    return right / (positives * negatives);
  }
}

/**
 * The mean precision over the recall that each threshold gains:
 * sum of (R_n - R_{n-1}) P_n. Of more than two classes the mean of each against
 * all others; 0 for a class without samples.
 *
 * ```ts
 * import { AveragePrecision } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const precision = new AveragePrecision();
 * const classes = tensor([0, 0, 1, 1], { dtype: "int32" });
 * precision.update(tensor([0.1, 0.4, 0.35, 0.8]), classes);
 * assertAlmostEquals(precision.compute(), 5 / 6);
 * ```
 *
 * See https://scikit-learn.org/stable/modules/generated/sklearn.metrics.average_precision_score.html
 */
export class AveragePrecision extends RankingMetric {
  /** The sum over thresholds. */
  protected override ofRanking(ranked: Ranked): number {
    const all = ranked.positive.filter(Boolean).length;
    if (all === 0) return 0;
    let [total, positives, seen] = [0, 0, 0];
    for (const [hits, misses] of groupsOf(ranked)) {
      positives += hits;
      seen += hits + misses;
      total += hits / all * (positives / seen);
    }
    return total;
  }
}

/** Samples of the class, and others, for each score from above. */
function groupsOf({ order, scores, positive }: Ranked): [number, number][] {
  const groups: [hits: number, misses: number][] = [];
  let last = NaN;
  for (const i of order) {
    if (scores[i] !== last) groups.push([0, 0]);
    last = scores[i]!;
    groups.at(-1)![positive[i] ? 0 : 1]++;
  }
  return groups;
}

/** Equal bits for equal shares, whatever is added to all logits: ties count. */
function logSoftmax(logits: Float64Array): Float64Array {
  const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
  const shifted = logits.map((v) => v - largest);
  // In order, so that the same logits in other columns have the same sum.
  const sum = shifted.slice().sort()
    .reduce((total, v) => total + Math.exp(v), 0);
  return shifted.map((v) => v - Math.log(sum));
}
