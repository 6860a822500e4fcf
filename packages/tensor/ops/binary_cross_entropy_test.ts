import { assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import {
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  ones,
  tensor,
} from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("binaryCrossEntropy() agrees with its formula in any layout", () => {
  const target = numbers(12, 5, 0, 1);
  for (const dtype of ["float32", "float64"] as const) {
    const t = tensor(target, { shape: [3, 4], dtype });
    for (const [how, x] of layouts(numbers(12, 3, 0.01, 0.99), [3, 4], dtype)) {
      const expected = floats(x).map((p, i) =>
        -(target[i]! * Math.log(p) + (1 - target[i]!) * Math.log1p(-p))
      );
      const each = binaryCrossEntropy(x, t, { reduction: "none" });
      assertClose(floats(each), expected, { rtol: 1e-6, what: how });
      const logits = x.div(x.neg().add(1)).log();
      const same = binaryCrossEntropyWithLogits(logits, t, {
        reduction: "none",
      });
      assertClose(floats(same), expected, { rtol: 1e-5, what: how });
    }
  }
  assertEquals(binaryCrossEntropy(tensor([]), tensor([])).item(), NaN);
});

Deno.test("a sure mistake costs 100, and its slope is finite", () => {
  const x = tensor([0, 1], { requiresGrad: true });
  const loss = binaryCrossEntropy(x, tensor([1, 0]), { reduction: "sum" });
  assertEquals(loss.item(), 200);
  loss.backward();
  assertClose(floats(x.grad!), [-1e12, 1e12], { rtol: 1e-6 });
});

Deno.test("logits have slopes at 0 and do not overflow", () => {
  const x = tensor([0, 1e4, -1e4], { requiresGrad: true });
  const target = tensor([1, 0, 1]);
  const options = { reduction: "none" } as const;
  const losses = binaryCrossEntropyWithLogits(x, target, options);
  assertClose(floats(losses), [Math.log(2), 1e4, 1e4], { rtol: 1e-6 });
  losses.sum().backward();
  assertEquals(x.grad!.toArray(), [-0.5, 1, -1]);
});

Deno.test("binary cross entropies refuse with a sentence", () => {
  const refused = (value: number, at: number) =>
    assertThrows(
      () => {
        const x = [0.5, 0.5, 0.5];
        x[at] = value;
        binaryCrossEntropy(tensor(x), ones([3]));
      },
      RangeError,
      `binaryCrossEntropy() got probability ${value} at position ${at}, expected 0 to 1`,
    );
  refused(1.5, 2);
  refused(-0.25, 0);
  refused(NaN, 1);
  for (const f of [binaryCrossEntropy, binaryCrossEntropyWithLogits]) {
    assertThrows(
      () => f(ones([2, 1]), ones([2])),
      RangeError,
      `${f.name}() got input [2, 1] and target [2], which must be equal`,
    );
    assertThrows(
      () => f(ones([2]).to("int32"), ones([2])),
      TypeError,
      `${f.name}() expects float32 or float64, got int32`,
    );
    assertThrows(
      () => f(ones([2]), ones([2]), { reduction: "avg" as "mean" }),
      RangeError,
      `${f.name}() got reduction "avg"`,
    );
  }
});

testGradients("binary_cross_entropy");
