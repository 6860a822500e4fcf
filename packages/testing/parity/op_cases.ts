/** Runs the op cases of the fixtures: outputs and gradients against PyTorch. */

import { grad, type Tensor, tensor } from "@fdunn/tensor";
import { assertEquals } from "@std/assert";
import { type FixtureData, loadFixture } from "../fixture.ts";
import { fixtureTensor } from "../fixture_tensor.ts";
import { CALLS, type Comparison, testParity } from "./parity.ts";

/** One call of an op, its results and its gradients. */
export interface OpCase {
  /** What the test is called. */
  name: string;
  /** Which op of the table runs it. */
  op: string;
  /** The op's arguments that are not tensors. */
  options: Record<string, unknown>;
  /** The op's tensors, in order. */
  inputs: Record<string, FixtureData>;
  /** The results. */
  outputs: FixtureData[];
  /** What the results' gradients are seeded with. */
  cotangents?: FixtureData[];
  /** The gradients of the inputs. */
  grads?: Record<string, FixtureData>;
}

/** How fdunn runs an op of the fixtures. */
export type RunOp = (
  inputs: Tensor[],
  options: Record<string, unknown>,
) => Tensor | Tensor[];

/**
 * Registers a test for each op of a file of fixtures. Every case of the file
 * must have its op in the table, and every op of the table a case.
 */
export function testOpCases(
  file: string,
  table: Record<string, RunOp>,
): void {
  const { cases, torch } = loadFixture<OpCase>(file);
  const byOp = Map.groupBy(cases, (entry) => entry.op);
  Deno.test(`${file}: all ops of the fixtures are run`, () => {
    assertEquals([...byOp.keys()].sort(), Object.keys(table).sort());
  });
  for (const [op, entries] of byOp) {
    const check = (entry: OpCase, comparison: Comparison) =>
      compareCase(entry, table[op]!, comparison);
    testParity({ file, torch, op, entries, check });
    for (const entry of entries) {
      CALLS.push(() => ({
        ...{ op, name: entry.name, layer: null, outputs: entry.outputs },
        inputs: Object.values(entry.inputs).map((array) =>
          fixtureTensor(array)
        ),
        call: (inputs) => table[op]!(inputs, entry.options),
      }));
    }
  }
}

/** Outputs, then gradients where the op has them. */
function compareCase(entry: OpCase, run: RunOp, to: Comparison): void {
  const inputs = Object.entries(entry.inputs).map(([name, array]) =>
    fixtureTensor(array, { requiresGrad: entry.grads?.[name] !== undefined })
  );
  const result = run(inputs, entry.options);
  const outputs = Array.isArray(result) ? result : [result];
  assertEquals(outputs.length, entry.outputs.length, "number of outputs");
  entry.outputs.forEach((expected, i) => {
    const what = `${entry.name}: output ${i}`;
    to.compare("forward", what, outputs[i]!, expected);
  });
  if (entry.grads === undefined) return;
  const leaves = inputs.filter((input) => input.requiresGrad);
  const grads = grad(outputs, leaves, {
    gradOutputs: entry.cotangents!.map((c) => fixtureTensor(c)),
    allowUnused: true,
  });
  Object.entries(entry.grads).forEach(([name, expected], i) => {
    // What does not depend on the input has no gradient; PyTorch has zeros.
    const gradient = grads[i] ?? tensor(0).expand(expected.shape);
    const what = `${entry.name}: gradient of ${name}`;
    to.compare("gradient", what, gradient, expected);
  });
}
