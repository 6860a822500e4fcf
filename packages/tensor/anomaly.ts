/**
 * Finding where NaN, or infinity, first appeared. An entry point of its own, as
 * few programs need it, and those for a while.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { detectAnomaly } from "@fdunn/tensor/anomaly";
 * import { assertThrows } from "@std/assert";
 *
 * const x = tensor([2, -1]);
 * assertThrows(
 *   () => detectAnomaly(() => x.log().sum()),
 *   Error,
 *   "log() gave NaN at [1] of its result [2]",
 * );
 * ```
 *
 * @module
 */

// While it is on, `mode.inspector` looks at what every op gives, and at every
// gradient that a backward hands on. While it is off, an op asks whether that
// field is null.

import { callSiteOf, stackHere } from "./call_site.ts";
import { isFloat } from "./dtype.ts";
import { mode, refusePromise } from "./grad_mode.ts";
import { type Inspector, moduleTracer } from "./inspector.ts";
import { heap, type NdArray, pointer } from "./nd_array.ts";
import type { OpNode } from "./op.ts";
import { formatShape, type Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Where an op ran. */
interface Place {
  module: (() => string) | null;
  stack: Error;
}

/** Where recorded ops ran. */
let places = new WeakMap<OpNode, Place>();

const INSPECTOR: Inspector = {
  ran(op, inputs, params, outs) {
    // What a backward computes on its way is its own business: see `handed`.
    if (mode.walking) return;
    const results = Array.isArray(outs) ? outs : [outs];
    for (const out of results) {
      if (!isFloat(out.dtype) || isView(out, inputs)) continue;
      const fault = faultOf(out, () => {
        return inputs.every((x) => !holdsInfinity(x)) && !namesInfinity(params);
      });
      if (fault === null) continue;
      const source = inputs.findIndex((x) => holds(x, Number.isNaN));
      const from = fault.value !== fault.value && source >= 0
        ? `: its input ${source} ${shapeOf(inputs[source]!)} held NaN already`
        : `: its inputs held ${
          fault.value !== fault.value ? "no NaN" : "no infinity"
        }`;
      throw anomaly(
        `${op.name}() gave ${fault.value} at ${fault.at} of its result ${
          formatShape(out.shape)
        }${from}`,
        "It",
        { module: moduleTracer()?.here() ?? null, stack: stackHere("") },
        false,
      );
    }
  },

  recorded(node) {
    const stack = stackHere(`${node.op.name}() ran here`);
    places.set(node, { module: moduleTracer()?.here() ?? null, stack });
  },

  handed(node, results) {
    for (let i = 0; i < results.length; i++) {
      const gradient = results[i];
      if (gradient === null || gradient === undefined) continue;
      const fault = faultOf(
        gradient.array,
        () =>
          [...gradientsAt(node), ...node.inputs, ...node.outputs]
            .every((x) => !holdsInfinity(x)),
      );
      if (fault === null) continue;
      const what =
        `The backward of ${node.op.name}() gave ${fault.value} at ${fault.at} of the gradient of its input ${i} ${
          shapeOf(gradient)
        }`;
      const nan = gradientsAt(node).some((x) => holds(x, Number.isNaN));
      const from = nan
        ? ": the gradient that came to it held NaN already"
        : `: neither what came to it nor what it was computed from held ${
          fault.value !== fault.value ? "NaN" : "an infinity"
        }`;
      const place = places.get(node);
      throw anomaly(
        `${what}${from}`,
        `${node.op.name}()`,
        place ?? null,
        true,
      );
    }
  },

  wrote(name, x) {
    if (mode.walking || !isFloat(x.dtype)) return;
    const at = find(x.array, Number.isNaN);
    if (at === null) return;
    throw anomaly(
      `${name}() left NaN at [${at.join(", ")}] of ${shapeOf(x)}`,
      "It",
      { module: moduleTracer()?.here() ?? null, stack: stackHere("") },
      false,
    );
  },
};

/** An error that says what, and where `subject` ran. */
function anomaly(
  what: string,
  subject: string,
  place: Place | null,
  cause: boolean,
): Error {
  if (place === null) {
    return new Error(
      `${what}. ${subject} ran before anomalies were detected: call forward inside of detectAnomaly(), too, to see where`,
    );
  }
  const line = callSiteOf(place.stack) ?? "a line that the stack tells";
  const where = place.module === null
    ? `${subject} was called at ${line}`
    : `${subject} ran in ${place.module()}, called at ${line}`;
  return new Error(`${what}. ${where}`, cause ? { cause: place.stack } : {});
}

function shapeOf(x: Tensor): string {
  return formatShape(x.shape);
}

/** The gradients that arrived at a node's outputs. */
function gradientsAt(node: OpNode): Tensor[] {
  return [node.grad, ...node.grads].filter((x) => x !== null);
}

/** No numbers of its own: another look at an input's. */
function isView(out: NdArray, inputs: readonly Tensor[]): boolean {
  return inputs.some((x) => x.array.storage === out.storage);
}

interface Fault {
  value: number;
  at: string;
}

/** The first NaN; else the first infinity, if it is one's own doing. */
function faultOf(x: NdArray, made: () => boolean): Fault | null {
  if (find(x, isNotFinite) === null) return null; // nearly always
  const nan = find(x, Number.isNaN);
  if (nan !== null) return { value: NaN, at: `[${nan.join(", ")}]` };
  if (!made()) return null;
  const at = find(x, isInfinite)!;
  return { value: valueAt(x, at), at: `[${at.join(", ")}]` };
}

function isNotFinite(value: number): boolean {
  return value - value !== 0;
}

function isInfinite(value: number): boolean {
  return value === Infinity || value === -Infinity;
}

function holdsInfinity(x: Tensor): boolean {
  return holds(x, isInfinite);
}

function holds(x: Tensor, test: (value: number) => boolean): boolean {
  // What no gradient reads may be gone by now.
  return isFloat(x.dtype) && x.array.storage.live &&
    find(x.array, test) !== null;
}

/** Whether an op was told to use infinity: a bound, a value to fill with. */
function namesInfinity(params: unknown): boolean {
  if (typeof params === "number") return isInfinite(params);
  if (typeof params !== "object" || params === null) return false;
  return Object.values(params).some((value) =>
    typeof value === "number" && isInfinite(value)
  );
}

/** The position of the first element that passes a test. */
function find(
  x: NdArray,
  test: (value: number) => boolean,
): number[] | null {
  const [values, start] = numbersOf(x);
  const { shape, steps } = x;
  if (steps === null) {
    for (let i = 0; i < x.size; i++) {
      if (test(values[start + i]!)) return unravel(i, shape);
    }
    return null;
  }
  for (let i = 0; i < x.size; i++) {
    const index = unravel(i, shape);
    if (test(valueAt(x, index))) return index;
  }
  return null;
}

/** The indices of the i-th element. */
function unravel(i: number, shape: Shape): number[] {
  const index = new Array<number>(shape.length);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = i % shape[axis]!;
    i = Math.floor(i / shape[axis]!);
  }
  return index;
}

