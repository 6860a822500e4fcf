/** Figures of classifiers, from outputs `[N, C]` and classes `[N]`. */

import { type Tensor, tensor } from "@fdunn/tensor";
import { confusionMatrix } from "./confusion.ts";
import { checkClasses, float64Of, type Metric } from "./metric.ts";
import { RunningMean } from "./running_mean.ts";

/**
 * The share of rows whose target is among the k largest outputs, in [0, 1].
 * Of equal outputs the later class comes first, as in scikit-learn.
 *
 * ```ts
 * import { TopKAccuracy } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const top2 = new TopKAccuracy(2);
 * const logits = tensor([[5, 3, 1], [1, 2, 3]]);
 * top2.update(logits, tensor([1, 0], { dtype: "int32" }));
 * assertEquals(top2.compute(), 0.5);
 * ```
 *
 * See https://scikit-learn.org/stable/modules/generated/sklearn.metrics.top_k_accuracy_score.html
 */
export class TopKAccuracy extends RunningMean implements Metric {
  readonly #k: number;

  /**
   * Counts the `k` largest. Default 5.
   *
   * @throws RangeError when k is not a whole number of at least 1.
   */
  constructor(k = 5) {
    super();
    if (!Number.isInteger(k) || k < 1) {
      throw new RangeError(
        `TopKAccuracy got k ${k}, expected a whole number of at least 1`,
      );
    }
    this.#k = k;
  }

  /**
   * Compares outputs `[N, C]` with classes `[N]`, int32.
   *
   * @throws RangeError when the shapes do not fit, or a class is not below C.
   */
  update(output: Tensor, target: Tensor): void {
    const rows = checkClasses("TopKAccuracy", output, target);
    const classes = output.shape[1]!;
    const values = float64Of(output);
    const labels = target.data();
    let correct = 0;
    for (let row = 0; row < rows; row++) {
      const label = Number(labels[row]);
      if (!(label >= 0 && label < classes)) {
        throw new RangeError(
          `TopKAccuracy got the class ${label}, expected 0 to ${classes - 1}`,
        );
      }
      const own = values[row * classes + label]!;
      let before = 0;
      for (let c = 0; c < classes; c++) {
        const value = values[row * classes + c]!;
        if (value > own || (value === own && c > label)) before++;
      }
      if (before < this.#k) correct++;
    }
    this.add(correct, rows);
  }
}

/**
 * {@linkcode confusionMatrix} over batches: int32 `[C, C]`, rows actual.
 *
 * ```ts
 * import { ConfusionMatrix } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const matrix = new ConfusionMatrix(2);
 * const logits = tensor([[2, 1], [0, 3], [5, 4]]);
 * matrix.update(logits, tensor([0, 1, 1], { dtype: "int32" }));
 * assertEquals(matrix.compute().toArray(), [[1, 0], [1, 1]]);
 * ```
 */
export class ConfusionMatrix implements Metric<Tensor> {
  /** How many classes there are. */
  readonly classes: number;
  readonly #counts: Int32Array;

  /**
   * Counts predictions of so many classes.
   *
   * @throws RangeError when that is not a whole number of at least 1.
   */
  constructor(classes: number) {
    if (!Number.isInteger(classes) || classes < 1) {
      throw new RangeError(
        `ConfusionMatrix got ${classes} classes, expected a whole number of at least 1`,
      );
    }
    this.classes = classes;
    this.#counts = new Int32Array(classes * classes);
  }

  /**
   * Counts outputs `[N, C]` by their largest, and classes `[N]`, int32.
   *
   * @throws RangeError when the shapes do not fit, or a class is not below C.
   */
  update(output: Tensor, target: Tensor): void {
    checkClasses("ConfusionMatrix", output, target);
    if (output.shape[1] !== this.classes) {
      throw new RangeError(
        `ConfusionMatrix got output [${
          output.shape.join(", ")
        }], expected [N, ${this.classes}]`,
      );
    }
    const predicted = output.detach().argmax(1).to("int32");
    const batch = confusionMatrix(predicted, target, this.classes).data();
    const counts = this.#counts;
    for (let i = 0; i < counts.length; i++) counts[i]! += Number(batch[i]);
  }

