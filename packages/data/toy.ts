/** Toy data sets for classification, equal to scikit-learn's. */

import {
  type DType,
  randint,
  streamFor,
  type Tensor,
  tensor,
} from "@fdunn/tensor";
import { RandomState } from "./numpy_random.ts";

/** Options of all toy data sets. */
export interface ToyOptions {
  /**
   * A seed from 0 to 2^32 - 1, for which the data equal scikit-learn's. Default:
   * one from the default generator's stream "toy", which `manualSeed()` sets.
   */
  randomState?: number;
  /** Whether the samples come in random order. Default true. */
  shuffle?: boolean;
  /** The features' type, float32 or float64. Default float32. */
  dtype?: DType;
}

/** Features `[n, features]` and int32 classes `[n]`. */
export type ToyData = [x: Tensor, y: Tensor];

/** Options of {@linkcode makeMoons} and {@linkcode makeSpirals}. */
export interface NoisyOptions extends ToyOptions {
  /** Deviation of the normal noise that is added to the features. Default 0. */
  noise?: number;
}

/** Options of {@linkcode makeCircles}. */
export interface CirclesOptions extends NoisyOptions {
  /** The inner circle's radius; the outer's is 1. Default 0.8. */
  factor?: number;
}

/** Options of {@linkcode makeBlobs}. */
export interface BlobsOptions extends ToyOptions {
  /** The classes' centres, or how many to draw. Default 3. */
  centers?: number | readonly (readonly number[])[];
  /** Features, where centres are drawn. Default 2. */
  nFeatures?: number;
  /** Deviation of the clusters, one or one each. Default 1. */
  clusterStd?: number | readonly number[];
  /** Bounds of the drawn centres. Default [-10, 10]. */
  centerBox?: readonly [number, number];
}

/**
 * Two interleaving half circles.
 *
 * ```ts
 * import { makeMoons } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * const [x, y] = makeMoons(1000, { noise: 0.1, randomState: 42 });
 * assertEquals([x.shape, y.shape], [[1000, 2], [1000]]);
 * ```
 *
 * See https://scikit-learn.org/stable/modules/generated/sklearn.datasets.make_moons.html
 *
 * @throws RangeError for a number of samples, or options, that make no sense.
 */
export function makeMoons(
  nSamples: number,
  options: NoisyOptions = {},
): ToyData {
  const toy = new Toy("makeMoons", nSamples, 2, options);
  const outer = Math.floor(nSamples / 2);
  fillArc(toy, 0, outer, (angle) => [Math.cos(angle), Math.sin(angle)]);
  fillArc(
    toy,
    outer,
    nSamples,
    (angle) => [1 - Math.cos(angle), 1 - Math.sin(angle) - 0.5],
  );
  toy.classes.fill(1, outer);
  toy.shuffle();
  toy.addNoise(options.noise);
  return toy.finish();
}

/** Points at equal angles from 0 to π inclusive. */
function fillArc(
  toy: Toy,
  from: number,
  to: number,
  point: (angle: number) => [number, number],
): void {
  const count = to - from;
  const step = Math.PI / (count - 1);
  for (let i = 0; i < count; i++) {
    // As NumPy's linspace: the last is the end itself, a single one the start.
    const angle = i === 0 ? 0 : i === count - 1 ? Math.PI : i * step;
    toy.features.set(point(angle), 2 * (from + i));
  }
}

/**
 * A circle within a circle.
 *
 * ```ts
 * import { makeCircles } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * const [x] = makeCircles(100, { noise: 0.1, factor: 0.5, randomState: 1 });
 * assertEquals(x.shape, [100, 2]);
 * ```
 *
 * See https://scikit-learn.org/stable/modules/generated/sklearn.datasets.make_circles.html
 *
 * @throws RangeError for a number of samples, or options, that make no sense.
 */
export function makeCircles(
  nSamples: number,
  options: CirclesOptions = {},
): ToyData {
  const { factor = 0.8 } = options;
  if (!(factor >= 0 && factor < 1)) {
    throw new RangeError(
      `makeCircles() got factor ${factor}, expected a number from 0 up to, not including, 1`,
    );
  }
  const toy = new Toy("makeCircles", nSamples, 2, options);
  const outer = Math.floor(nSamples / 2);
  for (let i = 0; i < nSamples; i++) {
    const inner = i >= outer;
    const step = 2 * Math.PI / (inner ? nSamples - outer : outer);
    const angle = (inner ? i - outer : i) * step;
    const radius = inner ? factor : 1;
    const point = [Math.cos(angle) * radius, Math.sin(angle) * radius];
    toy.features.set(point, 2 * i);
  }
  toy.classes.fill(1, outer);
  toy.shuffle();
  toy.addNoise(options.noise);
  return toy.finish();
}

/**
 * Normal clusters, one per class.
 *
 * ```ts
 * import { makeBlobs } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * const [x, y] = makeBlobs(90, { centers: 3, nFeatures: 5 });
 * assertEquals([x.shape, y.amax().item()], [[90, 5], 2]);
 * ```
 *
 * See https://scikit-learn.org/stable/modules/generated/sklearn.datasets.make_blobs.html
 *
 * @throws RangeError for a number of samples, or options, that make no sense.
 */
