/** The types that describe the kernels, for authors of ops. */

export type {
  AdaptivePool,
  AvgPool2dSizes,
  Binary,
  BinaryNd,
  ChannelSizes,
  Conv2dSizes,
  FloatKernels,
  Heap,
  Indexed,
  IntKernels,
  MaxPool2dSizes,
  NumericKernels,
  PlaneMove,
  Reduce,
  Unary,
  UnaryBackward,
} from "@fdunn/wasm-kernels";
