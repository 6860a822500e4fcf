/**
 * Sums of products written with letters. Each pair of operands becomes one
 * batched product of matrices, never a broadcast product that is summed.
 */

import { formatShape, sizeOf } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { matmul } from "./matmul.ts";

/** A tensor with a label per axis; labels of "..." are "0", "1", … */
interface Term {
  x: Tensor;
  labels: readonly string[];
}

/** An equation with the tensors' shapes filled in. */
interface Plan {
  terms: Term[];
  output: readonly string[];
  sizes: ReadonlyMap<string, number>;
}

/**
 * Sums of products of tensors, in Einstein's notation: a letter per axis, equal
 * letters run together, letters that the output lacks are summed over.
 *
 * `ij,jk->ik` is a product of matrices, `bij,bjk->bik` one for each b, `ii->i`
 * a diagonal, `ij->` the sum of all. `...` stands for axes that broadcast.
 * Without `->` the output has the letters that occur once, sorted. More than
 * two operands are contracted pair by pair, the cheapest pair first. float32,
 * float64 or int32.
 *
 * ```ts
 * import { einsum, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const a = tensor([[1, 2], [3, 4]]);
 * const x = tensor([1, 10]);
 * assertEquals(einsum("ij,j->i", [a, x]).toArray(), [21, 43]);
 * assertEquals(einsum("i,ij,j", [x, a, x]).item(), 451);
 * assertEquals(einsum("ii", [a]).item(), 5);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.einsum.html
 *
 * @throws RangeError for an equation that is malformed or does not fit.
 */
export function einsum(equation: string, operands: readonly Tensor[]): Tensor {
  const plan = planOf(equation, operands);
  const { output, sizes } = plan;
  const terms = plan.terms.map(withoutOnes);
  for (let i = 0; i < terms.length; i++) {
    terms[i] = summed(terms[i]!, wantedBy(output, terms, [i]));
  }
  while (terms.length > 1) {
    const [i, j] = cheapest(terms, sizes);
    const wanted = wantedBy(output, terms, [i, j]);
    const product = contracted(terms[i]!, terms[j]!, wanted, sizes);
    terms.splice(j, 1);
    terms[i] = summed(product, wanted);
  }
  const [{ x, labels }] = terms as [Term];
  // The output may name axes of size 1, which are gone: reshape() adds them.
  const order = output.filter((label) => labels.includes(label));
  return x.permute(order.map((label) => labels.indexOf(label)))
    .reshape(output.map((label) => sizes.get(label)!));
}

const WELL_FORMED = /^[A-Za-z.,]*(->[A-Za-z.]*)?$/;

/** Reads the equation; throws unless it fits the operands. */
function planOf(equation: string, operands: readonly Tensor[]): Plan {
  const text = equation.replaceAll(" ", "");
  const fail = (why: string) =>
    new RangeError(`einsum() got the equation "${equation}", ${why}`);
  if (!WELL_FORMED.test(text)) {
    throw fail('expected letters, ",", "..." and "->"');
  }
  const [left, right] = text.split("->") as [string, string?];
  const parts = left.split(",");
  if (operands.length === 0 || parts.length !== operands.length) {
    throw fail(
      `which has ${parts.length} terms for ${operands.length} tensors`,
    );
  }
  const sizes = new Map<string, number>();
  let dots = 0;
  const terms = operands.map((x, i): Term => {
    const letters = parts[i]!.replace("...", "");
    const count = x.ndim - letters.length;
    const hasDots = letters.length < parts[i]!.length;
    if (letters.includes(".") || count < 0 || (!hasDots && count > 0)) {
      throw fail(
        `whose term "${parts[i]}" does not fit a tensor of shape ${
          formatShape(x.shape)
        }`,
      );
    }
    if (hasDots) dots = Math.max(dots, count);
    const labels = labelsOf(parts[i]!, count);
    labels.forEach((label, axis) => {
      const size = x.shape[axis]!;
      const known = sizes.get(label) ?? 1;
      if (size !== 1 && known !== 1 && size !== known) {
        throw fail(
          `in which ${
            /\d/.test(label) ? "an axis of ..." : label
          } has sizes ${known} and ${size}`,
        );
      }
      sizes.set(label, size === 1 ? known : size);
    });
    return diagonals({ x, labels });
  });
  const output = right === undefined
    ? implied(left, dots)
    : labelsOf(right, right.includes("...") ? dots : 0);
  for (const [i, label] of output.entries()) {
    if (!sizes.has(label)) throw fail(`whose output has ${label}, no term has`);
    if (output.indexOf(label) !== i) {
      throw fail(`whose output has ${label} more than once`);
    }
  }
  return { terms, output, sizes };
}

