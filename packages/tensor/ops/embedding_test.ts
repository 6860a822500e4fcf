import { assert, assertEquals, assertThrows } from "@std/assert";
import { embedding, embeddingBag, ones, tensor, zeros } from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

const whole = (values: number[] | number[][]) =>
  tensor(values, { dtype: "int32" });
const TABLE = [[0, 1], [2, 3], [4, 5], [6, 7]];

Deno.test("embedding() looks up rows by indices of any shape", () => {
  const table = tensor(TABLE);
  assertEquals(embedding(whole([3, 0, 3]), table).toArray(), [
    [6, 7],
    [0, 1],
    [6, 7],
  ]);
  assertEquals(
    embedding(whole([[1], [2]]), table).toArray(),
    [[[2, 3]], [[4, 5]]],
  );
  const one = tensor(2, { dtype: "int32" });
  assertEquals(embedding(one, table).toArray(), [4, 5]);
  assertEquals(embedding(whole([]), table).shape, [0, 2]);
  const double = embedding(whole([1]), tensor(TABLE, { dtype: "float64" }));
  assertEquals([double.dtype, double.toArray()], ["float64", [[2, 3]]]);
});

Deno.test("embedding() reads every layout of indices and weight", () => {
  for (const [how, index] of layouts([3, 1, 2, 0], [2, 2], "int32")) {
    const y = embedding(index, tensor(TABLE));
    assertEquals(floats(y), [6, 7, 2, 3, 4, 5, 0, 1], how);
  }
  for (const [how, table] of layouts(TABLE.flat(), [4, 2])) {
    assertEquals(floats(embedding(whole([2, 1]), table)), [4, 5, 2, 3], how);
  }
});

Deno.test("embedding() adds up what arrives at a row's copies", () => {
  const table = tensor(TABLE, { requiresGrad: true });
  const g = tensor([[1, 2], [10, 20], [100, 200]]);
  embedding(whole([1, 3, 1]), table).backward(g);
  assertEquals(table.grad!.toArray(), [[0, 0], [101, 202], [0, 0], [10, 20]]);
  table.grad = null;
  const options = { scaleGradByFreq: true, paddingIdx: -1 };
  embedding(whole([1, 3, 1]), table, options).backward(g);
  assertEquals(table.grad!.toArray(), [[0, 0], [50.5, 101], [0, 0], [0, 0]]);
});

Deno.test("embedding() scales the rows it looks up to a norm, in place", () => {
  const table = tensor([[3, 4], [0.3, 0.4], [30, 40]], { requiresGrad: true });
  embedding(whole([0, 1, 0]), table, { maxNorm: 1 });
  const [first, second, third] = table.toArray() as number[][];
  assert(Math.abs(Math.hypot(...first!) - 1) < 1e-5);
  assertEquals(second!.map(Math.fround), [0.3, 0.4].map(Math.fround));
  assertEquals(third, [30, 40]);
  embedding(whole([2]), table, { maxNorm: 7, normType: Infinity });
  const largest = table.select(0, 2).amax().item();
  assert(Math.abs(largest - 7) < 1e-4, `${largest}`);
  embedding(whole([2]), table, { maxNorm: 1, normType: 1 });
  const sum = table.select(0, 2).abs().sum().item();
  assert(Math.abs(sum - 1) < 1e-4, `${sum}`);
});

Deno.test("embedding() refuses with a sentence", () => {
  const table = tensor(TABLE);
  assertThrows(
    () => embedding(whole([[0, 1, 2], [3, 1, 4]]), table),
    RangeError,
    "embedding() got index 4 at [1, 2] of indices [2, 3], expected 0 to 3: the weight has 4 rows",
  );
  assertThrows(() => embedding(whole([-1]), table), RangeError, "index -1");
  assertThrows(
    () => embedding(whole([9]), table, { maxNorm: 1 }),
    RangeError,
    "index 9 at [0]",
  );
  assertThrows(() => embedding(ones([2]), table), TypeError, "float32");
  assertThrows(
    () => embedding(whole([0]), ones([4])),
    RangeError,
    "embedding() got weight [4], expected [rows, columns]",
  );
  assertThrows(
    () => embedding(whole([0]), whole([[1]])),
    TypeError,
    "int32",
  );
  assertThrows(
    () => embedding(whole([0]), table, { paddingIdx: 4 }),
    RangeError,
    "paddingIdx 4, expected -4 to 3",
  );
});

