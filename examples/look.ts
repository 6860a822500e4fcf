/**
 * Looks at runs and files of tensors: `deno task inspect --help`, `deno task
 * compare --help`.
 *
 * @module
 */

import { loadNpz, loadTorch } from "@fdunn/data";
import { loadSafetensors, Tensor } from "@fdunn/tensor";
import { viewRuns } from "@fdunn/train/dashboard";
import { join } from "@std/path";
import {
  type CommandLine,
  readCommandLine,
  requireAccess,
  runProgram,
  usageError,
  UserError,
  withoutStack,
} from "./command_line.ts";
import { figureLine } from "./figures.ts";
import { readRunFolder, type Run } from "./run_files.ts";
import { table } from "./table.ts";

const INSPECT = `Shows what is in a run folder, or in a file of tensors.

    deno task inspect RUN|FILE [options]

  RUN          a folder that deno task train has left
  FILE         .safetensors, .npz, .pt or .pth
  --dashboard  serves the run's curves as a page, on this machine only
  --json       all of it as JSON
  --help       this text
`;

const COMPARE = `Puts runs beside each other: options that differ, figures.

    deno task compare RUN RUN... [options]

  RUN          a folder that deno task train has left
  --dashboard  serves the curves of all as a page, on this machine only
  --json       all of it as JSON
  --help       this text
`;

/** A tensor's description. */
interface Described {
  name: string;
  dtype: string;
  shape: readonly number[];
  mean: number | null;
  std: number | null;
}

async function inspect({ flags, rest }: CommandLine): Promise<void> {
  const [path, ...more] = rest;
  if (path === undefined || more.length > 0) {
    throw usageError(
      "inspect expects a run folder or a file: deno task inspect RUN",
    );
  }
  const json = flags.includes("json");
  await requireAccess({ what: path, path, kinds: ["read"], program: "look" });
  if (/\.(safetensors|npz|pt|pth)$/.test(path)) {
    const tensors = await describeFile(path);
    if (json) console.log(JSON.stringify({ file: path, tensors }, null, 2));
    else console.log(tensorTable(tensors));
    return;
  }
  const run = await readRunFolder(path);
  const file = join(path, "model.safetensors");
  const kept = await Deno.stat(file).catch(() => null) !== null;
  const tensors = kept ? await describeFile(file) : [];
  if (json) {
    console.log(JSON.stringify({ ...run, tensors }, null, 2));
  } else {
    console.log(stateLine(run));
    console.log(`\n${table(Object.entries(optionsOf(run)))}`);
    for (const [part, figures] of Object.entries(run.summary?.parts ?? {})) {
      console.log(`\n${figureLine(part, figures)}`);
    }
    if (kept) console.log(`\n${tensorTable(tensors)}`);
  }
  if (flags.includes("dashboard")) await serve([path]);
}

async function compare({ flags, rest }: CommandLine): Promise<void> {
  if (rest.length < 2) {
    throw usageError("compare expects run folders: deno task compare RUN RUN");
  }
  const runs: Run[] = [];
  for (const path of rest) runs.push(await readRunFolder(path));
  if (flags.includes("json")) console.log(JSON.stringify(runs, null, 2));
  else {
    const options = runs.map(optionsOf);
    const names = new Set(options.flatMap((it) => Object.keys(it)));
    const rows = [["", ...rest]];
    for (const name of names) {
      const values = options.map((it) => it[name] ?? "");
      if (new Set(values).size > 1) rows.push([name, ...values]);
    }
    const figures = runs.map(figuresOf);
    for (const name of new Set(figures.flatMap((it) => Object.keys(it)))) {
      rows.push([name, ...figures.map((it) => it[name] ?? "")]);
    }
    console.log(table(rows));
  }
  if (flags.includes("dashboard")) await serve(rest);
}

/** Serves the page of runs until Ctrl-C. */
async function serve(paths: string[]): Promise<void> {
  const viewer = await viewRuns(paths).catch((error) => {
    throw new UserError(`--dashboard: ${withoutStack(error)}`);
  });
  console.error(`\ndashboard: ${viewer.url}  (Ctrl-C ends it)`);
  await new Promise<void>((resolve) =>
    Deno.addSignalListener("SIGINT", () => resolve())
  );
  await viewer.close();
}

function stateLine({ config, summary }: Run): string {
  const state = summary === null
    ? "not finished"
    : summary.interrupted
    ? "stopped"
    : "finished";
  const time = summary?.seconds === undefined
    ? ""
    : `, ${summary.seconds.toFixed(1)} s`;
  return `${config.program}, started ${config.started}: ${state}${time}`;
}

/** A run's options as text. */
function optionsOf({ config }: Run): Record<string, string> {
  const all = { program: config.program, ...config.options };
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => name !== "out")
      .map(([name, value]) => [name, String(value)]),
  );
}

/** A run's numbers by part and name, as text. */
function figuresOf({ summary }: Run): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [part, figures] of Object.entries(summary?.parts ?? {})) {
    for (const [name, value] of Object.entries(figures)) {
      if (typeof value !== "number") continue;
      const key = part === "" ? name : `${part}: ${name}`;
      found[key] = String(Number(value.toPrecision(5)));
    }
  }
  return found;
}

/** The tensors of a file, whatever its format. */
async function describeFile(path: string): Promise<Described[]> {
  try {
    const bytes = await Deno.readFile(path);
    const content = path.endsWith(".safetensors")
      ? loadSafetensors(bytes).tensors
      : path.endsWith(".npz")
      ? await loadNpz(bytes)
      : await loadTorch(bytes);
    return [...describe(content, "")];
  } catch (error) {
    throw new UserError(`${path}: ${withoutStack(error)}`);
  }
}

/** Tensors in plain containers, named by the way to them. */
function* describe(value: unknown, name: string): Generator<Described> {
  if (value instanceof Tensor) {
    const { dtype, shape } = value;
    const numbers = value.size > 0 ? value.to("float64") : null;
    yield {
      ...{ name, dtype, shape },
      mean: numbers?.mean().item() ?? null,
      std: numbers?.std(undefined, { correction: 0 }).item() ?? null,
    };
    return;
  }
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    yield* describe(inner, name === "" ? key : `${name}.${key}`);
  }
}

function tensorTable(tensors: readonly Described[]): string {
  const show = (value: number | null) =>
    value === null ? "" : String(Number(value.toPrecision(4)));
  const total = tensors.reduce(
    (sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1),
    0,
  );
  return table([
    ["tensor", "dtype", "shape", "mean", "std"],
    ...tensors.map(({ name, dtype, shape, mean, std }) => [
      ...[name, dtype, `[${shape.join(", ")}]`],
      ...[show(mean), show(std)],
    ]),
  ]) + `\n\n${total.toLocaleString("en")} numbers`;
}

if (import.meta.main) {
  const [command, ...args] = Deno.args;
  await runProgram(async () => {
    const line = readCommandLine(args, [], ["json", "dashboard"]);
    if (line.help) console.log(command === "compare" ? COMPARE : INSPECT);
    else if (command === "compare") await compare(line);
    else await inspect(line);
  });
}
