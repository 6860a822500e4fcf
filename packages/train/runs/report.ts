/** A run folder as one page that can be sent to others. */

import type { EpochRecord } from "../callback.ts";
import { fileSystem, pathModule } from "../files/file_system.ts";
import { wholeLines } from "../files/growing_file.ts";
import { replaceFile } from "../files/replace_file.ts";
import { dataUri } from "../charts/png.ts";
import { escapeMarkup } from "../charts/svg.ts";

/** Options of {@linkcode writeReport}. */
export interface ReportOptions {
  /** The heading. */
  title: string;
  /** What the run shows, in plain text; each entry is a paragraph. */
  notes?: readonly string[];
  /** Figures that are no epoch's, such as `{ "test accuracy": "98.3 %" }`. */
  figures?: Readonly<Record<string, string | number>>;
}

/** A line of `metrics.jsonl`; a folder may hold several trainings. */
type Line = EpochRecord & { part?: string };

/** Charts that come first, in this order; others follow by name. */
const FIRST: readonly string[] = ["loss", "accuracy"];

/**
 * Writes `report.html` into a run folder, and returns its path: configuration,
 * figures, epochs and all pictures (`*.svg`) of the folder in one file that
 * needs no other, for light and dark pages.
 *
 * Whatever it finds in the folder appears as text: the page runs no scripts,
 * loads nothing, and holds pictures as images, in which scripts do not run.
 *
 * ```ts ignore
 * import { writeReport } from "@fdunn/train";
 *
 * writeReport("runs/first", { title: "Moons", notes: ["Learnt at once."] });
 * ```
 *
 * @throws Error when the folder cannot be read or written, or its
 * `config.json` or `metrics.jsonl` are no JSON.
 */
export function writeReport(folder: string, options: ReportOptions): string {
  const fs = fileSystem();
  const file = (name: string) => pathModule().join(folder, name);
  const read = (name: string) =>
    fs.existsSync(file(name)) ? fs.readFileSync(file(name), "utf8") : "";
  const names = fs.readdirSync(folder).filter((name) => name.endsWith(".svg"))
    .map((name) => name.slice(0, -".svg".length));
  const rank = (name: string) => (FIRST.indexOf(name) + 1) || Infinity;
  names.sort((a, b) =>
    rank(a) === rank(b) ? (a < b ? -1 : 1) : rank(a) - rank(b)
  );
  const history = wholeLines(read("metrics.jsonl")).filter((line) =>
    line !== ""
  ).map((line) => parsed(line, "metrics.jsonl", folder) as Line);
  const config = read("config.json");
  const parts = [
    ...(options.notes ?? []).map((note) => `<p>${escapeMarkup(note)}</p>`),
    section("Figures", figuresTable(history, options.figures ?? {})),
    section(
      "Pictures",
      names.map((name) => picture(name, fs.readFileSync(file(`${name}.svg`))))
        .join(
          "\n",
        ),
    ),
    section("Epochs", epochsTable(history)),
    section(
      "Configuration",
      config === "" ? "" : configTable(parsed(config, "config.json", folder)),
    ),
  ];
  const path = file("report.html");
  replaceFile(path, page(options.title, parts.join("\n")));
  return path;
}

const STYLE = `:root{color-scheme:light dark}
body{font:15px/1.5 system-ui,sans-serif;max-width:1360px;margin:2rem auto;padding:0 1.5rem;background:#fff;color:#1f2328}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin:2rem 0 .75rem}
.pictures{display:flex;flex-wrap:wrap;gap:1rem;align-items:flex-start}
img{max-width:100%;height:auto;border:1px solid #d1d9e0;border-radius:6px}
.scroll{overflow-x:auto}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.2rem .9rem .2rem 0;text-align:left;border-bottom:1px solid #d1d9e0;vertical-align:top;overflow-wrap:anywhere}
th{font-weight:600;white-space:nowrap}.number{text-align:right}
@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}img,th,td{border-color:#2b323b}}`;

function page(title: string, body: string): string {
  const heading = escapeMarkup(title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${heading}</title>
<style>
${STYLE}
</style>
</head>
<body>
<h1>${heading}</h1>
${body}
</body>
</html>
`;
}

function section(title: string, body: string): string {
  if (body === "") return "";
  const kind = title === "Pictures" ? "pictures" : "scroll";
  return `<h2>${title}</h2>\n<div class="${kind}">\n${body}\n</div>`;
}

function picture(name: string, bytes: Uint8Array): string {
  const about = name.replaceAll(/[_-]/g, " ");
  return `<img alt="${escapeMarkup(about)}" title="${
    escapeMarkup(about)
  }" src="${dataUri("image/svg+xml", bytes)}">`;
}

