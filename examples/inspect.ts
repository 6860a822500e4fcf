/**
 * Looks at a run or a file of tensors: `deno task inspect --help`.
 *
 * @module
 */

import { join } from "@std/path";
import { type CommandLine, onlyOne, runCommand } from "./command_line.ts";
import { describeFile, tensorTable } from "./describe_tensors.ts";
import { figureLines, spreadLines, type spreadOf } from "./figures.ts";
import { requireAccess } from "./permission.ts";
import {
  optionsOf,
  readRunFolder,
  type Run,
  type RunSummary,
  trainingFolders,
} from "./run_files.ts";
import { serveRuns } from "./serve_runs.ts";
import { table } from "./table.ts";

const HELP = `Shows what is in a run folder, or in a file of tensors.

    deno task inspect RUN|FILE [options]

  RUN          a folder that deno task train has left
  FILE         .safetensors, .npz, .pt or .pth
  --dashboard  serves the run's curves as a page, on this machine only
  --json       all of it as JSON
  --help       this text
`;

async function inspect({ flags, rest }: CommandLine): Promise<void> {
  const path = onlyOne(
    rest,
    "inspect expects a run folder or a file: deno task inspect RUN",
  );
  const json = flags.includes("json");
  await requireAccess({ what: path, path, kinds: ["read"] });
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
    if (run.summary !== null) console.log(`\n${figuresText(run.summary)}`);
    if (kept) console.log(`\n${tensorTable(tensors)}`);
  }
  if (flags.includes("dashboard")) await serveRuns(trainingFolders(run));
}

/** Main figures of one seed, or what several have between them. */
function figuresText({ parts, seeds }: RunSummary): string {
  return seeds === undefined
    ? figureLines(parts)
    : spreadLines(parts as unknown as ReturnType<typeof spreadOf>);
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
  const seeds = config.seeds === undefined ? "" : `, ${config.seeds} seeds`;
  return `${config.program}${seeds}, started ${config.started}: ${state}${time}`;
}

if (import.meta.main) {
  await runCommand({
    help: HELP,
    flags: ["json", "dashboard"],
    run: inspect,
  });
}
