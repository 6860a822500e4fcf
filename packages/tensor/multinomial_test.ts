import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type DType,
  Generator,
  multinomial,
  ones,
  tensor,
  zeros,
} from "./mod.ts";
import { floats } from "./samples_test.ts";

/** Pearson's statistic of counts against probabilities. */
function chiSquare(counts: readonly number[], p: readonly number[]): number {
  const n = counts.reduce((a, b) => a + b, 0);
  return counts.reduce(
    (sum, c, i) => p[i] === 0 ? sum : sum + (c - n * p[i]!) ** 2 / (n * p[i]!),
    0,
  );
}

const WEIGHTS = [1, 0, 3, 0.5, 0, 5.5];
const P = WEIGHTS.map((w) => w / 10);

Deno.test("multinomial() with replacement follows the weights", () => {
  for (const dtype of ["float32", "float64"] as DType[]) {
    const generator = new Generator(3);
    const weights = tensor(WEIGHTS, { dtype });
    const options = { replacement: true, generator };
    const drawn = multinomial(weights, 20_000, options);
    assertEquals([drawn.dtype, drawn.shape], ["int32", [20_000]]);
    const counts = floats(drawn.bincount({ minlength: 6 }));
    assertEquals([counts[1], counts[4]], [0, 0]);
    // 3 degrees of freedom: above 16.3 once in a thousand.
    assert(chiSquare(counts, P) < 16.3, `${dtype}: ${counts}`);
  }
});

Deno.test("multinomial() without replacement draws one by one", () => {
  const rows = tensor(WEIGHTS).expand([20_000, 6]);
  const drawn = multinomial(rows, 2, { generator: new Generator(4) });
  const [first, second] = [0, 1].map((i) => floats(drawn.select(1, i)));
  assert(first!.every((v, i) => v !== second![i]));
  const count = (values: readonly number[]) =>
    WEIGHTS.map((_, i) => values.filter((v) => v === i).length);
  assert(chiSquare(count(first!), P) < 16.3, `${count(first!)}`);
  // P(second = j) = Σ_i p_i p_j / (1 - p_i)
  const then = P.map((pj, j) =>
    P.reduce((sum, pi, i) => i === j ? sum : sum + pi * pj / (1 - pi), 0)
  );
  assert(chiSquare(count(second!), then) < 16.3, `${count(second!)}`);
  const all = multinomial(tensor(WEIGHTS), 6);
  assertEquals(floats(all.sort().values), [0, 1, 2, 3, 4, 5]);
  assert(floats(all).slice(4).every((i) => WEIGHTS[i] === 0));
});

Deno.test("multinomial() repeats with its generator", () => {
  const draw = () =>
    multinomial(ones([2, 50]), 5, { generator: new Generator(1) }).toArray();
  assertEquals(draw(), draw());
});

Deno.test("multinomial() refuses what it cannot draw from with a sentence", () => {
  const options = { replacement: true };
  for (const given of [options, {}]) {
    const refused = (values: number[], sentence: string) =>
      assertThrows(
        () => multinomial(tensor(values), 1, given),
        RangeError,
        `multinomial() got ${sentence}`,
      );
    refused([1, -1], "weight -1 at position 1");
    refused([NaN, 1], "weight NaN at position 0");
    refused([Infinity, 1], "weight Infinity at position 0");
    refused([0, 0], "weights that add up to 0 in row 0");
  }
  assertThrows(() => multinomial(ones([2]), 3), RangeError, "got count 3");
  assertThrows(() => multinomial(ones([2]), 0), RangeError, "got count 0");
  assertThrows(() => multinomial(zeros([0]), 1), RangeError, "of shape [0]");
  assertThrows(
    () => multinomial(ones([1, 1, 1]), 1),
    RangeError,
    "got weights of shape [1, 1, 1], expected [n] or [rows, n]",
  );
  assertThrows(
    () => multinomial(ones([2], { dtype: "int32" }), 1),
    TypeError,
    "multinomial() expects float32 or float64, got int32",
  );
});
