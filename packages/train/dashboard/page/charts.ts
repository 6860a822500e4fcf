/** The curves of all shown runs, a chart for figures that belong together. */

import uPlot from "uplot";
import type { Curve, RunView } from "../feed.ts";

/** Colours on light and on dark pages, as in fdunn's SVGs: Okabe and Ito. */
const COLOURS: readonly (readonly [light: string, dark: string])[] = [
  ["#0072b2", "#56b4e9"],
  ["#d55e00", "#e69f00"],
  ["#009e73", "#2fc49a"],
  ["#cc79a7", "#e19bc2"],
  ["#56b4e9", "#0090e0"],
  ["#e69f00", "#f0e442"],
];
const HEIGHT = 230;
/** Distances of the marks along steps and epochs. */
const WHOLE: number[] = Array.from(
  { length: 30 },
  (_, i) => [1, 2, 5][i % 3]! * 10 ** Math.floor(i / 3),
);

const darkPage = matchMedia("(prefers-color-scheme: dark)");

/** A line of a chart. */
interface Line {
  label: string;
  curve: Curve;
  /** Which run's; counts only runs that are shown. */
  run: number;
}

/** A chart and what it draws. */
interface Chart {
  figure: HTMLElement;
  log: HTMLInputElement;
  plot: uPlot | null;
  /** Labels of the lines that the plot was made with. */
  drawn: string;
}

/** All charts of the page. */
export class Charts {
  readonly #parent: HTMLElement;
  readonly #charts = new Map<string, Chart>();
  #runs: readonly RunView[] = [];
  #due = false;

  constructor(parent: HTMLElement) {
    this.#parent = parent;
    darkPage.addEventListener("change", () => this.#redraw(true));
    addEventListener("resize", () => this.#redraw(true));
  }

  /** Draws these runs, in the next frame. */
  show(runs: readonly RunView[]): void {
    this.#runs = runs;
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#redraw(false);
    });
  }

  #redraw(anew: boolean): void {
    const groups = this.#groups();
    for (const [title, chart] of this.#charts) {
      if (groups.has(title)) continue;
      chart.plot?.destroy();
      chart.figure.remove();
      this.#charts.delete(title);
    }
    for (const [title, lines] of groups) this.#draw(title, lines, anew);
  }

  /** Lines by chart: `trainLoss` and `validLoss` share one. */
  #groups(): Map<string, Line[]> {
    const groups = new Map<string, Line[]>();
    this.#runs.forEach((run, i) => {
      for (const curve of run.curves) {
        const [, part = "", figure = curve.name] =
          /^(.*: )?([^:]*)$/.exec(curve.name) ?? [];
        const subject = figure.replace(/^(train|valid)(?=[A-Z])/, "");
        const title = `${part}${subject.charAt(0).toLowerCase()}${
          subject.slice(1)
        }, by ${curve.along}`;
        const label = this.#runs.length > 1
          ? `${run.name} ${figure}`
          : figure;
        const lines = groups.get(title) ?? [];
        lines.push({ label, curve, run: i });
        groups.set(title, lines);
      }
    });
    return groups;
  }

  #draw(title: string, lines: Line[], anew: boolean): void {
    const chart = this.#charts.get(title) ?? this.#make(title);
    const key = lines.map(({ label }) => label).join("\n");
    const data = aligned(lines.map(({ curve }) => curve));
    if (chart.plot !== null && chart.drawn === key && !anew) {
      chart.plot.setData(data);
      return;
    }
    chart.plot?.destroy();
    chart.drawn = key;
    chart.plot = new uPlot(
      this.#options(chart, lines),
      data,
      chart.figure,
    );
  }

  #make(title: string): Chart {
    const figure = document.createElement("figure");
    const caption = document.createElement("figcaption");
    const text = document.createElement("span");
    text.textContent = title;
    const label = document.createElement("label");
    const log = document.createElement("input");
    log.type = "checkbox";
    label.append(log, " log");
    caption.append(text, label);
    figure.append(caption);
    this.#parent.append(figure);
    const chart: Chart = { figure, log, plot: null, drawn: "" };
    log.addEventListener("change", () => this.#redraw(true));
    this.#charts.set(title, chart);
    return chart;
  }

  #options({ figure, log }: Chart, lines: Line[]): uPlot.Options {
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const shade = darkPage.matches ? 1 : 0;
    const axis: uPlot.Axis = {
      stroke: colour("--quiet"),
      grid: { stroke: colour("--line"), width: 1 },
      ticks: { stroke: colour("--line"), width: 1 },
    };
    const { along } = lines[0]!.curve;
    const several = this.#runs.length > 1;
    return {
      width: figure.clientWidth,
      height: HEIGHT,
      cursor: { sync: { key: `fdunn ${along}` } },
      scales: {
        x: { time: false },
        y: log.checked ? { distr: 3 } : {},
      },
      axes: [
        { ...axis, incrs: WHOLE },
        { ...axis, size: 60, values: (_, marks) => marks.map(shortened) },
      ],
      series: [
        { label: along },
        ...lines.map(({ label, curve, run }, i) => ({
          label,
          // One run has a colour for each line, several have one for each run.
          stroke: COLOURS[(several ? run : i) % COLOURS.length]![shade],
          width: 2,
          dash: /valid/i.test(curve.name) ? [6, 4] : run >= 6 ? [2, 3] : [],
          spanGaps: true,
        })),
      ],
    };
  }
}

/** The curves over the union of their places. */
function aligned(curves: readonly Curve[]): uPlot.AlignedData {
  const tables = curves.map(({ x, y }): uPlot.AlignedData => [x, y]);
  return tables.length === 1 ? tables[0]! : uPlot.join(tables);
}

/** A mark in few characters, whatever its size. */
function shortened(mark: number): string {
  return String(Number(mark.toPrecision(6)));
}
