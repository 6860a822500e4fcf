/** The storages of a PyTorch file, and the tensors that look into them. */

import { type Tensor, tensor, type TypedArray } from "@fdunn/tensor";
import {
  dtypeFor,
  type ElementName,
  elementWidth,
  readElements,
} from "./element_type.ts";
import type { ExpansionLimit } from "./expansion_limit.ts";
import { gather } from "./strided.ts";

/** PyTorch's limit on the dims of a tensor. */
const MAX_RANK = 64;

/** Numbers in a row, which tensors look into. */
export class TorchStorage {
  readonly #bytes: Uint8Array;
  readonly #bigEndian: boolean;
  /** Its numbers by the type they were read as. */
  readonly #elements: Map<ElementName, TypedArray> = new Map();

  /** A storage of these bytes. */
  constructor(
    /** What messages call it. */
    readonly name: string,
    /** The type of its numbers; null where each tensor says it. */
    readonly element: ElementName | null,
    bytes: Uint8Array,
    bigEndian: boolean,
  ) {
    this.#bytes = bytes;
    this.#bigEndian = bigEndian;
  }

  /** All numbers, read once. */
  read(element: ElementName): TypedArray {
    let elements = this.#elements.get(element);
    if (elements === undefined) {
      const spare = this.#bytes.length % elementWidth(element);
      const whole = this.#bytes.subarray(0, this.#bytes.length - spare);
      elements = readElements(element, whole, this.#bigEndian);
      this.#elements.set(element, elements);
    }
    return elements;
  }
}

/** A tensor as a file describes it; all numbers are whole and at least 0. */
export interface TorchView {
  /** Where the numbers are. */
  storage: TorchStorage;
  /** Their type. */
  element: ElementName;
  /** The position of the first one. */
  offset: number;
  /** Sizes, outermost first. */
  shape: number[];
  /** Steps between neighbours along each dim. */
  strides: number[];
}

/**
 * The view as a tensor with numbers of its own, row by row.
 *
 * @throws RangeError for sizes and strides that leave the storage, and for more
 * bytes than the limit allows.
 */
export function tensorOf(view: TorchView, limit: ExpansionLimit): Tensor {
  const { storage, element, offset, shape, strides } = view;
  if (shape.length !== strides.length || shape.length > MAX_RANK) {
    throw wrongView(
      view,
      `expected a stride for each of up to ${MAX_RANK} dims`,
    );
  }
  const size = shape.reduce((product, n) => product * n, 1);
  if (!Number.isSafeInteger(size)) {
    throw wrongView(view, "its size overflows");
  }
  limit.add(size * elementWidth(element));
  const values = storage.read(element);
  const last = shape.reduce((at, n, i) => at + (n - 1) * strides[i]!, offset);
  if (size > 0 && last >= values.length) {
    throw wrongView(
      view,
      `it ends at position ${last} of a storage of ${values.length}`,
    );
  }
  const data = isRowMajor(shape, strides)
    ? values.subarray(size > 0 ? offset : 0).subarray(0, size)
    : gather(values, shape, strides, offset);
  return tensor(data, { shape, dtype: dtypeFor(element) });
}

/** Whether the elements lie in the order in which a tensor has them. */
function isRowMajor(shape: number[], strides: number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis]!;
  }
  return true;
}

function wrongView(view: TorchView, what: string): RangeError {
  const [shape, strides] = [view.shape, view.strides]
    .map((list) => list.join(", ").slice(0, 200));
  return new RangeError(
    `${view.storage.name} has a tensor of shape [${shape}] with strides [${strides}] from ${view.offset} on: ${what}`,
  );
}
