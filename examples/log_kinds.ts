/** Logs beside a run's own files. */

import {
  type Callback,
  CSVLogger,
  JsonLinesLogger,
  TelemetryLogger,
  TensorBoardLogger,
} from "@fdunn/train";
import { join } from "@std/path";

/** What `--log` may name. */
export const LOGS = ["csv", "jsonl", "tensorboard", "otel"] as const;

/** One of them. */
export type LogKind = typeof LOGS[number];

/** What writes a log into a folder; `end` tells parts apart. */
export function loggerOf(
  log: LogKind,
  folder: string,
  end: string,
): Callback {
  switch (log) {
    case "csv":
      return new CSVLogger(join(folder, `log${end}.csv`));
    case "jsonl":
      return new JsonLinesLogger(join(folder, `log${end}.jsonl`));
    case "tensorboard":
      return new TensorBoardLogger(join(folder, `tensorboard${end}`));
    case "otel":
      return new TelemetryLogger();
  }
}
