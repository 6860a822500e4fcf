import { assertEquals, assertThrows } from "@std/assert";
import { ones, tensor, zeros } from "../mod.ts";
import { floats, layouts, wholes } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("diagonal() is a view, in any layout", () => {
  const x = zeros([2, 3]);
  x.diagonal(1).fill_(7);
  assertEquals(x.toArray(), [[0, 7, 0], [0, 0, 7]]);
  for (const [how, y] of layouts(wholes(24), [2, 3, 4], "int32")) {
    const d = y.diagonal(-1, { dim1: 1, dim2: 2 });
    assertEquals(d.shape, [2, 2], how);
    const at = (b: number, i: number, j: number) =>
      y.select(0, b).select(0, i).select(0, j).item();
    assertEquals(d.toArray(), [0, 1].map((b) => [at(b, 1, 0), at(b, 2, 1)]));
  }
  assertEquals(ones([2, 3]).diagonal(5).shape, [0]);
});

Deno.test("triu() and tril() keep their triangle, in any layout and dtype", () => {
  for (const dtype of ["float32", "float64", "int32", "bool"] as const) {
    const values = wholes(24, 2, 0, 2);
    for (const [how, x] of layouts(values, [2, 3, 4], dtype)) {
      for (const offset of [-9, -1, 0, 2, 9]) {
        const above = (i: number) => i % 4 - Math.floor(i / 4) % 3 - offset;
        const [up, low] = [x.triu(offset), x.tril(offset)];
        assertEquals(up.dtype, dtype);
        assertEquals(floats(up), values.map((v, i) => above(i) >= 0 ? v : 0));
        assertEquals(
          floats(low),
          values.map((v, i) => above(i) <= 0 ? v : 0),
          `${dtype}, ${how}, ${offset}`,
        );
      }
    }
  }
  assertEquals(zeros([2, 0, 3]).triu().shape, [2, 0, 3]);
});

Deno.test("diag() goes both ways, trace() adds up", () => {
  assertEquals(tensor([1, 2]).diag(-1).toArray(), [[0, 0, 0], [1, 0, 0], [
    0,
    2,
    0,
  ]]);
  const x = tensor([[1, 2], [3, 4], [5, 6]]);
  assertEquals(x.diag().toArray(), [1, 4]);
  assertEquals(x.trace().item(), 5);
  assertEquals(x.to("int32").trace().dtype, "int32");
});

Deno.test("diagonals refuse shapes with a sentence", () => {
  const row = ones([3]);
  assertThrows(
    () => row.triu(),
    RangeError,
    "triu() expects matrices, got shape [3]",
  );
  assertThrows(() => row.tril(), RangeError, "tril() expects matrices");
  assertThrows(() => row.trace(), RangeError, "trace() expects a matrix");
  assertThrows(
    () => tensor(1).diag(),
    RangeError,
    "diag() expects a vector or a matrix, got shape []",
  );
  assertThrows(() => row.diagonal(), RangeError, "diagonal() got dim 1");
  assertThrows(
    () => ones([2, 2]).diagonal(0, { dim2: -2 }),
    RangeError,
    "diagonal() got dim 0 for both dim1 and dim2",
  );
  assertThrows(
    () => ones([2, 2]).diagonal(0.5),
    RangeError,
    "diagonal() got diagonal 0.5",
  );
});

testGradients("diagonal");
