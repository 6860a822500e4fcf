/** Palindromes: a task for the memory of recurrent networks. */

import {
  type Generator,
  randint,
  streamFor,
  Tensor,
  tensor,
} from "@fdunn/tensor";
import { checkIndex, type Dataset } from "./dataset.ts";

/** Options of {@linkcode Palindromes}. */
export interface PalindromeOptions {
  /** How many. Default 10,000. */
  samples?: number;
  /** Default: the stream "palindromes" of the default generator. */
  generator?: Generator;
}

/**
 * Random palindromes of `length` decimal digits: all but the last are the
 * input, as numbers, and the last, which is the first, is the class. A network
 * that reads one digit a step must remember the first for `length - 2` steps.
 *
 * ```ts
 * import { Palindromes } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * const dataset = new Palindromes(5, { samples: 100 });
 * const [digits, last] = dataset.get(0);
 * assertEquals(digits.shape, [4]);
 * assertEquals(last.item(), digits.select(0, 0).item());
 * ```
 *
 * @throws RangeError for fewer than 2 digits, or no samples.
 */
export class Palindromes implements Dataset<[Tensor, Tensor]> {
  /** All palindromes whole: int32 `[samples, digits]`. */
  readonly digits: Tensor;
  /** The number of palindromes. */
  readonly length: number;

  /** Draws palindromes of `length` digits. */
  constructor(length: number, options: PalindromeOptions = {}) {
    const { samples = 10_000, generator = streamFor("palindromes") } = options;
    for (
      const [what, value, least] of [
        ["digits", length, 2],
        ["samples", samples, 1],
      ] as const
    ) {
      if (Number.isInteger(value) && value >= least) continue;
      throw new RangeError(
        `Palindromes got ${value} ${what}, expected a whole number of at least ${least}`,
      );
    }
    const half = Math.ceil(length / 2);
    const drawn = randint(0, 10, [samples, half], { generator }).data();
    const all = new Int32Array(samples * length);
    for (let i = 0; i < samples; i++) {
      for (let j = 0; j < length; j++) {
        const mirrored = Math.min(j, length - 1 - j);
        all[i * length + j] = Number(drawn[i * half + mirrored]);
      }
    }
    this.digits = tensor(all, { shape: [samples, length] });
    this.length = samples;
  }

  /** The first digits, float32 `[digits - 1]`, and the last, an int32 scalar. */
  get(index: number): [Tensor, Tensor] {
    checkIndex("Palindromes", index, this.length);
    return split(this.digits.select(0, index));
  }

  /** The first digits `[n, digits - 1]` and the last `[n]`. */
  getBatch(indices: Tensor | Int32Array): [Tensor, Tensor] {
    const at = indices instanceof Tensor ? indices : tensor(indices);
    return split(this.digits.indexSelect(0, at));
  }
}

function split(digits: Tensor): [Tensor, Tensor] {
  const last = digits.shape.at(-1)! - 1;
  return [
    digits.narrow(-1, 0, last).to("float32"),
    digits.select(-1, last).clone(),
  ];
}
