import { assertEquals, assertThrows } from "@std/assert";
import {
  type DType,
  oneHot,
  ones,
  type Tensor,
  tensor,
  zeros,
} from "../mod.ts";
import { count, floats, layouts, wholes } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

const int = (values: number[], shape = [values.length]) =>
  tensor(values, { shape, dtype: "int32" });

/** indexSelect as a loop over `[outer, n, inner]`. */
function selected(x: Tensor, dim: number, index: readonly number[]): number[] {
  const inner = count(x.shape.slice(dim + 1));
  const n = x.shape[dim]!;
  const outer = count(x.shape.slice(0, dim));
  const flat = floats(x);
  const out: number[] = [];
  for (let a = 0; a < outer; a++) {
    for (const i of index) {
      for (let b = 0; b < inner; b++) out.push(flat[(a * n + i) * inner + b]!);
    }
  }
  return out;
}

Deno.test("indexSelect() picks rows along every axis, layout and dtype", () => {
  const dtypes: DType[] = [
    "float32",
    "float64",
    "int32",
    "bool",
    "int8",
    "int64",
    "float16",
    "bfloat16",
  ];
  for (const dtype of dtypes) {
    for (const [how, y] of layouts(wholes(60, 1, 0, 2), [3, 4, 5], "int32")) {
      const x = y.to(dtype);
      for (const dim of [0, 1, 2]) {
        const index = [2, 0, 2, 1, 0, 0];
        const out = x.indexSelect(dim - 3, int(index));
        assertEquals(out.dtype, dtype);
        assertEquals(out.shape, [3, 4, 5].map((n, i) => i === dim ? 6 : n));
        // Halves are read as numbers, not as their bits.
        const read = dtype.endsWith("float16") ? "float32" : dtype;
        assertEquals(
          floats(out.to(read)),
          selected(x.to(read), dim, index),
          `${dtype}, ${how}, ${dim}`,
        );
      }
    }
  }
  const strided = int([9, 2, 9, 0]).reshape([2, 2]).select(1, 1);
  assertEquals(tensor([5, 6, 7]).indexSelect(0, strided).toArray(), [7, 5]);
});

Deno.test("indexSelect() takes an empty index and adds up repeated rows' gradients", () => {
  assertEquals(ones([3, 2]).indexSelect(0, int([])).shape, [0, 2]);
  assertEquals(zeros([3, 0]).indexSelect(0, int([1])).shape, [1, 0]);
  const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
  x.indexSelect(0, int([1, 1, 0])).backward(tensor([[1, 2], [3, 4], [5, 6]]));
  assertEquals(x.grad!.toArray(), [[5, 6], [4, 6]]);
});

Deno.test("gather() picks element by element along every axis", () => {
  for (const dtype of ["float32", "float64", "int32", "bool"] as DType[]) {
    for (const [how, x] of layouts(wholes(24, 3, 0, 2), [2, 3, 4], dtype)) {
      for (const dim of [0, 1, 2]) {
        const shape = [2, 3, 4];
        shape[dim] = 5;
        const index = wholes(count(shape), dim, 0, [2, 3, 4][dim]!);
        const y = x.gather(dim, int(index, shape));
        const flat = floats(x);
        const expected = index.map((at, i) => {
          const c = i % shape[2]!;
          const b = Math.floor(i / shape[2]!) % shape[1]!;
          const a = Math.floor(i / shape[2]! / shape[1]!);
          const place = [a, b, c];
          place[dim] = at;
          return flat[(place[0]! * 3 + place[1]!) * 4 + place[2]!]!;
        });
        assertEquals(y.dtype, dtype);
        assertEquals(floats(y), expected, `${dtype}, ${how}, dim ${dim}`);
      }
    }
  }
});

