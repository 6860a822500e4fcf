import { ones, randn, type Tensor, tensor, zeros } from "@fdunn/tensor";
import { checkGrad } from "@fdunn/tensor/op";
import * as nn from "@fdunn/nn";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";

const leaf = () => randn([3, 4], { requiresGrad: true });

Deno.test("klDiv() is the divergence by batchmean", () => {
  const p = tensor([[0.5, 0.5], [1, 0]]);
  const q = tensor([[0.25, 0.75], [0.5, 0.5]]);
  const expected = 0.5 * Math.log(2) + 0.5 * Math.log(2 / 3) + Math.log(2);
  const batchmean = { reduction: "batchmean" } as const;
  assertAlmostEquals(
    nn.klDiv(q.log(), p, batchmean).item(),
    expected / 2,
    1e-6,
  );
  const sum = nn.klDiv(q.log(), p, { reduction: "sum" }).item();
  assertAlmostEquals(sum, expected, 1e-6);
  assertAlmostEquals(nn.klDiv(q.log(), p).item(), expected / 4, 1e-6);
  assertEquals(nn.klDiv(q.log(), p, { reduction: "none" }).shape, [2, 2]);
  const criterion = new nn.KLDivLoss(batchmean);
  assertAlmostEquals(criterion.forward(q.log(), p).item(), expected / 2, 1e-6);
});

Deno.test("losses of distributions have gradients of both orders", () => {
  const soft = (x: Tensor) => x.softmax(-1);
  checkGrad((x, t) => nn.klDiv(x, soft(t)), [leaf(), leaf()]);
  const logs = { logTarget: true };
  checkGrad((x, t) => nn.klDiv(x, t, logs), [leaf(), leaf()]);
  checkGrad((x, t) => nn.poissonNllLoss(x, t), [leaf(), leaf()]);
  const full = { full: true, logInput: false };
  const above = (x: Tensor) => x.square().add(1.5);
  checkGrad((x, t) => nn.poissonNllLoss(above(x), above(t), full), [
    leaf(),
    leaf(),
  ]);
  checkGrad((x, t, v) => nn.gaussianNllLoss(x, t, above(v)), [
    leaf(),
    leaf(),
    leaf(),
  ]);
});

Deno.test("losses of distributions refuse what does not fit", () => {
  const x = zeros([2, 3]);
  assertThrows(() => nn.klDiv(x, zeros([3])), RangeError, "klDiv() got shapes");
  assertThrows(
    () => nn.poissonNllLoss(x, zeros([3])),
    RangeError,
    "poissonNllLoss() got shapes [2, 3] and [3]",
  );
  assertThrows(
    () => nn.gaussianNllLoss(x, zeros([3]), x),
    RangeError,
    "gaussianNllLoss() got shapes [2, 3] and [3]",
  );
  assertThrows(
    () => nn.gaussianNllLoss(x, x, ones([3])),
    RangeError,
    "gaussianNllLoss() got a variance of shape [3] for an input of shape [2, 3]",
  );
  assertThrows(
    () => nn.gaussianNllLoss(x, x, ones([2, 3]).neg()),
    RangeError,
    "gaussianNllLoss() got a negative variance, -1",
  );
  assertThrows(
    () => nn.gaussianNllLoss(x, x, x, { eps: 0 }),
    RangeError,
    "gaussianNllLoss() got eps 0, expected more than 0",
  );
  const reduction = "avg" as "mean";
  for (const Loss of [nn.KLDivLoss, nn.PoissonNLLLoss, nn.GaussianNLLLoss]) {
    assertThrows(
      () => new Loss({ reduction }),
      RangeError,
      `${Loss.name}() got reduction "avg"`,
    );
  }
});
