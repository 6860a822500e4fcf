/** Drawing categories by their weights. */

import { requireFloat } from "./dtype.ts";
import { floatKernels } from "./kernel.ts";
import {
  allocate,
  contiguous,
  type Elements,
  elementsOf,
  type NdArray,
  writable,
} from "./nd_array.ts";
import { apply, type Op } from "./op.ts";
import { positions } from "./ops/sort.ts";
import { defaultGenerator, type Generator } from "./random.ts";
import { formatShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Options of {@linkcode multinomial}. */
export interface MultinomialOptions {
  /** A category may be drawn again. Default `false`. */
  replacement?: boolean;
  /** Where the numbers come from. Default: {@linkcode defaultGenerator}. */
  generator?: Generator;
}

interface MultinomialParams {
  count: number;
  replacement: boolean;
  generator: Generator;
}

const MULTINOMIAL: Op<MultinomialParams> = {
  name: "multinomial",
  saves: "none",
  forward: (params, weights) =>
    params.replacement
      ? withReplacement(params, weights)
      : withoutReplacement(params, weights),
  backward: null,
};

/** Uniform numbers in [0, 1), two words each: rare categories need digits. */
function draw(n: number, generator: Generator): NdArray {
  const numbers = allocate([2, n], "float32");
  const { random_uniform } = floatKernels("multinomial", "float32");
  const state = generator.address();
  if (n > 0) random_uniform(2 * n, 0, 1, state, writable(numbers));
  return numbers;
}

function uniform(numbers: Elements, i: number): number {
  return numbers[i]! + numbers[numbers.length / 2 + i]! * 2 ** -24;
}

/** Throws unless the weights of a row can be drawn from; returns their sum. */
function total(weights: Elements, row: number, n: number): number {
  let sum = 0;
  for (let i = row * n; i < (row + 1) * n; i++) {
    const weight = weights[i]!;
    if (!(weight >= 0 && weight < Infinity)) {
      throw new RangeError(
        `multinomial() got weight ${weight} at position ${i}, expected finite numbers of at least 0`,
      );
    }
    sum += weight;
  }
  if (sum > 0) return sum;
  throw new RangeError(
    `multinomial() got weights that add up to 0 in row ${row}`,
  );
}

/** Finds each number's place in the running sums. */
function withReplacement(
  { count, generator }: MultinomialParams,
  x: NdArray,
): NdArray {
  const [rows, n] = x.shape as readonly [number, number];
  const source = contiguous(x);
  const out = allocate([rows, count], "int32");
  const [weights, numbers, found] = elementsOf(
    source,
    draw(rows * count, generator),
    out,
  ) as [Elements, Elements, Elements];
  const sums = new Float64Array(n);
  for (let row = 0; row < rows; row++) {
    const whole = total(weights, row, n);
    let sum = 0;
    for (let i = 0; i < n; i++) sums[i] = sum += weights[row * n + i]!;
    for (let j = row * count; j < (row + 1) * count; j++) {
      const place = uniform(numbers, j) * whole;
      let [low, high] = [0, n - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (sums[middle]! > place) high = middle;
        else low = middle + 1;
      }
      found[j] = low;
    }
  }
  return out;
}

/**
 * The largest of weight / exponential: as if drawn one by one (Efraimidis and
 * Spirakis, "Weighted random sampling with a reservoir", 2006).
 */
function withoutReplacement(
  { count, generator }: MultinomialParams,
  x: NdArray,
): NdArray {
  const n = x.shape[1]!;
  const source = contiguous(x);
  const keys = allocate(x.shape, "float32");
  const [weights, numbers, key] = elementsOf(
    source,
    draw(x.size, generator),
    keys,
  ) as [Elements, Elements, Elements];
  for (let row = 0; row < x.shape[0]!; row++) total(weights, row, n);
  for (let i = 0; i < key.length; i++) {
    const weight = weights[i]!;
    key[i] = weight === 0 ? 0 : weight / -Math.log1p(-uniform(numbers, i));
  }
  const params = { dim: 1, k: count, descending: true };
  return positions("multinomial", keys, params);
}

/**
 * Draws positions with probabilities in proportion to weights, which need not
 * add up to 1; int32.
 *
 * Shapes: weights `[n]` to `[count]`, or `[rows, n]` to `[rows, count]`: each
 * row by itself; float32 or float64. Without replacement (the default) nothing
 * is drawn twice, and what has weight 0 comes last if at all.
 *
 * ```ts
 * import { multinomial, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const drawn = multinomial(tensor([0, 3, 0, 1]), 2);
 * assertEquals(drawn.sort().values.toArray(), [1, 3]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.multinomial.html
 *
 * @throws RangeError for weights that are negative, not finite or all 0, other
 * shapes, or a count that is not there to draw; TypeError for other dtypes.
 */
export function multinomial(
  weights: Tensor,
  count: number,
  options: MultinomialOptions = {},
): Tensor {
  requireFloat("multinomial", weights.dtype);
  const { replacement = false, generator = defaultGenerator } = options;
  const { shape } = weights;
  if (shape.length !== 1 && shape.length !== 2) {
    throw new RangeError(
      `multinomial() got weights of shape ${
        formatShape(shape)
      }, expected [n] or [rows, n]`,
    );
  }
  const n = shape[shape.length - 1]!;
  const most = replacement ? Infinity : n;
  if (!Number.isSafeInteger(count) || count < 1 || count > most || n === 0) {
    throw new RangeError(
      `multinomial() got count ${count} for weights of shape ${
        formatShape(shape)
      }, expected at least 1 and, without replacement, at most ${n}`,
    );
  }
  const rows = shape.length === 1 ? weights.unsqueeze(0) : weights;
  const drawn = apply(MULTINOMIAL, [rows], { count, replacement, generator });
  return shape.length === 1 ? drawn.squeeze(0) : drawn;
}
