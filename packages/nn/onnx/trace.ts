/**
 * What a model does with its inputs: every op that runs in `forward`, seen
 * where all ops pass, with what it took and gave.
 *
 * @module
 */

import { type DType, noGrad, type Shape, Tensor } from "@fdunn/tensor";
import {
  formatShape,
  inspect,
  type Inspector,
  type NdArray,
  type Op,
  toTypedArray,
  type TypedArray,
  warnOnce,
} from "@fdunn/tensor/op";
import type { AnyModule } from "../module.ts";
import { type Around, watchModules } from "../module_trace.ts";
import type { LayerRun } from "./layer_runs.ts";
import { tensorsIn } from "./nested_tensors.ts";

/** Where a tensor of a trace comes from. */
export type Origin = "input" | "weight" | "constant" | "op";

/** A tensor of a trace. */
export interface TracedValue {
  /** Where it comes from. */
  readonly origin: Origin;
  /** Its sizes in this run. */
  readonly shape: Shape;
  /** Its type. */
  readonly dtype: DType;
  /** A weight's name in the model's state. */
  readonly name: string;
  /** A weight's elements, which are read late: they may be many. */
  readonly array: NdArray | null;
  /** The elements of another fixed tensor, where they are needed. */
  readonly data: TypedArray | null;
  /** Whether only constants and weights are behind it. */
  readonly fixed: "constant" | "weight" | null;
  /** The step that gave it; -1 for none. */
  readonly step: number;
}

/** A run of an op, or of a layer that counts as one. */
export interface TracedStep {
  /** The op's name, or the class of the layer. */
  readonly op: string;
  /** Its parameters: plain data. */
  readonly params: unknown;
  /** Numbers of tensors. */
  readonly inputs: readonly number[];
  /** The same of its results. */
  readonly outputs: readonly number[];
  /** The module that ran it, such as `Net.encoder.layers.0 (Linear)`. */
  readonly path: string;
}

/** One run of a model. */
export interface Trace {
  /** All tensors, in the order in which they appeared. */
  readonly values: readonly TracedValue[];
  /** All that ran. */
  readonly steps: readonly TracedStep[];
  /** The model's inputs. */
  readonly inputs: readonly number[];
  /** Its outputs. */
  readonly outputs: readonly number[];
}

/** What a trace needs to know of the export. */
export interface TraceOptions {
  /** Parameters and buffers, and their names. */
  weights: ReadonlyMap<NdArray, string>;
  /** The run of a layer that is one operator; null for all others. */
  layerRun: (
    owner: object,
    module: AnyModule,
    inputs: readonly unknown[],
  ) => LayerRun | null;
  /** Whether an op has an ONNX operator. */
  has: (op: string) => boolean;
}

/** In-place methods that bring no other tensor's elements in. */
const FILLS = /^(fill|zero)_$/;

/** Sees all that runs, and gives each tensor a number. */
class Recorder implements Inspector {
  readonly values: TracedValue[] = [];
  readonly steps: TracedStep[] = [];
  readonly #numbers = new WeakMap<NdArray, number>();
  readonly #options: TraceOptions;
  /** The modules that run, outermost first. */
  readonly #paths: string[] = [];
  /** Inside of a layer that counts as one op. */
  #within = 0;

  constructor(options: TraceOptions) {
    this.#options = options;
  }

