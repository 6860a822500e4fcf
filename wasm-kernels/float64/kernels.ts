/**
 * float64's kernels: the reference that gradient checks need, in plain loops
 * on the memory that all kernels share. `../src` has the formulas' reasons.
 *
 * @module
 */

import type { CastKernels } from "../abi.ts";
import type { FloatKernels } from "../float_abi.ts";
import type { Heap } from "../memory.ts";
import { activationKernels } from "./activation.ts";
import { binaryKernels } from "./binary.ts";
import { castKernels } from "./cast.ts";
import { convKernels } from "./conv.ts";
import { gatedKernels } from "./gates.ts";
import { indexingKernels } from "./indexing.ts";
import { arraysOf } from "./loops.ts";
import { matmulKernels } from "./matmul.ts";
import { normKernels } from "./norm.ts";
import { optimizerKernels } from "./optimizer.ts";
import { poolKernels } from "./pool.ts";
import { randomKernels } from "./random.ts";
import { recurrentKernels } from "./recurrent.ts";
import { reductionKernels } from "./reduce.ts";
import { softmaxKernels } from "./softmax.ts";
import { unaryKernels } from "./unary.ts";

/** The double precision kernels: scalar twins of the float32 ones. */
export interface Float64Kernels {
  /** Double precision. */
  readonly float64: FloatKernels;
  /** Conversions to and from float64. */
  readonly cast: CastKernels;
}

/** The kernels on a heap. */
export function float64Kernels(heap: Heap): Float64Kernels {
  const arrays = arraysOf(heap);
  const float64 = {
    ...activationKernels(arrays),
    ...binaryKernels(arrays),
    ...convKernels(arrays),
    ...gatedKernels(arrays),
    ...indexingKernels(arrays),
    ...matmulKernels(arrays),
    ...normKernels(arrays),
    ...optimizerKernels(arrays),
    ...poolKernels(arrays),
    ...randomKernels(arrays),
    ...recurrentKernels(arrays),
    ...reductionKernels(arrays),
    ...softmaxKernels(arrays),
    ...unaryKernels(arrays),
  };
  return { float64, cast: castKernels(arrays) };
}
