/** Counting: bincount of whole numbers, histc of intervals. */

import { isFloat, requireFloat } from "../dtype.ts";
import { noGrad } from "../grad_mode.ts";
import {
  allocate,
  contiguous,
  type Elements,
  elementsOf,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { requireCount } from "../option_check.ts";
import { formatShape, sameShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { fillArray } from "./fill.ts";

/** Options of {@linkcode Tensor.bincount}. */
export interface BincountOptions {
  /** What each element counts, of the input's shape. Default: 1. */
  weights?: Tensor | null;
  /** The least number of bins. Default 0. */
  minlength?: number;
}

/** Inputs: whole numbers and, if they count differently, weights. */
const BINCOUNT: Op<number> = {
  name: "bincount",
  saves: "none",
  forward: (minlength, x, weights) => {
    const source = contiguous(x);
    const weighing = weights === undefined ? source : contiguous(weights);
    let bins = minlength;
    const given = elementsOf(source)[0]!;
    for (let i = 0; i < given.length; i++) {
      const value = given[i]!;
      if (value < 0) {
        throw new RangeError(
          `bincount() got ${value} at position ${i}, expected whole numbers of at least 0`,
        );
      }
      if (value >= bins) bins = value + 1;
    }
    const out = allocate([bins], weights?.dtype ?? "int32");
    fillArray(out, 0);
    const [values, factors, counts] = elementsOf(source, weighing, out) as [
      Elements,
      Elements,
      Elements,
    ];
    for (let i = 0; i < values.length; i++) {
      counts[values[i]!]! += weights === undefined ? 1 : factors[i]!;
    }
    return out;
  },
  backward: null,
};

/** See {@linkcode Tensor.bincount}. */
export function bincount(x: Tensor, options: BincountOptions = {}): Tensor {
  const { weights = null, minlength = 0 } = options;
  if (x.dtype !== "int32") {
    throw new TypeError(
      `bincount() expects int32, got ${x.dtype}: convert it with to("int32")`,
    );
  }
  if (x.ndim !== 1) {
    throw new RangeError(
      `bincount() expects a 1-D tensor, got shape ${formatShape(x.shape)}`,
    );
  }
  requireCount("bincount()", "minlength", minlength, 0);
  if (weights === null) return apply(BINCOUNT, [x], minlength);
  if (!sameShape(weights.shape, x.shape)) {
    throw new RangeError(
      `bincount() got weights of shape ${formatShape(weights.shape)} for ${
        formatShape(x.shape)
      }, which must be equal`,
    );
  }
  const factors = isFloat(weights.dtype) ? weights : weights.to("float64");
  return apply(BINCOUNT, [x, factors], minlength);
}

/** Options of {@linkcode Tensor.histc}. */
export interface HistcOptions {
  /** Where the first bin begins. Default 0. */
  min?: number;
  /** Where the last bin ends. Default 0; equal bounds mean the data's own. */
  max?: number;
}

interface HistcParams {
  bins: number;
  min: number;
  max: number;
}

const HISTC: Op<HistcParams> = {
  name: "histc",
  saves: "none",
  forward: ({ bins, min, max }, x) => {
    const source = contiguous(x);
    const out = allocate([bins], x.dtype);
    fillArray(out, 0);
    const [values, counts] = elementsOf(source, out) as [Elements, Elements];
    // Rounded step by step as PyTorch does it: that decides at the edges.
    const round = x.dtype === "float32" ? Math.fround : Number;
    const [low, width] = [round(min), round(round(max) - round(min))];
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (!(value >= low && value <= max)) continue;
      const place = round(round(round(value - low) * bins) / width);
      counts[Math.min(Math.trunc(place), bins - 1)]!++;
    }
    return out;
  },
  backward: null,
};

/** See {@linkcode Tensor.histc}. */
export function histc(
  x: Tensor,
  bins: number,
  options: HistcOptions = {},
): Tensor {
  requireFloat("histc", x.dtype);
  requireCount("histc()", "bins", bins);
  let { min = 0, max = 0 } = options;
  if (min > max) {
    throw new RangeError(
      `histc() got min ${min} and max ${max}: max must not be less`,
    );
  }
  if (min === max && x.size > 0) {
    [min, max] = noGrad(() => [x.amin().item(), x.amax().item()]);
  }
  if (!Number.isFinite(max - min)) {
    throw new RangeError(
      `histc() got a range from ${min} to ${max}, which is not finite: name min and max`,
    );
  }
  if (min === max) [min, max] = [min - 1, max + 1];
  return apply(HISTC, [x], { bins, min, max });
}