  /** The counts, as a tensor of their own. */
  compute(): Tensor {
    return tensor(this.#counts.slice()).reshape([this.classes, this.classes]);
  }

  /** Predictions of a class that were right. */
  right(c: number): number {
    return this.#counts[c * this.classes + c]!;
  }

  /** How often a class was actual. */
  actual(c: number): number {
    let total = 0;
    for (let k = 0; k < this.classes; k++) {
      total += this.#counts[c * this.classes + k]!;
    }
    return total;
  }

  /** How often a class was predicted. */
  predicted(c: number): number {
    let total = 0;
    for (let k = 0; k < this.classes; k++) {
      total += this.#counts[k * this.classes + c]!;
    }
    return total;
  }

  /** Forgets all batches. */
  reset(): void {
    this.#counts.fill(0);
  }

  /** The counts, row by row. */
  state(): number[] {
    return Array.from(this.#counts);
  }

  /** Goes on from these counts. */
  loadState(state: number[]): void {
    this.#counts.set(state);
  }
}

/**
 * How figures of classes become one: their mean (`"macro"`), their mean by how
 * often each class is actual (`"weighted"`), or from the counts of all classes
 * together (`"micro"`).
 */
export type Average = "macro" | "weighted" | "micro";

/** Options of {@linkcode Precision}, {@linkcode Recall} and {@linkcode F1Score}. */
export interface AverageOptions {
  /** How figures of classes become one. Default `"macro"`. */
  average?: Average;
}

/** A class's figure as a quotient of counts, averaged; 0 over 0 is 0. */
export abstract class ClassMetric implements Metric {
  /** The counts so far. */
  protected readonly matrix: ConfusionMatrix;
  readonly #average: Average;

  /**
   * Of so many classes.
   *
   * @throws RangeError when there is no such average, or the number is not a
   * whole number of at least 1.
   */
  constructor(classes: number, options: AverageOptions = {}) {
    const { average = "macro" } = options;
    if (!["macro", "weighted", "micro"].includes(average)) {
      throw new RangeError(
        `${new.target.name} got average "${average}", expected "macro", "weighted" or "micro"`,
      );
    }
    this.#average = average;
    this.matrix = new ConfusionMatrix(classes);
  }

  /** Numerator and denominator of a class's figure. */
  protected abstract quotient(c: number): readonly [number, number];

  /**
   * Compares outputs `[N, C]` with classes `[N]`, int32.
   *
   * @throws RangeError when the shapes do not fit, or a class is not below C.
   */
  update(output: Tensor, target: Tensor): void {
    this.matrix.update(output, target);
  }

  /** Each class's figure; 0 where nothing was predicted, or nothing actual. */
  perClass(): number[] {
    return this.#quotients().map(([part, whole]) =>
      whole === 0 ? 0 : part / whole
    );
  }

  /** The average over classes; NaN before any batch. */
  compute(): number {
    const { classes } = this.matrix;
    const weights = Array.from(
      { length: classes },
      (_, c) => this.matrix.actual(c),
    );
    const rows = sum(weights);
    if (rows === 0) return NaN;
    if (this.#average === "micro") {
      const all = this.#quotients();
      return sum(all.map(([part]) => part)) /
        sum(all.map(([, whole]) => whole));
    }
    const each = this.perClass();
    if (this.#average === "macro") return sum(each) / classes;
    return sum(each.map((figure, c) => figure * weights[c]!)) / rows;
  }

  /** Forgets all batches. */
  reset(): void {
    this.matrix.reset();
  }

  /** The counts. */
  state(): number[] {
    return this.matrix.state();
  }

  /** Goes on from these counts. */
  loadState(state: number[]): void {
    this.matrix.loadState(state);
  }

  #quotients(): (readonly [number, number])[] {
    return Array.from(
      { length: this.matrix.classes },
      (_, c) => this.quotient(c),
    );
  }
}

/**
 * Of the predictions of a class, the share that is right: tp / (tp + fp).
 * Equals scikit-learn's with `labels` of all classes and `zero_division=0`.
 *
 * ```ts
 * import { Precision } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const precision = new Precision(2);
 * const logits = tensor([[2, 1], [0, 3], [5, 4]]);
 * precision.update(logits, tensor([0, 1, 1], { dtype: "int32" }));
 * assertEquals(precision.perClass(), [0.5, 1]);
 * assertEquals(precision.compute(), 0.75);
 * ```
 *
 * See https://scikit-learn.org/stable/modules/generated/sklearn.metrics.precision_score.html
 */
export class Precision extends ClassMetric {
  /** Right predictions, over predictions. */
  protected override quotient(c: number): readonly [number, number] {
    return [this.matrix.right(c), this.matrix.predicted(c)];
  }
}

/**
 * Of the samples of a class, the share that is found: tp / (tp + fn).
 * Equals scikit-learn's with `labels` of all classes and `zero_division=0`.
 *
 * ```ts
 * import { Recall } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const recall = new Recall(2);
 * const logits = tensor([[2, 1], [0, 3], [5, 4]]);
 * recall.update(logits, tensor([0, 1, 1], { dtype: "int32" }));
 * assertEquals(recall.perClass(), [1, 0.5]);
 * ```
 *
 * See https://scikit-learn.org/stable/modules/generated/sklearn.metrics.recall_score.html
 */
export class Recall extends ClassMetric {
  /** Right predictions, over samples. */
  protected override quotient(c: number): readonly [number, number] {
    return [this.matrix.right(c), this.matrix.actual(c)];
  }
}

/**
 * The harmonic mean of precision and recall: 2 tp / (2 tp + fp + fn).
 * Equals scikit-learn's with `labels` of all classes and `zero_division=0`.
 *
 * ```ts
 * import { F1Score } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const f1 = new F1Score(2, { average: "micro" });
 * const logits = tensor([[2, 1], [0, 3], [5, 4]]);
 * f1.update(logits, tensor([0, 1, 1], { dtype: "int32" }));
 * assertAlmostEquals(f1.compute(), 2 / 3);
 * ```
 *
 * See https://scikit-learn.org/stable/modules/generated/sklearn.metrics.f1_score.html
 */
export class F1Score extends ClassMetric {
  /** Twice the right predictions, over predictions and samples. */
  protected override quotient(c: number): readonly [number, number] {
    const { matrix } = this;
    return [2 * matrix.right(c), matrix.predicted(c) + matrix.actual(c)];
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
