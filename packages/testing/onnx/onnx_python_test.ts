import { loadTorch } from "@fdunn/data";
import type * as nn from "@fdunn/nn";
import { exportOnnx, type OnnxExportOptions } from "@fdunn/nn/onnx";
import {
  listenToWarnings,
  manualSeed,
  noGrad,
  Tensor,
  tensor,
} from "@fdunn/tensor";
import { assert, assertEquals } from "@std/assert";
import { formatFile } from "../fixture.ts";
import { makeZoo } from "../zoo.ts";
import { FORWARD_MODELS } from "./forward_models.ts";
import { LAYER_MODELS } from "./layer_models.ts";
import { NETWORK_MODELS } from "./network_models.ts";
import type { OnnxModel } from "./models.ts";
import {
  DECIDED_BY_SIZES,
  differs,
  REFUSED,
  writesInPlace,
} from "./not_exported.ts";
import { type ParityModel, parityModels } from "./parity_models.ts";
import { type OnnxResult, type OnnxRun, runOnnx } from "./run_onnx.ts";

const TOLERANCE = 1e-5;

/** All tensors of nested lists and records. */
function flat(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  return typeof value === "object" && value !== null
    ? Object.values(value).flatMap(flat)
    : [];
}

function named(inputs: readonly Tensor[]): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map((x, i) => [inputs.length === 1 ? "input" : `input_${i}`, x]),
  );
}

function outputsOf(model: nn.AnyModule, args: readonly unknown[]): Tensor[] {
  model.eval();
  return noGrad(() => flat(model.forward(...args as never[])));
}

/** Throws with what the runtime did not compute as fdunn does. */
function assertAgree(results: readonly OnnxResult[]): void {
  const bad = results
    .filter(({ failure, error }) => failure !== null || !(error <= TOLERANCE))
    .map(({ name, failure, error }) => `${name}: ${failure ?? error}`);
  assertEquals(bad, []);
}

function runsOf(entry: OnnxModel): OnnxRun[] {
  const model = entry.make() as nn.Module<unknown[], unknown>;
  const example = entry.inputs(...entry.example);
  const names = Object.keys(named(flat(example)));
  const dynamicAxes = Object.fromEntries(
    entry.axes.map((axes, i) => [names[i]!, axes]),
  );
  const file = exportOnnx(model, example, { dynamicAxes });
  return [entry.example, ...entry.others].map((sizes) => {
    const args = entry.inputs(...sizes);
    return {
      name: `${entry.name} of ${sizes}`,
      model: file,
      inputs: named(flat(args)),
      outputs: outputsOf(model, args),
    };
  });
}

/** Warnings in `f`, which are not for the console. */
function quietly<T>(f: () => T): T {
  const stop = listenToWarnings(() => {});
  try {
    return f();
  } finally {
    stop();
  }
}

for (
  const [kind, models] of Object.entries({
    forwards: FORWARD_MODELS,
    layers: LAYER_MODELS,
    networks: NETWORK_MODELS,
  })
) {
  Deno.test(`${kind}: onnxruntime computes what fdunn does, for sizes that the file does not know`, async () => {
    manualSeed(3);
    assertAgree(await runOnnx(models.flatMap(runsOf)));
  });
}

Deno.test("what PyTorch trained and fdunn loaded gives in onnxruntime what it gave in PyTorch", async () => {
  const trained = loadTorch<
    Record<string, { state: nn.StateDict; input: Tensor; output: Tensor }>
  >(formatFile("zoo.pt"));
  const runs = Object.entries(makeZoo()).map(([name, model]): OnnxRun => {
    const { state, input, output } = trained[name]!;
    model.loadStateDict(state);
    const isWords = input.dtype === "int64";
    const x = isWords ? input.to("int32") : input;
    const file = exportOnnx(model, x, { dynamicAxes: { input: { 0: "n" } } });
    return { name, model: file, inputs: { input: x }, outputs: [output] };
  });
  assertAgree(await runOnnx(runs));
});

/** A case's file, unless its op is one of those that have none. */
function exported(
  { model, op, name, inputs }: ParityModel,
  options: OnnxExportOptions = {},
): Uint8Array | null {
  try {
    return exportOnnx(model, inputs, options);
  } catch (error) {
    const { message } = error as Error;
    const [, met = op] = /met (\w+)\(\)/.exec(message) ?? [];
    // With sizes of any kind, forward may do what no file can.
    const expected = options.dynamicAxes !== undefined || REFUSED.has(met) ||
      writesInPlace(`${op}: ${name}`);
    if (expected && message.startsWith("exportOnnx()")) return null;
    throw error;
  }
}

Deno.test("every case of the parity tests gives in onnxruntime what it gives here", async () => {
  const cases = await parityModels();
  const runs = quietly(() =>
    cases.flatMap((make): OnnxRun[] => {
      const entry = make();
      const name = `${entry.op}: ${entry.name}`;
      const file = exported(entry);
      if (file === null || differs(name)) return [];
      const { model, inputs } = entry;
      const outputs = outputsOf(model, inputs);
      return [{ name, model: file, inputs: named(inputs), outputs }];
    })
  );
  assert(runs.length > 2000, `${runs.length} cases`);
  assertAgree(await runOnnx(runs));
});

/** `size` elements along the first axis, the same ones over again. */
function resized(x: Tensor, size: number): Tensor {
  const at = Array.from({ length: size }, (_, i) => i % x.shape[0]!);
  return x.indexSelect(0, tensor(at, { dtype: "int32" }));
}

Deno.test("the same with a first axis of any size, where forward takes one", async () => {
  const cases = await parityModels();
  const runs = quietly(() => cases.flatMap((make) => resizedRuns(make())));
  assert(runs.length > 4500, `${runs.length} runs`);
  assertAgree(await runOnnx(runs));
});

function resizedRuns(entry: ParityModel): OnnxRun[] {
  const { model, op, layer, inputs } = entry;
  const size = inputs[0]?.shape[0] ?? 0;
  const title = `${op}: ${entry.name}`;
  if (size === 0 || DECIDED_BY_SIZES.has(op) || differs(title)) return [];
  // A layer's other inputs are shaped by its options, an op's by each other.
  const along = (x: Tensor, i: number) =>
    i === 0 || (layer === null && x.ndim > 0 && x.shape[0] === size);
  const grown = (n: number) =>
    inputs.map((x, i) => along(x, i) ? resized(x, n) : x);
  const takes = (n: number) => {
    try {
      return outputsOf(model, grown(n));
    } catch {
      return null;
    }
  };
  if (takes(size + 1) === null) return [];
  const names = Object.keys(named(inputs));
  const dynamicAxes = Object.fromEntries(
    names.filter((_, i) => along(inputs[i]!, i)).map((n) => [n, { 0: "n" }]),
  );
  const file = exported(entry, { dynamicAxes });
  if (file === null) return [];
  return [1, size, size + 4].flatMap((n) => {
    const outputs = takes(n);
    if (outputs === null) return [];
    const name = `${title}, ${n}`;
    return [{ name, model: file, inputs: named(grown(n)), outputs }];
  });
}
