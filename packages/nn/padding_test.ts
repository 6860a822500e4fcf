import { assertEquals, assertThrows } from "@std/assert";
import { tensor, zeros } from "@fdunn/tensor";
import * as nn from "./mod.ts";

Deno.test("padding layers pad by one number or by one for each end", () => {
  const x = tensor([[1, 2, 3]]);
  const y = new nn.ConstantPad1d([1, 2], 9).forward(x);
  assertEquals(y.toArray(), [[9, 1, 2, 3, 9, 9]]);
  assertEquals(new nn.ZeroPad1d(1).forward(x).toArray(), [[0, 1, 2, 3, 0]]);
  const image = zeros([1, 1, 4, 5]);
  assertEquals(new nn.ReflectionPad2d(2).forward(image).shape, [1, 1, 8, 9]);
  const sides = [1, 0, -1, 2];
  assertEquals(new nn.CircularPad2d(sides).forward(image).shape, [1, 1, 5, 6]);
});

Deno.test("padding layers keep their padding, and print it", () => {
  const sides = [1, 2];
  const layer = new nn.ReplicationPad1d(sides);
  sides[0] = 9;
  assertEquals(`${layer}`, "ReplicationPad1d(padding=[1, 2])");
  const constant = new nn.ConstantPad2d(1, 0.5);
  assertEquals(
    `${constant}`,
    "ConstantPad2d(padding=[1, 1, 1, 1], value=0.5)",
  );
});

Deno.test("padding layers refuse paddings of other lengths, and too much", () => {
  assertThrows(
    () => new nn.ZeroPad2d([1, 2]),
    RangeError,
    "ZeroPad2d got padding [1, 2], expected a whole number, or 4 of them",
  );
  assertThrows(
    () => new nn.CircularPad1d(0.5),
    RangeError,
    "CircularPad1d got padding [0.5, 0.5]",
  );
  assertThrows(
    () => new nn.ReflectionPad1d(3).forward(zeros([1, 1, 3])),
    RangeError,
    "pad() got reflect pads 3 and 3 for dim 2",
  );
});