function figuresTable(
  lines: readonly Line[],
  figures: Readonly<Record<string, string | number>>,
): string {
  const rows: [string, string][] = [];
  // Of several trainings nothing is said as if they were one.
  const history = hasParts(lines) ? [] : lines;
  const best = bestOf(history);
  if (best !== null) {
    rows.push([
      "best validation accuracy",
      `${percent(best.validAccuracy)} in epoch ${best.epoch}`,
    ]);
  }
  const last = history.at(-1);
  if (last !== undefined) {
    const seconds = history.reduce((sum, record) => sum + record.seconds, 0);
    rows.push(
      ["epochs", String(history.length)],
      ["training loss of the last", number(last.trainLoss)],
      ["validation loss of the last", number(last.validLoss)],
      ["seconds in all", seconds.toFixed(1)],
      ["seconds an epoch", (seconds / history.length).toFixed(2)],
    );
  }
  for (const [name, figure] of Object.entries(figures)) {
    rows.push([name, String(figure)]);
  }
  return rows.length === 0 ? "" : table([], rows);
}

function hasParts(lines: readonly Line[]): boolean {
  return lines.some(({ part }) => part !== undefined);
}

function bestOf(history: readonly EpochRecord[]): EpochRecord | null {
  let best: EpochRecord | null = null;
  for (const record of history) {
    const share = record.validAccuracy;
    if (share !== null && !(best !== null && best.validAccuracy! >= share)) {
      best = record;
    }
  }
  return best;
}

function epochsTable(history: readonly Line[]): string {
  if (history.length === 0) return "";
  const parts = hasParts(history);
  // A page of thousands of rows helps nobody: evenly spaced ones, and the last
  // of each training.
  const every = Math.ceil(history.length / 100);
  const shown = history.filter(({ part }, i) =>
    i % every === 0 || i === history.length - 1 || part !== history[i + 1]!.part
  );
  return table(
    [
      ...parts ? ["part"] : [],
      ...["epoch", "train loss", "valid loss", "valid accuracy"],
      ...["it/s", "seconds"],
    ],
    shown.map((r) => [
      ...parts ? [r.part ?? ""] : [],
      String(r.epoch),
      number(r.trainLoss),
      number(r.validLoss),
      percent(r.validAccuracy),
      number(r.itPerSecond, 0),
      number(r.seconds, 2),
    ]),
    true,
  );
}

/** Every leaf of the configuration with the path to it. */
function configTable(config: unknown): string {
  const rows: [string, string][] = [];
  const visit = (value: unknown, path: string): void => {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      for (const [key, inner] of Object.entries(value)) {
        visit(inner, path === "" ? key : `${path}.${key}`);
      }
    } else {
      rows.push([
        path,
        typeof value === "string" ? value : JSON.stringify(value),
      ]);
    }
  };
  visit(config, "");
  return rows.length === 0 ? "" : table([], rows);
}

/** Rows of text; the first column heads the others where there is no head. */
function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers = false,
): string {
  const look = numbers ? ` class="number"` : "";
  const heads = head.length === 0
    ? ""
    : `<thead><tr>${
      head.map((name) => `<th${look}>${escapeMarkup(name)}</th>`).join("")
    }</tr></thead>\n`;
  const body = rows.map((cells) =>
    `<tr>${
      cells.map((cell, i) => {
        const kind = i === 0 && head.length === 0 ? "th" : "td";
        return `<${kind}${look}>${escapeMarkup(cell)}</${kind}>`;
      }).join("")
    }</tr>`
  );
  return `<table>\n${heads}<tbody>\n${body.join("\n")}\n</tbody>\n</table>`;
}

function number(value: number | null, digits = 4): string {
  return typeof value === "number" ? value.toFixed(digits) : "–";
}

function percent(share: number | null): string {
  return typeof share === "number" ? `${(share * 100).toFixed(2)} %` : "–";
}

function parsed(text: string, name: string, folder: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(
      `writeReport() cannot read ${name} of ${folder}: ${
        (error as Error).message
      }`,
    );
  }
}
