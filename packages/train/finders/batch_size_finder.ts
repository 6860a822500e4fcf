/** Which batch size fits into memory, and which is fastest. */

import { memoryStats } from "@fdunn/tensor";
import { takeLoss } from "../batch_loss.ts";
import { BatchWalk } from "../batch_walk.ts";
import type { Trial } from "./learning_rate_finder.ts";
import type { Batch, Batches } from "../trainable.ts";
import { withoutLearning, withoutTrace } from "./without_trace.ts";

/** Options of {@linkcode findBatchSize}. */
export interface BatchSizeFinderOptions {
  /** Doubles until nothing fits; then `"binsearch"` halves what is between. */
  mode?: "power" | "binsearch";
  /** The first size. Default 2. */
  initVal?: number;
  /** How many sizes are tried at most. Default 25. */
  maxTrials?: number;
  /** Steps with each. Default 3. */
  stepsPerTrial?: number;
  /** What may be live, in bytes. Default 1 GiB; no more than 4 GiB fit. */
  maxBytes?: number;
}

/** How it went with a batch size. */
export interface BatchSizeTrial {
  /** Samples in a batch. */
  batchSize: number;
  /** Whether it fitted. */
  fits: boolean;
  /** What was live behind the forward pass; NaN where memory ended. */
  bytes: number;
  /** How many samples a second took; NaN where it did not fit. */
  samplesPerSecond: number;
}

/** What {@linkcode findBatchSize} found. */
export interface BatchSizeFound {
  /** The largest that fits. */
  largest: number;
  /** That with the most samples a second. */
  fastest: number;
  /** All that were tried, in that order. */
  trials: BatchSizeTrial[];
}

/**
 * Tries ever larger batches, some steps each: until memory ends, or the data.
 * On a processor the fastest size is often not the largest. Model, optimizer
 * and random streams are put back to where they were.
 *
 * ```ts
 * import { findBatchSize } from "@fdunn/train";
 * import { randn } from "@fdunn/tensor";
 * import { DataLoader, TensorDataset } from "@fdunn/data";
 * import { Linear, MSELoss } from "@fdunn/nn";
 * import { SGD } from "@fdunn/optim";
 * import { assertEquals } from "@std/assert";
 *
 * const data = new TensorDataset(randn([64, 2]), randn([64, 2]));
 * const model = new Linear(2, 2);
 * const optimizer = new SGD(model.parameters(), { lr: 0.1 });
 * const { largest, trials } = await findBatchSize(
 *   { model, optimizer, loss: new MSELoss() },
 *   (batchSize) => new DataLoader(data, { batchSize }),
 * );
 * assertEquals(largest, 64);
 * assertEquals(trials.map((t) => t.batchSize), [2, 4, 8, 16, 32, 64]);
 * ```
 *
 * See https://lightning.ai/docs/pytorch/stable/api/lightning.pytorch.tuner.tuning.Tuner.html
 *
 * @throws RangeError for options that make no sense, and when not even the
 * first size fits.
 */
export async function findBatchSize<B = Batch>(
  trial: Trial<B>,
  loaderOf: (batchSize: number) => Batches<B>,
  options: BatchSizeFinderOptions = {},
): Promise<BatchSizeFound> {
  const { mode = "power", initVal = 2, maxTrials = 25 } = options;
  const { stepsPerTrial = 3, maxBytes = 2 ** 30 } = options;
  for (
    const [option, value] of Object.entries({
      initVal,
      maxTrials,
      stepsPerTrial,
    })
  ) {
    if (Number.isInteger(value) && value >= 1) continue;
    throw new RangeError(
      `findBatchSize() got ${option} ${value}, expected a whole number of at least 1`,
    );
  }
  const trials: BatchSizeTrial[] = [];
  const { model, optimizer } = trial;
  await withoutLearning(model, optimizer, () =>
    withoutTrace(null, async () => {
      if (!model.training) model.train(true);
      let [fits, tooLarge] = [0, Infinity];
      let size = initVal;
      while (trials.length < maxTrials) {
        const tried = await tryOut(trial, loaderOf(size), {
          batchSize: size,
          steps: stepsPerTrial,
          maxBytes,
        });
        if (tried === null) tooLarge = Math.min(tooLarge, size);
        else {
          trials.push(tried);
          if (tried.fits) fits = size;
          else tooLarge = size;
        }
        if (tooLarge === Infinity) size *= 2;
        else if (mode === "power" || tooLarge - fits <= 1) break;
        else size = Math.floor((fits + tooLarge) / 2);
      }
    }));
  const fitting = trials.filter(({ fits }) => fits);
  if (fitting.length === 0) {
    throw new RangeError(
      `findBatchSize() found that not even batches of ${initVal} fit into ${maxBytes} bytes`,
    );
  }
  const largest = Math.max(...fitting.map(({ batchSize }) => batchSize));
  const fastest =
    fitting.reduce((a, b) => b.samplesPerSecond > a.samplesPerSecond ? b : a)
      .batchSize;
  return { largest, fastest, trials };
}

/** Null where the data have no batch of that size. */
async function tryOut<B>(
  { model, optimizer, loss }: Trial<B>,
  data: Batches<B>,
  { batchSize, steps, maxBytes }: {
    batchSize: number;
    steps: number;
    maxBytes: number;
  },
): Promise<BatchSizeTrial | null> {
  let [done, bytes, start] = [0, 0, performance.now()];
  let enough = true;
  let first = true; // of a pass: behind it a shorter one is the last
  const step = (batch: B): boolean => {
    optimizer.zeroGrad();
    const { loss: result, samples } = takeLoss(model, loss, batch);
    if (samples !== batchSize) {
      if (first) enough = false;
      return false;
    }
    first = false;
    bytes = Math.max(bytes, memoryStats().liveBytes);
    result.backward();
    optimizer.step();
    // The first is slower: it allocates.
    if (done++ === 0 && steps > 1) start = performance.now();
    return done < steps && bytes <= maxBytes;
  };
  try {
    const walk = new BatchWalk();
    while (enough && done < steps && bytes <= maxBytes) {
      first = true;
      if (await walk.each<B>(data, step) === 0) break;
    }
  } catch (error) {
    const isFull = error instanceof RangeError &&
      error.message.startsWith("Out of memory");
    if (!isFull) throw error;
    return { batchSize, fits: false, bytes: NaN, samplesPerSecond: NaN };
  }
  if (done === 0) return null;
  const fits = bytes <= maxBytes;
  const seconds = (performance.now() - start) / 1000;
  const timed = Math.max(1, done - 1);
  const samplesPerSecond = fits ? timed * batchSize / seconds : NaN;
  return { batchSize, fits, bytes, samplesPerSecond };
}
