/** The figures of a run's parts, epoch by epoch. */

import type { Row } from "./experiment.ts";

/** A line of `metrics.jsonl` before it has figures. */
const NOTHING = {
  trainLoss: null,
  validLoss: null,
  validAccuracy: null,
  itPerSecond: null,
};

/** Rows by part, and parts by the group that shares charts. */
export class PartRows {
  /** The rows of each part. */
  readonly parts: Map<string, Row[]> = new Map();
  /** Names of parts. */
  readonly groups: Map<string, string[]> = new Map();

  /** Begins a part without rows. */
  begin(part: string, group = ""): void {
    this.parts.set(part, []);
    this.groups.set(group, [...this.groups.get(group) ?? [], part]);
  }

  /** The rows of a part. */
  of(part: string): Row[] {
    return this.parts.get(part)!;
  }

  /** All of it as lines of `metrics.jsonl`. */
  lines(): string {
    return [...this.parts].flatMap(([part, rows]) =>
      rows.map((row) => lineOf(part, row))
    ).join("");
  }
}

/** A line of `metrics.jsonl`. */
export function lineOf(part: string, row: Row): string {
  const line = { ...part === "" ? {} : { part }, ...NOTHING, ...row };
  return JSON.stringify(line) + "\n";
}