/** One label per axis; those of "..." are numbered from the last axis on. */
function labelsOf(term: string, count: number): string[] {
  const [before, after] = term.split("...") as [string, string?];
  const dots = Array.from({ length: count }, (_, i) => `${count - 1 - i}`);
  return [...before, ...(after === undefined ? [] : dots), ...after ?? ""];
}

/** "..." and the letters that occur once, sorted. */
function implied(left: string, dots: number): string[] {
  const letters = [...left.replaceAll(/[.,]/g, "")];
  const once = letters.filter((letter) =>
    letters.indexOf(letter) === letters.lastIndexOf(letter)
  );
  return [...labelsOf("...", dots), ...once.sort()];
}

/** Axes of equal labels become the diagonal of both. */
function diagonals({ x, labels }: Term): Term {
  const second = labels.findIndex((label, i) => labels.indexOf(label) < i);
  if (second < 0) return { x, labels };
  const label = labels[second]!;
  const first = labels.indexOf(label);
  if (x.shape[first] !== x.shape[second]) {
    throw new RangeError(
      `einsum() got ${label} twice in a term for a tensor of shape ${
        formatShape(x.shape)
      }, whose sizes along both must be equal`,
    );
  }
  const rest = labels.filter((_, i) => i !== first && i !== second);
  const diagonal = x.diagonal(0, { dim1: first, dim2: second });
  return diagonals({ x: diagonal, labels: [...rest, label] });
}

/** Drops axes of size 1: the others' axes take their place. */
function withoutOnes({ x, labels }: Term): Term {
  return {
    x: x.reshape(x.shape.filter((n) => n !== 1)),
    labels: labels.filter((_, i) => x.shape[i] !== 1),
  };
}

/** The labels that the output or terms other than these still need. */
function wantedBy(
  output: readonly string[],
  terms: readonly Term[],
  but: readonly number[],
): Set<string> {
  const others = terms.filter((_, i) => !but.includes(i));
  return new Set([...output, ...others.flatMap(({ labels }) => labels)]);
}

/** Sums over the axes that nobody needs. */
function summed({ x, labels }: Term, wanted: ReadonlySet<string>): Term {
  const axes = [...labels.keys()].filter((i) => !wanted.has(labels[i]!));
  if (axes.length === 0) return { x, labels };
  return { x: x.sum(axes), labels: labels.filter((l) => wanted.has(l)) };
}

/** The pair whose product takes the fewest multiplications. */
function cheapest(
  terms: readonly Term[],
  sizes: Plan["sizes"],
): [number, number] {
  let best: [number, number] = [0, 1];
  let least = Infinity;
  for (let i = 0; i < terms.length; i++) {
    for (let j = i + 1; j < terms.length; j++) {
      const union = new Set([...terms[i]!.labels, ...terms[j]!.labels]);
      const cost = sizeOf([...union].map((label) => sizes.get(label)!));
      if (cost < least) [least, best] = [cost, [i, j]];
    }
  }
  return best;
}

/** The product of two terms, summed over what only they have. */
function contracted(
  a: Term,
  b: Term,
  wanted: ReadonlySet<string>,
  sizes: Plan["sizes"],
): Term {
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => wanted.has(label));
  const inner = shared.filter((label) => !wanted.has(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  const shape = (labels: readonly string[]) =>
    labels.map((label) => sizes.get(label)!);
  const count = (labels: readonly string[]) => sizeOf(shape(labels));
  const arrange = ({ x, labels }: Term, groups: readonly string[][]) =>
    x.permute(groups.flat().map((label) => labels.indexOf(label)))
      .reshape(groups.map(count));
  const labels = [...batch, ...rows, ...columns];
  const left = arrange(a, [batch, rows, inner]);
  // Nothing to sum over: one product for each element of the result.
  const product = inner.length === 0
    ? left.mul(arrange(b, [batch, [], columns]))
    : batch.length === 0
    ? matmul(left.squeeze(0), arrange(b, [inner, columns]))
    : matmul(left, arrange(b, [batch, inner, columns]));
  return { x: product.reshape(shape(labels)), labels };
}
