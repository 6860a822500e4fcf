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

/**
 * Powers of ten that enclose `[low, high]`, both above 0; where that would be
 * less than three, 2 and 5 times powers of ten, too.
 */
export function logTicks(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(high) - 1e-9));
  const every = Math.ceil((last - first) / 8);
  const all: number[] = [];
  for (let power = first; power <= last; power += every) {
    for (const factor of last - first < 2 ? [1, 2, 5] : [1]) {
      if (factor > 1 && power === last) break;
      all.push(Number(`${factor}e${power}`));
    }
  }
  if (all.at(-1)! < high * (1 - 1e-9)) {
    all.push(Number(`1e${last + every - 1}`));
  }
  return all;
}

/** A tick's number with as many digits as tell all of them apart. */
export function tickLabel(value: number, all: readonly number[]): string {
  const steps = all.slice(1).map((tick, i) => tick - all[i]!);
  const step = steps.length > 0 ? Math.min(...steps) : 1;
  const digits = Math.min(10, Math.max(0, Math.ceil(-Math.log10(step) - 1e-9)));
  const magnitude = Math.max(...all.map(Math.abs));
  if (magnitude >= 1e6 || digits > 6) return value.toExponential(1);
  return value.toFixed(digits);
}

/** A tick's number where each is a multiple of the last. */
export function logTickLabel(value: number): string {
  if (value >= 1e-3 && value < 1e5) return String(value);
  const [factor, power] = value.toExponential().split("e");
  return `${factor}e${Number(power)}`;
}

/** Smallest and largest; [0, 1] of nothing. */
export function ends(values: readonly number[]): [number, number] {
  if (values.length === 0) return [0, 1];
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
