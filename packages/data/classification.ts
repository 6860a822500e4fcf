/** A classification problem with informative, redundant and useless features. */

import { Toy, type ToyData, type ToyOptions } from "./toy.ts";
import type { RandomState } from "./numpy_random.ts";

/** Options of {@linkcode makeClassification}. */
export interface ClassificationOptions extends ToyOptions {
  /** All features. Default 20. */
  nFeatures?: number;
  /** Features that tell classes apart. Default 2. */
  nInformative?: number;
  /** Random combinations of informative ones. Default 2. */
  nRedundant?: number;
  /** Copies of informative and redundant ones. Default 0. */
  nRepeated?: number;
  /** Default 2. */
  nClasses?: number;
  /** Default 2. */
  nClustersPerClass?: number;
  /** Share of each class, the last of which may be left out. Default: equal. */
  weights?: readonly number[];
  /** Share of samples with a random class. Default 0.01. */
  flipY?: number;
  /** Half the side of the hypercube of clusters. Default 1. */
  classSep?: number;
  /** Clusters on the corners of a hypercube, not of a polytope. Default true. */
  hypercube?: boolean;
  /** Added to the features; null draws. Default 0. */
  shift?: number | null;
  /** Multiplies the features; null draws from 1 to 100. Default 1. */
  scale?: number | null;
}

/**
 * Normal clusters on the corners of a hypercube, turned and stretched at
 * random, with features that combine or repeat them, and noise. Guyon, "Design
 * of experiments for the NIPS 2003 variable selection benchmark", 2003.
 *
 * ```ts
 * import { makeClassification } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * const [x] = makeClassification(1000, {
 *   nFeatures: 2,
 *   nRedundant: 0,
 *   nClustersPerClass: 1,
 *   randomState: 42,
 * });
 * assertEquals(x.shape, [1000, 2]);
 * ```
 *
 * See https://scikit-learn.org/stable/modules/generated/sklearn.datasets.make_classification.html
 *
 * @throws RangeError for sizes that do not fit together.
 */
export function makeClassification(
  nSamples: number,
  options: ClassificationOptions = {},
): ToyData {
  const o = {
    nFeatures: 20,
    nInformative: 2,
    nRedundant: 2,
    nRepeated: 0,
    nClasses: 2,
    nClustersPerClass: 2,
    flipY: 0.01,
    classSep: 1,
    hypercube: true,
    ...options,
  };
  const { nFeatures, nInformative, nRedundant, nRepeated, nClasses } = o;
  const nClusters = nClasses * o.nClustersPerClass;
  checkSizes(o, nClusters);
  const toy = new Toy("makeClassification", nSamples, nFeatures, options);
  const { random, classes } = toy;
  const x = toy.features;

  const sizes = clusterSizes(nSamples, nClusters, nClasses, options.weights);
  const centroids = hypercubeCorners(nClusters, nInformative, random)
    .map((corner) => corner.map((bit) => bit * 2 * o.classSep - o.classSep));
  if (!o.hypercube) {
    const byCluster = centroids.map(() => random.random());
    const byFeature = drawList(nInformative, random);
    centroids.forEach((centroid, k) => {
      byFeature.forEach((s, j) => centroid[j]! *= byCluster[k]! * s);
    });
  }
  for (let i = 0; i < nSamples; i++) {
    for (let j = 0; j < nInformative; j++) {
      x[i * nFeatures + j] = random.normal();
    }
  }
  let at = 0;
  centroids.forEach((centroid, k) => {
    const turn = drawMatrix(nInformative, nInformative, random);
    for (const stop = at + sizes[k]!; at < stop; at++) {
      classes[at] = k % nClasses;
      const row = x.subarray(at * nFeatures, at * nFeatures + nInformative);
      const turned = product(row, turn);
      row.forEach((_, j) => row[j] = turned[j]! + centroid[j]!);
    }
  });
  if (nRedundant > 0) {
    const mix = drawMatrix(nInformative, nRedundant, random);
    for (let i = 0; i < nSamples; i++) {
      const from = i * nFeatures;
      const informative = x.subarray(from, from + nInformative);
      x.set(product(informative, mix), from + nInformative);
    }
  }
  const useful = nInformative + nRedundant;
  const copies = drawList(nRepeated, random)
    .map((u) => Math.trunc((useful - 1) * u + 0.5));
  for (let i = 0; i < nSamples; i++) {
    copies.forEach((from, j) => {
      x[i * nFeatures + useful + j] = x[i * nFeatures + from]!;
    });
  }
  for (let i = 0; i < nSamples; i++) {
    for (let j = useful + nRepeated; j < nFeatures; j++) {
      x[i * nFeatures + j] = random.normal();
    }
  }
  if (o.flipY >= 0) {
    const flips = drawList(nSamples, random).map((u) => u < o.flipY);
    flips.forEach((flip, i) => {
      if (flip) classes[i] = random.randint(nClasses);
    });
  }
  const { shift = 0, scale = 1 } = options;
  const shifts = shift ?? drawList(nFeatures, random)
    .map((u) => (2 * u - 1) * o.classSep);
  const scales = scale ?? drawList(nFeatures, random).map((u) => 1 + 100 * u);
  for (let i = 0; i < x.length; i++) {
    const j = i % nFeatures;
    x[i]! += typeof shifts === "number" ? shifts : shifts[j]!;
    x[i]! *= typeof scales === "number" ? scales : scales[j]!;
  }
  toy.shuffle();
  if (options.shuffle !== false) {
    const order = random.permutation(nFeatures);
    const rows = toy.features;
    toy.features = rows.map((_, i) =>
      rows[i - i % nFeatures + order[i % nFeatures]!]!
    );
  }
  return toy.finish();
}

