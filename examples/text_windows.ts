/** A text as numbers, and windows of it. */

import type { Dataset } from "@fdunn/data";
import { arange, type Tensor, tensor } from "@fdunn/tensor";

const PAGES = ["README.md", "CONTRIBUTING.md", "docs/DESIGN.md", "LICENSE"]
  .concat(
    ["data", "nn", "optim", "tensor", "train"].map((name) =>
      `packages/${name}/README.md`
    ),
  );

/** A text as codes, each the place of a character in the alphabet. */
export interface CodedText {
  codes: Tensor;
  alphabet: readonly string[];
}

/**
 * Reads a file, or the pages of this repository; with the characters of its
 * own, or those of a model that knows no others.
 */
export async function readText(
  path: string | null,
  known?: readonly string[],
): Promise<CodedText> {
  const paths = path !== null
    ? [path]
    : PAGES.map((page) => new URL(`../${page}`, import.meta.url));
  const texts = await Promise.all(paths.map((path) => Deno.readTextFile(path)));
  const text = texts.join("\n");
  const alphabet = known ?? [...new Set(text)].sort();
  return { codes: tensor(Int32Array.from(codesOf(text, alphabet))), alphabet };
}

/**
 * A text's characters as their places in an alphabet.
 *
 * @throws RangeError naming those that it has not.
 */
export function codesOf(text: string, alphabet: readonly string[]): number[] {
  const codeOf = new Map(alphabet.map((character, code) => [character, code]));
  const foreign = new Set([...text].filter((it) => !codeOf.has(it)));
  if (foreign.size === 0) return Array.from(text, (it) => codeOf.get(it)!);
  const some = [...foreign].slice(0, 10).map((it) => JSON.stringify(it));
  throw new RangeError(
    `The model has never seen ${some.join(", ")}${
      foreign.size > some.length ? " and others" : ""
    }: it knows ${alphabet.length} characters`,
  );
}

/** Windows of a text, and as targets the same a character later. */
export class Windows implements Dataset<[Tensor, Tensor]> {
  /** How many there are. */
  readonly length: number;

  /** Windows of `size` characters of a text's codes. */
  constructor(readonly codes: Tensor, readonly size: number) {
    this.length = codes.size - size;
  }

  /** Codes `[size]`, targets `[size]`. */
  get(index: number): [Tensor, Tensor] {
    const { codes, size } = this;
    return [codes.narrow(0, index, size), codes.narrow(0, index + 1, size)];
  }

  /** Codes `[n, size]`, targets `[n * size]`. */
  getBatch(indices: Tensor | Int32Array): [Tensor, Tensor] {
    const at = indices instanceof Int32Array ? tensor(indices) : indices;
    const places = at.unsqueeze(1).add(arange(this.size, { dtype: "int32" }))
      .flatten();
    const shape = [at.size, this.size];
    return [
      this.codes.indexSelect(0, places).reshape(shape),
      this.codes.indexSelect(0, places.add(1)),
    ];
  }
}
