import { arange, zeros } from "@fdunn/tensor";
import { AdaptiveAvgPool2d, AvgPool2d, MaxPool2d } from "@fdunn/nn";
import { assertEquals, assertThrows } from "@std/assert";

const x = arange(16).reshape([1, 1, 4, 4]);

Deno.test("MaxPool2d takes the largest of each window", () => {
  assertEquals(new MaxPool2d(2).forward(x).toArray(), [[[[5, 7], [13, 15]]]]);
  const overlapping = new MaxPool2d([2, 3], { stride: 1 });
  assertEquals(overlapping.forward(x).shape, [1, 1, 3, 2]);
  const dilated = new MaxPool2d(2, { dilation: 2, stride: 1 });
  assertEquals(dilated.forward(x).toArray(), [[[[10, 11], [14, 15]]]]);
});

Deno.test("AvgPool2d takes the mean of each window", () => {
  assertEquals(new AvgPool2d(2).forward(x).toArray(), [
    [[[2.5, 4.5], [10.5, 12.5]]],
  ]);
  const inner = new AvgPool2d(3, { padding: 1, countIncludePad: false });
  assertEquals(inner.forward(zeros([2, 3, 6, 6])).shape, [2, 3, 2, 2]);
});

Deno.test("AdaptiveAvgPool2d pools any image to one size", () => {
  const layer = new AdaptiveAvgPool2d([2, 1]);
  assertEquals(layer.forward(x).toArray(), [[[[3.5], [11.5]]]]);
  assertEquals(layer.forward(zeros([3, 5, 7])).shape, [3, 2, 1]);
  const wide = new AdaptiveAvgPool2d([1, null]);
  assertEquals(wide.forward(x).toArray(), [[[[6, 7, 8, 9]]]]);
  assertEquals(`${wide}`, "AdaptiveAvgPool2d(outputSize=[1, null])");
});

Deno.test("pooling layers print their options", () => {
  assertEquals(
    `${new MaxPool2d(2)}`,
    "MaxPool2d(kernelSize=2, stride=2, padding=0, dilation=1)",
  );
  assertEquals(
    `${new AvgPool2d([2, 3], { stride: 1 })}`,
    "AvgPool2d(kernelSize=[2, 3], stride=1, padding=0)",
  );
});

Deno.test("pooling layers refuse windows larger than the picture", () => {
  assertThrows(() => new MaxPool2d(5).forward(x), RangeError, "maxPool2d()");
  assertThrows(() => new AvgPool2d(5).forward(x), RangeError, "avgPool2d()");
});
