/** Round numbers for the ticks of an axis. */

/**
 * Multiples of 1, 2 or 5 times a power of ten that enclose `[low, high]`, about
 * `count` of them; with `whole`, of whole numbers only.
 */
export function ticks(
  low: number,
  high: number,
  count: number,
  whole: boolean,
): number[] {
  if (low === high) {
    const room = low === 0 ? 1 : Math.abs(low) / 10;
    return ticks(low - room, high + room, count, whole);
  }
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((f) => f * power >= rough * (1 - 1e-9)) ??
    10;
  const step = whole ? Math.max(1, Math.round(factor * power)) : factor * power;
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const steps = Math.max(1, last - first);
  // Multiples, not sums: a sum's error would show in its digits.
  return Array.from({ length: steps + 1 }, (_, i) => {
    return Number(((first + i) * step).toPrecision(12));
  });
}
