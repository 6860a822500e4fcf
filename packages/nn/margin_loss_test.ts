import { ones, rand, randn, tensor, zeros } from "@fdunn/tensor";
import { checkGrad } from "@fdunn/tensor/op";
import * as nn from "@fdunn/nn";
import { assertEquals, assertThrows } from "@std/assert";

const int = (values: number[]) => tensor(values, { dtype: "int32" });
const leaf = () => randn([5], { requiresGrad: true });
const SIGNS = tensor([1, -1, 1, -1, 1]);

Deno.test("margin losses have gradients of both orders", () => {
  const signs = (like: { dtype: "float32" | "float64" | string }) =>
    like.dtype === "float64" ? SIGNS.to("float64") : SIGNS;
  checkGrad((x) => nn.hingeEmbeddingLoss(x, signs(x)), [leaf()]);
  checkGrad((a, b) => nn.marginRankingLoss(a, b, signs(a), { margin: 0.3 }), [
    leaf(),
    leaf(),
  ]);
  const scores = () => randn([4, 3], { requiresGrad: true });
  const labels = int([0, 2, 1, 1]);
  checkGrad((x) => nn.multiMarginLoss(x, labels), [scores()]);
  const weight = rand([3]);
  checkGrad((x) => nn.multiMarginLoss(x, labels, { p: 2, weight }), [scores()]);
});

Deno.test("multiMarginLoss() takes labels of any integer dtype", () => {
  const x = randn([3, 4]);
  const labels = int([3, 0, 1]);
  const expected = nn.multiMarginLoss(x, labels).item();
  for (const dtype of ["int64", "uint8", "int8"] as const) {
    assertEquals(nn.multiMarginLoss(x, labels.to(dtype)).item(), expected);
  }
  const weight = ones([4]);
  const state = new nn.MultiMarginLoss({ weight }).stateDict();
  assertEquals(Object.keys(state), ["weight"]);
});

Deno.test("margin losses refuse what does not fit", () => {
  const [x, y] = [zeros([2, 3]), zeros([3])];
  assertThrows(
    () => nn.hingeEmbeddingLoss(x, y),
    RangeError,
    "hingeEmbeddingLoss() got shapes [2, 3] and [3]",
  );
  for (const args of [[x, y, x], [x, x, y]] as const) {
    assertThrows(
      () => nn.marginRankingLoss(...args),
      RangeError,
      "marginRankingLoss() got shapes [2, 3] and [3]",
    );
  }
  assertThrows(
    () => nn.multiMarginLoss(x, int([0, 3])),
    RangeError,
    "multiMarginLoss() got label 3 at position 1, expected 0 to 2",
  );
  assertThrows(
    () => nn.multiMarginLoss(x, int([0])),
    RangeError,
    "multiMarginLoss() got input [2, 3] and labels [1]",
  );
  assertThrows(
    () => nn.multiMarginLoss(x, zeros([2])),
    TypeError,
    "multiMarginLoss() expects class labels of dtype int32, got float32",
  );
  assertThrows(
    () => nn.multiMarginLoss(x, int([0, 0]), { p: 3 as 2 }),
    RangeError,
    "multiMarginLoss() got p 3, expected 1 or 2",
  );
  assertThrows(
    () => nn.multiMarginLoss(x, int([0, 0]), { weight: ones([2]) }),
    RangeError,
    "multiMarginLoss() got weights of shape [2] for 3 classes",
  );
  const reduction = "avg" as "mean";
  const layers = [
    nn.HingeEmbeddingLoss,
    nn.MarginRankingLoss,
    nn.MultiMarginLoss,
  ];
  for (const Loss of layers) {
    assertThrows(
      () => new Loss({ reduction }),
      RangeError,
      `${Loss.name}() got reduction "avg"`,
    );
  }
});
