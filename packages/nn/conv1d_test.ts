import { randn, zeros } from "@fdunn/tensor";
import { Conv1d, conv1d } from "@fdunn/nn";
import { assertEquals, assertThrows } from "@std/assert";

Deno.test("Conv1d convolves with its weight, bias and options", () => {
  const options = { stride: 2, padding: 1, dilation: 2, groups: 2 };
  const layer = new Conv1d(4, 6, 3, options);
  assertEquals(layer.weight.shape, [6, 2, 3]);
  const x = randn([2, 4, 9]);
  const expected = conv1d(x, layer.weight, layer.bias, options);
  assertEquals(layer.forward(x).toArray(), expected.toArray());
  layer.forward(x).sum().backward();
  assertEquals(layer.bias!.grad!.toArray(), new Array(6).fill(8));
});

Deno.test("Conv1d prints what is not as by default", () => {
  assertEquals(
    `${new Conv1d(2, 4, 3, { padding: 1, bias: false })}`,
    "Conv1d(2, 4, kernelSize=3, stride=1, padding=1, bias=false)",
  );
});

Deno.test("Conv1d refuses sizes that make no sense", () => {
  assertThrows(() => new Conv1d(0, 4, 3), RangeError, "inChannels 0");
  assertThrows(
    () => new Conv1d(1, 4, 3, { padding: -1 }),
    RangeError,
    "padding -1",
  );
  assertThrows(
    () => new Conv1d(3, 4, 3, { groups: 2 }),
    RangeError,
    "2 groups",
  );
  assertThrows(
    () => new Conv1d(3, 4, 3).forward(zeros([1, 2, 8])),
    RangeError,
  );
});
