import { loadFixture } from "@fdunn/testing";
import { manualSeed, type Tensor } from "@fdunn/tensor";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { makeClassification } from "./classification.ts";
import { makeBlobs, makeCircles, makeMoons, makeSpirals } from "./toy.ts";

interface ToyCase {
  name: string;
  call: string;
  samples: number;
  options: Record<string, unknown>;
  x: number[][];
  y: number[];
}

const calls: Record<
  string,
  (samples: number, options: object) => [Tensor, Tensor]
> = { makeBlobs, makeCircles, makeClassification, makeMoons };

for (const entry of loadFixture<ToyCase>("toy").cases) {
  const call = calls[entry.call];
  if (call === undefined) continue;
  Deno.test(`${entry.name} equals scikit-learn's`, () => {
    const options = { ...entry.options, dtype: "float64" };
    const [x, y] = call(entry.samples, options);
    assertEquals([...y.data()], entry.y);
    const expected = entry.x.flat();
    assertEquals(x.shape, [entry.samples, entry.x[0]!.length]);
    // Sums of products are as exact as their largest term.
    const scale = Math.max(...expected.map(Math.abs));
    (x.data() as Float64Array).forEach((value, i) => {
      const ulp = 2 ** -52 * Math.max(Math.abs(expected[i]!), scale / 8);
      const off = Math.abs(value - expected[i]!) / ulp;
      assert(off <= 4, `element ${i}: ${value}, not ${expected[i]}`);
    });
  });
}

Deno.test("makeSpirals winds two classes around each other", () => {
  const [x, y] = makeSpirals(100, { shuffle: false, dtype: "float64" });
  assertEquals(y.sum().item(), 50);
  const radii = x.square().sum(1).sqrt();
  assertEquals(radii.amax().item(), 1);
  // The second spiral is the first, turned by half a circle.
  const sum = x.narrow(0, 0, 50).add(x.narrow(0, 50, 50)).abs().amax();
  assert(sum.item() as number < 1e-12);
});

Deno.test("toy data come from manualSeed() where no randomState is given", () => {
  const draw = () => makeMoons(20, { noise: 0.1 })[0].toArray();
  manualSeed(1);
  const first = draw();
  assert(String(draw()) !== String(first));
  manualSeed(1);
  assertEquals(draw(), first);
});

Deno.test("toy data refuse options that make no sense", () => {
  assertThrows(() => makeMoons(0), RangeError, "makeMoons() got 0 samples");
  assertThrows(() => makeMoons(9, { noise: -1 }), RangeError, "got noise -1");
  assertThrows(() => makeMoons(9, { randomState: -1 }), RangeError, "is -1");
  assertThrows(() => makeCircles(9, { factor: 1 }), RangeError, "factor 1");
  assertThrows(() => makeBlobs(9, { centers: [] }), RangeError, "0 features");
  assertThrows(
    () => makeBlobs(9, { centers: [[1, 2], [3]] }),
    RangeError,
    "centers of 2,1 features",
  );
  assertThrows(
    () => makeClassification(9, { nFeatures: 3 }),
    RangeError,
    "at most nFeatures = 3",
  );
  assertThrows(
    () => makeClassification(9, { nClasses: 5 }),
    RangeError,
    "got 10 clusters for 2 informative",
  );
  assertThrows(
    () => makeClassification(9, { weights: [1, 2, 3] }),
    RangeError,
    "got 3 weights",
  );
});
