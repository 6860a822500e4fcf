/** Runs the layer cases of the fixtures: a layer with PyTorch's parameters. */

import { grad, type Tensor } from "@fdunn/tensor";
import type { AnyModule } from "@fdunn/nn";
import { assertEquals } from "@std/assert";
import { type FixtureCase, type FixtureData, loadFixture } from "../fixture.ts";
import { fixtureTensor } from "../fixture_tensor.ts";
import { CALLS, type Comparison, testParity } from "./parity.ts";

/** A layer, what went in, what came out; see fixtures/layer.py. */
interface LayerCase extends FixtureCase {
  op: string;
  training: boolean;
  arguments: unknown[];
  options?: Record<string, unknown>;
  state: Record<string, FixtureData>;
  inputs: FixtureData[];
  outputs: FixtureData[];
  cotangents: FixtureData[];
  grads: Record<string, FixtureData>;
  after: Record<string, FixtureData>;
}

/** How fdunn makes a layer of the fixtures. */
export type MakeLayer = (...args: never[]) => AnyModule;

/** How a layer is called whose `forward` does not just take the inputs. */
export type CallLayer = (
  layer: never,
  inputs: Tensor[],
  options: never,
) => unknown;

/** Registers a test for each layer of a file; the table must have them all. */
export function testLayerCases(
  file: string,
  table: Record<string, MakeLayer>,
  calls: Record<string, CallLayer> = {},
): void {
  const { cases, torch } = loadFixture<LayerCase>(file);
  const byOp = Map.groupBy(cases, (entry) => entry.op);
  Deno.test(`${file}: all layers of the fixtures are run`, () => {
    assertEquals([...byOp.keys()].sort(), Object.keys(table).sort());
  });
  for (const [op, entries] of byOp) {
    const [make, call] = [table[op]!, calls[op] ?? plainly];
    const check = (entry: LayerCase, comparison: Comparison) =>
      compareCase(entry, make, call, comparison);
    testParity({ file, torch, op, entries, check });
    for (const entry of entries) {
      CALLS.push(() => {
        const { name, inputs, outputs, options = {} } = entry;
        const layer = layerOf(entry, make);
        return {
          ...{ op, name, layer, outputs },
          inputs: inputs.map((array) => fixtureTensor(array)),
          call: (given) => call(layer as never, given, options as never),
        };
      });
    }
  }
}

function plainly(layer: AnyModule, inputs: Tensor[]): unknown {
  return layer.forward(...inputs as never[]);
}

/** The tensors of nested lists, null left out. */
function flat(value: unknown): Tensor[] {
  if (value === null) return [];
  return Array.isArray(value) ? value.flatMap(flat) : [value as Tensor];
}

/** The layer of a case, with its mode and PyTorch's state. */
function layerOf(entry: LayerCase, make: MakeLayer): AnyModule {
  const layer = make(...entry.arguments as never[]).train(entry.training);
  const state = Object.entries(entry.state)
    .map(([name, array]) => [name, fixtureTensor(array)] as const);
  layer.loadStateDict(Object.fromEntries(state));
  return layer;
}

/** Outputs, gradients of parameters and inputs, buffers afterwards. */
function compareCase(
  entry: LayerCase,
  make: MakeLayer,
  call: CallLayer,
  to: Comparison,
): void {
  const layer = layerOf(entry, make);
  // PyTorch's order, by which optimizers number their states.
  assertEquals(Object.keys(layer.stateDict()), Object.keys(entry.state));
  const inputs = entry.inputs.map((array, i) =>
    fixtureTensor(array, { requiresGrad: `${i}` in entry.grads })
  );
  const options = (entry.options ?? {}) as never;
  const outputs = flat(call(layer as never, inputs, options));
  assertEquals(outputs.length, entry.outputs.length, "number of outputs");
  outputs.forEach((output, i) => {
    const what = `${entry.name}: output ${i}`;
    to.compare("forward", what, output, entry.outputs[i]!);
  });
  const named = [
    ...layer.namedParameters(),
    ...inputs.map((input, i) => [`${i}`, input] as const)
      .filter(([, input]) => input.requiresGrad),
  ];
  const gradOutputs = entry.cotangents.map((array) => fixtureTensor(array));
  const leaves = named.map(([, leaf]) => leaf);
  // What a module does not use has no gradient; PyTorch's zeros say the same.
  const grads = grad(outputs, leaves, { gradOutputs, allowUnused: true })
    .map((gradient, i) => gradient ?? leaves[i]!.detach().zerosLike());
  const names = named.map(([name]) => name);
  assertEquals(names.sort(), Object.keys(entry.grads).sort(), "gradients");
  named.forEach(([name], i) => {
    const what = `${entry.name}: gradient of ${name}`;
    to.compare("gradient", what, grads[i]!, entry.grads[name]!);
  });
  const buffers = layer.namedBuffers();
  const held = buffers.map(([name]) => name);
  assertEquals(held.sort(), Object.keys(entry.after).sort(), "buffers");
  for (const [name, buffer] of buffers) {
    const what = `${entry.name}: ${name} afterwards`;
    to.compare("forward", what, buffer, entry.after[name]!);
  }
}
