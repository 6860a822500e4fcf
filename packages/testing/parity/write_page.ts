/**
 * Runs every comparison with PyTorch and writes docs/PARITY.md:
 * `deno task parity`. With `--check` it only says whether the page is current,
 * and names what is exported but compared with nothing.
 *
 * It computes on the simd128 build, whose bits are the same on every machine,
 * so that the page is, too.
 *
 * @module
 */

import * as nn from "@fdunn/nn";
import * as weights from "@fdunn/nn/weights";
import * as optim from "@fdunn/optim";
import * as secondOrder from "@fdunn/optim/second_order";
import * as tensor from "@fdunn/tensor";
import * as distributions from "@fdunn/tensor/distributions";
import * as linalg from "@fdunn/tensor/linalg";
import { fromFileUrl, join } from "@std/path";
import { finishPage } from "../generated_page.ts";
import { alphabetically, exportedNames, methodNames } from "../public_names.ts";
import { NOT_COMPARED } from "./not_compared.ts";
import { LINES, TOLERANCE } from "./parity.ts";

const root = fromFileUrl(new URL("../../..", import.meta.url));
const page = join(root, "docs/PARITY.md");

/** One public name with all its comparisons. */
interface Row {
  cases: number;
  forward: number | null;
  gradient: number | null;
}

/** Imports the parity tests, which list themselves, and runs the lists. */
async function compareAll(): Promise<Map<string, Row>> {
  const folder = join(root, "packages/testing/parity");
  const files = [...Deno.readDirSync(folder)].map(({ name }) => name)
    .filter((name) => name.endsWith("_test.ts")).sort();
  for (const file of files) {
    await import(`./${file}`);
  }
  tensor.setDeterministic(true);
  const rows = new Map<string, Row>();
  for (const { op, cases, run } of LINES) {
    const { errors, failures } = run();
    if (failures.length > 0) throw new Error(failures.join("\n"));
    const row = rows.get(op) ?? { cases: 0, forward: null, gradient: null };
    row.cases += cases;
    row.forward = larger(row.forward, errors.forward);
    row.gradient = larger(row.gradient, errors.gradient);
    rows.set(op, row);
  }
  return rows;
}

function larger(a: number | null, b: number | null): number | null {
  return a === null ? b : b === null ? a : Math.max(a, b);
}

/** How many lines of tensor's gradient tables begin with a name. */
async function gradientChecks(): Promise<Map<string, number>> {
  const counts = new Map<string, number>();
  const table = join(root, "packages/tensor/ops/grad_cases_test.ts");
  const { CASES } = await import(`file://${table}`) as {
    CASES: { what: string }[];
  };
  for (const { what } of CASES) {
    const name = /^[\w.]+/.exec(what)![0];
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

const SECTIONS: [title: string, names: string[]][] = [
  ["Tensors", [...new Set([...methodNames(), ...exportedNames(tensor)])]],
  [
    "Linear algebra",
    exportedNames(linalg).map((name) => `linalg.${name}`),
  ],
  [
    "Distributions",
    exportedNames(distributions).map((name) => `distributions.${name}`),
  ],
  [
    "Layers, losses and their functions",
    [
      ...exportedNames(nn),
      ...exportedNames(weights).map((n) => `weights.${n}`),
    ],
  ],
  [
    "Optimizers and schedules",
    [...exportedNames(optim), ...exportedNames(secondOrder)],
  ],
];

function render(
  rows: Map<string, Row>,
  checks: ReadonlyMap<string, number>,
): string {
  const { torch } = JSON.parse(Deno.readTextFileSync(
    join(root, "packages/testing/fixtures/ops.json"),
  ));
  let text = `# Parity with PyTorch

Written by \`deno task parity\` from the parity tests: do not edit. Each case runs
the same inputs and weights through fdunn and through PyTorch ${torch} (float32,
CPU; \`packages/testing/fixtures/make_fixtures.py\`). Errors are the largest of all
cases, as max|a - b| / max(max|b|, 1e-3), on the simd128 build; tests allow
${TOLERANCE.forward} forward and ${TOLERANCE.gradient} for gradients. checkGrad counts the
lines that compare gradients of first and second order with finite differences
in float64.
`;
  const shown = new Set<string>();
  for (const [title, names] of SECTIONS) {
    text += `\n## ${title}\n\n`;
    text += "| name | cases | forward | gradients | checkGrad |\n";
    text += "| --- | --- | --- | --- | --- |\n";
    for (const name of names.toSorted(alphabetically)) {
      const row = rows.get(name);
      if (row === undefined || shown.has(name)) continue;
      shown.add(name);
      text += `| \`${name}\` | ${row.cases} | ${error(row.forward)} | ${
        error(row.gradient)
      } | ${checks.get(name) ?? ""} |\n`;
    }
  }
  text += "\n## Without a case of their own\n\n| name | why |\n| --- | --- |\n";
  for (const [why, names] of Object.entries(NOT_COMPARED)) {
    text += `| ${names.map((name) => `\`${name}\``).join(" ")} | ${why} |\n`;
  }
  return text;
}

/** One digit, rounded up: 3e-7. */
function error(value: number | null): string {
  if (value === null) return "";
  if (value === 0) return "0";
  const unit = 10 ** Math.floor(Math.log10(value));
  return (Math.ceil(value / unit) * unit).toExponential(0);
}

/** What is exported but compared with nothing, and what is listed in vain. */
function gaps(
  rows: Map<string, Row>,
  checks: ReadonlyMap<string, number>,
): string[] {
  const excused = new Set(Object.values(NOT_COMPARED).flat());
  const all = new Set(SECTIONS.flatMap(([, names]) => names));
  const found: string[] = [];
  for (const name of all) {
    if (!rows.has(name) && !excused.has(name)) {
      found.push(`${name} is exported, but no parity case runs it`);
    }
  }
  for (const name of excused) {
    if (!all.has(name)) {
      found.push(`not_compared.ts: nothing is called ${name}`);
    }
    if (rows.has(name)) found.push(`not_compared.ts: ${name} has cases`);
  }
  for (const name of SECTIONS.slice(0, 2).flatMap(([, names]) => names)) {
    const differentiable = rows.get(name)?.gradient ?? null;
    if (differentiable !== null && !checks.has(name)) {
      found.push(`${name} has a gradient, but no line in grad_cases/`);
    }
  }
  return found;
}

if (import.meta.main) {
  const rows = await compareAll();
  const checks = await gradientChecks();
  console.log(`Parity: ${rows.size} names`);
  const text = render(rows, checks);
  await finishPage(page, text, "parity", gaps(rows, checks));
}
