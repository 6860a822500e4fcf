import { ones, randn, tensor } from "@fdunn/tensor";
import { checkGrad } from "@fdunn/tensor/op";
import * as nn from "@fdunn/nn";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";

const leaf = (...shape: number[]) => randn(shape, { requiresGrad: true });

Deno.test("distances have gradients of both orders", () => {
  const pair = () => [leaf(3, 4), leaf(4)];
  checkGrad((a, b) => nn.cosineSimilarity(a, b), pair());
  const same = () => [leaf(3, 4), leaf(3, 4)];
  checkGrad((a, b) => nn.cosineSimilarity(a, b, { dim: 0 }), same());
  checkGrad((a, b) => nn.pairwiseDistance(a, b), pair());
  checkGrad(
    (a, b) => nn.pairwiseDistance(a, b, { p: 3, keepdim: true }),
    pair(),
  );
});

Deno.test("cosines are between -1 and 1 and know no length", () => {
  const [a, b] = [tensor([[3, 4], [0, 0]]), tensor([[6, 8], [1, 1]])];
  const cosines = nn.cosineSimilarity(a, b);
  assertAlmostEquals(cosines.select(0, 0).item(), 1, 1e-6);
  assertEquals(cosines.select(0, 1).item(), 0);
  const opposite = new nn.CosineSimilarity({ dim: -1 }).forward(a, b.neg());
  assertAlmostEquals(opposite.select(0, 0).item(), -1, 1e-6);
  assertEquals(nn.pairwiseDistance(a, a, { eps: 0 }).toArray(), [0, 0]);
  const kept = new nn.PairwiseDistance({ keepdim: true }).forward(a, b);
  assertEquals(kept.shape, [2, 1]);
});

Deno.test("distances refuse what does not fit", () => {
  assertThrows(
    () => nn.cosineSimilarity(ones([3]), ones([3])),
    RangeError,
    "cosineSimilarity() got dim 1, expected -1 to 0",
  );
  assertThrows(
    () => nn.cosineSimilarity(ones([2, 3]), ones([2, 4])),
    RangeError,
    "Cannot broadcast [2, 3] with [2, 4] in cosineSimilarity()",
  );
  assertThrows(
    () => nn.pairwiseDistance(ones([2, 3]), ones([2, 4])),
    RangeError,
    "Cannot broadcast [2, 3] with [2, 4]",
  );
});
