import { assertEquals, assertThrows } from "@std/assert";
import { arange, zeros } from "@fdunn/tensor";
import { PixelShuffle, PixelUnshuffle, Upsample } from "./mod.ts";

Deno.test("Upsample enlarges by a factor or to a size", () => {
  const x = zeros([1, 2, 3, 4]);
  assertEquals(new Upsample({ scaleFactor: 2 }).forward(x).shape, [1, 2, 6, 8]);
  const layer = new Upsample({ size: [5, 2], mode: "bilinear" });
  assertEquals(layer.forward(x).shape, [1, 2, 5, 2]);
  assertEquals(`${layer}`, "Upsample(size=[5, 2], mode=bilinear)");
  assertEquals(
    `${new Upsample({ scaleFactor: 2 })}`,
    "Upsample(scaleFactor=2, mode=nearest)",
  );
  assertThrows(() => new Upsample({}), RangeError, "Upsample needs either");
  assertThrows(
    () => new Upsample({ size: 2, scaleFactor: 2 }),
    RangeError,
    "and not both",
  );
});

Deno.test("PixelUnshuffle undoes PixelShuffle", () => {
  const x = arange(16).reshape([1, 4, 2, 2]);
  const y = new PixelShuffle(2).forward(x);
  assertEquals(y.shape, [1, 1, 4, 4]);
  assertEquals(new PixelUnshuffle(2).forward(y).toArray(), x.toArray());
  assertEquals(`${new PixelShuffle(2)}`, "PixelShuffle(upscaleFactor=2)");
  assertThrows(
    () => new PixelShuffle(0),
    RangeError,
    "PixelShuffle got upscaleFactor 0",
  );
  assertThrows(() => new PixelUnshuffle(1.5), RangeError, "PixelUnshuffle got");
});
