import { ones, randn, tensor, zeros } from "@fdunn/tensor";
import { checkGrad } from "@fdunn/tensor/op";
import * as nn from "@fdunn/nn";
import { assertEquals, assertThrows } from "@std/assert";

const leaf = () => randn([4, 3], { requiresGrad: true });

Deno.test("losses of embeddings have gradients of both orders", () => {
  const target = tensor([1, -1, -1, 1]);
  const far = { margin: -0.9 };
  checkGrad((a, b) => nn.cosineEmbeddingLoss(a, b, target, far), [
    leaf(),
    leaf(),
  ]);
  for (const options of [{ margin: 3 }, { margin: 3, swap: true, p: 3 }]) {
    checkGrad((a, p, n) => nn.tripletMarginLoss(a, p, n, options), [
      leaf(),
      leaf(),
      leaf(),
    ]);
  }
});

Deno.test("swap takes the nearer of two distances to the negative", () => {
  const [a, p, n] = [[[0, 0]], [[0, 3]], [[0, 4]]].map((rows) => tensor(rows));
  const plain = new nn.TripletMarginLoss({ eps: 0 });
  assertEquals(plain.forward(a!, p!, n!).item(), 0);
  const swapped = new nn.TripletMarginLoss({ eps: 0, swap: true });
  assertEquals(swapped.forward(a!, p!, n!).item(), 3);
});

Deno.test("losses of embeddings refuse what does not fit", () => {
  const [x, y] = [zeros([2, 3]), zeros([3])];
  assertThrows(
    () => nn.cosineEmbeddingLoss(x, y, ones([2])),
    RangeError,
    "cosineEmbeddingLoss() got shapes [2, 3] and [3]",
  );
  assertThrows(
    () => nn.cosineEmbeddingLoss(x, x, ones([3])),
    RangeError,
    "cosineEmbeddingLoss() got input [2, 3] and target [3]",
  );
  for (const args of [[x, y, x], [x, x, y]] as const) {
    assertThrows(
      () => nn.tripletMarginLoss(...args),
      RangeError,
      "tripletMarginLoss() got shapes [2, 3] and [3]",
    );
  }
  const reduction = "avg" as "mean";
  for (const Loss of [nn.CosineEmbeddingLoss, nn.TripletMarginLoss]) {
    assertThrows(
      () => new Loss({ reduction }),
      RangeError,
      `${Loss.name}() got reduction "avg"`,
    );
  }
});
