/** Sequences of different lengths as one tensor. */

import { pad, stack, type Tensor } from "@fdunn/tensor";

/** Options of {@linkcode padSequence}. */
export interface PadSequenceOptions {
  /** `[N, T, ...]` instead of `[T, N, ...]`. Default `false`. */
  batchFirst?: boolean;
  /** What stands behind the shorter ones. Default 0. */
  paddingValue?: number;
  /** Whether it stands behind them or before. Default `right`. */
  paddingSide?: "right" | "left";
}

/**
 * Stacks sequences `[T, ...]`, the shorter ones padded to the longest: what a
 * loader's `collate` makes of sentences.
 *
 * ```ts
 * import { padSequence } from "@fdunn/data";
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const sentences = [tensor([1, 2, 3]), tensor([4])];
 * const batch = padSequence(sentences, { batchFirst: true });
 * assertEquals(batch.toArray(), [[1, 2, 3], [4, 0, 0]]);
 * const mask = batch.ne(0); // for attention, or to leave them out of a mean
 * assertEquals(mask.to("int32").sum(1).toArray(), [3, 1]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.rnn.pad_sequence.html
 *
 * @throws RangeError for no sequences, scalars, or sizes that differ behind the
 * first axis.
 */
export function padSequence(
  sequences: readonly Tensor[],
  options: PadSequenceOptions = {},
): Tensor {
  const { batchFirst = false, paddingValue = 0, paddingSide = "right" } =
    options;
  if (sequences.length === 0 || sequences.some(({ ndim }) => ndim === 0)) {
    throw new RangeError(
      `padSequence() got ${
        sequences.length === 0 ? "no sequences" : "a scalar"
      }, expected sequences [T, ...]`,
    );
  }
  const lengths = sequences.map(({ shape }) => shape[0]!);
  const longest = Math.max(...lengths);
  const padded = sequences.map((sequence, i) => {
    const missing = longest - lengths[i]!;
    if (missing === 0) return sequence;
    // Amounts go from the last axis to the first.
    const pads = new Array<number>(2 * sequence.ndim).fill(0);
    pads[2 * sequence.ndim - (paddingSide === "right" ? 1 : 2)] = missing;
    return pad(sequence, pads, { value: paddingValue });
  });
  return stack(padded, batchFirst ? 0 : 1);
}
