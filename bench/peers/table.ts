/** The results as a Markdown table: a row for each kind of work. */

import type { Report } from "./measure.ts";
import type { Size } from "./size.ts";

/** A workload by one library with some threads, over all rounds. */
export interface Measurement extends Report {
  /** The median step of each round. */
  rounds: number[];
}

/** How long a process takes to its first finished steps. */
export interface ColdStart {
  library: string;
  /** Above a program of the same runtime that does nothing. */
  milliseconds: number;
}

/** All that one run of the benchmark found. */
export interface Results {
  date: string;
  machine: string;
  runtimes: string[];
  /** Load averages of a minute, before and after. */
  load: [before: number, after: number];
  /** GFLOP/s of a loop of multiply-adds in registers: see `../probe.ts`. */
  probe: [relaxed: number, simd128: number];
  rounds: number;
  seconds: number;
  measurements: Measurement[];
  coldStarts: ColdStart[];
  sizes: Size[];
  /** What was not run at all, and why. */
  skipped: string[];
  /** Whose first losses are others than most have: their work is not timed. */
  disagreeing: string[];
}

/** What a row shows. */
interface Row {
  title: string;
  /** Done by the same processes. */
  workloads: string[];
  /** From a measurement to the number shown. */
  value: (measurement: Measurement) => number;
  digits: number;
  /** What fdunn is meant to reach. */
  target: string;
}

const perSecond = (m: Measurement) => 1 / m.secondsPerStep!;
const gflops = (m: Measurement) => m.gflops!;
const forms = (n: number) => ["nn", "nt", "tn"].map((f) => `matmul-${n}-${f}`);
const products = (n: number): Row => ({
  title: `matmul ${n}, GFLOP/s: A·B, A·Bᵀ, Aᵀ·B`,
  workloads: forms(n),
  value: gflops,
  digits: 3,
  target: "1.5x tfjs wasm's A·B in all three",
});

const ROWS: Row[] = [
  {
    title: "CNN 1-4-8, batch 16, ReLU, steps/s",
    workloads: ["cnn"],
    value: perSecond,
    digits: 3,
    target: "4x PyTorch, 30x convnetjs",
  },
  {
    title: "the same with sigmoids, steps/s",
    workloads: ["cnn-sigmoid"],
    value: perSecond,
    digits: 3,
    target: "4x PyTorch",
  },
  {
    title: "MLP 2-20-2, batch 1, us/step",
    workloads: ["mlp"],
    value: (m) => m.secondsPerStep! * 1e6,
    digits: 2,
    target: "a third of convnetjs's time",
  },
  {
    title: "RNN, 19 steps, hidden 128, batch 32, steps/s",
    workloads: ["rnn"],
    value: perSecond,
    digits: 3,
    target: "2x PyTorch, 5x jax-js",
  },
  {
    title: "VGG of the second report, batch 32, Adam, s/step",
    workloads: ["vgg"],
    value: (m) => m.secondsPerStep!,
    digits: 3,
    target: "at most 1.2x PyTorch's time",
  },
  products(256),
  products(512),
  products(1024),
  {
    title: "conv 3x3 128-128, 16x16, batch 8, GFLOP/s: forward, with backward",
    workloads: ["conv-forward", "conv-training"],
    value: gflops,
    digits: 3,
    target: "100 (Winograd counts as direct)",
  },
];

/** Columns that are no other JavaScript library. */
const NO_PEERS = ["fdunn", "PyTorch", "numpy"];

/** Every workload that a row shows, by row. */
export const GROUPS: string[][] = ROWS.map((row) => row.workloads);

/** The whole page. */
export function page(results: Results): string {
  const { date, machine, load, probe, rounds, seconds } = results;
  const versions = new Set(
    results.measurements.flatMap(({ library, version }) =>
      version === "" ? [] : `${library} ${version}`
    ),
  );
  const runtimes = [...results.runtimes, ...versions];
  return [
    "# fdunn beside other libraries",
    "",
    `Made by \`deno task bench:peers\` on ${date}: ${machine}; ${
      runtimes.join(", ")
    }.`,
    `Load average ${load[0].toFixed(2)} before, ${
      load[1].toFixed(2)
    } after. Medians of ${rounds} interleaved rounds of ${seconds} s (fewer of slow work), each library in a process of its own; (2t): two threads.`,
    "All libraries start from the same weights; only what agrees in its first losses is timed.",
    `The probe, a loop of multiply-adds in registers on one thread: ${
      probe[0].toFixed(0)
    } GFLOP/s with relaxed SIMD, ${probe[1].toFixed(0)} without.`,
    "",
    ...table(results),
    "",
    ...notes(results),
  ].join("\n");
}

