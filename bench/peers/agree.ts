/** Whether libraries computed the same: nothing else is worth timing. */

/** Relative to the largest value; float32 sums in another order stay below. */
const TOLERANCE = 1e-4;

/**
 * VGG's first step is where an activation is nearly zero: of PyTorch's own
 * losses the second differs by 5e-4 between float32 and float64.
 */
const TOLERANCES: Record<string, number> = { vgg: 1e-3 };

/**
 * The names whose values are not close to the median of all, value by value;
 * slow libraries have fewer. Two that differ are both named.
 */
export function disagreeing(
  workload: string,
  values: Map<string, number[]>,
): string[] {
  const all = [...values.values()];
  const length = Math.max(0, ...all.map((it) => it.length));
  const medians = Array.from(
    { length },
    (_, i) => median(all.map((it) => it[i] ?? NaN).filter(Number.isFinite)),
  );
  const scale = Math.max(...medians.map(Math.abs));
  const limit = scale * (TOLERANCES[workload] ?? TOLERANCE);
  return [...values].filter(([, it]) =>
    // Written so that NaN disagrees, and who has nothing to show.
    it.length === 0 ||
    !it.every((value, i) => Math.abs(value - medians[i]!) <= limit)
  ).map(([name]) => name);
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}
