/**
 * Layers, losses and initialisation, in PyTorch's shape: a `Module` holds
 * parameters and other modules in its fields, and computes in `forward`.
 *
 * ```ts
 * import { randn, type Tensor, zeros } from "@fdunn/tensor";
 * import * as nn from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * class CNN extends nn.Module {
 *   conv1 = new nn.Conv2d(1, 4, 3, { padding: 1 });
 *   conv2 = new nn.Conv2d(4, 8, 3, { padding: 1 });
 *   fc1 = new nn.Linear(392, 100);
 *   fc2 = new nn.Linear(100, 10);
 *   forward(x: Tensor): Tensor {
 *     x = nn.maxPool2d(this.conv1.forward(x).relu(), 2); // [N, 4, 14, 14]
 *     x = nn.maxPool2d(this.conv2.forward(x).relu(), 2); // [N, 8, 7, 7]
 *     return this.fc2.forward(this.fc1.forward(x.flatten(1)).relu());
 *   }
 * }
 * const model = new CNN();
 * const criterion = new nn.CrossEntropyLoss();
 * const labels = zeros([16], { dtype: "int32" });
 * const loss = criterion.forward(model.forward(randn([16, 1, 28, 28])), labels);
 * loss.backward();
 * assertEquals(model.fc2.bias!.grad!.shape, [10]);
 * ```
 *
 * `@fdunn/nn/summary` has a table of the layers, `@fdunn/nn/weights` spectral and
 * weight normalization, `@fdunn/nn/onnx` the export.
 *
 * @module
 */

