import { DataLoader, defaultCollate } from "@fdunn/data";
import { arange, scope, tensor, zeros } from "@fdunn/tensor";
import { assertEquals, assertThrows } from "@std/assert";

Deno.test("defaultCollate() stacks tensors and typed arrays", () => {
  const matrices = [tensor([[1, 2]]), tensor([[3, 4]])];
  assertEquals(defaultCollate(matrices).toArray(), [[[1, 2]], [[3, 4]]]);
  const scalars = [
    tensor(3, { dtype: "int32" }),
    tensor(4, { dtype: "int32" }),
  ];
  assertEquals(defaultCollate(scalars).toArray(), [3, 4]);
  assertEquals(defaultCollate(scalars).dtype, "int32");
  const arrays = defaultCollate([
    new Int32Array([1, 2]),
    new Int32Array([3, 4]),
  ]);
  assertEquals(arrays.dtype, "int32");
  assertEquals(arrays.toArray(), [[1, 2], [3, 4]]);
  assertEquals(defaultCollate([zeros([0, 2])]).shape, [1, 0, 2]);
});

Deno.test("defaultCollate() makes tensors of numbers and booleans", () => {
  assertEquals(defaultCollate([1, 2.5]).toArray(), [1, 2.5]);
  assertEquals(defaultCollate([1, 2]).dtype, "float32");
  const labels = defaultCollate([1, 2], { numbers: "int32" });
  assertEquals([labels.dtype, labels.toArray()], ["int32", [1, 2]]);
  const flags = defaultCollate([true, false]);
  assertEquals([flags.dtype, flags.toArray()], ["bool", [true, false]]);
});

Deno.test("defaultCollate() works field by field and lists the rest", () => {
  const date = new Date(0);
  const batch = defaultCollate([
    { x: [1, tensor([2])], name: "a", when: date },
    { x: [3, tensor([4])], name: "b", when: date },
  ]);
  const [numbers, tensors] = batch.x;
  assertEquals(numbers!.toArray(), [1, 3]);
  assertEquals(tensors!.toArray(), [[2], [4]]);
  assertEquals(batch.name, ["a", "b"]);
  assertEquals(batch.when, [date, date]);
  assertEquals(defaultCollate([null, null]), [null, null]);
});

Deno.test("defaultCollate() keeps tuples' types", () => {
  const item: [x: number, name: string] = [1, "a"];
  const [x, names] = defaultCollate([item, item]);
  // Both lines type-check only if the tuple's fields kept their types.
  assertEquals(x.add(1).toArray(), [2, 2]);
  assertEquals(names.join(), "a,a");
});

Deno.test("defaultCollate() gives copies, which a scope may return", () => {
  const x = tensor([1, 2]);
  const batch = scope(() => defaultCollate([x]));
  batch.zero_();
  assertEquals(x.toArray(), [1, 2]);
});

Deno.test("defaultCollate() names the items that do not fit", () => {
  assertThrows(
    () => defaultCollate([]),
    RangeError,
    "defaultCollate() got no items, expected at least 1",
  );
  assertThrows(
    () => defaultCollate([arange(2), arange(2), arange(3)]),
    RangeError,
    "Cannot collate item 0 of shape [2] with item 2 of shape [3], which must be equal: pad them, or give the loader its own collate",
  );
  assertThrows(
    () => defaultCollate([arange(2), arange(2, 4, 1, { dtype: "int32" })]),
    TypeError,
    "Cannot collate item 0 of float32 with item 1 of int32, which must be equal: convert them with to()",
  );
  assertThrows(
    () => defaultCollate<unknown>([{ a: [1] }, { a: ["b"] }]),
    TypeError,
    "Cannot collate .a[0] of item 0, a number, with .a[0] of item 1, a string",
  );
  assertThrows(
    () => defaultCollate([[1, 2], [3]]),
    RangeError,
    "Cannot collate item 0 with 2 elements with item 1 with 1, which must be equal",
  );
  assertThrows(
    () => defaultCollate<unknown>([{ a: 1, b: 1 }, { a: 1 }]),
    RangeError,
    'Cannot collate item 1: it has no "b"',
  );
});

Deno.test("a loader's error names items by their index in the data set", () => {
  const ragged = { length: 9, get: (i: number) => [arange(i === 7 ? 2 : 1)] };
  const loader = new DataLoader(ragged, { batchSize: 4 });
  assertThrows(
    () => [...loader],
    RangeError,
    "Cannot collate [0] of item 4 of shape [1] with [0] of item 7 of shape [2]",
  );
});
