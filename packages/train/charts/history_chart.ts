/** A training's history as charts. */

import type { EpochRecord } from "../callback.ts";
import { lineChart, type Series } from "./plot.ts";

/** Options of the history's charts. */
export interface HistoryChartOptions {
  /** What was trained; follows the title. */
  subject?: string;
}

/**
 * Training and validation loss over the epochs, as SVG text.
 *
 * The training loss of an epoch is the mean over its steps, while the model
 * was still learning; the validation loss is measured at its end. So the
 * first may lie above the second.
 */
export function lossChart(
  history: readonly EpochRecord[],
  options: HistoryChartOptions = {},
): string {
  const series: Series[] = [{
    name: "train",
    points: history.map((r) => [r.epoch, r.trainLoss] as const),
  }];
  if (history.some((r) => r.validLoss !== null)) {
    series.push({
      name: "valid",
      points: history.map((r) => [r.epoch, r.validLoss] as const),
    });
  }
  return lineChart({
    title: titled("Loss", options),
    xLabel: "epoch",
    yLabel: "mean loss per sample",
    series,
  });
}

/** Validation accuracy over the epochs in percent, as SVG text. */
export function accuracyChart(
  history: readonly EpochRecord[],
  options: HistoryChartOptions = {},
): string {
  const percent = (share: number | null) => share === null ? null : share * 100;
  return lineChart({
    title: titled("Validation accuracy", options),
    xLabel: "epoch",
    yLabel: "correct, %",
    yLimits: [0, 100],
    series: [{
      name: "valid",
      points: history.map((r) => [r.epoch, percent(r.validAccuracy)] as const),
    }],
  });
}

function titled(title: string, { subject }: HistoryChartOptions): string {
  return subject === undefined ? title : `${title}: ${subject}`;
}