function table(results: Results): string[] {
  const { measurements, coldStarts, sizes, probe } = results;
  const all = [...measurements, ...coldStarts, ...sizes];
  const names = [...new Set(all.map(({ library }) => library))];
  const heads = ["work", ...names, "fdunn's speed", "target"];
  const lines = [heads, heads.map(() => "---")];
  for (const row of ROWS) {
    const cells = names.map((name) => cell(row, name, measurements));
    if (cells.every((text) => text === "")) continue;
    const speed = ratios(row, measurements, probe[0]);
    lines.push([row.title, ...cells, speed, row.target]);
  }
  const other = <T extends { library: string }>(
    title: string,
    found: T[],
    show: (it: T) => string,
    target: string,
  ) => {
    if (found.length === 0) return;
    const cells = names.map((name) => {
      const own = found.find(({ library }) => library === name);
      return own === undefined ? "" : show(own);
    });
    lines.push([title, ...cells, "", target]);
  };
  other(
    "cold start to five MLP steps, ms above an empty program",
    coldStarts,
    (it) => it.milliseconds.toFixed(0),
    "60",
  );
  other(
    "all of it for a page, KB minified and gzipped (tfjs without its .wasm file)",
    sizes,
    (it) => (it.bytes / 1000).toFixed(0),
    "150",
  );
  return lines.map((cells) => `| ${cells.join(" | ")} |`);
}

/** `68, 70, 67; 120, 130, 110 (2t)` */
function cell(row: Row, library: string, all: Measurement[]): string {
  const own = all.filter((m) =>
    m.library === library && row.workloads.includes(m.workload)
  );
  const threads = [...new Set(own.map((m) => m.threads))].sort((a, b) => a - b);
  const parts = threads.map((count) => {
    const numbers = row.workloads.map((workload) => {
      const m = own.find((m) => m.workload === workload && m.threads === count);
      if (m === undefined) return "-";
      return m.secondsPerStep ? show(row.value(m), row.digits) : "cannot";
    });
    if (numbers.every((text) => text === "cannot")) return "cannot";
    return numbers.join(", ") + (count === 1 ? "" : ` (${count}t)`);
  });
  return [...new Set(parts)].join("; ");
}

/**
 * `3.2x PyTorch, 6x convnetjs, 90 % of the probe`: by the row's first workload,
 * beside PyTorch with as many threads, the fastest JavaScript peer with at most
 * as many, and what the instruction set allows.
 */
function ratios(row: Row, all: Measurement[], probe: number): string {
  const timed = all.filter((m) =>
    m.workload === row.workloads[0] && m.secondsPerStep
  ).sort((a, b) => a.secondsPerStep! - b.secondsPerStep!);
  const own = timed.filter((m) => m.library === "fdunn")
    .sort((a, b) => a.threads - b.threads);
  return own.flatMap((ours) => {
    const { threads } = ours;
    const others = [
      timed.find((m) => m.library === "PyTorch" && m.threads === threads),
      timed.find((m) => !NO_PEERS.includes(m.library) && m.threads <= threads),
    ];
    const texts = others.flatMap((m) =>
      m === undefined
        ? []
        : `${show(m.secondsPerStep! / ours.secondsPerStep!, 2)}x ${m.library}`
    );
    if (ours.gflops !== undefined) {
      const share = 100 * ours.gflops / (probe * threads);
      texts.push(`${share.toFixed(0)} % of the probe`);
    }
    const text = texts.join(", ");
    if (text === "") return [];
    return threads === 1 ? text : `${text} (${threads}t)`;
  }).join("; ");
}

function show(value: number, digits: number): string {
  // 1234, 123, 12.3, 1.23: no digits that mean nothing, no exponents.
  const whole = Math.floor(Math.log10(Math.abs(value))) + 1;
  return value.toFixed(Math.max(0, digits - Math.max(1, whole)));
}

/** Why cells are empty, once for each library and reason. */
function notes({ measurements, skipped, disagreeing }: Results): string[] {
  const reasons = new Map<string, Set<string>>();
  for (const { library, workload, cannot } of measurements) {
    if (cannot === undefined) continue;
    const key = `${library}: ${cannot}`;
    reasons.set(key, (reasons.get(key) ?? new Set()).add(workload));
  }
  const lines = [...reasons].map(([reason, workloads]) =>
    `- ${reason} (${[...workloads].join(", ")})`
  );
  const others = [...skipped, ...disagreeing].map((text) => `- ${text}`);
  return [...lines, ...others, ""];
}
