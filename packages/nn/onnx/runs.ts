/** A model's runs on inputs of several sizes, which tell what depends on them. */

import { noGrad, type Tensor, tensor } from "@fdunn/tensor";
import { formatShape } from "@fdunn/tensor/op";
import { mapTensors } from "./nested_tensors.ts";
import type { NamedSize } from "./size_values.ts";
import type { Trace } from "./trace.ts";

/** Where an input has a size with a name. */
export interface NamedAxis {
  /** The name. */
  name: string;
  /** Which input. */
  input: number;
  /** Which axis. */
  axis: number;
}

/** The runs, and what the named sizes were in each. */
export interface Runs {
  /** First that on the first sizes; in run i + 1 size i alone is another. */
  traces: Trace[];
  /** The named sizes. */
  symbols: NamedSize[];
}

/** How far other sizes are from an example's, nearest first. */
const STEPS = [1, 2, 3, 5, -1, -2, -3, -5];

/** Sizes near `size`; 1 is none of them, since much is special about it. */
function near(size: number): number[] {
  const doubled = [2, 3, 4].map((factor) => factor * size);
  return [...STEPS.map((step) => size + step), ...doubled, size / 2, size / 4]
    .filter((n, i, all) =>
      Number.isInteger(n) && n > 1 && n !== size && all.indexOf(n) === i
    );
}

/** An input with other sizes: its elements over again, or fewer of them. */
function resized(
  x: Tensor,
  axes: readonly { axis: number; size: number }[],
): Tensor {
  let y = x;
  for (const { axis, size } of axes) {
    const before = y.shape[axis]!;
    const at = Array.from({ length: size }, (_, i) => i % before);
    y = y.indexSelect(axis, tensor(at, { dtype: "int32" }));
  }
  return y;
}

/** How {@linkcode runsOf} runs a model. */
export interface Runner {
  /** Runs forward, so that what it makes once and keeps is there. */
  run(args: readonly unknown[]): void;
  /** Runs it and says what it did. */
  trace(args: readonly unknown[]): Trace;
}

/**
 * Runs a model on arguments of as many sizes as it takes to know what depends
 * on each named one.
 *
 * @throws RangeError when `forward` takes no other sizes than the example's.
 */
export function runsOf(
  args: readonly unknown[],
  inputs: readonly Tensor[],
  axes: readonly NamedAxis[],
  runner: Runner,
): Runs {
  const names = [...new Set(axes.map(({ name }) => name))];
  const sizes = names.map((name) => sizeOf(name, inputs, axes));
  const at = (chosen: readonly number[]): unknown[] => {
    let next = 0;
    return noGrad(() =>
      mapTensors(args, (x) => {
        const input = next++;
        const own = axes.filter((axis) => axis.input === input)
          .map(({ axis, name }) => ({
            axis,
            size: chosen[names.indexOf(name)]!,
          }));
        return resized(x, own).clone();
      })
    ) as unknown[];
  };
  const tried: number[][] = [];
  /** The first of the sizes that forward takes. */
  const first = (candidates: readonly number[][]): number[] => {
    let failure: unknown;
    for (const chosen of candidates) {
      try {
        runner.run(at(chosen));
        tried.push(chosen);
        return chosen;
      } catch (error) {
        // The example itself: no fault of the other sizes.
        if (chosen.every((size, i) => size === sizes[i])) throw error;
        failure ??= error;
      }
    }
    const reason = failure instanceof Error ? failure.message : `${failure}`;
    throw new RangeError(
      `exportOnnx() got dynamicAxes ${
        names.join(", ")
      }, but forward takes no other sizes than ${formatShape(sizes)}, such as ${
        formatShape(candidates[0] ?? [])
      }: ${reason}`,
      { cause: failure },
    );
  };
  if (names.length === 0) {
    runner.run(at([]));
    tried.push([], []); // twice: what differs then is random, or was changed
  } else {
    // A size of 1 broadcasts, and vanishes: there is nothing to learn from it.
    const usual = (size: number) =>
      size > 1 ? [size, ...near(size)] : near(size);
    const base = first(pick(sizes.map(usual)));
    base.forEach((size, i) => {
      first(near(size).map((n) => base.map((own, j) => j === i ? n : own)));
    });
    // One more, of other sizes still where there are any, to be sure.
    const seen = (i: number) => new Set(tried.map((chosen) => chosen[i]!));
    const others = base.map((size, i) =>
      near(size).filter((n) => !seen(i).has(n))
    );
    const again = base.map((_, i) => tried[i + 1]![i]!);
    first([...pick(others), again]);
  }
  return {
    traces: tried.map((chosen) => runner.trace(at(chosen))),
    symbols: names.map((name, i) => ({
      name,
      values: tried.map((chosen) => chosen[i]!),
    })),
  };
}

/** The k-th candidate of each, for every k that all have. */
function pick(candidates: readonly (readonly number[])[]): number[][] {
  const count = Math.min(...candidates.map(({ length }) => length));
  return Array.from({ length: count }, (_, k) => candidates.map((c) => c[k]!));
}

/** A named size in the example; it must be the same wherever it is named. */
function sizeOf(
  name: string,
  inputs: readonly Tensor[],
  axes: readonly NamedAxis[],
): number {
  const own = axes.filter((axis) => axis.name === name)
    .map(({ input, axis }) => inputs[input]!.shape[axis]!);
  const [size] = own;
  if (own.some((other) => other !== size)) {
    throw new RangeError(
      `exportOnnx() got dynamicAxes with "${name}" for sizes ${
        own.join(" and ")
      }, which must be equal: give unequal sizes names of their own`,
    );
  }
  if (size === 0) {
    throw new RangeError(
      `exportOnnx() got dynamicAxes with "${name}" for a size of 0: give it an example with elements`,
    );
  }
  return size!;
}
