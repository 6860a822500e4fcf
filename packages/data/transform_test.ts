import {
  compose,
  normalize,
  onImages,
  randomCrop,
  randomHorizontalFlip,
} from "@fdunn/data";
import { arange, Generator, manualSeed, ones, zeros } from "@fdunn/tensor";
import { assert, assertEquals, assertThrows } from "@std/assert";

const pictures = arange(2 * 3 * 4 * 4).reshape([2, 3, 4, 4]);

Deno.test("normalize() takes one number or one per channel", () => {
  const y = normalize([0, 16, 32], [1, 2, 4])(pictures);
  const x = pictures.toArray() as number[][][][];
  assertEquals(
    (y.toArray() as number[][][][])[1]![2]![3]![3],
    (x[1]![2]![3]![3]! - 32) / 4,
  );
  assertEquals(y.select(1, 1).select(0, 0).amin().item(), 0);
  assertThrows(() => normalize(0, 0), RangeError, "got std 0");
  assertThrows(
    () => normalize([0, 0], 1)(pictures),
    RangeError,
    "has values for 2 channels, got pictures [2, 3, 4, 4]",
  );
});

Deno.test("randomCrop() cuts windows that were there, each its own", () => {
  const many = ones([200, 1, 1, 1]).mul(arange(16).reshape([1, 1, 4, 4]));
  const y = randomCrop(2, { generator: new Generator(1) })(many);
  assertEquals(y.shape, [200, 1, 2, 2]);
  const seen = new Set<number>();
  for (
    const [[[a, b], [c, d]]] of y.toArray() as number[][][][] as never as [
      [[number, number], [number, number]],
    ][]
  ) {
    assertEquals([b, c, d], [a + 1, a + 4, a + 5]);
    seen.add(a);
  }
  assertEquals([...seen].sort((a, b) => a - b), [0, 1, 2, 4, 5, 6, 8, 9, 10]);
});

Deno.test("randomCrop() pads with zeros, and refuses windows that are too large", () => {
  const y = randomCrop([4, 6], { padding: 1 })(ones([50, 2, 4, 4]));
  assertEquals(y.shape, [50, 2, 4, 6]);
  // The whole width is taken: one column of zeros on each side.
  assertEquals(y.select(3, 0).amax().item(), 0);
  assertEquals(y.narrow(3, 1, 4).amax().item(), 1);
  assertEquals(randomCrop(4, { padding: 1 })(zeros([0, 2, 4, 4])).shape, [
    0,
    2,
    4,
    4,
  ]);
  assertThrows(
    () => randomCrop(7, { padding: 1 })(pictures),
    RangeError,
    "randomCrop() of 7 x 7 got pictures [2, 3, 4, 4] with padding 1",
  );
});

Deno.test("randomHorizontalFlip() mirrors about a share p of the pictures", () => {
  const x = ones([1000, 1, 1, 1]).mul(arange(3).reshape([1, 1, 1, 3]));
  const y = randomHorizontalFlip({ p: 0.3, generator: new Generator(5) })(x);
  const first = y.select(3, 0).flatten();
  assert([...first.data()].every((value) => value === 0 || value === 2));
  const share = first.mean().item() as number / 2;
  assert(Math.abs(share - 0.3) < 0.06, `${share}`);
  assertEquals(y.select(3, 1).amin().item(), 1);
  assertThrows(() => randomHorizontalFlip({ p: 2 }), RangeError, "got p 2");
});

Deno.test("augmentation repeats after manualSeed()", () => {
  const transform = compose(randomCrop(3), randomHorizontalFlip());
  const draw = () => transform(pictures).toArray();
  manualSeed(7);
  const first = draw();
  manualSeed(7);
  assertEquals(draw(), first);
});

Deno.test("onImages() leaves the rest of a batch", () => {
  const labels = arange(2);
  const [x, y] = onImages<[typeof pictures, typeof labels]>((x) => x.mul(0))([
    pictures,
    labels,
  ]);
  assertEquals(x.amax().item(), 0);
  assert(y === labels);
});

Deno.test("image transforms want batches of pictures", () => {
  for (const f of [normalize(0, 1), randomCrop(1), randomHorizontalFlip()]) {
    assertThrows(
      () => f(arange(4)),
      RangeError,
      "expected pictures [N, C, H, W]",
    );
  }
});
