import { assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import { ones, tensor, zeros } from "../mod.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("logsumexp() neither overflows nor makes NaN of infinities", () => {
  const x = tensor([[1e4, 1e4], [-1e4, -1e4 + 1], [-Infinity, -Infinity], [
    Infinity,
    -Infinity,
  ]]);
  const y = x.logsumexp(1);
  const rest = 1 + Math.log1p(Math.exp(-1));
  assertClose(y.data().slice(0, 2), [1e4 + Math.log(2), -1e4 + rest], {
    rtol: 1e-7,
  });
  assertEquals(y.toArray()?.[2 as never], -Infinity);
  assertEquals(y.toArray()?.[3 as never], Infinity);
  assertEquals(zeros([2, 0]).logsumexp(1).toArray(), [-Infinity, -Infinity]);
  assertEquals(ones([2, 3], { dtype: "int32" }).logsumexp(0).dtype, "float32");
});

Deno.test("logsumexp()'s gradient is softmax", () => {
  const x = tensor([[1, 2, 1000], [3, -1000, 3]], { requiresGrad: true });
  x.logsumexp(1, { keepdim: true }).sum().backward();
  assertClose(x.grad!.data(), x.softmax(1).data(), { rtol: 1e-6 });
});

Deno.test("logsumexp() refuses axes with a sentence", () => {
  assertThrows(
    () => ones([2]).logsumexp(1),
    RangeError,
    "logsumexp() got dim 1, expected -1 to 0",
  );
});

testGradients("logsumexp");
