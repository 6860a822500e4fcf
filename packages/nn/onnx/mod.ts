/**
 * Models as ONNX files, for ONNX Runtime and whatever else reads them: on
 * servers, in telephones, in other languages.
 *
 * ```ts
 * import { zeros } from "@fdunn/tensor";
 * import * as nn from "@fdunn/nn";
 * import { exportOnnx } from "@fdunn/nn/onnx";
 * import { assertEquals } from "@std/assert";
 *
 * const model = new nn.Sequential(new nn.Linear(2, 20), new nn.ReLU());
 * const bytes = exportOnnx(model, zeros([1, 2]), {
 *   dynamicAxes: { input: { 0: "batch" } },
 * });
 * // await Deno.writeFile("model.onnx", bytes);
 * assertEquals([...bytes.subarray(0, 4)], [8, 10, 18, 5]); // version 10, by fdunn
 * ```
 *
 * In Python, `InferenceSession("model.onnx").run(None, {"input": x})`.
 *
 * A forward of any kind is followed op by op, as `torch.onnx.export` does: what
 * runs for the example is what the file has. Layers that are operators
 * (convolutions, LSTM, LayerNorm, ...) are one node each.
 *
 * @module
 */

import { noGrad, Tensor } from "@fdunn/tensor";
import type { NdArray } from "@fdunn/tensor/op";
import type { AnyModule, Module } from "../module.ts";
import { layerRun } from "./layer_runs.ts";
import { lower } from "./lower.ts";
import { modelFile, OPSET } from "./model_file.ts";
import { tensorsIn } from "./nested_tensors.ts";
import { type NamedAxis, runsOf } from "./runs.ts";
import { forward, trace } from "./trace.ts";
import { translatorOf } from "./translators.ts";

/** Options of {@linkcode exportOnnx}. */
export interface OnnxExportOptions {
  /**
   * Names of the inputs, in the order of the example's tensors. Default
   * `["input"]`, or `["input_0", "input_1", ...]`.
   */
  inputNames?: readonly string[];
  /** Names of the outputs. Default `["output"]`, or `["output_0", ...]`. */
  outputNames?: readonly string[];
  /**
   * Sizes that are known when the file runs, by input and axis:
   * `{ input: { 0: "batch" } }`. Axes of one name have one size. Those of the
   * outputs follow; one that is no named size can be named here, too. Default:
   * all sizes are the example's.
   */
  dynamicAxes?: Readonly<Record<string, Readonly<Record<number, string>>>>;
  /** The operator set: 21, of ONNX 1.16, is the one that is written. */
  opsetVersion?: 21;
  /** A text for people, in the file. */
  doc?: string;
}

/**
 * The bytes of an ONNX file that computes what `model.forward` does.
 *
 * `exampleInputs` is the tensor that forward takes, or a list of its arguments;
 * tensors in lists and records are inputs, all else is constant. The model is
 * put into evaluation mode meanwhile. Weights have their names in
 * `stateDict()`; those that are shared are stored once. A recurrent layer's have
 * their gates in ONNX's order: `lstm.weight_ih_l0/gates`.
 *
 * Forward runs three times, or, with `dynamicAxes`, more often, on inputs of
 * other sizes, too, made of the example's elements. What it reads out of tensors with `item()`
 * or `data()` and what it decides by that is as for the example: a warning
 * says so. int32 stays int32.
 *
 * ```ts
 * import { type Tensor, zeros } from "@fdunn/tensor";
 * import * as nn from "@fdunn/nn";
 * import { exportOnnx } from "@fdunn/nn/onnx";
 *
 * class Residual extends nn.Module {
 *   norm = new nn.LayerNorm(8);
 *   attention = new nn.MultiheadAttention(8, 2, { batchFirst: true });
 *   forward(x: Tensor): Tensor {
 *     const y = this.norm.forward(x);
 *     return x.add(this.attention.forward(y, y, y)[0]);
 *   }
 * }
 * const bytes = exportOnnx(new Residual(), [zeros([2, 5, 8])], {
 *   inputNames: ["x"],
 *   dynamicAxes: { x: { 0: "batch", 1: "length" } },
 * });
 * console.log(bytes.length);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/onnx.html
 *
 * @throws TypeError for an op that has no ONNX operator: it names the op and
 * the module. RangeError for names that do not fit, for a forward that runs
 * other ops for other sizes, and for files of 2 GB and more. Error for a
 * forward that writes in place.
 */