Deno.test("embeddingBag() pools rows and offsets alike", () => {
  const table = tensor(numbers(20), { shape: [5, 4] });
  const rows = [[0, 4, 2], [3, 3, 1]];
  for (const mode of ["sum", "mean", "max"] as const) {
    const square = embeddingBag(whole(rows), table, { mode });
    const offsets = whole([0, 3]);
    const flat = embeddingBag(whole(rows.flat()), table, { mode, offsets });
    assertEquals(floats(flat), floats(square), mode);
    const open = embeddingBag(whole(rows.flat()), table, {
      mode,
      offsets: whole([0, 3, 6]),
      includeLastOffset: true,
    });
    assertEquals(floats(open), floats(square), mode);
    const looked = embedding(whole(rows), table);
    const expected = mode === "sum"
      ? looked.sum(1)
      : mode === "mean"
      ? looked.mean(1)
      : looked.amax(1);
    const difference = square.sub(expected).abs().amax().item();
    assert(difference < 1e-6, `${mode}: ${difference}`);
  }
});

Deno.test("embeddingBag() gives zeros for empty bags, and for padding alone", () => {
  const table = tensor(TABLE, { requiresGrad: true });
  for (const mode of ["sum", "mean", "max"] as const) {
    const y = embeddingBag(whole([1, 2, 2]), table, {
      mode,
      offsets: whole([0, 1, 1]),
      paddingIdx: 2,
    });
    assertEquals(y.toArray(), [[2, 3], [0, 0], [0, 0]]);
    y.sum().backward();
    assertEquals(table.grad!.toArray(), [[0, 0], [1, 1], [0, 0], [0, 0]]);
    table.grad = null;
    const none = embeddingBag(whole([]), table, { mode, offsets: whole([0]) });
    assertEquals(none.toArray(), [[0, 0]]);
  }
});

Deno.test("embeddingBag() refuses with a sentence", () => {
  const table = tensor(TABLE);
  const bag = (offsets: number[]) => () =>
    embeddingBag(whole([0, 1]), table, { offsets: whole(offsets) });
  assertThrows(
    bag([0, 3]),
    RangeError,
    "embeddingBag() got offsets [0, 3] for 2 indices",
  );
  assertThrows(bag([1]), RangeError, "ascend from 0");
  assertThrows(bag([0, 2, 1]), RangeError, "ascend from 0");
  assertThrows(
    () => embeddingBag(whole([0]), table),
    RangeError,
    "indices [1] without offsets, expected [bags, n]",
  );
  assertThrows(
    () => embeddingBag(whole([[0]]), table, { offsets: whole([0]) }),
    RangeError,
    "its rows are the bags",
  );
  assertThrows(
    () => embeddingBag(whole([[0]]), table, { perSampleWeights: ones([1, 1]) }),
    RangeError,
    'mode "mean"',
  );
  assertThrows(
    () =>
      embeddingBag(whole([[0]]), table, {
        mode: "sum",
        perSampleWeights: zeros([1]),
      }),
    RangeError,
    "perSampleWeights [1], expected the indices' shape [1, 1]",
  );
  assertThrows(
    () => embeddingBag(whole([[0]]), table, { mode: "min" as "max" }),
    RangeError,
    '"min"',
  );
  assertThrows(
    () => embeddingBag(whole([[7]]), table),
    RangeError,
    "embeddingBag() got index 7",
  );
});

testGradients("embedding");