Deno.test("gather() takes an index that is smaller along the other axes", () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]]);
  assertEquals(x.gather(1, int([2], [1, 1])).toArray(), [[3]]);
  assertEquals(x.gather(0, int([1, 0], [1, 2])).toArray(), [[4, 2]]);
  assertEquals(x.gather(0, int([], [0, 3])).shape, [0, 3]);
  const leaf = tensor([[1, 2], [3, 4]], { requiresGrad: true });
  leaf.gather(1, int([0, 0], [1, 2])).sum().backward();
  assertEquals(leaf.grad!.toArray(), [[2, 0], [0, 0]]);
});

Deno.test("positions outside of the axis are refused before anything is read", () => {
  const x = ones([2, 3]);
  assertThrows(
    () => x.indexSelect(1, int([0, 3])),
    RangeError,
    "indexSelect() got index 3 at position 1, but dim 1 of [2, 3] has size 3",
  );
  assertThrows(
    () => x.indexSelect(0, int([-1])),
    RangeError,
    "got index -1 at position 0",
  );
  assertThrows(
    () => x.gather(0, int([0, 2, 0], [1, 3])),
    RangeError,
    "gather() got index 2 at position 1, but dim 0 of",
  );
  assertThrows(
    () => zeros([0]).indexSelect(0, int([0])),
    RangeError,
    "has size 0",
  );
});

Deno.test("indexing refuses other shapes and dtypes with a sentence", () => {
  const x = ones([2, 3]);
  assertThrows(
    () => x.indexSelect(0, ones([1])),
    TypeError,
    "indexSelect() expects an int32 index, got float32",
  );
  assertThrows(
    () => x.indexSelect(0, int([0, 0], [1, 2])),
    RangeError,
    "indexSelect() expects a 1-D index, got [1, 2]",
  );
  assertThrows(
    () => x.indexSelect(2, int([0])),
    RangeError,
    "indexSelect() got dim 2",
  );
  assertThrows(
    () => x.gather(0, int([0])),
    RangeError,
    "gather() on dim 0 of [2, 3] got an index of shape [1]",
  );
  assertThrows(
    () => x.gather(1, int([0, 0, 0], [3, 1])),
    RangeError,
    "must not be larger",
  );
  assertThrows(
    () => x.gather(0, x),
    TypeError,
    "gather() expects an int32 index",
  );
  assertThrows(
    () => tensor(new Int8Array(1)).gather(0, int([0])),
    TypeError,
    "gather() does not compute in int8",
  );
});

Deno.test("oneHot() marks the class, in the dtype asked for", () => {
  const labels = int([2, 0, 1, 2], [2, 2]);
  const rows = [[[0, 0, 1], [1, 0, 0]], [[0, 1, 0], [0, 0, 1]]];
  for (const dtype of ["int32", "float32", "float64"] as DType[]) {
    assertEquals(oneHot(labels, 3, dtype).toArray(), rows);
    assertEquals(labels.t().oneHot(3, dtype).select(0, 1).toArray(), [
      [1, 0, 0],
      [0, 0, 1],
    ]);
  }
  assertEquals(oneHot(labels, 3).dtype, "int32");
  assertEquals(oneHot(int([]), 3).shape, [0, 3]);
  assertEquals(tensor(1, { dtype: "int32" }).oneHot(2).toArray(), [0, 1]);
  assertThrows(
    () => oneHot(labels, 2),
    RangeError,
    "oneHot() got class 2 at position 0, expected 0 to 1",
  );
  assertThrows(() => oneHot(int([-1]), 2), RangeError, "oneHot() got class -1");
  assertThrows(
    () => oneHot(ones([1]), 2),
    TypeError,
    "oneHot() expects an int32 index",
  );
  assertThrows(() => oneHot(labels, -1), RangeError, "oneHot() got");
  assertThrows(() => oneHot(labels, 2.5), RangeError, "oneHot() got");
  assertThrows(() => oneHot(labels, 3, "bool"), TypeError, "oneHot() expects");
});

testGradients("indexing");
