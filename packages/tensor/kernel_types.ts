/** The types that describe the kernels, for authors of ops. */

export type {
  AvgPool2dSizes,
  Binary,
  BinaryNd,
  Conv2dSizes,
  FloatKernels,
  Heap,
  Indexed,
  IntKernels,
  NumericKernels,
  PlaneMove,
  Reduce,
  Unary,
  UnaryBackward,
} from "@fdunn/wasm-kernels";
