/** What a training logs, as lines of text. */

import type { Callback, LogRow } from "../callback.ts";
import { type ProgressOutput, standardOutput } from "../terminal/progress.ts";
import type { Trainer } from "../trainer.ts";

/** Options of {@linkcode ConsoleLogger}. */
export interface ConsoleLoggerOptions {
  /** Where to write. Default: standard output. */
  output?: Pick<ProgressOutput, "write">;
}

/**
 * Prints each row that is logged, for logs that are read as text; on a terminal
 * `ProgressBar` shows more.
 *
 * ```text
 * epoch 1  step 50  loss 0.6931  lr 0.01
 * epoch 1  step 100  trainLoss 0.52  validLoss 0.4893
 * ```
 *
 * ```ts
 * import { ConsoleLogger } from "@fdunn/train";
 *
 * const callbacks = [new ConsoleLogger()];
 * ```
 */
export class ConsoleLogger implements Callback {
  readonly #output: Pick<ProgressOutput, "write">;

  /** Prints nothing yet. */
  constructor(options: ConsoleLoggerOptions = {}) {
    this.#output = options.output ?? standardOutput();
  }

  /** Prints a row. */
  onLog(_trainer: Trainer, { epoch, step, values }: LogRow): void {
    const figures = Object.entries(values).map(([name, value]) =>
      `${name} ${Number(value.toPrecision(4))}`
    );
    this.#output.write(
      [`epoch ${epoch}`, `step ${step}`, ...figures].join("  ") + "\n",
    );
  }
}
