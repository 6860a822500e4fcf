/**
 * Data sets, samplers and loaders, and readers of data files.
 *
 * ```ts
 * import { arange } from "@fdunn/tensor";
 * import { DataLoader, TensorDataset } from "@fdunn/data";
 * import { assertEquals } from "@std/assert";
 *
 * const dataset = new TensorDataset(arange(10), arange(10).mul(2));
 * const loader = new DataLoader(dataset, { batchSize: 4, shuffle: true });
 * let sum = 0;
 * for (const [x, y] of loader) sum += x.add(y).sum().item();
 * assertEquals(sum, 135);
 * ```
 *
 * @module
 */

export {
  type Cifar100Options,
  type CifarOptions,
  type CifarSplit,
  loadCifar10,
  loadCifar100,
} from "./cifar.ts";
export {
  type ClassificationOptions,
  makeClassification,
} from "./classification.ts";
export {
  type Collated,
  type CollateOptions,
  defaultCollate,
} from "./collate.ts";
export {
  ConcatDataset,
  type Dataset,
  IterableDataset,
  MapDataset,
  Subset,
  TensorDataset,
} from "./dataset.ts";
export { readIdx } from "./idx.ts";
export { ImageDataset } from "./image_dataset.ts";
export { type Fold, kFold, type KFoldOptions } from "./k_fold.ts";
export { DataLoader, type DataLoaderState } from "./loader.ts";
export type { Batch, DataLoaderOptions } from "./loader_options.ts";
export { Pacer } from "./macrotask.ts";
export { loadMnist, type MnistOptions, type MnistSplit } from "./mnist.ts";
export { loadNpy, saveNpy } from "./npy.ts";
export {
  loadNpz,
  type LoadNpzOptions,
  saveNpz,
  saveNpzCompressed,
} from "./npz.ts";
export { type PalindromeOptions, Palindromes } from "./palindrome.ts";
export { padSequence, type PadSequenceOptions } from "./pad_sequence.ts";
export {
  type BatchedSampler,
  BatchSampler,
  RandomSampler,
  type RandomSamplerOptions,
  type Sampler,
  SequentialSampler,
  WeightedRandomSampler,
} from "./sampler.ts";
export { randomSplit, type RandomSplitOptions } from "./split.ts";
export { loadTorch, type LoadTorchOptions } from "./torch.ts";
export {
  type BlobsOptions,
  type CirclesOptions,
  makeBlobs,
  makeCircles,
  makeMoons,
  makeSpirals,
  type NoisyOptions,
  type ToyData,
  type ToyOptions,
} from "./toy.ts";
export {
  trainTestSplit,
  type TrainTestSplitOptions,
} from "./train_test_split.ts";
export {
  compose,
  type ImageTransform,
  normalize,
  onImages,
  randomCrop,
  type RandomCropOptions,
  type RandomFlipOptions,
  randomHorizontalFlip,
  type RandomTransformOptions,
} from "./transform.ts";
