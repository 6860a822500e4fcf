import { randn, tensor, zeros } from "@fdunn/tensor";
import { Conv2d, conv2d } from "@fdunn/nn";
import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";

Deno.test("Conv2d convolves with its weight, bias and options", () => {
  const layer = new Conv2d(4, 6, [3, 2], {
    stride: [2, 1],
    padding: [1, 0],
    dilation: [1, 2],
    groups: 2,
  });
  assertEquals(layer.weight.shape, [6, 2, 3, 2]);
  const x = randn([2, 4, 7, 8]);
  const y = layer.forward(x);
  assertEquals(y.shape, [2, 6, 4, 6]);
  const expected = conv2d(x, layer.weight, layer.bias, {
    stride: [2, 1],
    padding: [1, 0],
    dilation: [1, 2],
    groups: 2,
  });
  assertEquals(y.toArray(), expected.toArray());
  assertEquals(layer.forward(zeros([4, 7, 8])).shape, [6, 4, 6]);
});

Deno.test("Conv2d gives gradients to its parameters", () => {
  const layer = new Conv2d(1, 2, 2);
  layer.forward(tensor([[[[1, 2], [3, 4]]]])).sum().backward();
  assertEquals(layer.bias!.grad!.toArray(), [1, 1]);
  assertEquals(layer.weight.grad!.toArray(), [
    [[[1, 2], [3, 4]]],
    [[[1, 2], [3, 4]]],
  ]);
});

Deno.test("Conv2d prints what is not as by default", () => {
  assertEquals(
    `${new Conv2d(2, 4, 3, { groups: 2, bias: false, dilation: 2 })}`,
    "Conv2d(2, 4, kernelSize=[3, 3], stride=[1, 1], dilation=[2, 2], groups=2, bias=false)",
  );
  assertStrictEquals(new Conv2d(1, 1, 1, { bias: false }).bias, null);
});

Deno.test("Conv2d refuses sizes that make no sense", () => {
  assertThrows(() => new Conv2d(0, 4, 3), RangeError, "inChannels 0");
  assertThrows(() => new Conv2d(1, 4, [3, 0]), RangeError, "kernelSize 0");
  assertThrows(
    () => new Conv2d(1, 4, 3, { stride: 0 }),
    RangeError,
    "stride 0",
  );
  assertThrows(
    () => new Conv2d(1, 4, 3, { padding: -1 }),
    RangeError,
    "padding -1",
  );
  assertThrows(
    () => new Conv2d(3, 4, 3, { groups: 2 }),
    RangeError,
    "2 groups",
  );
  assertThrows(
    () => new Conv2d(3, 4, 3).forward(zeros([1, 2, 8, 8])),
    RangeError,
    "[1, 2, 8, 8]",
  );
});
