import { ones, rand, randn, tensor, zeros } from "@fdunn/tensor";
import { checkGrad } from "@fdunn/tensor/op";
import * as nn from "@fdunn/nn";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";

const leaf = () => randn([3, 4], { requiresGrad: true });

Deno.test("BCEWithLogitsLoss is BCELoss behind sigmoid", () => {
  const [x, target] = [randn([5, 3]), rand([5, 3])];
  const weight = rand([5, 1]);
  const chances = new nn.BCELoss({ weight });
  const logits = new nn.BCEWithLogitsLoss({ weight });
  assertAlmostEquals(
    logits.forward(x, target).item(),
    chances.forward(x.sigmoid(), target).item(),
    1e-6,
  );
  const sure = logits.forward(tensor([[1000]]), ones([1, 1])).shape;
  assertEquals(sure, []);
});

Deno.test("the weights of binary losses are state", () => {
  const [weight, posWeight] = [ones([2]), tensor([1, 3])];
  const logits = new nn.BCEWithLogitsLoss({ weight, posWeight });
  assertEquals(Object.keys(logits.stateDict()), ["weight", "posWeight"]);
  assertEquals(Object.keys(new nn.BCELoss({ weight }).stateDict()), ["weight"]);
  const labels = new nn.MultiLabelSoftMarginLoss({ weight });
  assertEquals(Object.keys(labels.stateDict()), ["weight"]);
  const yes = logits.forward(zeros([1, 2]), ones([1, 2])).item();
  assertAlmostEquals(yes, 2 * Math.log(2), 1e-6);
});

Deno.test("margins of labels have gradients of both orders", () => {
  checkGrad((x, t) => nn.softMarginLoss(x, t), [leaf(), leaf()]);
  const weight = rand([4], { dtype: "float64" });
  checkGrad(
    (x, t) => nn.multilabelSoftMarginLoss(x, t, { weight: weight.to(x.dtype) }),
    [leaf(), leaf()],
  );
});

Deno.test("binary losses refuse what does not fit", () => {
  const [x, y] = [zeros([2, 3]), zeros([3])];
  assertThrows(
    () => new nn.BCELoss().forward(x, y),
    RangeError,
    "binaryCrossEntropy() got input [2, 3] and target [3]",
  );
  assertThrows(
    () => new nn.BCEWithLogitsLoss().forward(x, y),
    RangeError,
    "binaryCrossEntropyWithLogits() got input [2, 3] and target [3]",
  );
  assertThrows(
    () => nn.softMarginLoss(x, y),
    RangeError,
    "softMarginLoss() got shapes [2, 3] and [3]",
  );
  assertThrows(
    () => nn.multilabelSoftMarginLoss(x, y),
    RangeError,
    "multilabelSoftMarginLoss() got shapes [2, 3] and [3]",
  );
  const reduction = "avg" as "mean";
  const layers = [
    ...[nn.BCELoss, nn.BCEWithLogitsLoss],
    ...[nn.SoftMarginLoss, nn.MultiLabelSoftMarginLoss],
  ];
  for (const Loss of layers) {
    assertThrows(
      () => new Loss({ reduction }),
      RangeError,
      `${Loss.name}() got reduction "avg"`,
    );
  }
});