export function exportOnnx<Inputs extends unknown[]>(
  model: Module<Inputs, unknown>,
  exampleInputs: Tensor | Readonly<Inputs>,
  options: OnnxExportOptions = {},
): Uint8Array {
  const { opsetVersion = OPSET, doc = "", dynamicAxes = {} } = options;
  if (opsetVersion !== OPSET) {
    throw new RangeError(
      `exportOnnx() writes opset ${OPSET}, got opsetVersion ${opsetVersion}`,
    );
  }
  const args: readonly unknown[] = exampleInputs instanceof Tensor
    ? [exampleInputs]
    : exampleInputs;
  const tensors = tensorsIn(args);
  const inputs = namesOf("input", tensors.length, options.inputNames);
  const weights = weightsOf(model);
  const axes = axesOf(tensors, inputs, dynamicAxes);
  const has = (op: string) => translatorOf(op) !== null;
  const runs = inEvaluation(model, () =>
    runsOf(args, tensors, axes, {
      run: (given) => void noGrad(() => forward(model, given)),
      trace: (given) => trace(model, given, { weights, layerRun, has }),
    }));
  const { traces, symbols } = runs;
  const count = traces[0]!.outputs.length;
  if (count === 0) {
    throw new TypeError("exportOnnx() got a forward that returns no tensor");
  }
  const outputs = namesOf("output", count, options.outputNames);
  const repeated = [...inputs, ...outputs]
    .find((name, i, all) => all.indexOf(name) !== i);
  if (repeated !== undefined) {
    throw new RangeError(
      `exportOnnx() got the name "${repeated}" twice, expected one for each input and output`,
    );
  }
  for (const name of Object.keys(dynamicAxes)) {
    if (inputs.includes(name) || outputs.includes(name)) continue;
    throw new RangeError(
      `exportOnnx() got dynamicAxes for "${name}", expected names among ${
        [...inputs, ...outputs].join(", ")
      }`,
    );
  }
  const names = { inputs, outputs, axes: dynamicAxes };
  const graph = lower(traces, names, symbols);
  return modelFile({ ...graph, name: model.constructor.name, doc });
}

/** The names that were given, or numbered ones. */
function namesOf(
  kind: "input" | "output",
  count: number,
  given: readonly string[] | undefined,
): readonly string[] {
  if (given === undefined) {
    return count === 1
      ? [kind]
      : Array.from({ length: count }, (_, i) => `${kind}_${i}`);
  }
  if (given.length !== count || given.includes("")) {
    throw new RangeError(
      `exportOnnx() got ${kind}Names ${
        given.map((name) => `"${name}"`).join(", ")
      }, expected ${count} that are not empty: one for each tensor that forward ${
        kind === "input" ? "takes" : "returns"
      }`,
    );
  }
  return given;
}

/** The sizes of inputs that have names. */
function axesOf(
  tensors: readonly Tensor[],
  inputs: readonly string[],
  dynamicAxes: NonNullable<OnnxExportOptions["dynamicAxes"]>,
): NamedAxis[] {
  return inputs.flatMap((input, i) =>
    Object.entries(dynamicAxes[input] ?? {}).map(([key, name]) => {
      const [axis, rank] = [Number(key), tensors[i]!.ndim];
      const named = typeof name === "string" && name !== "";
      if (Number.isInteger(axis) && axis >= 0 && axis < rank && named) {
        return { name, input: i, axis };
      }
      throw new RangeError(
        `exportOnnx() got dynamicAxes "${name}" for axis ${key} of "${input}", expected a name for an axis from 0 to ${
          rank - 1
        }`,
      );
    })
  );
}

/** Parameters and buffers by their arrays: the first name of each. */
function weightsOf(model: AnyModule): Map<NdArray, string> {
  const named = [...model.namedParameters(), ...model.namedBuffers()];
  return new Map(named.map(([name, { array }]) => [array, name]));
}

/** Runs `f` with the model in evaluation mode, and puts every module back. */
function inEvaluation<T>(model: AnyModule, f: () => T): T {
  const modules = model.modules();
  const modes = modules.map(({ training }) => training);
  model.eval();
  try {
    return f();
  } finally {
    modules.forEach((module, i) => module.training = modes[i]!);
  }
}
