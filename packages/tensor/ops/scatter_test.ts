import { assert, assertEquals, assertThrows } from "@std/assert";
import { type DType, type Shape, type Tensor, tensor, zeros } from "../mod.ts";
import { count, floats, layouts, wholes } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

const int = (values: number[], shape = [values.length]) =>
  tensor(values, { shape, dtype: "int32" });

/** Calls `f(position in a tensor of the index's shape, position in x)`. */
function eachPlace(
  shape: Shape,
  dim: number,
  index: readonly number[],
  indexShape: Shape,
  f: (from: number, to: number) => void,
): void {
  for (let i = 0; i < count(indexShape); i++) {
    const at: number[] = [];
    let rest = i;
    for (let axis = indexShape.length - 1; axis >= 0; axis--) {
      at.unshift(rest % indexShape[axis]!);
      rest = Math.floor(rest / indexShape[axis]!);
    }
    at[dim] = index[i]!;
    f(i, at.reduce((p, c, axis) => p * shape[axis]! + c, 0));
  }
}

Deno.test("scatter() and scatterAdd() write along every axis, layout and dtype", () => {
  const dtypes: DType[] = ["float32", "float64", "int32", "bool"];
  const sizes: Shape[] = [[2, 3, 4], [1, 2, 3], [2, 1, 4], [0, 3, 4]];
  for (const dtype of dtypes) {
    for (const [how, x] of layouts(wholes(24, 3, 0, 2), [2, 3, 4], dtype)) {
      for (const [i, size] of sizes.entries()) {
        for (const dim of [0, 1, 2]) {
          const index = wholes(count(size), dim, 0, x.shape[dim]!);
          const values = wholes(count(size), i, 0, 2);
          const source = tensor(values, { shape: size, dtype });
          const [written, added] = [floats(x), floats(x)];
          eachPlace(x.shape, dim, index, size, (from, to) => {
            written[to] = values[from]!;
            added[to]! += values[from]!;
          });
          const at = int(index, [...size]);
          const y = x.scatter(dim, at, source);
          const what = `${dtype}, ${how}, [${size}] along ${dim}`;
          assertEquals(y.dtype, dtype, what);
          assertEquals(floats(y), written, what);
          if (dtype === "bool") continue;
          assertEquals(floats(x.scatterAdd(dim, at, source)), added, what);
        }
      }
    }
  }
});

Deno.test("scatter() of a number, and of a part of its source", () => {
  const x = zeros([2, 3]);
  const at = int([2, 0], [2, 1]);
  assertEquals(x.scatter(1, at, 7).toArray(), [[0, 0, 7], [7, 0, 0]]);
  const larger = tensor([[1, 2], [3, 4], [5, 6]]);
  assertEquals(x.scatter(1, at, larger).toArray(), [[0, 0, 1], [3, 0, 0]]);
  assert(x.scatter(1, int([], [0, 0]), 7).array.storage !== x.array.storage);
});

Deno.test("indexAdd(), indexCopy() and indexFill() write rows in every layout", () => {
  for (const [how, x] of layouts(wholes(24, 3), [2, 3, 4])) {
    const flat = floats(x);
    const source = tensor(wholes(16, 5), { shape: [2, 2, 4] });
    const rows = floats(source);
    const at = int([2, 0]);
    const place = (i: number) =>
      Math.floor(i / 8) * 12 + [2, 0][Math.floor(i / 4) % 2]! * 4 + i % 4;
    const [added, copied, filled] = [flat.slice(), flat.slice(), flat.slice()];
    rows.forEach((value, i) => {
      added[place(i)]! += 2 * value;
      copied[place(i)] = value;
      filled[place(i)] = -1;
    });
    const sum = x.indexAdd(1, at, source, { alpha: 2 });
    assertEquals(floats(sum), added, how);
    assertEquals(floats(x.indexCopy(-2, at, source)), copied, how);
    assertEquals(floats(x.indexFill(1, at, -1)), filled, how);
    assertEquals(floats(x), flat, how);
  }
});

