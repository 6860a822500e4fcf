import { randomSplit, TensorDataset } from "@fdunn/data";
import { arange, Generator, manualSeed } from "@fdunn/tensor";
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";

const dataset = new TensorDataset(arange(10));

Deno.test("randomSplit() takes lengths, and every item once", () => {
  const [a, b, c] = randomSplit(dataset, [7, 0, 3]);
  assertEquals([a.length, b.length, c.length], [7, 0, 3]);
  const all = [...a.indices, ...c.indices].sort();
  assertEquals(all, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assertNotEquals([...a.indices, ...c.indices], all);
});

Deno.test("randomSplit() takes fractions and hands out what is left", () => {
  const lengths = (parts: number[]) =>
    randomSplit(dataset, parts).map((part) => part.length);
  assertEquals(lengths([0.8, 0.2]), [8, 2]);
  assertEquals(lengths([1 / 3, 1 / 3, 1 / 3]), [4, 3, 3]);
  assertEquals(lengths([0.25, 0.25, 0.5]), [3, 2, 5]);
  assertEquals(lengths([0.28, 0.28, 0.44]), [3, 3, 4]);
  assertEquals(lengths([1]), [10]);
});

Deno.test("randomSplit() repeats from a generator and from manualSeed()", () => {
  const split = (generator?: Generator) =>
    Array.from(
      randomSplit(dataset, [5, 5], generator ? { generator } : {})[0].indices,
    );
  assertEquals(split(new Generator(4)), split(new Generator(4)));
  manualSeed(4);
  const first = split();
  assertNotEquals(split(), first);
  manualSeed(4);
  assertEquals(split(), first);
});

Deno.test("randomSplit() refuses parts that do not add up", () => {
  assertThrows(
    () => randomSplit(dataset, [7, 2]),
    RangeError,
    "randomSplit() got [7, 2], which add up to 9, expected lengths that add up to 10 or fractions that add up to 1",
  );
  for (const parts of [[], [-1, 11], [NaN, 10], [0.5, 0.4]]) {
    assertThrows(
      () => randomSplit(dataset, parts),
      RangeError,
      "randomSplit()",
    );
  }
});
