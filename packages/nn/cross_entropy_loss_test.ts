import { checkGrad, crossEntropy, randn, tensor, zeros } from "@fdunn/tensor";
import { CrossEntropyLoss, MSELoss, mseLoss } from "@fdunn/nn";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";

Deno.test("CrossEntropyLoss reduces as it is told", () => {
  const logits = randn([5, 3]);
  const labels = tensor(new Int32Array([0, 2, 1, 1, 0]));
  for (const reduction of ["mean", "sum", "none"] as const) {
    assertEquals(
      new CrossEntropyLoss({ reduction }).forward(logits, labels).toArray(),
      crossEntropy(logits, labels, { reduction }).toArray(),
    );
  }
  const each = new CrossEntropyLoss({ reduction: "none" });
  assertEquals(each.forward(logits, labels).shape, [5]);
  const mean = new CrossEntropyLoss().forward(logits, labels).item();
  assertAlmostEquals(mean, each.forward(logits, labels).mean().item(), 1e-6);
});

Deno.test("MSELoss reduces as it is told", () => {
  const x = tensor([[1, 2], [3, 4]]);
  const y = tensor([[1, 0], [0, 4]]);
  assertEquals(new MSELoss().forward(x, y).item(), 13 / 4);
  assertEquals(new MSELoss({ reduction: "sum" }).forward(x, y).item(), 13);
  assertEquals(
    new MSELoss({ reduction: "none" }).forward(x, y).toArray(),
    [[0, 4], [9, 0]],
  );
  const leaf = () => randn([2, 3], { requiresGrad: true });
  checkGrad((x, y) => mseLoss(x, y), [leaf(), leaf()]);
});

Deno.test("losses refuse what does not fit", () => {
  assertThrows(
    () => mseLoss(zeros([3, 1]), zeros([3])),
    RangeError,
    "[3, 1] and [3]",
  );
  const reduction = "avg" as "mean";
  assertThrows(() => new MSELoss({ reduction }), RangeError, '"avg"');
  assertThrows(() => new CrossEntropyLoss({ reduction }), RangeError, '"avg"');
  assertThrows(
    () => new CrossEntropyLoss().forward(zeros([2, 2]), zeros([2])),
    TypeError,
    "int32",
  );
});
