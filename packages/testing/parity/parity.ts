/**
 * Comparisons with PyTorch, as tests and as lines of docs/PARITY.md.
 *
 * A parity test is a public name and a function that runs its fixtures against
 * a {@linkcode Comparison}. `deno test` runs it; `write_page.ts`
 * imports the same files (where `Deno.test` does nothing) and runs the list.
 */

import type { AnyModule } from "@fdunn/nn";
import type { Tensor } from "@fdunn/tensor";
import { assert } from "@std/assert";
import { type FixtureData, fixtureValues } from "../fixture.ts";
import { relativeError } from "../relative_error.ts";

/** Allowed errors, as max|a - b| / max(max|b|, 1e-3). */
export const TOLERANCE = { forward: 1e-5, gradient: 1e-4 } as const;

/** What of a public name agrees with PyTorch, and how far. */
export class Comparison {
  /** The largest error of each kind so far; null where none was compared. */
  readonly errors: Record<keyof typeof TOLERANCE, number | null> = {
    forward: null,
    gradient: null,
  };
  /** Sentences about what does not agree. */
  readonly failures: string[] = [];

  /** Compares shape, dtype and values of a result, buffer or gradient. */
  compare(
    kind: keyof typeof TOLERANCE,
    what: string,
    actual: Tensor,
    expected: FixtureData,
  ): void {
    if (actual.shape.join() !== expected.shape.join()) {
      this.failures.push(
        `${what} has shape [${actual.shape}], not [${expected.shape}]`,
      );
    } else if (actual.dtype !== expected.dtype) {
      this.failures.push(
        `${what} is ${actual.dtype}, not ${expected.dtype}`,
      );
    } else {
      const tolerance = expected.dtype === "float32" ? TOLERANCE[kind] : 0;
      this.number(kind, what, actual, fixtureValues(expected), tolerance);
    }
  }

  /** Compares numbers alone. */
  number(
    kind: keyof typeof TOLERANCE,
    what: string,
    actual: Parameters<typeof relativeError>[0],
    expected: Parameters<typeof relativeError>[1],
    tolerance: number = TOLERANCE[kind],
  ): void {
    const error = relativeError(actual, expected);
    this.errors[kind] = Math.max(this.errors[kind] ?? 0, error);
    if (error <= tolerance) return;
    this.failures.push(
      `${what}: relative error ${error.toExponential(2)}\n  got [${
        list(actual)
      }]\n  not [${list(expected)}]`,
    );
  }
}

function list(values: Parameters<typeof relativeError>[0]): string {
  return Array.from("data" in values ? values.data() : values, String)
    .join(", ");
}

/** One line of docs/PARITY.md. */
export interface ParityLine {
  /** The fixtures' file. */
  readonly file: string;
  /** The public name. */
  readonly op: string;
  /** How many cases. */
  readonly cases: number;
  /** Runs them all. */
  readonly run: () => Comparison;
}

/** All lines whose files have been imported. */
export const LINES: ParityLine[] = [];

/** A call whose values PyTorch gave, for whatever else is to give them. */
export interface ParityCall {
  /** The public name. */
  readonly op: string;
  /** What the case is called. */
  readonly name: string;
  /** The layer that is called, in the mode of the case; null for ops. */
  readonly layer: AnyModule | null;
  /** What it is called with. */
  readonly inputs: Tensor[];
  /** Calls it with these, or others of their kind. */
  readonly call: (inputs: Tensor[]) => unknown;
  /** PyTorch's results. */
  readonly outputs: readonly FixtureData[];
}

/** All calls whose files have been imported, made when they are asked for. */
export const CALLS: (() => ParityCall)[] = [];

/** Registers a test that `op` agrees with PyTorch on all of `entries`. */
export function testParity<Entry extends { name: string }>(
  { file, torch, op, entries, check }: {
    file: string;
    torch: string;
    op: string;
    entries: readonly Entry[];
    check: (entry: Entry, comparison: Comparison) => void;
  },
): void {
  const run = () => {
    const comparison = new Comparison();
    for (const entry of entries) {
      try {
        check(entry, comparison);
      } catch (error) {
        comparison.failures.push(
          `${entry.name}: ${error instanceof Error ? error.stack : error}`,
        );
      }
    }
    return comparison;
  };
  LINES.push({ file, op, cases: entries.length, run });
  Deno.test(`${op} gives the values of PyTorch ${torch}`, () => {
    const { failures } = run();
    assert(failures.length === 0, `\n${failures.join("\n")}`);
  });
}
