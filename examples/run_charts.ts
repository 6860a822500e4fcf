/** Charts of a run: of its one training, or a line for each of its parts. */

import {
  accuracyChart,
  type EpochRecord,
  lineChart,
  lossChart,
} from "@fdunn/train";
import type { PartRows } from "./part_rows.ts";

/** A chart's name, and its SVG. */
export type Chart = readonly [name: string, svg: string];

/** What is drawn of runs with several parts. */
const CHARTS = [
  {
    file: "loss",
    title: "Training loss",
    yLabel: "mean loss per sample",
    figure: "trainLoss",
    scale: 1,
  },
  {
    file: "valid_loss",
    title: "Validation loss",
    yLabel: "mean loss per sample",
    figure: "validLoss",
    scale: 1,
  },
  {
    file: "accuracy",
    title: "Validation accuracy",
    yLabel: "correct, %",
    figure: "validAccuracy",
    scale: 100,
  },
];

/** All charts of a run; `subject` follows their titles. */
export function chartsOf(rows: PartRows, subject: string): Chart[] {
  const only = rows.parts.get("") as EpochRecord[] | undefined;
  if (only !== undefined) {
    return [
      ["loss.svg", lossChart(only, { subject })],
      ["accuracy.svg", accuracyChart(only, { subject })],
    ];
  }
  return [...rows.groups.keys()].flatMap((group) =>
    groupCharts(rows, group, group === "" ? subject : group)
  );
}

/** Charts with a line for each part of a group that has the figure. */
function groupCharts(rows: PartRows, group: string, subject: string): Chart[] {
  const end = group === "" ? "" : `_${group.replace(/\W+/g, "_")}`;
  const charts: Chart[] = [];
  for (const { file, title, yLabel, figure, scale } of CHARTS) {
    const series = rows.groups.get(group)!.map((part) => ({
      name: group === "" ? part : part.slice(group.length + 2),
      points: rows.of(part).map((row) => {
        const y = row[figure];
        return [row.epoch, typeof y === "number" ? y * scale : null] as const;
      }),
    })).filter(({ points }) => points.some(([, y]) => y !== null));
    if (series.length === 0) continue;
    const svg = lineChart({
      title: `${title}: ${subject}`,
      xLabel: "epoch",
      yLabel,
      series,
    });
    charts.push([`${file}${end}.svg`, svg]);
  }
  return charts;
}
