/** Runs the op cases of the fixtures: outputs and gradients against PyTorch. */

import { grad, type Tensor, tensor } from "@fdunn/tensor";
import { assert, assertEquals } from "@std/assert";
import { relativeError } from "../relative_error.ts";
import { type FixtureData, fixtureValues, loadFixture } from "../fixture.ts";
import { fixtureTensor } from "../fixture_tensor.ts";

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

const FORWARD = 1e-5;
const GRADIENT = 1e-4;

/**
 * Registers a test for each op of a file of fixtures. Every case of the file
 * must have its op in the table, or among those that come later, and every op
 * of the table a case.
 */
export function testOpCases(
  file: string,
  table: Record<string, RunOp>,
  later: string[] = [],
): void {
  const { cases, torch } = loadFixture<OpCase>(file);
  const byOp = Map.groupBy(cases, (entry) => entry.op);
  Deno.test(`${file}: all ops of the fixtures are run`, () => {
    assertEquals(
      [...byOp.keys()].sort(),
      [...Object.keys(table), ...later].sort(),
    );
  });
  for (const [op, entries] of byOp) {
    Deno.test({
      name: `${op}() gives the values of PyTorch ${torch}`,
      ignore: later.includes(op),
      fn: () => {
        const failures = entries.flatMap((entry) => check(entry, table[op]!));
        assert(failures.length === 0, `\n${failures.join("\n")}`);
      },
    });
  }
}

/** What is wrong with a case, one sentence each. */
function check(entry: OpCase, run: RunOp): string[] {
  const differentiable = entry.grads !== undefined;
  const names = Object.keys(entry.inputs);
  const inputs = names.map((name) =>
    fixtureTensor(entry.inputs[name]!, {
      requiresGrad: entry.grads?.[name] !== undefined,
    })
  );
  try {
    const result = run(inputs, entry.options);
    const outputs = Array.isArray(result) ? result : [result];
    const failures = entry.outputs.flatMap((expected, i) =>
      compare(`${entry.name}: output ${i}`, outputs[i]!, expected, FORWARD)
    );
    if (outputs.length !== entry.outputs.length) {
      failures.push(`${entry.name}: ${outputs.length} outputs`);
    }
    if (!differentiable) return failures;
    const leaves = inputs.filter((input) => input.requiresGrad);
    const grads = grad(outputs, leaves, {
      gradOutputs: entry.cotangents!.map((c) => fixtureTensor(c)),
      allowUnused: true,
    });
    Object.entries(entry.grads!).forEach(([name, expected], i) => {
      // What does not depend on the input has no gradient; PyTorch has zeros.
      const gradient = grads[i] ?? tensor(0).expand(expected.shape);
      const what = `${entry.name}: gradient of ${name}`;
      failures.push(...compare(what, gradient, expected, GRADIENT));
    });
    return failures;
  } catch (error) {
    return [`${entry.name}: ${error instanceof Error ? error.stack : error}`];
  }
}

function compare(
  what: string,
  actual: Tensor,
  expected: FixtureData,
  tolerance: number,
): string[] {
  if (actual.shape.join() !== expected.shape.join()) {
    return [`${what} has shape [${actual.shape}], not [${expected.shape}]`];
  }
  if (actual.dtype !== expected.dtype) {
    return [`${what} is ${actual.dtype}, not ${expected.dtype}`];
  }
  const error = relativeError(actual, fixtureValues(expected));
  if (error <= (expected.dtype === "float32" ? tolerance : 0)) return [];
  return [
    `${what}: relative error ${
      error.toExponential(2)
    }\n  got [${actual.data()}]\n  not [${expected.data}]`,
  ];
}
