/** Whether libraries computed the same: nothing else is worth timing. */

/** Relative to the largest value; float32 sums in another order stay below. */
export const TOLERANCE = 1e-4;

/**
 * The names whose values are not close to the median of all, value by value.
 * Two that differ are both named.
 */
export function disagreeing(values: Map<string, number[]>): string[] {
  const all = [...values.values()];
  const length = Math.max(0, ...all.map((it) => it.length));
  const medians = Array.from(
    { length },
    (_, i) => median(all.map((it) => it[i]!).filter(Number.isFinite)),
  );
  const scale = Math.max(...medians.map(Math.abs));
  return [...values].filter(([, it]) =>
    // Written so that NaN disagrees.
    !medians.every((m, i) => Math.abs(it[i]! - m) <= TOLERANCE * scale)
  ).map(([name]) => name);
}

/** The middle one, or the mean of the two in the middle. */
export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle]!;
  return (sorted[middle - 1]! + sorted[middle]!) / 2;
}
