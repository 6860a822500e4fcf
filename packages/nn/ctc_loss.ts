/** Connectionist temporal classification: labels whose places are unknown. */

import {
  cat,
  noGrad,
  type Reduction,
  stack,
  type Tensor,
  tensor,
  where,
} from "@fdunn/tensor";
import { checkReduction, formatShape } from "@fdunn/tensor/op";
import { Loss, type LossOptions } from "./loss.ts";

/** Options of {@linkcode ctcLoss}. */
export interface CTCLossOptions extends LossOptions {
  /** `mean` (default): each loss over its target's length, then the mean. */
  reduction?: Reduction;
  /** The class that stands for no label. Default 0. */
  blank?: number;
  /** 0 instead of Infinity for targets longer than can be. Default `false`. */
  zeroInfinity?: boolean;
}

/** How long each sequence is: int32 `[N]`, or numbers. */
export type Lengths = Tensor | number | readonly number[];

/**
 * The logarithm of a probability of 0, finite: differences of it are numbers,
 * and so are gradients through it, which are 0.
 */
const NEVER = -1e30;

/** A batch in plain numbers. */
interface Batch {
  /** Steps, sequences, classes. */
  sizes: readonly [steps: number, batch: number, classes: number];
  /** Steps that count, by sequence. */
  steps: readonly number[];
  /** Labels, by sequence. */
  labels: readonly (readonly number[])[];
  /** The class that stands for no label. */
  blank: number;
}

/** Lengths as numbers, each from 0 to `most`. */
function lengthsOf(
  what: string,
  lengths: Lengths,
  count: number,
  most: number,
): number[] {
  const numbers = typeof lengths === "number"
    ? [lengths]
    : "data" in lengths
    ? Array.from(lengths.data(), Number)
    : [...lengths];
  if (numbers.length !== count) {
    throw new RangeError(
      `ctcLoss() got ${numbers.length} ${what} for ${count} sequences`,
    );
  }
  numbers.forEach((length, i) => {
    if (Number.isInteger(length) && length >= 0 && length <= most) return;
    throw new RangeError(
      `ctcLoss() got ${what} ${length} at position ${i}, expected 0 to ${most}`,
    );
  });
  return numbers;
}

/** The labels of each sequence: rows of `[N, S]`, or parts of all in a line. */
function labelsOf(
  targets: Tensor,
  lengths: readonly number[],
  classes: number,
  blank: number,
): number[][] {
  const values = Array.from(targets.data(), Number);
  const width = targets.ndim === 2 ? targets.shape[1]! : null;
  let end = 0;
  return lengths.map((length, n) => {
    const start = width === null ? end : n * width;
    end = start + length;
    const labels = values.slice(start, end);
    labels.forEach((label, i) => {
      if (label >= 0 && label < classes && label !== blank) return;
      throw new RangeError(
        `ctcLoss() got label ${label} at position ${i} of target ${n}, expected 0 to ${
          classes - 1
        } and not the blank ${blank}`,
      );
    });
    return labels;
  });
}

/** Logarithms of the targets' probabilities, `[N]`. */
function likelihood(x: Tensor, { sizes, steps, labels, blank }: Batch): Tensor {
  const [T, N] = sizes;
  const { dtype } = x;
  const states = 2 * Math.max(0, ...labels.map((row) => row.length)) + 1;
  const table = (
    value: (row: readonly number[], state: number, n: number) => number,
    width = states,
  ) =>
    labels.flatMap((row, n) =>
      Array.from({ length: width }, (_, s) => value(row, s, n))
    );
  const mask = (allowed: (row: readonly number[], state: number) => boolean) =>
    tensor(table((row, s) => allowed(row, s) ? 0 : NEVER), {
      shape: [N, states],
      dtype,
    });
  // Blank, label, blank, label, ..., blank.
  const classAt = (row: readonly number[], s: number) =>
    s % 2 === 0 ? blank : row[s >> 1] ?? blank;
  const index = tensor(table(classAt), {
    shape: [1, N, states],
    dtype: "int32",
  });
  const emitted = x.gather(2, index.expand([T, N, states])).clamp(NEVER, null);
  // Two states on: from a label to another one, over the blank between them.
  const skips = mask((row, s) =>
    s >= 3 && s % 2 === 1 && classAt(row, s) !== classAt(row, s - 2)
  );
  const before = tensor(new Array(2 * N).fill(NEVER), { shape: [N, 2], dtype });

  const last = Math.max(1, ...steps);
  let paths = mask((_, s) => s < 2).add(emitted.select(0, 0));
  for (let t = 1; t < last; t++) {
    const padded = cat([before, paths], 1);
    const ways = stack([
      paths,
      padded.narrow(1, 1, states),
      padded.narrow(1, 0, states).add(skips),
    ]);
    const next = logSumExp(ways, 0).add(emitted.select(0, t));
    const running = steps.map((length) => t < length);
    paths = running.includes(false)
      ? where(tensor(running, { shape: [N, 1] }), next, paths)
      : next;
  }
  // A path ends in the last label or in the blank behind it.
  const ends = table((row, i) => Math.max(0, 2 * row.length - i), 2);
  const ended = table((row, i) => row.length === 0 && i === 1 ? NEVER : 0, 2);
  const at = tensor(ends, { shape: [N, 2], dtype: "int32" });
  const all = logSumExp(
    paths.gather(1, at).add(tensor(ended, { shape: [N, 2], dtype })),
    1,
  );
  if (!steps.includes(0)) return all;
  // Without a step there is one path, that of the empty target.
  const empty = labels.map((row) => row.length === 0 ? 0 : NEVER);
  const none = tensor(steps.map((length) => length === 0));
  return where(none, tensor(empty, { dtype }), all);
}

