/**
 * For authors of ops: what an op is, how it runs, what its forward calls, and
 * `checkGrad`, which proves its backward.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import {
 *   allocate,
 *   apply,
 *   checkGrad,
 *   contiguous,
 *   floatKernels,
 *   type Op,
 *   pointer,
 *   writable,
 * } from "@fdunn/tensor/op";
 * import { assertEquals } from "@std/assert";
 *
 * const CUBE: Op = {
 *   name: "cube",
 *   saves: "inputs",
 *   forward: (_, x) => {
 *     const { square, mul } = floatKernels("cube", x.dtype);
 *     const source = contiguous(x);
 *     const out = allocate(x.shape, x.dtype);
 *     const [from, to] = [pointer(source), writable(out)];
 *     square(x.size, from, to);
 *     mul(x.size, from, 1, to, 1, to);
 *     return out;
 *   },
 *   backward: (node, grad) => [grad.mul(node.input(0).square()).mul(3)],
 * };
 *
 * const x = tensor([1, 2, 3], { requiresGrad: true });
 * const y = apply(CUBE, [x], undefined);
 * y.sum().backward();
 * assertEquals(y.toArray(), [1, 8, 27]);
 * assertEquals(x.grad!.toArray(), [3, 12, 27]);
 * checkGrad((x) => apply(CUBE, [x], undefined), [x]);
 * ```
 *
 * @module
 */

export {
  type Inspector,
  type ModuleTracer,
  setModuleTracer,
} from "./inspector.ts";
export type { BackwardOptions } from "./autograd.ts";
export {
  checkGrad,
  type CheckGradOptions,
  type CheckGradResult,
} from "./check_grad.ts";
export type { DType, TypedArray } from "./dtype.ts";
export type { NestedArray } from "./format.ts";
export { inspect, isFollowed } from "./grad_mode.ts";
export {
  floatKernels,
  intKernels,
  numericKernels,
  runInParts,
} from "./kernel.ts";
export type * from "./kernel_types.ts";
export {
  allocate,
  contiguous,
  heap,
  type NdArray,
  pointer,
  toTypedArray,
  viewOf,
  writable,
} from "./nd_array.ts";
export { apply, applyMany, type Op, type OpNode } from "./op.ts";
export {
  requireCount,
  requireOption,
  requireProbability,
} from "./option_check.ts";
export type { CloseOptions, NanToNumOptions } from "./ops/classify.ts";
export type { DivOptions } from "./ops/division.ts";
export type { Extrema } from "./ops/indexing.ts";
export {
  checkLabels,
  checkReduction,
  type Labels,
  reduceLoss,
  type Reduction,
} from "./ops/loss.ts";
export type { Dims, ReduceOptions } from "./ops/reduce.ts";
export type { AddcOptions } from "./ops/ternary.ts";
export type { VarOptions } from "./ops/variance.ts";
export { OUTPUT, type Saves } from "./saved.ts";
export {
  broadcastShapes,
  formatShape,
  sameShape,
  type Shape,
} from "./shape.ts";
export {
  beginOp,
  type Lease,
  type Outside,
  type Recipe,
  type Release,
  type Storage,
} from "./storage.ts";
export type { Tensor } from "./tensor.ts";
export type { GradHook, GradSlot, Retirement } from "./grad_slot.ts";
export { warnOnce } from "./warning.ts";
