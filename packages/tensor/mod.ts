/**
 * Tensors with automatic differentiation, in PyTorch's shape: eager, strided
 * views, a tape, gradients of gradients. The arithmetic is WebAssembly SIMD;
 * memory is freed without a call from you.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const w = tensor([1, 2, 3], { requiresGrad: true });
 * const loss = w.mul(tensor([4, 5, 6])).sum();
 * loss.backward();
 * assertEquals(loss.item(), 32);
 * assertEquals(w.grad!.toArray(), [4, 5, 6]);
 * ```
 *
 * Entry points of their own, for who needs them: `@fdunn/tensor/linalg`,
 * `/distributions`, `/safetensors`, `/anomaly`, and `/op` for ops of one's own.
 *
 * @module
 */

export { adaptiveMaxPool2d } from "./ops/adaptive_max_pool.ts";
export type { IndexItem, IndexPutOptions } from "./ops/advanced_index.ts";
export {
  backward,
  type BackwardOptions,
  grad,
  type GradOptions,
} from "./autograd.ts";
export {
  type BCELossOptions,
  type BCEWithLogitsLossOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
} from "./ops/binary_cross_entropy.ts";
export type { CloseOptions, NanToNumOptions } from "./ops/classify.ts";
export { conv2d, type Conv2dOptions, type Pair } from "./ops/conv.ts";
export { conv1d, type Conv1dOptions } from "./ops/conv1d.ts";
export { conv3d, type Conv3dOptions, type Triple } from "./ops/conv3d.ts";
export {
  convTranspose2d,
  type ConvTranspose2dOptions,
} from "./ops/conv_transpose.ts";
export {
  convTranspose1d,
  type ConvTranspose1dOptions,
} from "./ops/conv_transpose1d.ts";
export {
  arange,
  eye,
  type FromDataOptions,
  full,
  fullLike,
  linspace,
  ones,
  onesLike,
  type RangeOptions,
  tensor,
  type TensorData,
  type TensorOptions,
  zeros,
  zerosLike,
} from "./create.ts";
export { crossEntropy, type CrossEntropyOptions } from "./ops/cross_entropy.ts";
export type { DiagonalOptions } from "./ops/diagonal.ts";
export {
  cdist,
  type CdistOptions,
  cosineSimilarity,
  type CosineSimilarityOptions,
} from "./ops/distance.ts";
export type { DivOptions } from "./ops/division.ts";
export type { DType, TypedArray } from "./dtype.ts";
export { einsum } from "./ops/einsum.ts";
export { embedding, type EmbeddingOptions } from "./ops/embedding.ts";
export {
  embeddingBag,
  type EmbeddingBagMode,
  type EmbeddingBagOptions,
} from "./ops/embedding_bag.ts";
export { fold, unfold, type UnfoldOptions } from "./ops/fold.ts";
export type { NestedArray } from "./format.ts";
export { enableGrad, isGradEnabled, noGrad } from "./grad_mode.ts";
export type {
  AccumulateHook,
  GradHook,
  GradSlot,
  Retirement,
} from "./grad_slot.ts";
export {
  groupNorm,
  type GroupNormOptions,
  instanceNorm,
  type InstanceNormOptions,
  rmsNorm,
} from "./ops/group_norm.ts";
export { gru, gruCell } from "./ops/gru.ts";
export type { BincountOptions, HistcOptions } from "./ops/histogram.ts";
export { type Extrema, oneHot } from "./ops/indexing.ts";
export {
  interpolate,
  type InterpolateMode,
  type InterpolateOptions,
} from "./ops/interpolate.ts";
export { cat, hstack, stack, vstack } from "./ops/join.ts";
export { linear } from "./ops/linear.ts";
export type { Reduction } from "./ops/loss.ts";
export { lstm, lstmCell } from "./ops/lstm.ts";
export type { AddmmOptions } from "./ops/matrix_products.ts";
export {
  maxPool2dWithIndices,
  maxUnpool2d,
  type MaxUnpool2dOptions,
  type PooledMaxima,
} from "./ops/max_pool_indices.ts";
export { meshgrid, type MeshgridOptions } from "./ops/meshgrid.ts";
export type { ActivationMethods } from "./methods/activation.ts";
export type { ArithmeticMethods } from "./methods/arithmetic.ts";
export type { DiagonalMethods } from "./methods/diagonal.ts";
export type { InPlaceMethods } from "./methods/in_place.ts";
export type { IndexInPlaceMethods } from "./methods/index_in_place.ts";
export type { IndexingMethods } from "./methods/indexing.ts";
export type { LinearAlgebraMethods } from "./methods/linear_algebra.ts";
export type { LogicMethods } from "./methods/logic.ts";
export type { MovementMethods } from "./methods/movement.ts";
export type { OrderMethods } from "./methods/order.ts";
export type { ReductionMethods } from "./methods/reduction.ts";
export { multinomial, type MultinomialOptions } from "./multinomial.ts";
export type { NdArray } from "./nd_array.ts";
export { nllLoss, type NLLLossOptions } from "./ops/nll_loss.ts";
export { batchNorm, type BatchNormOptions, layerNorm } from "./ops/norm.ts";
export type { Op, OpNode } from "./op.ts";
export { pad, type PadMode, type PadOptions } from "./ops/pad.ts";
export {
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  relu6,
  softshrink,
  threshold,
} from "./ops/pieces.ts";
export { pixelShuffle, pixelUnshuffle } from "./ops/pixel_shuffle.ts";
export { adaptiveAvgPool2d, type OutputSize } from "./ops/adaptive_avg_pool.ts";
export {
  avgPool2d,
  type AvgPool2dOptions,
  maxPool2d,
  type MaxPool2dOptions,
} from "./ops/pool.ts";
export {
  adaptiveAvgPool1d,
  adaptiveMaxPool1d,
  avgPool1d,
  type AvgPool1dOptions,
  maxPool1d,
  type MaxPool1dOptions,
} from "./ops/pool1d.ts";
export {
  bernoulli,
  defaultGenerator,
  Generator,
  type GeneratorState,
  manualSeed,
  normal,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  type RandomOptions,
  randperm,
  streamFor,
  uniform,
} from "./random.ts";
export {
  type Nonlinearity,
  rnn,
  rnnCell,
  type RnnOptions,
  type RnnWeights,
} from "./ops/recurrent.ts";
export type { Dims, ReduceOptions } from "./ops/reduce.ts";
export type { Saves } from "./saved.ts";
export type { IndexAddOptions } from "./ops/scatter.ts";
export type {
  ScatterReduceOptions,
  ScatterReduction,
} from "./ops/scatter_reduce.ts";
export { keep, scope } from "./scope.ts";
export {
  bucketize,
  type SearchOptions,
  searchsorted,
} from "./ops/searchsorted.ts";
export { getNumThreads, setDeterministic, setNumThreads } from "./settings.ts";
export type { Shape } from "./shape.ts";
export {
  celu,
  elu,
  gelu,
  type GeluOptions,
  logSigmoid,
  mish,
  selu,
  silu,
  softplus,
} from "./ops/smooth.ts";
export type { SortOptions, TopkOptions } from "./ops/sort.ts";
export {
  type Lease,
  type MemoryStats,
  memoryStats,
  type Outside,
  type Recipe,
  type Release,
  type Storage,
} from "./storage.ts";
export { Tensor } from "./tensor.ts";
export { tensordot } from "./ops/tensordot.ts";
export type { AddcOptions } from "./ops/ternary.ts";
export type { Unique, UniqueOptions } from "./ops/unique.ts";
export type { VarOptions } from "./ops/variance.ts";
export {
  listenToWarnings,
  setWarnings,
  type WarningListener,
} from "./warning.ts";
export { where } from "./ops/where.ts";
