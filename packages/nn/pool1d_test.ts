import { assertEquals, assertThrows } from "@std/assert";
import { arange, maxPool2dWithIndices, zeros } from "@fdunn/tensor";
import * as nn from "./mod.ts";

Deno.test("1-D pooling layers pool sequences and print their window", () => {
  const x = arange(7).reshape([1, 1, 7]);
  const max = new nn.MaxPool1d(3, { stride: 2, padding: 1 });
  assertEquals(max.forward(x).toArray(), [[[1, 3, 5, 6]]]);
  assertEquals(
    `${max}`,
    "MaxPool1d(kernelSize=3, stride=2, padding=1, dilation=1, ceilMode=false)",
  );
  const average = new nn.AvgPool1d(2, { ceilMode: true });
  assertEquals(average.forward(x).toArray(), [[[0.5, 2.5, 4.5, 6]]]);
  assertEquals(
    `${average}`,
    "AvgPool1d(kernelSize=2, stride=2, padding=0, ceilMode=true)",
  );
  assertEquals(new nn.AdaptiveAvgPool1d(2).forward(x).shape, [1, 1, 2]);
  assertEquals(
    `${new nn.AdaptiveMaxPool1d(2)}`,
    "AdaptiveMaxPool1d(outputSize=2)",
  );
  assertThrows(
    () => new nn.AdaptiveAvgPool1d(0),
    RangeError,
    "AdaptiveAvgPool1d got outputSize 0",
  );
});

Deno.test("global pooling leaves one element of each channel", () => {
  const image = arange(12).reshape([1, 2, 2, 3]);
  const [mean, max] = [new nn.GlobalAvgPool2d(), new nn.GlobalMaxPool2d()];
  assertEquals(mean.forward(image).toArray(), [[[[2.5]], [[8.5]]]]);
  assertEquals(max.forward(image).toArray(), [[[[5]], [[11]]]]);
  const line = image.flatten(2);
  assertEquals(new nn.GlobalAvgPool1d().forward(line).toArray(), [[[2.5], [
    8.5,
  ]]]);
  assertEquals(new nn.GlobalMaxPool1d().forward(line).toArray(), [[[5], [11]]]);
  assertEquals(`${mean}`, "GlobalAvgPool2d(outputSize=1)");
});

Deno.test("MaxUnpool2d undoes pooling, AdaptiveMaxPool2d prints its size", () => {
  const x = arange(16).reshape([1, 1, 4, 4]);
  const { values, indices } = maxPool2dWithIndices(x, 2);
  const layer = new nn.MaxUnpool2d(2);
  const y = layer.forward(values, indices);
  assertEquals(y.shape, [1, 1, 4, 4]);
  assertEquals(y.sum().item(), values.sum().item());
  assertEquals(`${layer}`, "MaxUnpool2d(kernelSize=2, stride=2, padding=0)");
  const adaptive = new nn.AdaptiveMaxPool2d([2, null]);
  assertEquals(`${adaptive}`, "AdaptiveMaxPool2d(outputSize=[2, null])");
  assertEquals(adaptive.forward(zeros([1, 1, 5, 3])).shape, [1, 1, 2, 3]);
});
