/** Tensors whose bytes are gone, and how messages speak of them. */

import type { OpNode } from "./op.ts";
import { formatShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** `Tensor [16, 10] from conv2d()`. */
export function describe(tensor: Tensor): string {
  const from = tensor.node?.op.name ?? tensor.array.storage.op;
  return `Tensor ${formatShape(tensor.shape)}${
    from === "" ? "" : ` from ${from}()`
  }`;
}

/** The error for using a tensor whose bytes are gone. */
export function released(tensor: Tensor, op: string): Error {
  const what = describe(tensor);
  switch (tensor.array.storage.state) {
    case "backward":
      return new Error(
        `${what} was released by a later backward(): call detach() to keep a value across steps (used in ${op}())`,
      );
    case "scope":
      return new Error(
        `${what} was released at the end of its scope(): return it from the scope, or keep() it (used in ${op}())`,
      );
    default:
      return new Error(`${what} was disposed of before it was used in ${op}()`);
  }
}

/** The error for using a tensor after dispose(). */
export function disposed(input: Tensor, op: string): Error {
  return new Error(
    `${describe(input)} was disposed of before it was used in ${op}()`,
  );
}

/** The error for walking a graph again. */
export function usedUp(node: OpNode): Error {
  return new Error(
    `Trying to backward through the graph a second time: ${node.op.name}() was released by an earlier backward(). Saved intermediate values of the graph are freed when you call backward() or grad(): specify retainGraph: true if you need to go through it again, or detach() what you keep`,
  );
}
