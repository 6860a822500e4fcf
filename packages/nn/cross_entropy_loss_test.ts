import { crossEntropy, ones, randn, tensor, zeros } from "@fdunn/tensor";
import { CrossEntropyLoss, NLLLoss } from "@fdunn/nn";
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

Deno.test("class weights are state, and move with their loss", () => {
  for (const Loss of [CrossEntropyLoss, NLLLoss]) {
    const criterion = new Loss({ weight: tensor([1, 2, 3]) });
    assertEquals(Object.keys(criterion.stateDict()), ["weight"]);
    assertEquals(new Loss().stateDict(), {});
    const other = new Loss({ weight: ones([3]) });
    other.loadStateDict(criterion.stateDict());
    const x = randn([4, 3]);
    const labels = tensor(new Int32Array([0, 2, 1, 1]));
    const loss = criterion.forward(x, labels).item();
    assertEquals(other.forward(x, labels).item(), loss);
    const double = criterion.to("float64").forward(x.to("float64"), labels);
    assertEquals(criterion.weight!.dtype, "float64");
    assertAlmostEquals(double.item(), loss, 1e-5);
  }
});

Deno.test("losses of labels refuse what does not fit", () => {
  const reduction = "avg" as "mean";
  assertThrows(
    () => new CrossEntropyLoss({ reduction }),
    RangeError,
    'CrossEntropyLoss() got reduction "avg"',
  );
  assertThrows(
    () => new CrossEntropyLoss().forward(zeros([2, 2]), zeros([2])),
    TypeError,
    "int32",
  );
  assertThrows(
    () => new NLLLoss().forward(zeros([2, 2]), zeros([2])),
    TypeError,
    "nllLoss() expects class labels of dtype int32, got float32",
  );
  assertThrows(
    () =>
      new CrossEntropyLoss({ weight: ones([4]) }).forward(
        zeros([2, 3]),
        zeros([2], { dtype: "int32" }),
      ),
    RangeError,
    "crossEntropy() got weights of shape [4] for 3 classes, expected [3]",
  );
});
