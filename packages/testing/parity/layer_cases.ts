/** Runs the layer cases of the fixtures: a layer with PyTorch's parameters. */

import { grad, type Tensor } from "@fdunn/tensor";
import type { Module } from "@fdunn/nn";
import { assert, assertEquals } from "@std/assert";
import {
  type FixtureCase,
  type FixtureData,
  fixtureValues,
  loadFixture,
} from "../fixture.ts";
import { fixtureTensor } from "../fixture_tensor.ts";
import { relativeError } from "../relative_error.ts";

/** A layer, what went in, what came out; see fixtures/layer.py. */
interface LayerCase extends FixtureCase {
  op: string;
  training: boolean;
  arguments: unknown[];
  state: Record<string, FixtureData>;
  inputs: FixtureData[];
  outputs: FixtureData[];
  cotangents: FixtureData[];
  grads: Record<string, FixtureData>;
  after: Record<string, FixtureData>;
}

/** How fdunn makes a layer of the fixtures. */
export type MakeLayer = (
  ...args: never[]
) => Module<[Tensor, ...Tensor[]], Tensor | Tensor[]>;

const FORWARD = 1e-5;
const GRADIENT = 1e-4;

/** Registers a test for each layer of a file; the table must have them all. */
export function testLayerCases(
  file: string,
  table: Record<string, MakeLayer>,
): void {
  const { cases, torch } = loadFixture<LayerCase>(file);
  const byOp = Map.groupBy(cases, (entry) => entry.op);
  Deno.test(`${file}: all layers of the fixtures are run`, () => {
    assertEquals([...byOp.keys()].sort(), Object.keys(table).sort());
  });
  for (const [op, entries] of byOp) {
    Deno.test(`${op} gives the values of PyTorch ${torch}`, () => {
      for (const entry of entries) check(entry, table[op]!);
    });
  }
}

function check(entry: LayerCase, make: MakeLayer): void {
  const layer = make(...entry.arguments as never[]).train(entry.training);
  const state = Object.entries(entry.state)
    .map(([name, array]) => [name, fixtureTensor(array)] as const);
  layer.loadStateDict(Object.fromEntries(state));
  const inputs = entry.inputs
    .map((array) => fixtureTensor(array, { requiresGrad: true }));
  const result = layer.forward(...inputs as [Tensor, ...Tensor[]]);
  const outputs = Array.isArray(result) ? result : [result];
  assertEquals(outputs.length, entry.outputs.length, entry.name);
  const near = (
    what: string,
    actual: Tensor,
    expected: FixtureData,
    tolerance: number,
  ) => {
    assertEquals(actual.shape, expected.shape, `${entry.name}: ${what}`);
    const error = relativeError(actual, fixtureValues(expected));
    assert(error <= tolerance, `${entry.name}: ${what} is off by ${error}`);
  };
  outputs.forEach((output, i) => {
    near(`output ${i}`, output, entry.outputs[i]!, FORWARD);
  });
  const parameters = layer.namedParameters();
  const named = [
    ...parameters,
    ...inputs.map((input, i) => [`${i}`, input] as const),
  ];
  const gradOutputs = entry.cotangents.map((array) => fixtureTensor(array));
  const leaves = named.map(([, leaf]) => leaf);
  const grads = grad(outputs, leaves, { gradOutputs });
  assertEquals(
    named.map(([name]) => name).sort(),
    Object.keys(entry.grads).sort(),
    entry.name,
  );
  named.forEach(([name], i) => {
    near(`gradient of ${name}`, grads[i]!, entry.grads[name]!, GRADIENT);
  });
  const buffers = layer.namedBuffers();
  assertEquals(
    buffers.map(([name]) => name).sort(),
    Object.keys(entry.after).sort(),
    entry.name,
  );
  for (const [name, buffer] of buffers) {
    near(`${name} afterwards`, buffer, entry.after[name]!, FORWARD);
  }
}