function checkSizes(
  o: Required<
    Pick<
      ClassificationOptions,
      "nFeatures" | "nInformative" | "nRedundant" | "nRepeated" | "nClasses"
    >
  >,
  nClusters: number,
): void {
  const named = o.nInformative + o.nRedundant + o.nRepeated;
  if (named > o.nFeatures) {
    throw new RangeError(
      `makeClassification() got ${o.nInformative} informative, ${o.nRedundant} redundant and ${o.nRepeated} repeated features, expected at most nFeatures = ${o.nFeatures} in all`,
    );
  }
  if (
    o.nInformative > 30 || !(nClusters >= 1 && nClusters <= 2 ** o.nInformative)
  ) {
    throw new RangeError(
      `makeClassification() got ${nClusters} clusters for ${o.nInformative} informative features, expected 1 to 2^nInformative of them, and at most 30 features`,
    );
  }
}

/** Samples of each cluster, by the weights of the classes. */
function clusterSizes(
  nSamples: number,
  nClusters: number,
  nClasses: number,
  weights: readonly number[] | undefined,
): number[] {
  const shares = weights?.slice() ??
    Array.from({ length: nClasses }, () => 1 / nClasses);
  if (shares.length === nClasses - 1) {
    shares.push(1 - shares.reduce((a, b) => a + b, 0));
  }
  if (shares.length !== nClasses) {
    throw new RangeError(
      `makeClassification() got ${shares.length} weights, expected ${nClasses} or one less`,
    );
  }
  const perClass = nClusters / nClasses;
  const sizes = Array.from(
    { length: nClusters },
    (_, k) => Math.trunc(nSamples * shares[k % nClasses]! / perClass),
  );
  const missing = nSamples - sizes.reduce((a, b) => a + b, 0);
  for (let i = 0; i < missing; i++) sizes[i % nClusters]!++;
  return sizes;
}

/** `count` of the 2^dimensions corners, as bits, the highest first. */
function hypercubeCorners(
  count: number,
  dimensions: number,
  random: RandomState,
): number[][] {
  const corners = distinct(2 ** dimensions, count, random);
  return corners.map((corner) =>
    Array.from(
      { length: dimensions },
      (_, j) => corner >>> (dimensions - 1 - j) & 1,
    )
  );
}

/** scikit-learn's `sample_without_replacement(method="auto")`. */
function distinct(
  population: number,
  count: number,
  random: RandomState,
): number[] {
  const ratio = count / population;
  if (ratio > 0.01 && ratio < 0.99) {
    return Array.from(random.permutation(population).subarray(0, count));
  }
  if (ratio < 0.2) {
    const seen = new Set<number>();
    while (seen.size < count) seen.add(random.randint(population));
    return [...seen];
  }
  const reservoir = Array.from({ length: count }, (_, i) => i);
  for (let i = count; i < population; i++) {
    const j = random.randint(i + 1);
    if (j < count) reservoir[j] = i;
  }
  return reservoir;
}

function drawList(count: number, random: RandomState): number[] {
  return Array.from({ length: count }, () => random.random());
}

/** Uniform in [-1, 1). */
function drawMatrix(
  rows: number,
  columns: number,
  random: RandomState,
): number[][] {
  return Array.from(
    { length: rows },
    () => drawList(columns, random).map((u) => 2 * u - 1),
  );
}

function product(row: ArrayLike<number>, matrix: number[][]): number[] {
  const [first] = matrix as [number[], ...number[][]];
  return first.map((_, j) =>
    matrix.reduce((sum, weights, i) => sum + row[i]! * weights[j]!, 0)
  );
}