Deno.test("indexCopy() and indexFill() take every dtype", () => {
  const dtypes: DType[] = [
    ...["float64", "int32", "bool", "float16", "int64", "uint8"] as const,
  ];
  for (const dtype of dtypes) {
    const x = tensor([[1, 0, 1], [0, 0, 1]]).to(dtype);
    const source = tensor([[1], [1]]).to(dtype);
    const y = x.indexCopy(1, int([1]), source);
    assertEquals(y.dtype, dtype);
    assertEquals(y.to("float32").toArray(), [[1, 1, 1], [0, 1, 1]]);
    const z = x.indexFill(0, int([-0]), 0).to("float32");
    assertEquals(z.toArray(), [[0, 0, 0], [0, 0, 1]]);
  }
});

Deno.test("writing by index names the op, what came and what was expected", () => {
  const x = zeros([2, 3]);
  const bad: [() => Tensor, string][] = [
    [
      () => x.scatter(1, int([0, 3], [2, 1]), 1),
      "scatter() got index 3 at position 1, but dim 1 of [2, 3] has size 3",
    ],
    [
      () => x.scatter(1, int([-1], [1, 1]), 1),
      "scatter() got index -1 at position 0, but dim 1 of [2, 3] has size 3",
    ],
    [
      () => x.scatter(0, int([0]), 1),
      "scatter() on dim 0 of [2, 3] got an index of shape [1]",
    ],
    [
      () => x.scatter(1, int([0, 0, 0], [3, 1]), 1),
      "scatter() on dim 1 of [2, 3] got an index of shape [3, 1]: all other sizes must not be larger",
    ],
    [
      () => x.scatter(1, int([0, 1], [1, 2]), zeros([1, 1])),
      "scatter() got a source of shape [1, 1] for an index of shape [1, 2]: its sizes must not be smaller",
    ],
    [
      () => x.scatterAdd(1, int([0, 9], [2, 1]), zeros([2, 1])),
      "scatterAdd() got index 9 at position 1",
    ],
    [
      () => x.indexAdd(1, int([0, 3]), zeros([2, 2])),
      "indexAdd() got index 3 at position 1",
    ],
    [
      () => x.indexAdd(1, int([0]), zeros([2, 2])),
      "indexAdd() of 1 indices on dim 1 of [2, 3] got a source of shape [2, 2], expected [2, 1]",
    ],
    [
      () => x.indexCopy(0, int([0, -1]), zeros([2, 3])),
      "indexCopy() got index -1 at position 1, but dim 0 of [2, 3] has size 2",
    ],
    [
      () => x.indexCopy(0, int([0], [1, 1]), zeros([1, 3])),
      "indexCopy() expects a 1-D index, got [1, 1]",
    ],
    [() => x.indexFill(0, int([2]), 1), "indexFill() got index 2 at position"],
    [
      () => x.indexFill(0, int([0]), zeros([1])),
      "indexFill() expects a number or a scalar, got [1]",
    ],
    [() => x.indexFill(2, int([0]), 1), "indexFill() got dim 2"],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
  const types: [() => Tensor, string][] = [
    [() => x.scatter(0, x, 1), "scatter() expects an int32 index, got float32"],
    [
      () => x.scatter(0, int([0], [1, 1]), int([0], [1, 1])),
      "scatter() got a source of int32 for a tensor of float32",
    ],
    [
      () => x.to("float16").scatter(0, int([0], [1, 1]), 1),
      "scatter() does not compute in float16",
    ],
    [
      () => x.indexFill(0, int([0]), tensor(1, { dtype: "float64" })),
      "indexFill() got a source of float64 for a tensor of float32",
    ],
    [
      () => x.to("bool").indexAdd(0, int([0]), zeros([1, 3]).to("bool")),
      "indexAdd() expects float32, float64 or int32, got bool",
    ],
  ];
  for (const [f, message] of types) assertThrows(f, TypeError, message);
});

testGradients("scatter");
