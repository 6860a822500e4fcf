import {
  embedding,
  embeddingBag,
  type EmbeddingBagOptions,
  type EmbeddingOptions,
  type Tensor,
  tensor,
} from "@fdunn/tensor";
import { Embedding, EmbeddingBag } from "@fdunn/nn";
import { testLayerCases } from "./layer_cases.ts";
import { testOpCases } from "./op_cases.ts";

testOpCases("embedding", {
  embedding: ([indices, weight], options) =>
    embedding(indices!, weight!, options as EmbeddingOptions),
  embeddingBag: ([indices, weight, perSampleWeights = null], options) => {
    const { offsets, ...rest } = options as
      & Omit<EmbeddingBagOptions, "offsets">
      & { offsets?: number[] };
    return embeddingBag(indices!, weight!, {
      ...rest,
      perSampleWeights,
      offsets: offsets === undefined
        ? null
        : tensor(offsets, { dtype: "int32" }),
    });
  },
});

testLayerCases("embedding_layers", {
  Embedding: (...args: ConstructorParameters<typeof Embedding>) =>
    new Embedding(...args),
  EmbeddingBag: (...args: ConstructorParameters<typeof EmbeddingBag>) =>
    new EmbeddingBag(...args),
}, {
  EmbeddingBag: (
    layer: EmbeddingBag,
    [indices, second]: Tensor[],
    { weighted = false }: { weighted?: boolean },
  ) =>
    weighted
      ? layer.forward(indices!, null, second)
      : layer.forward(indices!, second),
});
