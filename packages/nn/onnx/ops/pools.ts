/** Pooling over windows, and to given sizes. */

import {
  type Call,
  cast,
  reshaped,
  type Translate,
  type Translators,
} from "../call.ts";
import type { Input } from "../graph.ts";
import { derive, type Dim, sameDim, Varying } from "../sizes.ts";

/** A window of any number of axes, and the sizes on both sides. */
export interface Pooling {
  /** Sizes before, all axes. */
  input: readonly Dim[];
  /** Sizes after. */
  output: readonly Dim[];
  /** Size of the window. */
  kernel: readonly Dim[];
  /** Steps. */
  stride: readonly Dim[];
  /** On each side. */
  padding: readonly number[];
  /** Distances between taps. */
  dilation: readonly number[];
  /** Whether the zeros count in an average. */
  countIncludePad: boolean;
}

/** How far the windows of each axis hang over the padded end. */
function overhang(p: Pooling): Dim[] {
  const axes = p.kernel.length;
  return p.kernel.map((kernel, i) => {
    const [before, after] = [p.input.at(i - axes)!, p.output.at(i - axes)!];
    return derive([before, after, kernel, p.stride[i]!], (n, m, k, s) => {
      const end = (m - 1) * s + (k - 1) * p.dilation[i]! + 1;
      return Math.max(0, end - n - 2 * p.padding[i]!);
    });
  });
}

function windowOf(p: Pooling, after: readonly Dim[]) {
  const end = after.map((more, i) => derive([more], (n) => n + p.padding[i]!));
  // Where the overhang varies, only the operator can know it.
  const varies = end.some((pad) => pad instanceof Varying);
  return {
    kernel_shape: p.kernel,
    strides: p.stride,
    pads: [...p.padding, ...(varies ? p.padding : end)],
    ceil_mode: varies ? 1 : 0,
  };
}

/** Whether one window is all there is, of whatever size. */
function isGlobal({ input, kernel, padding }: Pooling): boolean {
  const sizes = input.slice(-kernel.length);
  return kernel.every((size, i) => sameDim(size, sizes[i])) &&
    padding.every((n) => n === 0);
}

/** Positions count within a plane, where ONNX counts within the tensor. */
const maxPool: Translate = (call: Call<Pooling>) => {
  const { graph, inputs, params, sizes } = call;
  const varies = params.kernel.some((size) => size instanceof Varying);
  if (varies && isGlobal(params)) {
    return [graph.add("GlobalMaxPool", inputs), null];
  }
  const [values, at] = graph.addMany("MaxPool", inputs, {
    ...windowOf(params, overhang(params)),
    dilations: params.dilation,
  }, 2);
  const plane = derive(
    params.input.slice(2),
    (...axes) => axes.reduce((a, b) => a * b, 1),
  );
  const inPlane = graph.add("Mod", [at!, sizes.scalar(plane, "int64")]);
  return [values!, cast(graph, inPlane, "int32")];
};

/**
 * Zeros that count are put there first: an operator that counts what windows
 * that hang over the end do not see would divide by too much.
 */
const avgPool: Translate = ({ graph, inputs: [x], params }: Call<Pooling>) => {
  if (isGlobal(params)) return graph.add("GlobalAveragePool", [x!]);
  const after = overhang(params);
  const { padding, countIncludePad } = params;
  const framed = countIncludePad && padding.some((n) => n > 0);
  if (!framed) {
    return graph.add("AveragePool", [x!], windowOf(params, after));
  }
  if (after.every((n) => n === 0)) {
    return graph.add("AveragePool", [x!], {
      ...windowOf(params, after),
      count_include_pad: 1,
    });
  }
  const sides = graph.ints([0, 0, ...padding, 0, 0, ...padding]);
  const y = graph.add("Pad", [x!, sides]);
  const bare = { ...params, padding: padding.map(() => 0) };
  return graph.add("AveragePool", [y], windowOf(bare, after));
};

interface Resample {
  dim: number;
  count: Dim;
  taps: number;
}

/** Each element as a sum of neighbours, picked and weighed. */
const resample: Translate = (call: Call<Resample>) => {
  const { graph, inputs: [x, index, weight], params: { dim } } = call;
  const picked = graph.add("Gather", [x!, index!], { axis: dim });
  const after = x!.dims.length - dim - 1;
  const shape = [...weight!.dims, ...new Array<Dim>(after).fill(1)];
  const by: Input = after === 0
    ? weight!
    : reshaped(call, weight!, weight!.dims, shape);
  const terms = graph.add("Mul", [picked, by]);
  return graph.add("ReduceSum", [terms, graph.ints([dim + 1])], {
    keepdims: 0,
  });
};

/** Pooling by op. */
export const POOLS: Translators = {
  avgPool2d: avgPool,
  maxPool2d: maxPool,
  resample,
};
