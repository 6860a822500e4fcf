import { assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import {
  conv2d,
  convTranspose2d,
  type DType,
  grad,
  ones,
  tensor,
  zeros,
} from "../mod.ts";
import { count, floats, layouts, numbers, onThreads } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("convTranspose2d() is the gradient of conv2d() to its input", () => {
  for (const dtype of ["float32", "float64"] as DType[]) {
    for (
      const [n, c, o, size, kernel, stride, padding, dilation, groups] of [
        [2, 3, 4, 6, 3, 1, 1, 1, 1],
        [1, 4, 2, 5, 2, 2, 0, 1, 2],
        [3, 2, 2, 7, 3, 3, 2, 2, 1],
        [6, 16, 8, 7, 4, 2, 1, 1, 1],
        [3, 2, 4, 4, 4, 1, 0, 1, 1],
        [3, 2, 4, 4, 4, 1, 0, 1, 2],
        [2, 3, 4, 3, 3, 2, 1, 1, 1],
      ] as const
    ) {
      const options = { stride, padding, dilation, groups };
      const shape = [c, o / groups, kernel, kernel];
      const weight = tensor(numbers(count(shape), 2), { shape, dtype });
      const x = tensor(numbers(n * c * size * size), {
        shape: [n, c, size, size],
        dtype,
      });
      const y = convTranspose2d(x, weight, null, options);
      const z = zeros(y.shape, { dtype, requiresGrad: true });
      const down = conv2d(z, weight, null, options);
      assertEquals(down.shape, x.shape);
      const expected = grad(down, [z], { gradOutputs: [x] })[0]!;
      assertClose(floats(y), floats(expected), { rtol: 1e-5, atol: 1e-5 });
    }
  }
});

Deno.test("convTranspose2d() adds a bias, extra rows and whole batches", () => {
  const weight = tensor([[[[1, 2], [3, 4]]]]);
  const y = convTranspose2d(ones([1, 1, 1, 1]), weight, tensor([10]), {
    stride: 2,
    outputPadding: [1, 0],
  });
  assertEquals(y.toArray(), [[[[11, 12], [13, 14], [10, 10]]]]);
  assertEquals(convTranspose2d(ones([1, 2, 2]), weight).shape, [1, 3, 3]);
  assertEquals(convTranspose2d(zeros([0, 1, 2, 2]), weight).shape, [
    0,
    1,
    3,
    3,
  ]);
  const [first, ...rest] = layouts(numbers(48), [2, 2, 3, 4])
    .map(([, x]) => floats(convTranspose2d(x, ones([2, 3, 2, 2]))));
  for (const other of rest) assertEquals(other, first);
});

Deno.test("convTranspose2d() gives the same bits for any number of threads", async () => {
  for (const size of [4, 14]) {
    const shape = [14, 32, size, size];
    const x = tensor(numbers(count(shape)), { shape });
    const weight = tensor(numbers(32 * 24 * 9), { shape: [32, 24, 3, 3] });
    const [one, two, three] = await onThreads(() =>
      floats(convTranspose2d(x, weight, null, { padding: 1 }))
    );
    assertEquals(two, one);
    assertEquals(three, one);
  }
});

Deno.test("convTranspose2d() refuses with a sentence", () => {
  const [x, weight] = [ones([1, 2, 3, 3]), ones([2, 1, 2, 2])];
  const refuse = (f: () => unknown, text: string) =>
    assertThrows(f, RangeError, `convTranspose2d() got ${text}`);
  refuse(
    () => convTranspose2d(ones([3, 3]), weight),
    "input [3, 3] and weight [2, 1, 2, 2], expected [N, C, H, W]",
  );
  refuse(
    () => convTranspose2d(x, ones([3, 1, 2, 2])),
    "input [1, 2, 3, 3], weight [3, 1, 2, 2] and groups 1",
  );
  refuse(() => convTranspose2d(x, weight, ones([2])), "bias [2], expected [1]");
  refuse(
    () => convTranspose2d(x, weight, null, { outputPadding: 1 }),
    "outputPadding 1 and stride 1",
  );
  refuse(() => convTranspose2d(x, weight, null, { padding: 3 }), "input");
  refuse(() => convTranspose2d(x, weight, null, { stride: 0 }), "stride 0");
  assertThrows(
    () => convTranspose2d(x.to("int32"), weight.to("int32")),
    TypeError,
    "int32",
  );
});

testGradients("conv_transpose");
