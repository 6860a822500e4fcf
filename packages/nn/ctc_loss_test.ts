import { randn, type Tensor, tensor, zeros } from "@fdunn/tensor";
import { checkGrad } from "@fdunn/tensor/op";
import * as nn from "@fdunn/nn";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";

const int = (values: number[], shape = [values.length]) =>
  tensor(values, { shape, dtype: "int32" });

/** What a path of classes says: repetitions once, no blanks. */
function said(path: readonly number[], blank: number): string {
  return path.filter((c, i) => c !== path[i - 1] && c !== blank).join();
}

/** The loss by adding up every path of `[T, C]` log-probabilities. */
function enumerated(x: Tensor, target: readonly number[], blank = 0): number {
  const [T, C] = x.shape as readonly [number, number];
  const logs = Array.from(x.data(), Number);
  let total = 0;
  for (let code = 0; code < C ** T; code++) {
    const path = Array.from(
      { length: T },
      (_, t) => Math.floor(code / C ** t) % C,
    );
    if (said(path, blank) !== target.join()) continue;
    total += Math.exp(path.reduce((sum, c, t) => sum + logs[t * C + c]!, 0));
  }
  return -Math.log(total);
}

Deno.test("ctcLoss() adds up every path", () => {
  for (const target of [[1], [1, 2], [1, 1], [2, 1, 2], [], [2, 2, 1]]) {
    for (const blank of [0, 3]) {
      const x = randn([5, 4], { dtype: "float64" }).logSoftmax(1);
      const loss = nn.ctcLoss(x, int(target), 5, target.length, {
        blank,
        reduction: "none",
      });
      assertAlmostEquals(loss.item(), enumerated(x, target, blank), 1e-9);
    }
  }
});

Deno.test("ctcLoss() reads batches padded and in a line", () => {
  const x = randn([6, 3, 5]).logSoftmax(2);
  const padded = int([1, 1, 9, 4, 9, 9, 2, 3, 4], [3, 3]);
  const inLine = int([1, 1, 4, 2, 3, 4]);
  const none = { reduction: "none" } as const;
  const losses = nn.ctcLoss(x, padded, [6, 4, 6], [2, 1, 3], none);
  const line = nn.ctcLoss(x, inLine, int([6, 4, 6]), int([2, 1, 3]), none);
  assertEquals(line.toArray(), losses.toArray());
  const long = nn.ctcLoss(x, inLine.to("int64"), [6, 4, 6], [2, 1, 3]);
  const means = losses.div(tensor([2, 1, 3])).mean().item();
  assertAlmostEquals(long.item(), means, 1e-6);
  [[1, 1], [4], [2, 3, 4]].forEach((target, n) => {
    const own = x.select(1, n).narrow(0, 0, n === 1 ? 4 : 6);
    const alone = enumerated(own, target);
    assertAlmostEquals(losses.select(0, n).item(), alone, 1e-5);
  });
});

Deno.test("a target longer than can be costs infinity, or 0", () => {
  const x = zeros([3, 1, 3], { requiresGrad: true });
  const target = int([1, 1], [1, 2]); // needs a blank between: 3 steps
  const cost = (steps: number, zeroInfinity: boolean) =>
    nn.ctcLoss(x.logSoftmax(2), target, [steps], [2], { zeroInfinity });
  assertEquals(cost(3, false).item() < Infinity, true);
  assertEquals(cost(2, false).item(), Infinity);
  assertEquals(cost(0, false).item(), Infinity);
  const none = cost(2, true);
  none.backward();
  assertEquals([none.item(), x.grad!.abs().amax().item()], [0, 0]);
});

Deno.test("ctcLoss() has gradients of both orders, also without logSoftmax", () => {
  const leaf = () => randn([5, 2, 3], { requiresGrad: true });
  const targets = int([1, 1, 2, 0], [2, 2]);
  checkGrad((x) => nn.ctcLoss(x.logSoftmax(2), targets, [5, 4], [2, 1]), [
    leaf(),
  ]);
  checkGrad((x) => nn.ctcLoss(x, targets, [5, 4], [2, 0]), [leaf()]);
});

Deno.test("CTCLoss learns an alignment", () => {
  const logits = zeros([6, 1, 3], { requiresGrad: true });
  const criterion = new nn.CTCLoss();
  const loss = () =>
    criterion.forward(logits.logSoftmax(2), int([2, 1], [1, 2]), [6], [2]);
  const before = loss().item();
  for (let step = 0; step < 100; step++) {
    logits.grad = null;
    loss().backward();
    logits.detach().sub_(logits.grad!.mul(2));
  }
  const after = loss().item();
  assertEquals(after < before / 20, true, `${before} -> ${after}`);
});

Deno.test("ctcLoss() refuses what does not fit", () => {
  const x = zeros([4, 2, 3]);
  const targets = int([1, 2, 2, 1], [2, 2]);
  const refused = (f: () => Tensor, sentence: string) =>
    assertThrows(f, RangeError, `ctcLoss() got ${sentence}`);
  refused(
    () => nn.ctcLoss(x, targets, [5, 4], [1, 1]),
    "inputLengths 5 at position 0, expected 0 to 4",
  );
  refused(
    () => nn.ctcLoss(x, targets, [4, 4], [1, 3]),
    "targetLengths 3 at position 1, expected 0 to 2",
  );
  refused(
    () => nn.ctcLoss(x, targets, [4], [1, 1]),
    "1 inputLengths for 2 sequences",
  );
  refused(
    () => nn.ctcLoss(x, int([1, 3, 2, 1], [2, 2]), [4, 4], [2, 2]),
    "label 3 at position 1 of target 0, expected 0 to 2 and not the blank 0",
  );
  refused(
    () => nn.ctcLoss(x, int([1, 0]), [4, 4], [1, 1]),
    "label 0 at position 0 of target 1",
  );
  refused(
    () => nn.ctcLoss(x, int([1, 1, 1]), [4, 4], [1, 1]),
    "targets of shape [3] for 2 sequences with 2 labels, expected [2, S] or [2]",
  );
  refused(
    () => nn.ctcLoss(zeros([4]), int([1]), 4, 1),
    "log-probabilities of shape [4]",
  );
  refused(
    () => nn.ctcLoss(x, targets, [4, 4], [1, 1], { blank: 3 }),
    "blank 3, expected 0 to 2",
  );
  assertThrows(
    () => nn.ctcLoss(x, zeros([2, 2]), [4, 4], [1, 1]),
    TypeError,
    "ctcLoss() expects targets of dtype int32, got float32",
  );
  const reduction = "avg" as "mean";
  assertThrows(() => new nn.CTCLoss({ reduction }), RangeError, '"avg"');
});