/** log Σ e^x of finite numbers. */
function logSumExp(x: Tensor, dim: number): Tensor {
  const max = noGrad(() => x.amax(dim, { keepdim: true }));
  return x.sub(max).exp().sum(dim).log().add(max.squeeze(dim));
}

/**
 * Connectionist temporal classification: minus the logarithm of the
 * probability of the target, whatever its labels' places, with blanks between.
 *
 * Shapes: x `[T, N, C]` or `[T, C]`, log-probabilities (from `logSoftmax`);
 * targets `[N, S]`, or all in a line, int32 (int64 converts), without blanks;
 * result a scalar, or `[N]` with reduction `none`. A target for which there are
 * not steps enough costs Infinity. The gradient is that of the formula for any
 * x; PyTorch's takes x for the output of logSoftmax, behind which both agree.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { ctcLoss } from "@fdunn/nn";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = tensor([[0.5, 0.5], [0.5, 0.5]]).log(); // 2 steps, blank and "a"
 * const target = tensor([1], { dtype: "int32" });
 * // -a, a- and aa are 3 of 4 ways.
 * assertAlmostEquals(ctcLoss(x, target, 2, 1).item(), -Math.log(0.75), 1e-6);
 * ```
 *
 * Paper: Graves et al., "Connectionist temporal classification", ICML 2006. See
 * https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.ctc_loss.html
 *
 * @throws RangeError for shapes and lengths that do not fit, or a label that is
 * blank or outside of 0 to C - 1, with its position; TypeError for labels that
 * are no integers.
 */
export function ctcLoss(
  x: Tensor,
  targets: Tensor,
  inputLengths: Lengths,
  targetLengths: Lengths,
  options: CTCLossOptions = {},
): Tensor {
  const { blank = 0, zeroInfinity = false } = options;
  const reduction = checkReduction("ctcLoss", options.reduction);
  if (x.ndim !== 2 && x.ndim !== 3 || x.size === 0) {
    throw new RangeError(
      `ctcLoss() got log-probabilities of shape ${
        formatShape(x.shape)
      }, expected [T, N, C] or [T, C] with elements`,
    );
  }
  const sequences = x.ndim === 2 ? x.unsqueeze(1) : x;
  const sizes = sequences.shape as readonly [number, number, number];
  const [T, N, classes] = sizes;
  if (!Number.isInteger(blank) || blank < 0 || blank >= classes) {
    throw new RangeError(
      `ctcLoss() got blank ${blank}, expected 0 to ${classes - 1}`,
    );
  }
  const whole = ["int32", "int64", "int8", "uint8"].includes(targets.dtype);
  if (!whole) {
    throw new TypeError(
      `ctcLoss() expects targets of dtype int32, got ${targets.dtype}: convert them with to("int32")`,
    );
  }
  const steps = lengthsOf("inputLengths", inputLengths, N, T);
  const padded = targets.ndim === 2 && targets.shape[0] === N;
  const most = padded ? targets.shape[1]! : targets.size;
  const lengths = lengthsOf("targetLengths", targetLengths, N, most);
  const sum = lengths.reduce((a, b) => a + b, 0);
  if (!padded && (targets.ndim !== 1 || targets.size !== sum)) {
    throw new RangeError(
      `ctcLoss() got targets of shape ${
        formatShape(targets.shape)
      } for ${N} sequences with ${sum} labels, expected [${N}, S] or [${sum}]`,
    );
  }
  const labels = labelsOf(targets, lengths, classes, blank);
  const found = likelihood(sequences, { sizes, steps, labels, blank });
  const impossible = found.lt(NEVER / 10);
  const losses = where(impossible, zeroInfinity ? 0 : Infinity, found.neg());
  switch (reduction) {
    case "none":
      return x.ndim === 2 ? losses.squeeze(0) : losses;
    case "sum":
      return losses.sum();
    case "mean": {
      const divisors = lengths.map((length) => Math.max(1, length));
      return losses.div(tensor(divisors, { dtype: losses.dtype })).mean();
    }
  }
}

/**
 * {@linkcode ctcLoss} as a module.
 *
 * ```ts
 * import { randn, tensor } from "@fdunn/tensor";
 * import { CTCLoss } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const criterion = new CTCLoss();
 * const x = randn([50, 2, 20]).logSoftmax(2); // 50 steps, 2 sequences, 20 classes
 * const targets = tensor([[3, 7, 7], [1, 0, 0]], { dtype: "int32" });
 * const loss = criterion.forward(x, targets, [50, 40], [3, 1]);
 * assertEquals(loss.shape, []);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.CTCLoss.html
 */
export class CTCLoss
  extends Loss<CTCLossOptions, [Tensor, Tensor, Lengths, Lengths]> {
  /** The mean over the sequences, unless `reduction` says otherwise. */
  constructor(options: CTCLossOptions = {}) {
    super(options);
  }

  /** Log-probabilities, targets and both's lengths to the loss. */
  forward(
    x: Tensor,
    targets: Tensor,
    inputLengths: Lengths,
    targetLengths: Lengths,
  ): Tensor {
    const { options } = this;
    return ctcLoss(x, targets, inputLengths, targetLengths, options);
  }
}
