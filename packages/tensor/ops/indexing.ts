/** Picking by index tensors: indexSelect, gather, oneHot. */

import { type Indexed, runtime } from "@fdunn/wasm-kernels";
import { type DType, ITEM_BYTES, requireComputing } from "../dtype.ts";
import { numericKernels } from "../kernel.ts";
import {
  allocate,
  contiguous,
  type NdArray,
  pointer,
  writable,
} from "../nd_array.ts";
import { apply, type Op } from "../op.ts";
import { requireCount } from "../option_check.ts";
import { checkAxis, formatShape, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { fillArray } from "./fill.ts";
import type { ReduceOptions } from "./reduce.ts";

/** Where an index picks. */
export interface IndexParams {
  /** The axis, from 0. */
  dim: number;
  /** The shape that is indexed into, for the adjoints. */
  shape: Shape;
  /** The public function, for messages, where it is not the op's name. */
  name?: string;
}

/**
 * Runs an index kernel around an axis of `shape`, whose elements are `parts` of
 * the kernel's each.
 */
export function indexed(
  name: string,
  kernel: Indexed,
  { dim, shape }: IndexParams,
  x: NdArray,
  index: NdArray,
  k: number,
  out: NdArray,
  parts = 1,
): NdArray {
  let [outer, inner] = [1, parts];
  for (let i = 0; i < dim; i++) outer *= shape[i]!;
  for (let i = dim + 1; i < shape.length; i++) inner *= shape[i]!;
  const [source, at] = [contiguous(x), contiguous(index)];
  const n = shape[dim]!;
  const [px, pi] = [pointer(source), pointer(at)];
  const bad = kernel(outer, n, inner, k, px, pi, writable(out));
  if (bad >= 0) {
    const value = runtime.memory.heap.i32[(pi >>> 2) + bad]!;
    throw outOfRange(name, value, bad, dim, shape);
  }
  return out;
}

/** From here on a data set stays outside of WebAssembly memory. */
const LARGE_BYTES = 1 << 20;

/**
 * Copies a few rows out of an array that is not in WebAssembly memory: to bring
 * all of it there would cost more, and a data set may be larger than that.
 */
function copyRows(x: NdArray, index: NdArray, out: NdArray): void {
  const { heap } = runtime.memory;
  const n = x.shape[0]!;
  const at = pointer(contiguous(index)) >>> 2;
  const to = writable(out);
  const bytes = (x.size / n) * ITEM_BYTES[x.dtype];
  const rows = x.storage.copy!;
  const start = x.offset * ITEM_BYTES[x.dtype];
  for (let i = 0; i < index.size; i++) {
    const row = heap.i32[at + i]!;
    if (row < 0 || row >= n) {
      throw outOfRange("indexSelect", row, i, 0, x.shape);
    }
    const from = start + row * bytes;
    heap.u8.set(rows.subarray(from, from + bytes), to + i * bytes);
  }
}

function outOfRange(
  name: string,
  value: number,
  position: number,
  dim: number,
  shape: Shape,
): RangeError {
  return new RangeError(
    `${name}() got index ${value} at position ${position}, but dim ${dim} of ${
      formatShape(shape)
    } has size ${shape[dim]}`,
  );
}

const INDEX_SELECT: Op<IndexParams> = {
  name: "indexSelect",
  saves: [0b10, 0],
  forward: (params, x, index) => {
    const { bytes } = runtime.kernels;
    const width = ITEM_BYTES[x.dtype];
    const kernel = width === 4
      ? bytes.index_select_b32
      : width === 8
      ? bytes.index_select_b64
      : bytes.index_select_b8;
    const shape = x.shape.slice();
    shape[params.dim] = index!.size;
    const out = allocate(shape, x.dtype);
    const { storage } = x;
    const few = storage.address === 0 && storage.bytes >= LARGE_BYTES &&
      x.steps === null && params.dim === 0 && out.size * 8 <= x.size;
    if (few) {
      copyRows(x, index!, out);
      return out;
    }
    const [k, parts] = [index!.size, width === 2 ? 2 : 1];
    return indexed("indexSelect", kernel, params, x, index!, k, out, parts);
  },
  backward: (node, grad) => [
    apply(INDEX_ADD, [grad, node.input(1)], node.params),
    null,
  ],
};

/** The adjoint of indexSelect: rows added up at their index. */
const INDEX_ADD: Op<IndexParams> = {
  name: "indexSelectBackward",
  saves: [0b10, 0],
  forward: (params, x, index) => {
    const kernel = numericKernels("indexAdd", x.dtype).index_add;
    const out = allocate(params.shape, x.dtype);
    fillArray(out, 0);
    return indexed("indexAdd", kernel, params, x, index!, index!.size, out);
  },
  backward: (node, grad) => [
    apply(INDEX_SELECT, [grad, node.input(1)], node.params),
    null,
  ],
};

const GATHER: Op<IndexParams> = {
  name: "gather",
  saves: [0b10, 0],
  forward: (params, x, index) => {
    const { bytes } = runtime.kernels;
    const kernel = ITEM_BYTES[x.dtype] === 8
      ? bytes.gather_b64
      : bytes.gather_b32;
    const out = allocate(index!.shape, x.dtype);
    const k = index!.shape[params.dim]!;
    return indexed("gather", kernel, params, x, index!, k, out);
  },
  backward: (node, grad) => [
    apply(SCATTER_ADD, [grad, node.input(1)], node.params),
    null,
  ],
};

/** The adjoint of gather: elements added up at their index. */
const SCATTER_ADD: Op<IndexParams> = {
  name: "gatherBackward",
  saves: [0b10, 0],
  forward: (params, x, index) => {
    const kernel = numericKernels("scatterAdd", x.dtype).scatter_add;
    const out = allocate(params.shape, x.dtype);
    fillArray(out, 0);
    const k = index!.shape[params.dim]!;
    return indexed("scatterAdd", kernel, params, x, index!, k, out);
  },
  backward: (node, grad) => [
    apply(GATHER, [grad, node.input(1)], node.params),
    null,
  ],
};

/** Zeros of `params.shape` with the rows of `source` added at their index. */
export function rowsAdded(
  source: Tensor,
  index: Tensor,
  params: IndexParams,
): Tensor {
  return apply(INDEX_ADD, [source, index], params);
}

/** {@linkcode rowsAdded}, element by element: the index has the source's shape. */
export function elementsAdded(
  source: Tensor,
  index: Tensor,
  params: IndexParams,
): Tensor {
  return apply(SCATTER_ADD, [source, index], params);
}

/** Throws unless an index is int32. */
export function requireIndex(name: string, index: Tensor): void {
  if (index.dtype !== "int32") {
    throw new TypeError(
      `${name}() expects an int32 index, got ${index.dtype}: to("int32")`,
    );
  }
}

/** See {@linkcode Tensor.indexSelect}. */
export function indexSelect(x: Tensor, dim: number, index: Tensor): Tensor {
  requireIndex("indexSelect", index);
  if (index.shape.length !== 1) {
    throw new RangeError(
      `indexSelect() expects a 1-D index, got ${formatShape(index.shape)}`,
    );
  }
  const axis = checkAxis("indexSelect", dim, x.shape.length);
  return apply(INDEX_SELECT, [x, index], { dim: axis, shape: x.shape });
}

/** See {@linkcode Tensor.gather}. */
export function gather(x: Tensor, dim: number, index: Tensor): Tensor {
  requireIndex("gather", index);
  requireComputing("gather", x.dtype);
  if (x.dtype === "bool") return gather(x.to("int32"), dim, index).to("bool");
  const axis = checkAxis("gather", dim, x.shape.length);
  const fits = index.shape.length === x.shape.length &&
    index.shape.every((size, i) => i === axis || size <= x.shape[i]!);
  if (!fits) {
    throw new RangeError(
      `gather() on dim ${dim} of ${
        formatShape(x.shape)
      } got an index of shape ${
        formatShape(index.shape)
      }: all other sizes must not be larger`,
    );
  }
  // The kernel walks whole rows: shorter ones are cut off first.
  let source = x;
  index.shape.forEach((size, i) => {
    if (i !== axis && size < x.shape[i]!) source = source.narrow(i, 0, size);
  });
  return apply(GATHER, [source, index], { dim: axis, shape: source.shape });
}

interface OneHotParams {
  classes: number;
  dtype: DType;
}

const ONE_HOT: Op<OneHotParams> = {
  name: "oneHot",
  saves: "none",
  forward: ({ classes, dtype }, target) => {
    const source = contiguous(target);
    const out = allocate([...target.shape, classes], dtype);
    const { one_hot } = numericKernels("oneHot", dtype);
    const at = pointer(source);
    const bad = one_hot(target.size, classes, at, writable(out));
    if (bad >= 0) {
      const value = runtime.memory.heap.i32[(at >>> 2) + bad];
      throw new RangeError(
        `oneHot() got class ${value} at position ${bad}, expected 0 to ${
          classes - 1
        }`,
      );
    }
    return out;
  },
  backward: null,
};

/**
 * Class labels as rows of zeros with a one: `[...]` int32 to `[..., classes]`.
 *
 * ```ts
 * import { oneHot, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const labels = tensor([2, 0], { dtype: "int32" });
 * assertEquals(oneHot(labels, 3).toArray(), [[0, 0, 1], [1, 0, 0]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.functional.one_hot.html
 *
 * @param dtype of the result; default int32.
 * @throws RangeError for a label outside of 0 to classes - 1.
 */
export function oneHot(
  labels: Tensor,
  classes: number,
  dtype: DType = "int32",
): Tensor {
  requireIndex("oneHot", labels);
  requireCount("oneHot()", "classes", classes, 0);
  return apply(ONE_HOT, [labels], { classes, dtype });
}

/** Values and positions of extrema along one axis. */
export interface Extrema {
  /** The extrema, with gradients. */
  values: Tensor;
  /** Their positions along the axis, int32. */
  indices: Tensor;
}

/** See {@linkcode Tensor.max}: what argmax or argmin finds, and where. */
export function pick(
  name: "max" | "min",
  x: Tensor,
  find: (x: Tensor, dim: number, options: ReduceOptions) => Tensor,
  dim: number,
  options?: ReduceOptions,
): Extrema {
  checkAxis(name, dim, Math.max(1, x.ndim));
  const order = x.dtype === "bool" ? x.to("int32") : x;
  const indices = find(order, dim, { keepdim: true });
  if (x.ndim === 0) return { values: x.clone(), indices };
  const values = gather(x, dim, indices);
  if (options?.keepdim) return { values, indices };
  return { values: values.squeeze(dim), indices: indices.squeeze(dim) };
}