export function makeBlobs(
  nSamples: number,
  options: BlobsOptions = {},
): ToyData {
  const { centers = 3, clusterStd = 1, centerBox: [low, high] = [-10, 10] } =
    options;
  const nFeatures = typeof centers === "number"
    ? options.nFeatures ?? 2
    : centers[0]?.length ?? 0;
  const toy = new Toy("makeBlobs", nSamples, nFeatures, options);
  const { random } = toy;
  const places = typeof centers !== "number" ? centers : Array.from(
    { length: centers },
    () => Array.from({ length: nFeatures }, () => random.uniform(low, high)),
  );
  const stds = typeof clusterStd === "number"
    ? places.map(() => clusterStd)
    : clusterStd;
  if (
    places.length === 0 || stds.length !== places.length ||
    places.some((place) => place.length !== nFeatures)
  ) {
    throw new RangeError(
      `makeBlobs() got ${places.length} centers of ${
        places.map((place) => place.length)
      } features and ${stds.length} deviations, expected at least one center, one number of features, and a deviation each`,
    );
  }
  let at = 0;
  places.forEach((place, k) => {
    const extra = k < nSamples % places.length ? 1 : 0;
    const count = Math.floor(nSamples / places.length) + extra;
    for (let i = 0; i < count; i++, at++) {
      for (let j = 0; j < nFeatures; j++) {
        toy.features[at * nFeatures + j] = random.normal(place[j], stds[k]);
      }
      toy.classes[at] = k;
    }
  });
  toy.shuffle();
  return toy.finish();
}

/**
 * Two spirals around each other, one turn and a half each; after Lang and
 * Witbrock, "Learning to tell two spirals apart", 1988. scikit-learn has none.
 *
 * ```ts
 * import { makeSpirals } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * const [x, y] = makeSpirals(200, { noise: 0.02, randomState: 0 });
 * assertEquals([x.shape, y.sum().item()], [[200, 2], 100]);
 * ```
 *
 * @throws RangeError for a number of samples, or options, that make no sense.
 */
export function makeSpirals(
  nSamples: number,
  options: NoisyOptions = {},
): ToyData {
  const toy = new Toy("makeSpirals", nSamples, 2, options);
  const first = Math.floor(nSamples / 2);
  for (let i = 0; i < nSamples; i++) {
    const second = i >= first;
    const along = (second ? i - first : i) /
      Math.max(1, (second ? nSamples - first : first) - 1);
    const radius = 0.1 + 0.9 * along;
    const angle = 3 * Math.PI * along + (second ? Math.PI : 0);
    const point = [radius * Math.cos(angle), radius * Math.sin(angle)];
    toy.features.set(point, 2 * i);
    toy.classes[i] = second ? 1 : 0;
  }
  toy.shuffle();
  toy.addNoise(options.noise);
  return toy.finish();
}

/** A toy data set in the making. */
export class Toy {
  /** Row-major features. */
  features: Float64Array;
  /** Classes. */
  classes: Int32Array;
  /** The stream that it is drawn from. */
  readonly random: RandomState;
  readonly #name: string;
  readonly #nFeatures: number;
  readonly #options: ToyOptions;

  /** Zeros of the right sizes. */
  constructor(
    name: string,
    nSamples: number,
    nFeatures: number,
    options: ToyOptions,
  ) {
    const counts: [string, number][] = [
      ["samples", nSamples],
      ["features", nFeatures],
    ];
    for (const [what, count] of counts) {
      if (Number.isInteger(count) && count >= 1) continue;
      throw new RangeError(
        `${name}() got ${count} ${what}, expected a whole number of at least 1`,
      );
    }
    this.#name = name;
    this.#nFeatures = nFeatures;
    this.#options = options;
    this.features = new Float64Array(nSamples * nFeatures);
    this.classes = new Int32Array(nSamples);
    this.random = new RandomState(options.randomState ?? drawSeed());
  }

  /** Puts the samples in random order, unless the options say otherwise. */
  shuffle(): void {
    if (this.#options.shuffle === false) return;
    const width = this.#nFeatures;
    const order = this.random.permutation(this.classes.length);
    const [features, classes] = [this.features, this.classes];
    this.features = features.slice();
    order.forEach((from, to) => {
      const row = features.subarray(from * width, (from + 1) * width);
      this.features.set(row, to * width);
    });
    this.classes = order.map((from) => classes[from]!);
  }

  /** Adds normal noise to the features. */
  addNoise(noise: number | undefined): void {
    if (noise === undefined) return;
    if (!(noise >= 0 && noise < Infinity)) {
      throw new RangeError(
        `${this.#name}() got noise ${noise}, expected a number of at least 0`,
      );
    }
    const { features, random } = this;
    for (let i = 0; i < features.length; i++) {
      features[i]! += random.normal(0, noise);
    }
  }

  /** As tensors. */
  finish(): ToyData {
    const shape = [this.classes.length, this.#nFeatures];
    const { dtype = "float32" } = this.#options;
    return [tensor(this.features, { shape, dtype }), tensor(this.classes)];
  }
}

/** A seed from the stream "toy". */
export function drawSeed(): number {
  const generator = streamFor("toy");
  return randint(0, 2 ** 31, [1], { generator }).item() as number;
}
