/** What rows of figures come to: for the summary of one run, and of several. */

import type { Extra, Row } from "./experiment.ts";

/** A part's figures in `summary.json`; null where nothing was measured. */
export interface PartFigures {
  /** Whole ones. */
  epochs: number;
  firstAccuracy: number | null;
  bestAccuracy: number | null;
  lastAccuracy: number | null;
  trainLoss: number | null;
  validLoss: number | null;
  /** Median over the epochs. */
  secondsPerEpoch: number | null;
  /** Seconds of the fastest: where other work disturbs, the best estimate. */
  fastestEpoch: number | null;
  /** Median over the epochs. */
  itPerSecond: number | null;
}

/** A figure over several seeds. */
export interface Spread {
  values: number[];
  mean: number;
  median: number;
  min: number;
  max: number;
}

/** What a part's rows come to. */
export function figuresOf(all: readonly Row[]): PartFigures {
  // An epoch that Ctrl-C cut short has no accuracy, and a time of its own.
  const rows = all.filter((row) => row.interrupted !== true);
  const numbers = (name: string) =>
    rows.map((row) => row[name]).filter((value) => typeof value === "number");
  const accuracies = numbers("validAccuracy");
  const seconds = numbers("seconds");
  return {
    epochs: rows.at(-1)?.epoch ?? 0,
    firstAccuracy: accuracies[0] ?? null,
    bestAccuracy: accuracies.length > 0 ? Math.max(...accuracies) : null,
    lastAccuracy: accuracies.at(-1) ?? null,
    trainLoss: numbers("trainLoss").at(-1) ?? null,
    validLoss: numbers("validLoss").at(-1) ?? null,
    secondsPerEpoch: medianOf(seconds),
    fastestEpoch: seconds.length > 0 ? Math.min(...seconds) : null,
    itPerSecond: medianOf(numbers("itPerSecond")),
  };
}

/** The middle value; null of nothing. */
export function medianOf(values: readonly number[]): number | null {
  if (values.length === 0) return null;
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [(sorted.length - 1) >> 1, sorted.length >> 1];
  return (sorted[low]! + sorted[high]!) / 2;
}

/** Parts by name, each with its figures. */
export type Parts = Record<string, PartFigures & Extra>;

/** Each part's figures over several seeds. */
export function spreadOf(
  runs: readonly Parts[],
): Record<string, Record<string, Spread>> {
  const result: Record<string, Record<string, Spread>> = {};
  for (const part of Object.keys(runs[0] ?? {})) {
    const spreads: Record<string, Spread> = {};
    for (const name of Object.keys(runs[0]![part]!)) {
      const values = runs.map((run) => run[part]?.[name])
        .filter((value) => typeof value === "number");
      if (values.length < runs.length) continue;
      spreads[name] = spread(values);
    }
    result[part] = spreads;
  }
  return result;
}

/** What values, of which there is at least one, have between them. */
export function spread(values: number[]): Spread {
  return {
    values,
    mean: values.reduce((a, b) => a + b, 0) / values.length,
    median: medianOf(values)!,
    min: Math.min(...values),
    max: Math.max(...values),
  };
}

/** A part's main figures in one line. */
export function figureLine(part: string, figures: PartFigures & Extra): string {
  const { bestAccuracy, lastAccuracy, secondsPerEpoch } = figures;
  const loss = figures.validLoss ?? figures.trainLoss;
  const words = [part === "" ? "" : `${part}: `];
  if (bestAccuracy !== null && lastAccuracy !== null) {
    words.push(`accuracy ${lastAccuracy.toFixed(4)}`);
    words.push(`, best ${bestAccuracy.toFixed(4)}`);
  } else if (loss !== null) words.push(`loss ${Number(loss.toPrecision(4))}`);
  if (secondsPerEpoch !== null) {
    words.push(`, ${Number(secondsPerEpoch.toPrecision(3))} s an epoch`);
  }
  return words.join("");
}

/** The main figures of all parts, a line each. */
export function figureLines(parts: Parts): string {
  return Object.entries(parts)
    .map(([part, figures]) => figureLine(part, figures)).join("\n");
}

/** The best accuracies over several seeds, a line for each part that has one. */
export function spreadLines(parts: ReturnType<typeof spreadOf>): string {
  const lines: string[] = [];
  for (const [part, { bestAccuracy: best }] of Object.entries(parts)) {
    if (best === undefined) continue;
    const [mean, min, max] = [best.mean, best.min, best.max]
      .map((value) => value.toFixed(4));
    lines.push(
      `${
        part === "" ? "" : `${part}: `
      }best accuracy ${mean} on average, ${min} to ${max}`,
    );
  }
  return lines.join("\n");
}
