import {
  ConcatDataset,
  type Dataset,
  MapDataset,
  Subset,
  TensorDataset,
} from "@fdunn/data";
import { arange, tensor } from "@fdunn/tensor";
import { assertEquals, assertThrows } from "@std/assert";

const letters: Dataset<string> = {
  length: 4,
  get: (index) => "abcd"[index]!,
};

Deno.test("TensorDataset gives rows, one by one and in batches", () => {
  const x = arange(12).reshape([4, 3]);
  const y = tensor(new Uint8Array([7, 8, 9, 10]));
  const dataset = new TensorDataset(x, y);
  assertEquals(dataset.length, 4);
  const [row, label] = dataset.get(3);
  assertEquals([row.toArray(), label.item()], [[9, 10, 11], 10]);
  for (
    const at of [
      new Int32Array([2, 0, 2]),
      tensor([2, 0, 2], {
        dtype: "int32",
      }),
    ]
  ) {
    const [rows, labels] = dataset.getBatch(at);
    assertEquals(rows.toArray(), [[6, 7, 8], [0, 1, 2], [6, 7, 8]]);
    assertEquals(labels.dtype, "uint8");
    assertEquals(labels.toArray(), [9, 7, 9]);
  }
});

Deno.test("TensorDataset gives copies", () => {
  const x = tensor([[1, 2], [3, 4]]);
  const dataset = new TensorDataset(x);
  dataset.get(0)[0].zero_();
  dataset.getBatch(new Int32Array([0, 1]))[0].zero_();
  assertEquals(x.toArray(), [[1, 2], [3, 4]]);
});

Deno.test("TensorDataset lets gradients through", () => {
  const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
  const dataset = new TensorDataset(x);
  dataset.getBatch(new Int32Array([1, 1]))[0].sum().backward();
  assertEquals(x.grad!.toArray(), [[0, 0], [2, 2]]);
});

Deno.test("TensorDataset refuses what has no rows or not as many", () => {
  assertThrows(
    () => new TensorDataset(),
    RangeError,
    "TensorDataset got no tensors, expected at least 1",
  );
  assertThrows(
    () => new TensorDataset(arange(2), tensor(1)),
    RangeError,
    "TensorDataset got a scalar as tensor 1, expected at least one dim",
  );
  assertThrows(
    () => new TensorDataset(arange(2), arange(3)),
    RangeError,
    "TensorDataset got first sizes 2 and 3 (tensor 1), which must be equal",
  );
});

Deno.test("data sets refuse indices that do not exist", () => {
  const dataset = new TensorDataset(arange(3));
  for (const index of [-1, 3, 0.5, NaN]) {
    assertThrows(
      () => dataset.get(index),
      RangeError,
      `TensorDataset has 3 items, got index ${index}, expected 0 to 2`,
    );
    assertThrows(() => new Subset(dataset, [index]), RangeError, `${index}`);
    assertThrows(() => new ConcatDataset([dataset]).get(index), RangeError);
    assertThrows(() => new MapDataset(dataset, String).get(index), RangeError);
  }
  assertThrows(() => dataset.getBatch(new Int32Array([0, 3])), RangeError, "3");
});

Deno.test("Subset picks items and batches of another data set", () => {
  const some = new Subset(new TensorDataset(arange(10)), [9, 1, 5]);
  assertEquals(some.length, 3);
  assertEquals(some.get(0)[0].item(), 9);
  const at = tensor([2, 0], { dtype: "int32" });
  assertEquals(some.getBatch!(at)[0].toArray(), [5, 9]);
  const nested = new Subset(some, new Int32Array([2, 1]));
  assertEquals(nested.getBatch!(at.mul(0))[0].toArray(), [5, 5]);
  assertEquals(new Subset(letters, [3, 3]).get(1), "d");
  assertEquals(new Subset(letters, [3]).getBatch, undefined);
  assertThrows(() => some.get(3), RangeError, "Subset has 3 items");
});

Deno.test("Subset keeps its own list of indices", () => {
  const indices = [0, 1];
  const some = new Subset(letters, indices);
  indices[0] = 3;
  assertEquals(some.get(0), "a");
});

Deno.test("ConcatDataset counts through its data sets", () => {
  const empty = new Subset(letters, []);
  const all = new ConcatDataset([empty, letters, empty, letters]);
  assertEquals(all.length, 8);
  const items = Array.from({ length: 8 }, (_, i) => all.get(i));
  assertEquals(items.join(""), "abcdabcd");
  assertThrows(() => new ConcatDataset([]), RangeError, "no data sets");
});

Deno.test("MapDataset transforms an item when it is asked for", () => {
  const seen: number[] = [];
  const upper = new MapDataset(letters, (letter, index) => {
    seen.push(index);
    return letter.toUpperCase();
  });
  assertEquals([upper.length, seen.length], [4, 0]);
  assertEquals(upper.get(2), "C");
  assertEquals(seen, [2]);
});
