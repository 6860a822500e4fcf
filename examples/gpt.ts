/** A small Transformer that tells the next character at each place. */

import * as nn from "@fdunn/nn";
import { multinomial, noGrad, scope, type Tensor, tensor } from "@fdunn/tensor";

/** The sizes of a {@linkcode Gpt}. */
export interface GptSizes {
  /** Characters that it sees. */
  context: number;
  /** Numbers for a character. */
  width: number;
  /** Heads of an attention. */
  heads: number;
  layers: number;
  /** Share left out in training. */
  dropout: number;
}

/** Codes `[N, T]` to logits of each next character `[N * T, V]`. */
export class Gpt extends nn.Module<[Tensor]> {
  embedding: nn.Embedding;
  place: nn.LearnedPositionalEncoding;
  blocks: nn.TransformerEncoder;
  head: nn.Linear;

  constructor(characters: number, sizes: GptSizes) {
    super();
    const { context, dropout, heads, layers, width } = sizes;
    this.embedding = new nn.Embedding(characters, width);
    nn.init.normal_(this.embedding.weight, 0, 0.02);
    this.place = new nn.LearnedPositionalEncoding(width, {
      maxLen: context,
      batchFirst: true,
    });
    const block = new nn.TransformerEncoderLayer(width, heads, {
      dimFeedforward: 4 * width,
      activation: "gelu",
      normFirst: true,
      batchFirst: true,
      dropout,
    });
    const norm = new nn.LayerNorm([width]);
    this.blocks = new nn.TransformerEncoder(block, layers, { norm });
    this.head = new nn.Linear(width, characters);
  }

  forward(codes: Tensor): Tensor {
    const x = this.place.forward(this.embedding.forward(codes)); // [N, T, C]
    const y = this.blocks.forward(x, { isCausal: true });
    return this.head.forward(y).flatten(0, 1);
  }
}

/** How {@linkcode continued} goes on with a text. */
export interface ContinueOptions {
  /** Characters that the net sees. */
  context: number;
  /** Characters to write. */
  tokens: number;
  /** Divides logits: 0 always takes the likeliest, 1 draws as often as read. */
  temperature: number;
}

/** Characters that follow on some, as codes, one by one. */
export function* continued(
  model: Gpt,
  begin: readonly number[],
  { context, temperature, tokens }: ContinueOptions,
): Generator<number> {
  const codes = [...begin];
  model.eval();
  for (let i = 0; i < tokens; i++) {
    const seen = tensor(Int32Array.from(codes.slice(-context)));
    const code = noGrad(() =>
      scope(() => {
        const logits = model.forward(seen.unsqueeze(0)).select(0, -1);
        return temperature === 0
          ? logits.argmax().item()
          : multinomial(logits.div(temperature).softmax(0), 1).item();
      })
    );
    codes.push(code);
    yield code;
  }
}
