/** A context that keeps everything in memory: for tests, and for bare loops. */

import { type Context, type Extra, partName, type Row } from "./experiment.ts";

/** What a run has told. */
export interface Told {
  context: Context;
  rows: Map<string, Row[]>;
  extra: Map<string, Extra>;
  pictures: Map<string, string>;
}

/** A silent context and what it will hear; `data` as in {@linkcode Context}. */
export function memoryContext(data: string | null = null): Told {
  const rows = new Map<string, Row[]>();
  const extra = new Map<string, Extra>();
  const pictures = new Map<string, string>();
  const record = (part: string, row: Row) => {
    rows.set(part, [...rows.get(part) ?? [], row]);
  };
  const context: Context = {
    data,
    signal: new AbortController().signal,
    watch: (_, about = {}) => {
      const { every = 1 } = about;
      const part = partName(about);
      return Promise.resolve([{
        onEpochEnd(trainer, row) {
          const last = row.epoch === trainer.lastEpoch;
          if (last || row.epoch % every === 0) record(part, { ...row });
        },
      }]);
    },
    record,
    say: () => {},
    figures: (part, figures) => {
      extra.set(part, { ...extra.get(part), ...figures });
    },
    picture: (name, svg) => void pictures.set(name, svg),
  };
  return { context, rows, extra, pictures };
}
