import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  arange,
  type DType,
  type IndexItem,
  ones,
  type Tensor,
  tensor,
  zeros,
} from "../mod.ts";
import { floats, layouts, numbers, wholes } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

const int = (values: number[], shape = [values.length]) =>
  tensor(values, { shape, dtype: "int32" });

Deno.test("index() picks the same in every layout", () => {
  const all: [IndexItem[], number[]][] = [
    [[int([1, 0, -1])], [3, 3, 4]],
    [[null, int([2, 0, 1, 1], [2, 2])], [2, 2, 2, 4]],
    [[int([1, 0]), null, int([3, -4])], [2, 3]],
    [[int([1, 0]), int([2, 2])], [2, 4]],
    [[-1, int([2, 0]), int([1, 3])], [2]],
    [["...", int([0])], [2, 3, 1]],
    [[null, tensor([true, false, true])], [2, 2, 4]],
    [[], [2, 3, 4]],
  ];
  for (const [items, shape] of all) {
    const [first, ...rest] = layouts(numbers(24), [2, 3, 4]);
    const expected = first![1].index(items);
    assertEquals(expected.shape, shape);
    for (const [how, x] of rest) {
      assertEquals(floats(x.index(items)), floats(expected), how);
    }
  }
});

Deno.test("index() by strided and broadcast index tensors", () => {
  const x = arange(12).reshape([3, 4]);
  const wide = int([9, 2, 9, 0]).slice(0, 1, 4, 2);
  assertEquals(x.index([wide]).toArray(), [[8, 9, 10, 11], [0, 1, 2, 3]]);
  const rows = int([0, 2]).reshape([2, 1]);
  assertEquals(x.index([rows, int([3, 0])]).toArray(), [[3, 0], [11, 8]]);
});

Deno.test("index() by numbers and nulls is a view, by tensors a copy", () => {
  const x = arange(24).reshape([2, 3, 4]);
  const y = x.index([1, null, -1]);
  assertEquals(y.toArray(), [15, 19, 23]);
  assert(y.array.storage === x.array.storage);
  assert(x.index([int([0])]).array.storage !== x.array.storage);
});

Deno.test("index(), take() and maskedSelect() take every dtype", () => {
  const dtypes: DType[] = [
    ...["float64", "int32", "bool", "float16", "int64", "uint8"] as const,
  ];
  const mask = tensor([[true, false], [true, true]]);
  for (const dtype of dtypes) {
    const x = tensor([[1, 0], [0, 1]]).to(dtype);
    const read = (y: Tensor) => {
      assertEquals(y.dtype, dtype);
      return floats(y.to("float32"));
    };
    assertEquals(read(x.index([int([1, 0]), int([1, 1])])), [1, 0]);
    assertEquals(read(x.index([mask])), [1, 0, 1]);
    assertEquals(read(x.maskedSelect(mask)), [1, 0, 1]);
    assertEquals(read(x.take(int([-1, 1]))), [1, 0]);
  }
});

Deno.test("nonzero() finds coordinates in every layout", () => {
  for (const [how, x] of layouts(wholes(24, 3, 0, 2), [2, 3, 4])) {
    const expected = floats(x).flatMap((value, i) =>
      value === 0 ? [] : [[Math.floor(i / 12), Math.floor(i / 4) % 3, i % 4]]
    );
    assertEquals(x.nonzero().toArray(), expected, how);
    assertEquals(x.nonzero().dtype, "int32");
  }
  assertEquals(tensor(3).nonzero().shape, [1, 0]);
  assertEquals(tensor(0).nonzero().shape, [0, 0]);
});

Deno.test("indexPut() keeps the tensor; repeated places add up or hold one value", () => {
  const x = zeros([3, 2]);
  const at = int([2, 2, 0]);
  const y = x.indexPut([at, int([1, 1, 0])], tensor([1, 2, 4]), {
    accumulate: true,
  });
  assertEquals(y.toArray(), [[4, 0], [0, 0], [0, 3]]);
  assertEquals(x.sum().item(), 0);
  const one = x.indexPut([at], tensor([[1], [2], [4]])).toArray();
  assertEquals(one, [[4, 4], [0, 0], [2, 2]]);
  assertEquals(x.indexPut([1], 5).toArray(), [[0, 0], [5, 5], [0, 0]]);
  const mask = x.eq(0).logicalNot();
  assertEquals(x.indexPut([mask], 5).toArray(), x.toArray());
});

Deno.test("takeAlongDim() sorts by positions", () => {
  const x = tensor([[3, 1, 2], [9, 7, 8]]);
  const order = int([1, 2, 0]).reshape([1, 3]);
  assertEquals(x.takeAlongDim(order, 1).toArray(), [[1, 2, 3], [7, 8, 9]]);
  const best = x.argmax(0, { keepdim: true });
  assertEquals(x.takeAlongDim(best, 0).toArray(), [[9, 7, 8]]);
  assertEquals(x.takeAlongDim(x.argmax().reshape([1])).toArray(), [9]);
});

Deno.test("advanced indexing names the op, what came and what was expected", () => {
  const x = zeros([2, 3]);
  const bad: [() => unknown, string][] = [
    [
      () => x.index([int([0, 2])]),
      "index() got index 2 at position 1, but dim 0 of [2, 3] has size 2",
    ],
    [
      () => x.index([null, int([-4])]),
      "index() got index -4 at position 0, but dim 1 of [2, 3] has size 3",
    ],
    [
      () => x.index([2]),
      "index() got index 2 for dim 0 of [2, 3], which has size 2",
    ],
    [() => x.index([0.5]), "index() got index 0.5 for dim 0"],
    [
      () => x.index([null, null, null]),
      "index() got an index for 3 dims of a tensor of shape [2, 3]",
    ],
    [() => x.index(["...", "..."]), 'index() got "..." more than once'],
    [
      () => x.index([int([0, 1]), int([0, 1, 2])]),
      "Cannot broadcast [2] with [3] in index()",
    ],
    [
      () => x.index([tensor([true, false, true])]),
      "index() got a mask of shape [3] for dims of shape [2] of [2, 3], which must be equal",
    ],
    [
      () => x.indexPut([int([0])], zeros([2, 3])),
      "indexPut() got values of shape [2, 3] for [1, 3] elements",
    ],
    [
      () => x.take(int([6])),
      "take() got index 6 at position 0, but dim 0 of [6] has size 6",
    ],
    [
      () => x.takeAlongDim(int([0]), 0),
      "takeAlongDim() got an index of shape [1] for [2, 3], expected as many dims",
    ],
    [
      () => x.maskedSelect(tensor([true, false])),
      "Cannot broadcast [2, 3] with [2] in maskedSelect()",
    ],
    [() => zeros([0, 2]).index([int([0])]), "has size 0"],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
  const types: [() => unknown, string][] = [
    [
      () => x.index([ones([1])]),
      "index() expects index tensors of int32 or bool, got float32",
    ],
    [
      () => x.indexPut([int([0])], int([1])),
      'indexPut() got values of int32 for a tensor of float32: convert them with to("float32")',
    ],
    [() => x.take(x), "take() expects an int32 index, got float32"],
    [() => x.maskedSelect(x), "maskedSelect() expects a bool mask"],
  ];
  for (const [f, message] of types) assertThrows(f, TypeError, message);
});

testGradients("advanced_index");