function valueAt(x: NdArray, index: readonly number[]): number {
  const [values, start] = numbersOf(x);
  const { strides } = x;
  return values[index.reduce((at, i, axis) => at + i * strides[axis]!, start)]!;
}

/** The memory in which an array lies, and where it begins. */
function numbersOf(x: NdArray): [Float32Array | Float64Array, number] {
  const address = pointer(x);
  return x.dtype === "float32"
    ? [heap.f32, address >>> 2]
    : [heap.f64, address >>> 3];
}

/** Whether anomalies are being detected: see {@linkcode detectAnomaly}. */
export function isAnomalyEnabled(): boolean {
  return mode.inspector !== null;
}

/**
 * Turns {@linkcode detectAnomaly} on or off for all that follows, such as a
 * training with awaits in it.
 *
 * ```ts
 * import {
 *   detectAnomaly,
 *   isAnomalyEnabled,
 *   setDetectAnomaly,
 * } from "@fdunn/tensor/anomaly";
 * import { assertEquals } from "@std/assert";
 *
 * setDetectAnomaly(true);
 * assertEquals(isAnomalyEnabled(), true);
 * setDetectAnomaly(false);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.set_detect_anomaly
 */
export function setDetectAnomaly(enabled: boolean): void {
  if (enabled === (mode.inspector !== null)) return;
  mode.inspector = enabled ? INSPECTOR : null;
  if (enabled) moduleTracer()?.start();
  else {
    moduleTracer()?.stop();
    places = new WeakMap();
  }
}

/**
 * Runs `f`, and throws where NaN or infinity first appears: an error that names
 * the op, the module that ran it (`Net.encoder.layers.0.linear1`) and the
 * user's line.
 *
 * NaN is an error wherever an op or a gradient gives it. Infinity is one where
 * it was made: the op's inputs and arguments hold none. So a mask of -∞ may be
 * written down, added and put through softmax; `log(0)`, `1 / 0` and overflow
 * are found. In backward, what a node hands on is looked at, not its steps; the
 * error names the op of the forward pass, whose stack is its `cause`. Writing
 * in place is looked at for NaN only, integers and constants not at all.
 *
 * Every number is read and every op keeps its stack: it is slow. What is not
 * inside of it pays nothing. PyTorch's `detect_anomaly` looks for NaN in
 * backward only.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { assertThrows } from "@std/assert";
 *
 * const x = tensor([1, 0], { requiresGrad: true });
 * assertThrows(
 *   () => detectAnomaly(() => x.log()),
 *   Error,
 *   "log() gave -Infinity at [1] of its result [2]",
 * );
 * assertThrows(
 *   () => detectAnomaly(() => x.sqrt().sum().backward()),
 *   Error,
 *   "The backward of sqrt() gave Infinity at [1]",
 * );
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/autograd.html#torch.autograd.detect_anomaly
 *
 * @throws TypeError when `f` returns a promise: use
 * {@linkcode setDetectAnomaly} around asynchronous work.
 */
export function detectAnomaly<T>(f: () => T): T {
  const before = isAnomalyEnabled();
  setDetectAnomaly(true);
  try {
    return refusePromise("detectAnomaly", f());
  } finally {
    setDetectAnomaly(before);
  }
}
