/** Finished runs, read from their folders. */

import { fileSystem, pathModule } from "../files/file_system.ts";
import { wholeLines } from "../files/growing_file.ts";
import { type Curve, figure, type RunView } from "./feed.ts";

/** Numbers of a row that make no curve worth looking at. */
const DULL = ["epoch", "steps", "seconds"];

/**
 * Reads a run folder's `config.json` and `metrics.jsonl`: each number of a line
 * is a point at its `epoch`, in curves that carry the line's `part` where it has
 * one. A last line that a crash left unfinished is left out.
 *
 * @throws Error when there is no `metrics.jsonl`, or a line is no JSON.
 */
export function readRun(folder: string): RunView {
  const fs = fileSystem();
  const path = pathModule();
  const file = path.join(folder, "metrics.jsonl");
  let text: string;
  try {
    text = fs.readFileSync(file, "utf8");
  } catch (error) {
    throw new Error(
      `${folder} is no run folder: ${file} cannot be read (${
        (error as Error).message
      })`,
    );
  }
  const curves = new Map<string, Curve>();
  wholeLines(text).forEach((line, i) => {
    let row: Record<string, unknown>;
    try {
      row = JSON.parse(line);
    } catch {
      throw new Error(`${file}, line ${i + 1}, is no JSON`);
    }
    const { epoch, part } = row;
    if (typeof epoch !== "number") return;
    for (const [key, value] of Object.entries(row)) {
      if (typeof value !== "number" || DULL.includes(key)) continue;
      const name = typeof part === "string" && part !== ""
        ? `${part}: ${key}`
        : key;
      let curve = curves.get(name);
      if (curve === undefined) {
        curve = { name, along: "epoch", x: [], y: [] };
        curves.set(name, curve);
      }
      curve.x.push(epoch);
      curve.y.push(figure(value));
    }
  });
  return {
    name: path.basename(path.resolve(folder)),
    config: readConfig(path.join(folder, "config.json")),
    curves: [...curves.values()],
  };
}

function readConfig(file: string): Record<string, unknown> {
  const fs = fileSystem();
  if (!fs.existsSync(file)) return {};
  try {
    return JSON.parse(fs.readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file} is no JSON (${(error as Error).message})`);
  }
}
