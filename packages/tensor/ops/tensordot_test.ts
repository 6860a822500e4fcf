import { assertEquals, assertThrows } from "@std/assert";
import { tensor, tensordot, zeros } from "../mod.ts";
import { floats, layouts, wholes } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("tensordot() is a loop over the axes, in every layout", () => {
  const b = tensor(wholes(12, 2), { shape: [4, 3] });
  const other = floats(b);
  for (const [how, a] of layouts(wholes(24), [2, 3, 4])) {
    const flat = floats(a);
    const y = tensordot(a, b, [[1, 2], [1, 0]]);
    const expected = [0, 1].map((i) => {
      let sum = 0;
      for (let j = 0; j < 3; j++) {
        for (let k = 0; k < 4; k++) {
          sum += flat[i * 12 + j * 4 + k]! * other[k * 3 + j]!;
        }
      }
      return sum;
    });
    assertEquals(floats(y), expected, how);
  }
  assertEquals(tensordot(zeros([2, 3]), zeros([2, 3])).shape, []);
});

Deno.test("tensordot() and inner() name what came and what was expected", () => {
  const [a, b] = [zeros([2, 3]), zeros([4, 3])];
  const bad: [() => unknown, string][] = [
    [
      () => tensordot(a, b, 3),
      "tensordot() got dims 3 for [2, 3] and [4, 3], expected a whole number of axes that both have",
    ],
    [() => tensordot(a, b, 0.5), "tensordot() got dims 0.5"],
    [
      () => tensordot(a, b, 1),
      "tensordot() cannot sum [2, 3] over dims [1] with [4, 3] over [0]",
    ],
    [() => tensordot(a, b, [[0, 1], [1]]), "they must be as many"],
    [() => tensordot(a, b, [[1, 1], [1, 1]]), "each once"],
    [() => tensordot(a, b, [[2], [0]]), "tensordot() got dim 2"],
    [
      () => a.inner(zeros([2])),
      "inner() got [2, 3] and [2], whose last sizes must be equal",
    ],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
});

testGradients("tensordot");