export {
  Identity,
  LogSoftmax,
  logSoftmax,
  ReLU,
  relu,
  Sigmoid,
  sigmoid,
  Softmax,
  softmax,
  Softmin,
  softmin,
  Tanh,
  tanh,
} from "./activation.ts";
export {
  AlphaDropout,
  alphaDropout,
  FeatureAlphaDropout,
  featureAlphaDropout,
} from "./alpha_dropout.ts";
export {
  type AttentionOptions,
  scaledDotProductAttention,
} from "./attention.ts";
export { AxisLayer } from "./axis_layer.ts";
export { Bilinear, bilinear, type BilinearOptions } from "./bilinear.ts";
export {
  BCELoss,
  BCEWithLogitsLoss,
  MultiLabelSoftMarginLoss,
  multilabelSoftMarginLoss,
  type MultiLabelSoftMarginLossOptions,
  SoftMarginLoss,
  softMarginLoss,
  type SoftMarginLossOptions,
} from "./binary_loss.ts";
export { ModuleDict, ModuleList, Sequential } from "./container.ts";
export {
  CircularPad1d,
  CircularPad2d,
  CircularPad3d,
  ReflectionPad1d,
  ReflectionPad2d,
  ReflectionPad3d,
  ReplicationPad1d,
  ReplicationPad2d,
  ReplicationPad3d,
} from "./continued_padding.ts";
export { Conv2d, type Conv2dOptions } from "./conv.ts";
export { Conv1d, type Conv1dOptions } from "./conv1d.ts";
export { Conv3d, type Conv3dOptions } from "./conv3d.ts";
export {
  ConvTranspose2d,
  type ConvTranspose2dOptions,
} from "./conv_transpose.ts";
export {
  ConvTranspose1d,
  type ConvTranspose1dOptions,
} from "./conv_transpose1d.ts";
export {
  Convolution,
  type ConvolutionParameterOptions,
  type ConvolutionPlan,
  type ConvolutionWindow,
  type PerAxis,
} from "./convolution.ts";
export { CrossEntropyLoss, NLLLoss } from "./cross_entropy_loss.ts";
export {
  CTCLoss,
  ctcLoss,
  type CTCLossOptions,
  type Lengths,
} from "./ctc_loss.ts";
export { Dictionary, type DictionaryKind } from "./dictionary.ts";
export {
  CosineSimilarity,
  PairwiseDistance,
  pairwiseDistance,
  type PairwiseDistanceOptions,
} from "./distance.ts";
export { Dropout, dropout, type DropoutOptions } from "./dropout.ts";
export {
  Embedding,
  EmbeddingBag,
  type EmbeddingBagLayerOptions,
  type EmbeddingLayerOptions,
  EmbeddingTable,
  type PretrainedOptions,
} from "./embedding.ts";
export {
  CosineEmbeddingLoss,
  cosineEmbeddingLoss,
  type CosineEmbeddingLossOptions,
  TripletMarginLoss,
  tripletMarginLoss,
  type TripletMarginLossOptions,
} from "./embedding_loss.ts";
export {
  Dropout1d,
  dropout1d,
  Dropout2d,
  dropout2d,
  Dropout3d,
  dropout3d,
} from "./feature_dropout.ts";
export { Flatten, Unflatten } from "./flatten.ts";
export { Fold, Unfold } from "./fold.ts";
export { GLU, glu, SwiGLU, swiglu } from "./gated.ts";
export {
  GlobalAvgPool1d,
  GlobalAvgPool2d,
  GlobalMaxPool1d,
  GlobalMaxPool2d,
} from "./global_pool.ts";
export {
  GroupNorm,
  type GroupNormLayerOptions,
  RMSNorm,
  type RMSNormOptions,
} from "./group_norm.ts";
export {
  Hardshrink,
  Hardsigmoid,
  Hardswish,
  Hardtanh,
  Softshrink,
} from "./hard.ts";
export type { ForwardHook, ForwardPreHook, FullBackwardHook } from "./hook.ts";
export * as init from "./init.ts";
export {
  InstanceNorm,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type InstanceNormLayerOptions,
} from "./instance_norm.ts";
export {
  GaussianNLLLoss,
  gaussianNllLoss,
  type GaussianNLLLossOptions,
  klDiv,
  KLDivLoss,
  type KLDivLossOptions,
  PoissonNLLLoss,
  poissonNllLoss,
  type PoissonNLLLossOptions,
} from "./likelihood_loss.ts";
export { Linear, type LinearOptions } from "./linear.ts";
export { Loss, type LossOptions } from "./loss.ts";
export {
  HingeEmbeddingLoss,
  hingeEmbeddingLoss,
  type HingeEmbeddingLossOptions,
  MarginRankingLoss,
  marginRankingLoss,
  type MarginRankingLossOptions,
  MultiMarginLoss,
  multiMarginLoss,
  type MultiMarginLossOptions,
} from "./margin_loss.ts";
export { AdaptiveMaxPool2d, MaxUnpool2d } from "./max_pool.ts";
export { type AnyModule, type LoadStateOptions, Module } from "./module.ts";
export {
  MultiheadAttention,
  type MultiheadAttentionInputs,
  type MultiheadAttentionOptions,
} from "./multihead_attention.ts";
export {
  BatchNorm,
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  type BatchNormOptions,
  LayerNorm,
  type LayerNormOptions,
} from "./norm.ts";
export {
  ConstantPad1d,
  ConstantPad2d,
  ConstantPad3d,
  type Padding,
  PadLayer,
  ZeroPad1d,
  ZeroPad2d,
  ZeroPad3d,
} from "./padding.ts";
export { Parameter } from "./parameter.ts";
export { ParameterDict, ParameterList } from "./parameter_container.ts";
export { AdaptiveAvgPool2d, AvgPool2d, MaxPool2d } from "./pool.ts";
export {
  AdaptiveAvgPool1d,
  AdaptiveMaxPool1d,
  AvgPool1d,
  MaxPool1d,
} from "./pool1d.ts";
export { AdaptivePool, Pool, type PoolOptions } from "./pooling.ts";
export {
  LearnedPositionalEncoding,
  PositionalEncoding,
  type PositionalEncodingOptions,
  rotaryEmbedding,
  type RotaryEmbeddingOptions,
  SinusoidalPositionalEncoding,
} from "./positional_encoding.ts";
export {
  CELU,
  ELU,
  LeakyReLU,
  PReLU,
  prelu,
  type PReLUOptions,
  ReLU6,
  SELU,
  Threshold,
} from "./rectifier.ts";
export {
  GRU,
  LSTM,
  Recurrent,
  type RecurrentOptions,
  RNN,
  type RNNOptions,
  type Walked,
} from "./recurrent.ts";
export {
  GRUCell,
  LSTMCell,
  RecurrentCell,
  type RecurrentCellOptions,
  RNNCell,
  type RNNCellOptions,
} from "./recurrent_cell.ts";
export {
  HuberLoss,
  huberLoss,
  type HuberLossOptions,
  L1Loss,
  l1Loss,
  type L1LossOptions,
  MSELoss,
  mseLoss,
  type MSELossOptions,
  SmoothL1Loss,
  smoothL1Loss,
  type SmoothL1LossOptions,
} from "./regression_loss.ts";
export { RunningNorm, type RunningNormPlan } from "./running_norm.ts";
export {
  GELU,
  LogSigmoid,
  Mish,
  SiLU,
  Softplus,
  Softsign,
  softsign,
  Tanhshrink,
  tanhshrink,
} from "./smooth.ts";
export type { LoadReport, StateDict } from "./state_dict.ts";
export {
  type EncoderInputs,
  Transformer,
  TransformerDecoder,
  TransformerEncoder,
  type TransformerInputs,
  type TransformerOptions,
  type TransformerStackOptions,
} from "./transformer.ts";
export {
  type DecoderLayerInputs,
  type EncoderLayerInputs,
  type TransformerActivation,
  TransformerDecoderLayer,
  TransformerEncoderLayer,
  TransformerLayer,
  type TransformerLayerOptions,
} from "./transformer_layer.ts";
export { PixelShuffle, PixelUnshuffle, Upsample } from "./upsample.ts";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  batchNorm,
  type BCELossOptions,
  type BCEWithLogitsLossOptions,
  binaryCrossEntropy,
  binaryCrossEntropyWithLogits,
  celu,
  conv1d,
  conv2d,
  conv3d,
  convTranspose1d,
  convTranspose2d,
  cosineSimilarity,
  crossEntropy,
  type CrossEntropyOptions,
  elu,
  embedding,
  embeddingBag,
  fold,
  gelu,
  type GeluOptions,
  groupNorm,
  gru,
  gruCell,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  instanceNorm,
  interpolate,
  layerNorm,
  leakyRelu,
  linear,
  logSigmoid,
  lstm,
  lstmCell,
  maxPool1d,
  maxPool2d,
  maxPool2dWithIndices,
  maxUnpool2d,
  mish,
  nllLoss,
  type NLLLossOptions,
  pad,
  pixelShuffle,
  pixelUnshuffle,
  type Reduction,
  relu6,
  rmsNorm,
  rnn,
  rnnCell,
  selu,
  silu,
  softplus,
  softshrink,
  threshold,
  unfold,
} from "@fdunn/tensor";
