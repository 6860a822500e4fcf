import { randn, zeros } from "@fdunn/tensor";
import { ConvTranspose2d, convTranspose2d } from "@fdunn/nn";
import { assert, assertEquals, assertThrows } from "@std/assert";

Deno.test("ConvTranspose2d enlarges with its weight, bias and options", () => {
  const options = { stride: 2, padding: 1, outputPadding: 1, groups: 2 };
  const layer = new ConvTranspose2d(4, 6, 3, options);
  assertEquals(layer.weight.shape, [4, 3, 3, 3]);
  const x = randn([2, 4, 5, 6]);
  const y = layer.forward(x);
  assertEquals(y.shape, [2, 6, 10, 12]);
  const expected = convTranspose2d(x, layer.weight, layer.bias, options);
  assertEquals(y.toArray(), expected.toArray());
  y.sum().backward();
  assertEquals(layer.bias!.grad!.toArray(), new Array(6).fill(240));
  const bound = 1 / Math.sqrt(3 * 9);
  assert(layer.weight.abs().amax().item() <= bound);
});

Deno.test("ConvTranspose2d prints what is not as by default", () => {
  assertEquals(
    `${new ConvTranspose2d(2, 4, 2, { stride: 2, outputPadding: [1, 0] })}`,
    "ConvTranspose2d(2, 4, kernelSize=[2, 2], stride=[2, 2], outputPadding=[1, 0])",
  );
});

Deno.test("ConvTranspose2d refuses sizes that make no sense", () => {
  const make = (options: object) => () => new ConvTranspose2d(3, 4, 3, options);
  assertThrows(make({ stride: 0 }), RangeError, "stride 0");
  assertThrows(make({ padding: -1 }), RangeError, "padding -1");
  assertThrows(make({ groups: 2 }), RangeError, "2 groups");
  assertThrows(
    () => new ConvTranspose2d(3, 4, 3).forward(zeros([1, 2, 8, 8])),
    RangeError,
    "[1, 2, 8, 8]",
  );
});
