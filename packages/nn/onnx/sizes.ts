/**
 * Sizes that depend on the inputs' sizes. Nobody computes with symbols here: a
 * model runs several times, on inputs of other sizes, and a number that came
 * out differently is kept as all that it was.
 *
 * @module
 */

/** A number that differed from run to run: one value for each. */
export class Varying {
  /** What it was in each run. */
  readonly values: readonly number[];
  /** Equal for equal ones. */
  readonly key: string;

  /** Use {@linkcode dimOf}, which knows numbers that do not vary. */
  constructor(values: readonly number[]) {
    this.values = values;
    this.key = values.join();
  }
}

/** A size, or another number of a run. */
export type Dim = number | Varying;

/** What a number was in each run, as one. */
export function dimOf(values: readonly number[]): Dim {
  const [first] = values;
  return values.every((value) => value === first)
    ? first!
    : new Varying(values);
}

/** Whether two are the same in every run. */
export function sameDim(a: Dim | undefined, b: Dim | undefined): boolean {
  if (a instanceof Varying && b instanceof Varying) return a.key === b.key;
  return a === b;
}

/** What `f` makes of numbers, in each run. */
export function derive(
  dims: readonly Dim[],
  f: (...values: number[]) => number,
): Dim {
  const varying = dims.find((dim) => dim instanceof Varying);
  if (varying === undefined) return f(...dims as number[]);
  return dimOf(
    varying.values.map((_, run) =>
      f(...dims.map((dim) => dim instanceof Varying ? dim.values[run]! : dim))
    ),
  );
}

/** Parameters of as many runs as one: numbers that differ become varying. */
export function merged(runs: readonly unknown[]): unknown {
  const [first] = runs;
  if (typeof first === "number") return dimOf(runs as number[]);
  if (typeof first !== "object" || first === null) {
    if (runs.some((run) => run !== first)) throw new Unlike();
    return first;
  }
  if (Array.isArray(first)) {
    const lists = runs as unknown[][];
    if (lists.some((list) => list.length !== first.length)) throw new Unlike();
    return first.map((_, i) => merged(lists.map((list) => list[i])));
  }
  const records = runs as Record<string, unknown>[];
  return Object.fromEntries(
    Object.keys(first).map((key) => [key, merged(records.map((r) => r[key]))]),
  );
}

/** What runs did cannot be told in one way. */
export class Unlike extends Error {}
