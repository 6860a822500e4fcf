/** Splitting arrays into training and test parts, as scikit-learn does. */

import { noGrad, type Tensor, tensor } from "@fdunn/tensor";
import { RandomState } from "./numpy_random.ts";
import { drawSeed } from "./toy.ts";

/** Options of {@linkcode trainTestSplit}. */
export interface TrainTestSplitOptions {
  /** A share below 1, or a number of samples. Default: what training leaves, or 0.25. */
  testSize?: number;
  /** A share below 1, or a number of samples. Default: what testing leaves. */
  trainSize?: number;
  /**
   * A seed from 0 to 2^32 - 1, for which the split equals scikit-learn's. Default:
   * one from the default generator's stream "toy", which `manualSeed()` sets.
   */
  randomState?: number;
  /** Default true; without, the last samples are for testing. */
  shuffle?: boolean;
  /** Classes whose shares both parts keep: 1-D, one per sample. */
  stratify?: Tensor;
}

/**
 * Splits tensors along axis 0 at random, all alike: `[aTrain, aTest, bTrain,
 * bTest, ...]`.
 *
 * ```ts
 * import { arange } from "@fdunn/tensor";
 * import { trainTestSplit } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * const [x, y] = [arange(10).reshape([5, 2]), arange(5)];
 * const [xTrain, xTest, yTrain, yTest] = trainTestSplit([x, y], {
 *   testSize: 0.33,
 *   randomState: 42,
 * });
 * assertEquals(yTrain.toArray(), [2, 0, 3]);
 * assertEquals(yTest.toArray(), [1, 4]);
 * assertEquals(xTest.toArray(), [[2, 3], [8, 9]]);
 * assertEquals(xTrain.shape, [3, 2]);
 * ```
 *
 * See https://scikit-learn.org/stable/modules/generated/sklearn.model_selection.train_test_split.html
 *
 * @throws RangeError for tensors of different lengths, or sizes that leave a
 * part empty.
 */
export function trainTestSplit<const T extends readonly Tensor[]>(
  tensors: T,
  options: TrainTestSplitOptions = {},
): T extends readonly [Tensor] ? [Tensor, Tensor]
  : T extends readonly [Tensor, Tensor] ? [Tensor, Tensor, Tensor, Tensor]
  : Tensor[] {
  const n = tensors[0]?.shape[0] ?? 0;
  const { stratify } = options;
  for (
    const part of stratify === undefined ? tensors : [...tensors, stratify]
  ) {
    if (part.shape[0] === n) continue;
    throw new RangeError(
      `trainTestSplit() got tensors of ${
        tensors.map((t) => t.shape[0])
      } samples, expected equal numbers`,
    );
  }
  const [train, test] = splitIndices(n, options);
  const parts = noGrad(() => {
    const [first, second] = [tensor(train), tensor(test)];
    return tensors.flatMap((
      t,
    ) => [t.indexSelect(0, first), t.indexSelect(0, second)]);
  });
  return parts as ReturnType<typeof trainTestSplit<T>>;
}

function splitIndices(
  n: number,
  options: TrainTestSplitOptions,
): [Int32Array, Int32Array] {
  const [nTrain, nTest] = partSizes(n, options);
  const { shuffle = true, stratify, randomState } = options;
  if (!shuffle) {
    if (stratify !== undefined) {
      throw new RangeError(
        "trainTestSplit() can only stratify when it shuffles",
      );
    }
    const order = Int32Array.from({ length: nTrain + nTest }, (_, i) => i);
    return [order.subarray(0, nTrain), order.subarray(nTrain)];
  }
  const random = new RandomState(randomState ?? drawSeed());
  if (stratify !== undefined) {
    return stratified(
      Array.from(stratify.data(), Number),
      nTrain,
      nTest,
      random,
    );
  }
  const order = random.permutation(n);
  return [order.subarray(nTest, nTest + nTrain), order.subarray(0, nTest)];
}

function partSizes(
  n: number,
  { testSize, trainSize }: TrainTestSplitOptions,
): [number, number] {
  const count = (size: number, round: (x: number) => number): number =>
    Number.isInteger(size) ? size : round(size * n);
  let nTest = testSize === undefined
    ? trainSize === undefined ? Math.ceil(0.25 * n) : null
    : count(testSize, Math.ceil);
  const nTrain = trainSize === undefined
    ? n - nTest!
    : count(trainSize, Math.floor);
  nTest ??= n - nTrain;
  if (!(nTrain >= 1 && nTest >= 1 && nTrain + nTest <= n)) {
    throw new RangeError(
      `trainTestSplit() got ${n} samples, trainSize ${trainSize} and testSize ${testSize}, expected two parts of at least one sample`,
    );
  }
  return [nTrain, nTest];
}

/** Both parts have about the classes' shares. */
function stratified(
  labels: number[],
  nTrain: number,
  nTest: number,
  random: RandomState,
): [Int32Array, Int32Array] {
  const byClass = Map.groupBy(labels.keys(), (i) => labels[i]!);
  const classes = [...byClass.keys()].sort((a, b) => a - b)
    .map((label) => byClass.get(label)!);
  const least = Math.min(...classes.map((members) => members.length));
  if (least < 2 || Math.min(nTrain, nTest) < classes.length) {
    throw new RangeError(
      `trainTestSplit() cannot stratify ${classes.length} classes, the least of ${least} samples, into parts of ${nTrain} and ${nTest}: expected at least 2 samples per class and a sample of each in both parts`,
    );
  }
  const counts = classes.map((members) => members.length);
  const inTrain = approximateMode(counts, nTrain, random);
  const left = counts.map((count, k) => count - inTrain[k]!);
  const inTest = approximateMode(left, nTest, random);
  const train: number[] = [];
  const test: number[] = [];
  classes.forEach((members, k) => {
    const order = Array.from(
      random.permutation(members.length),
      (i) => members[i]!,
    );
    const stop = inTrain[k]!;
    train.push(...order.slice(0, stop));
    test.push(...order.slice(stop, stop + inTest[k]!));
  });
  random.shuffle(train);
  random.shuffle(test);
  return [Int32Array.from(train), Int32Array.from(test)];
}

/** About the likeliest counts when `draws` are drawn without replacement. */
function approximateMode(
  counts: number[],
  draws: number,
  random: RandomState,
): number[] {
  const total = counts.reduce((a, b) => a + b, 0);
  const exact = counts.map((count) => count / total * draws);
  const floored = exact.map(Math.floor);
  const remainders = exact.map((value, k) => value - floored[k]!);
  let missing = draws - floored.reduce((a, b) => a + b, 0);
  const largestFirst = [...new Set(remainders)].sort((a, b) => b - a);
  for (const value of largestFirst) {
    if (missing <= 0) break;
    const tied = [...remainders.keys()].filter((k) => remainders[k] === value);
    const chosen = random.permutation(tied.length).subarray(0, missing);
    for (const i of chosen) floored[tied[i]!]!++;
    missing -= chosen.length;
  }
  return floored;
}
