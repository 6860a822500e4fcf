import { loadFixture } from "@fdunn/testing";
import { arange, tensor } from "@fdunn/tensor";
import { assertEquals, assertThrows } from "@std/assert";
import { trainTestSplit } from "./train_test_split.ts";

interface SplitCase {
  name: string;
  call: string;
  samples: number;
  options: Record<string, unknown>;
  labels: number[] | null;
  train: number[];
  test: number[];
}

for (const entry of loadFixture<SplitCase>("toy").cases) {
  if (entry.call !== "trainTestSplit") continue;
  Deno.test(`${entry.name} equals scikit-learn's`, () => {
    const options = entry.labels === null
      ? entry.options
      : { ...entry.options, stratify: tensor(entry.labels) };
    const [train, test] = trainTestSplit([arange(entry.samples)], options);
    assertEquals([...train.data()], entry.train);
    assertEquals([...test.data()], entry.test);
  });
}

Deno.test("trainTestSplit splits all tensors alike", () => {
  const x = arange(20).reshape([10, 2]);
  const [a, b, c, d] = trainTestSplit([x, arange(10)], { randomState: 3 });
  assertEquals(a.select(1, 0).div(2).toArray(), c.to("float32").toArray());
  assertEquals(b.select(1, 0).div(2).toArray(), d.to("float32").toArray());
});

Deno.test("trainTestSplit refuses what cannot be split", () => {
  assertThrows(
    () => trainTestSplit([arange(4), arange(5)]),
    RangeError,
    "tensors of 4,5 samples",
  );
  assertThrows(
    () => trainTestSplit([arange(4)], { testSize: 4 }),
    RangeError,
    "expected two parts",
  );
  assertThrows(
    () => trainTestSplit([arange(1)]),
    RangeError,
    "got 1 samples",
  );
  assertThrows(
    () => trainTestSplit([arange(4)], { stratify: tensor([0, 0, 0, 1]) }),
    RangeError,
    "cannot stratify 2 classes",
  );
  assertThrows(
    () => trainTestSplit([arange(4)], { stratify: arange(4), shuffle: false }),
    RangeError,
    "only stratify when it shuffles",
  );
});