  /** The module that runs now. */
  get #path(): string {
    return this.#paths.at(-1) ?? "";
  }

  #add(array: NdArray, value: Partial<TracedValue>): number {
    const { shape, dtype } = array;
    const number = this.values.length;
    this.values.push({
      ...{ origin: "op", shape, dtype, name: "", array: null, data: null },
      ...{ fixed: null, step: -1 },
      ...value,
    });
    this.#numbers.set(array, number);
    return number;
  }

  /** A tensor that `forward` is given. */
  input(tensor: Tensor): number {
    return this.#add(tensor.array, { origin: "input" });
  }

  /** The number of any tensor; one that nobody computed is a constant. */
  number(tensor: Tensor): number {
    const { array } = tensor;
    const known = this.#numbers.get(array);
    if (known !== undefined) return known;
    const name = this.#options.weights.get(array);
    if (name !== undefined) {
      return this.#add(array, {
        ...{ origin: "weight", name, array, fixed: "weight" },
      });
    }
    const data = toTypedArray(array);
    return this.#add(array, { origin: "constant", data, fixed: "constant" });
  }

  #step(
    op: string,
    inputs: readonly Tensor[],
    params: unknown,
    outs: readonly NdArray[],
    capture: (fixed: "constant" | "weight") => boolean,
  ): void {
    const from = inputs.map((x) => this.number(x));
    const kinds = from.map((i) => this.values[i]!.fixed);
    const fixed = kinds.includes(null)
      ? null
      : kinds.includes("weight")
      ? "weight"
      : "constant";
    const keep = fixed !== null && capture(fixed);
    const outputs = outs.map((array) =>
      this.#add(array, {
        fixed,
        data: keep ? toTypedArray(array) : null,
        step: this.steps.length,
      })
    );
    const path = this.#path;
    this.steps.push({ op, params, inputs: from, outputs, path });
  }

  ran<P>(
    op: Op<P>,
    inputs: readonly Tensor[],
    params: P,
    outs: NdArray | NdArray[],
  ): void {
    if (this.#within > 0) return;
    const results = Array.isArray(outs) ? outs : [outs];
    const { has } = this.#options;
    this.#step(op.name, inputs, params, results, (fixed) => {
      return fixed === "constant" || !has(op.name);
    });
  }

  recorded(): void {}

  handed(): void {}

  wrote(name: string, x: Tensor): void {
    if (this.#within > 0) return;
    const known = this.#numbers.has(x.array) ||
      this.#options.weights.has(x.array);
    if (!known && FILLS.test(name)) return;
    throw new Error(
      `exportOnnx() cannot follow ${name}() in ${this.#path}, which writes in place: use ${
        name.replace(/_$/, "")
      }() instead`,
    );
  }

  follows(x: Tensor): boolean {
    if (this.#within > 0) return false;
    const number = this.#numbers.get(x.array);
    return number !== undefined && this.values[number]!.fixed === null;
  }

  /** Notes that a number has left a tensor. */
  read(name: string, x: Tensor): void {
    if (!this.follows(x)) return;
    warnOnce(
      `exportOnnx() met ${name}() of a tensor ${
        formatShape(x.shape)
      } in ${this.#path}: what comes of those numbers is a constant of the file, whatever its inputs will be`,
    );
  }

  readonly around: Around = ({ module, owner, inputs, path }, run) => {
    if (this.#within > 0) return run();
    this.#paths.push(path());
    try {
      const layer = this.#options.layerRun(owner, module, inputs);
      if (layer === null) return run();
      // Before it runs: what is new here was there before.
      for (const input of layer.inputs) this.number(input);
      this.#within++;
      let result: unknown;
      try {
        result = run();
      } finally {
        this.#within--;
      }
      const outs = tensorsIn(result).map((tensor) => tensor.array);
      const { op, params } = layer;
      this.#step(op, layer.inputs, params, outs, () => false);
      return result;
    } finally {
      this.#paths.pop();
    }
  };
}

/** Runs `f`; `recorder` learns which numbers leave tensors meanwhile. */
function watchReads<T>(recorder: Recorder, f: () => T): T {
  const { item, data } = Tensor.prototype;
  Tensor.prototype.item = function () {
    recorder.read("item", this);
    return item.call(this);
  };
  Tensor.prototype.data = function <T extends TypedArray>() {
    recorder.read("data", this);
    return data.call(this) as T;
  };
  try {
    return f();
  } finally {
    Tensor.prototype.item = item;
    Tensor.prototype.data = data;
  }
}

/** Runs a model's `forward` on `args` and says what it did. */
export function trace(
  model: AnyModule,
  args: readonly unknown[],
  options: TraceOptions,
): Trace {
  const recorder = new Recorder(options);
  const inputs = tensorsIn(args).map((tensor) => recorder.input(tensor));
  const result = noGrad(() =>
    watchReads(recorder, () =>
      inspect(
        recorder,
        () => watchModules(recorder.around, () => forward(model, args)),
      ))
  );
  const outputs = tensorsIn(result).map((tensor) => recorder.number(tensor));
  return { values: recorder.values, steps: recorder.steps, inputs, outputs };
}

/** Calls a model. */
export function forward(model: AnyModule, args: readonly unknown[]): unknown {
  const result = model.forward(...args as never[]);
  if (!(result instanceof Promise)) return result;
  throw new TypeError("exportOnnx() got a forward that returns a promise");
}
