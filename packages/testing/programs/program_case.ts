/** The programs' fixtures, and the few lines that all programs need. */

import { noGrad, type Tensor } from "@fdunn/tensor";
import { assertEquals } from "@std/assert";
import { assertNear } from "../relative_error.ts";
import {
  type FixtureData,
  type FixtureSine,
  fixtureValues,
  loadFixture,
} from "../fixture.ts";
import { fixtureTensor } from "../fixture_tensor.ts";

/** A program that ran in PyTorch. */
export interface ProgramCase {
  /** Its name. */
  name: string;
  /** What ran. */
  program: string;
  /** Inputs and initial parameters by formula. */
  arrays: Record<string, FixtureSine>;
}

/** The case of programs.json with that name. */
export function programCase<Extra>(name: string): ProgramCase & Extra {
  const { cases } = loadFixture<ProgramCase & Extra>("programs");
  const found = cases.find((entry) => entry.name === name);
  if (found === undefined) throw new RangeError(`No program is named ${name}`);
  return found;
}

/** Fresh leaves that require gradients, from a case's formulas. */
export function leaves(entry: ProgramCase, names: string[]): Tensor[] {
  return names.map((name) =>
    fixtureTensor(entry.arrays[name]!, { requiresGrad: true })
  );
}

/** A fresh input from a case's formulas. */
export function input(entry: ProgramCase, name: string): Tensor {
  return fixtureTensor(entry.arrays[name]!);
}

/** Plain gradient descent by hand: p -= lr * p.grad, and grad becomes null. */
export function descend(parameters: Tensor[], lr: number): void {
  noGrad(() => {
    for (const p of parameters) {
      p.sub_(p.grad!.mul(lr));
      p.grad = null;
    }
  });
}

/** Compares tensors with a case's stored ones, by name and in its order. */
export function assertStored(
  actual: Tensor[],
  expected: Record<string, FixtureData>,
  tolerance: number = 1e-5,
): void {
  const names = Object.keys(expected);
  assertEquals(actual.length, names.length);
  names.forEach((name, i) => {
    const what = `final ${name}`;
    assertNear(actual[i]!, fixtureValues(expected[name]!), tolerance, what);
  });
}

/** The gradients' values, null where there are none: to compare later. */
export function gradients(parameters: Tensor[]): (number[] | null)[] {
  return parameters.map((p) =>
    p.grad === null ? null : Array.from(p.grad.data(), Number)
  );
}

/** The parts of PyTorch's and fdunn's sentences that messages must have. */
export const SECOND_BACKWARD =
  "Trying to backward through the graph a second time";
/** See {@linkcode SECOND_BACKWARD}. */
export const MODIFIED =
  "one of the variables needed for gradient computation has been modified by an inplace operation";
/** See {@linkcode SECOND_BACKWARD}. */
export const RELEASED =
  "was released by a later backward(): call detach() to keep a value across steps";
