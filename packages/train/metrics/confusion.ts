/** Which classes a classifier takes for which. */

import { type Tensor, tensor } from "@fdunn/tensor";

/**
 * Counts predictions by class: an int32 matrix `[classes, classes]` whose row
 * is the actual class, and whose column the predicted one.
 *
 * `predicted` and `actual` are classes `[n]`, int32.
 *
 * ```ts
 * import { confusionMatrix } from "@fdunn/train";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const predicted = tensor([0, 1, 1, 1], { dtype: "int32" });
 * const actual = tensor([0, 0, 1, 1], { dtype: "int32" });
 * const matrix = confusionMatrix(predicted, actual, 2);
 * assertEquals(matrix.toArray(), [[1, 1], [0, 2]]);
 * ```
 *
 * See https://scikit-learn.org/stable/modules/generated/sklearn.metrics.confusion_matrix.html
 *
 * @throws RangeError for shapes that do not fit, or a class outside of 0 to
 * `classes - 1`; TypeError for other dtypes.
 */
export function confusionMatrix(
  predicted: Tensor,
  actual: Tensor,
  classes: number,
): Tensor {
  if (!Number.isInteger(classes) || classes < 1) {
    throw new RangeError(
      `confusionMatrix() got ${classes} classes, expected a whole number of at least 1`,
    );
  }
  if (
    predicted.ndim !== 1 || actual.ndim !== 1 || predicted.size !== actual.size
  ) {
    throw new RangeError(
      `confusionMatrix() got predicted [${
        predicted.shape.join(", ")
      }] and actual [${actual.shape.join(", ")}], expected [n] both`,
    );
  }
  const columns = labelsOf(predicted, "predicted", classes);
  const rows = labelsOf(actual, "actual", classes);
  const counts = new Int32Array(classes * classes);
  for (let i = 0; i < rows.length; i++) {
    counts[rows[i]! * classes + columns[i]!]!++;
  }
  return tensor(counts).reshape([classes, classes]);
}

function labelsOf(labels: Tensor, name: string, classes: number): Int32Array {
  if (labels.dtype !== "int32") {
    throw new TypeError(
      `confusionMatrix() got ${name} of ${labels.dtype}, expected int32 classes; from logits [n, C] take argmax(1)`,
    );
  }
  const values = labels.data() as Int32Array;
  const bad = values.find((label) => label < 0 || label >= classes);
  if (bad === undefined) return values;
  throw new RangeError(
    `confusionMatrix() got the class ${bad} in ${name}, expected 0 to ${
      classes - 1
    }`,
  );
}
