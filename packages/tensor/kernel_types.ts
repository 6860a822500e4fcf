/** The types that describe the kernels, for authors of ops. */

export type {
  AvgPool2dSizes,
  Binary,
  BinaryNd,
  ChannelSizes,
  Conv2dSizes,
  ElementwiseKernels,
  FloatKernels,
  Heap,
  Indexed,
  IntKernels,
  MaxPool2dSizes,
  NumericKernels,
  PartArguments,
  Pieces,
  PlaneMove,
  Reduce,
  Resample,
  Unary,
  UnaryBackward,
  WithSlope,
} from "@fdunn/wasm-kernels";
