import { tensor } from "@fdunn/tensor";
import { Embedding, EmbeddingBag } from "@fdunn/nn";
import { assert, assertEquals, assertThrows } from "@std/assert";

const words = (values: number[] | number[][]) =>
  tensor(values, { dtype: "int32" });

Deno.test("Embedding is a table of standard normal rows, but for the padding", () => {
  const layer = new Embedding(500, 8, { paddingIdx: -1 });
  assertEquals(Object.keys(layer.stateDict()), ["weight"]);
  assertEquals(layer.paddingIdx, 499);
  assertEquals(layer.weight.select(0, 499).toArray(), new Array(8).fill(0));
  const deviation = Math.sqrt(layer.weight.var().item());
  assert(Math.abs(deviation - 1) < 0.05, `${deviation}`);
  const y = layer.forward(words([[1, 499], [3, 1]]));
  assertEquals(y.shape, [2, 2, 8]);
  y.sum().backward();
  const grad = layer.weight.grad!;
  assertEquals(grad.select(0, 1).toArray(), new Array(8).fill(2));
  assertEquals(grad.select(0, 499).toArray(), new Array(8).fill(0));
});

Deno.test("Embedding.fromPretrained() copies a table and freezes it", () => {
  const table = tensor([[1, 2], [3, 4]]);
  const frozen = Embedding.fromPretrained(table, { paddingIdx: 0 });
  assertEquals(frozen.weight.requiresGrad, false);
  assertEquals(frozen.forward(words([0, 1])).toArray(), [[1, 2], [3, 4]]);
  const free = Embedding.fromPretrained(table, { freeze: false });
  assert(free.weight.requiresGrad);
  table.fill_(9);
  assertEquals(free.forward(words([1])).toArray(), [[3, 4]]);
  assertEquals([free.numEmbeddings, free.embeddingDim], [2, 2]);
  const bag = EmbeddingBag.fromPretrained(tensor([[1, 2], [3, 4]]), {
    mode: "sum",
  });
  assertEquals(bag.forward(words([[0, 1]])).toArray(), [[4, 6]]);
});

Deno.test("EmbeddingBag pools by rows, by offsets and by weights", () => {
  const layer = new EmbeddingBag(3, 2, { mode: "sum" });
  layer.loadStateDict({ weight: tensor([[1, 2], [3, 4], [5, 6]]) });
  assertEquals(layer.forward(words([[0, 1], [2, 2]])).toArray(), [
    [4, 6],
    [10, 12],
  ]);
  assertEquals(layer.forward(words([0, 1, 2]), words([0, 1])).toArray(), [
    [1, 2],
    [8, 10],
  ]);
  const factors = tensor([[10, 100]], { requiresGrad: true });
  const y = layer.forward(words([[0, 1]]), null, factors);
  assertEquals(y.toArray(), [[310, 420]]);
  y.sum().backward();
  assertEquals(factors.grad!.toArray(), [[3, 7]]);
});

Deno.test("embedding layers print their options and refuse what does not fit", () => {
  const options = { paddingIdx: 1, maxNorm: 2, normType: 1 };
  assertEquals(
    `${new Embedding(3, 2, { ...options, scaleGradByFreq: true })}`,
    "Embedding(3, 2, paddingIdx=1, maxNorm=2, normType=1, scaleGradByFreq=true)",
  );
  assertEquals(`${new EmbeddingBag(3, 2)}`, "EmbeddingBag(3, 2, mode=mean)");
  assertThrows(() => new Embedding(0, 2), RangeError, "numEmbeddings 0");
  assertThrows(() => new EmbeddingBag(2, 0), RangeError, "embeddingDim 0");
  assertThrows(
    () => new Embedding(3, 2, { paddingIdx: 3 }),
    RangeError,
    "Embedding got paddingIdx 3, expected -3 to 2",
  );
  assertThrows(
    () => Embedding.fromPretrained(tensor([1, 2])),
    RangeError,
    "Embedding.fromPretrained() got [2]",
  );
  assertThrows(
    () => new Embedding(3, 2).forward(words([[0, 3]])),
    RangeError,
    "index 3 at [0, 1]",
  );
});
