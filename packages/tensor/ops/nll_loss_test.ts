import { assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import { nllLoss, ones, tensor, zeros } from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

const int = (values: number[], shape = [values.length]) =>
  tensor(values, { shape, dtype: "int32" });

Deno.test("nllLoss() takes what the labels point at, in any layout", () => {
  const values = numbers(24, 3);
  const labels = [2, 0, 0, 1, 2, 1, 1, 0];
  const weights = [1, 2, 4];
  for (const dtype of ["float32", "float64"] as const) {
    const weight = tensor(weights);
    for (const [how, x] of layouts(values, [2, 3, 4], dtype)) {
      const picked = labels.map((label, i) =>
        -floats(x)[(Math.floor(i / 4) * 3 + label) * 4 + i % 4]!
      );
      const target = int(labels, [2, 4]);
      const each = nllLoss(x, target, { reduction: "none" });
      assertEquals([each.shape, each.dtype], [[2, 4], dtype]);
      assertClose(floats(each), picked, { rtol: 1e-7, what: how });
      const mean = picked.reduce((a, b) => a + b, 0) / 8;
      assertClose(nllLoss(x, target).item(), mean, { rtol: 1e-6 });
      const w = labels.map((label) => weights[label]!);
      const weighted = picked.reduce((sum, v, i) => sum + v * w[i]!, 0) /
        w.reduce((a, b) => a + b, 0);
      const loss = nllLoss(x, target, { weight }).item();
      assertClose(loss, weighted, { rtol: 1e-6, what: how });
    }
  }
});

Deno.test("ignored labels count nowhere, infinite losses among them", () => {
  const x = tensor([[-1, -Infinity], [-2, -3], [NaN, -4]], {
    requiresGrad: true,
  });
  const target = int([1, 0, 7]);
  const loss = nllLoss(x.narrow(0, 1, 2), target.narrow(0, 1, 2), {
    ignoreIndex: 7,
  });
  assertEquals(loss.item(), 2);
  loss.backward();
  assertEquals(x.grad!.toArray(), [[0, 0], [-1, 0], [0, 0]]);
  assertEquals(nllLoss(ones([2, 3]), int([-100, -100])).item(), NaN);
});

Deno.test("labels of other integer dtypes convert", () => {
  const x = tensor(numbers(6, 1), { shape: [2, 3] });
  const expected = nllLoss(x, int([2, 1])).item();
  for (const dtype of ["int64", "uint8", "int8"] as const) {
    assertEquals(nllLoss(x, int([2, 1]).to(dtype)).item(), expected, dtype);
  }
  const far = tensor(new BigInt64Array([2n ** 40n, 0n]));
  assertThrows(() => nllLoss(x, far), RangeError, "outside of int32");
});

Deno.test("nllLoss() refuses with a sentence", () => {
  const x = ones([2, 3]);
  assertThrows(
    () => nllLoss(x, int([0, 3])),
    RangeError,
    "nllLoss() got label 3 at position 1, expected 0 to 2",
  );
  assertThrows(
    () => nllLoss(x, int([-1, 0])),
    RangeError,
    "nllLoss() got label -1 at position 0",
  );
  assertThrows(
    () => nllLoss(x, int([0])),
    RangeError,
    "nllLoss() got input [2, 3] and labels [1], expected labels [2]",
  );
  assertThrows(
    () => nllLoss(zeros([0, 3]), int([])),
    RangeError,
    "nllLoss() got an empty batch: input of shape [0, 3]",
  );
  assertThrows(
    () => nllLoss(tensor(1), int([])),
    RangeError,
    "nllLoss() got a scalar",
  );
  assertThrows(
    () => nllLoss(x, ones([2])),
    TypeError,
    'nllLoss() expects class labels of dtype int32, got float32: convert them with to("int32")',
  );
  assertThrows(
    () => nllLoss(x, int([0, 0]), { weight: ones([2]) }),
    RangeError,
    "nllLoss() got weights of shape [2] for 3 classes, expected [3]",
  );
  assertThrows(
    () => nllLoss(x.to("int32"), int([0, 0])),
    TypeError,
    "nllLoss() expects float32 or float64",
  );
});

testGradients("nll_loss");
