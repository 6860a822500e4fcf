/** How much arithmetic a call of a layer took, counted from its shapes. */

import { Tensor } from "@fdunn/tensor";
import { Conv2d } from "./conv.ts";
import { Conv1d } from "./conv1d.ts";
import { Conv3d } from "./conv3d.ts";
import { ConvTranspose2d } from "./conv_transpose.ts";
import { ConvTranspose1d } from "./conv_transpose1d.ts";
import type { AnyModule } from "./module.ts";
import { MultiheadAttention } from "./multihead_attention.ts";
import type { Parameter } from "./parameter.ts";

/**
 * Multiplications with an addition that a call of a module took with its own
 * parameters: one for each weight and place of a convolution, for each weight
 * and row of a product, for each element that is scaled; and those between
 * queries, keys and values of attention. What reads a table, pools or applies
 * a function takes none.
 */
export function multiplyAdds(
  module: AnyModule,
  own: readonly Parameter[],
  inputs: readonly unknown[],
  output: unknown,
): number {
  const tensors = inputs.filter((input) => input instanceof Tensor);
  const [x] = tensors;
  const y = firstTensor(output);
  if (x === undefined || y === undefined) return 0;
  if (
    module instanceof Conv1d || module instanceof Conv2d ||
    module instanceof Conv3d
  ) {
    return y.size / module.outChannels * module.weight.size;
  }
  if (module instanceof ConvTranspose1d || module instanceof ConvTranspose2d) {
    return x.size / module.inChannels * module.weight.size;
  }
  // Labels and the like pick rows of a table.
  if (x.dtype === "int32") return 0;
  const attends = module instanceof MultiheadAttention;
  // Attention's learned key and value, of three axes, multiply nothing.
  const weights = own.filter(({ ndim }) => attends ? ndim === 2 : ndim > 1);
  if (weights.length === 0) return own.length > 0 ? y.size : 0;
  const rows = x.size / (x.shape.at(-1) ?? 1);
  const products = rows * weights.reduce((sum, w) => sum + w.size, 0);
  if (!attends) return products;
  const key = tensors[1] ?? x;
  const batch = module.batchFirst || x.ndim < 3 ? 0 : 1;
  const keys = key.ndim < 3 ? key.shape[0]! : key.shape[1 - batch]!;
  // Scores of all pairs, and as many terms of the values.
  return products + 2 * rows * keys * module.embedDim;
}

/** A tensor, or the first of several: attention and recurrent layers. */
export function firstTensor(output: unknown): Tensor | undefined {
  if (!Array.isArray(output)) {
    return output instanceof Tensor ? output : undefined;
  }
  for (const item of output) {
    const found = firstTensor(item);
    if (found !== undefined) return found;
  }
}
