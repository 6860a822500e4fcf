import { manualSeed } from "@fdunn/tensor";
import { assertEquals, assertThrows } from "@std/assert";
import { kFold } from "./mod.ts";

const parts = (...given: Parameters<typeof kFold>) =>
  kFold(...given).map(({ valid }) => valid);

Deno.test("kFold() gives scikit-learn's parts", () => {
  assertEquals(parts(7, { nSplits: 3 }), [[0, 1, 2], [3, 4], [5, 6]]);
  assertEquals(
    parts(7, { nSplits: 3, shuffle: true, randomState: 42 }),
    [[0, 1, 5], [2, 4], [3, 6]],
  );
});

Deno.test("each sample is tested once, and never trained with then", () => {
  manualSeed(0);
  const folds = kFold(23, { shuffle: true });
  assertEquals(folds.length, 5);
  const all = Array.from({ length: 23 }, (_, i) => i);
  assertEquals(
    folds.flatMap(({ valid }) => valid).sort((a, b) => a - b),
    all,
  );
  for (const { train, valid } of folds) {
    assertEquals([...train, ...valid].sort((a, b) => a - b), all);
  }
  const other = kFold(23, { shuffle: true });
  assertEquals(String(other[0]!.valid) === String(folds[0]!.valid), false);
  manualSeed(0);
  assertEquals(kFold(23, { shuffle: true }), folds);
});

Deno.test("kFold() refuses fewer than 2 parts and more than samples", () => {
  for (const [n, nSplits] of [[5, 1], [5, 6], [5, 2.5], [0, 2]] as const) {
    assertThrows(
      () => kFold(n, { nSplits }),
      RangeError,
      `kFold() got nSplits ${nSplits} for ${n} samples, expected 2 to ${n}`,
    );
  }
});
