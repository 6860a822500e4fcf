/** Progress of a training in the terminal, or as lines of a log. */

import type { Callback, EpochRecord } from "../callback.ts";
import type { Trainer } from "../trainer.ts";

/** Where progress is written. */
export interface ProgressOutput {
  /** Writes text as it is. */
  write(text: string): void;
  /** Whether a person watches: the bar is drawn in place. */
  readonly terminal: boolean;
  /** Characters in a line; 80 where the terminal does not tell. */
  readonly columns: number;
  /** Whether colours are wanted. */
  readonly colour: boolean;
}

/** Options of {@linkcode ProgressBar}. */
export interface ProgressOptions {
  /** Where to write. Default: {@linkcode standardOutput}. */
  output?: ProgressOutput;
  /** A clock in milliseconds, for tests. Default: `performance.now`. */
  now?: () => number;
}

/** The bar is redrawn this often. */
const REDRAW_MS = 100;
/** The shown speed follows the true one in about this time. */
const SMOOTHING_MS = 2000;
const CLEAR_LINE = "\r\x1b[2K";

/**
 * Shows a training's progress: on a terminal a bar with steps per second,
 * elapsed and remaining time, and everywhere one line an epoch.
 *
 * ```ts
 * import { ProgressBar } from "@fdunn/train";
 *
 * const callbacks = [new ProgressBar()]; // for new Trainer(model, { callbacks })
 * ```
 */
export class ProgressBar implements Callback {
  readonly #output: ProgressOutput;
  readonly #now: () => number;
  #fitStart = 0;
  #drawn = -Infinity;
  #stepsBefore = 0;
  #speed = 0;
  #measuredAt = 0;
  #measuredStep = 0;
  #visible = false;
  #training = false;

  /** Writes to standard output unless told otherwise. */
  constructor(options: ProgressOptions = {}) {
    this.#output = options.output ?? standardOutput();
    this.#now = options.now ?? (() => performance.now());
  }

  /** Starts the clock. */
  onFitStart(trainer: Trainer): void {
    this.#fitStart = this.#measuredAt = this.#now();
    // What a training that goes on has done already took no time now.
    this.#measuredStep = trainer.resumed ? trainer.step : 0;
    this.#stepsBefore = -this.#measuredStep;
    this.#speed = 0;
    this.#training = true;
  }

  /** Starts the bar. */
  onEpochStart(trainer: Trainer): void {
    this.#measuredAt = this.#now();
    this.#measuredStep = 0;
    this.#draw(trainer, "");
  }

  /** Redraws the bar if it is time to. */
  onStep(trainer: Trainer): void {
    if (!this.#output.terminal) return;
    const now = this.#now();
    if (now - this.#drawn < REDRAW_MS) return;
    this.#measure(now, trainer.step);
    this.#draw(trainer, "");
  }

  /** Says why the bar stands still. */
  onEvaluationStart(trainer: Trainer): void {
    if (this.#training) this.#draw(trainer, "validating");
  }

  /** Replaces the bar by the epoch's line. */
  onEpochEnd(trainer: Trainer, record: EpochRecord): void {
    this.#stepsBefore += record.steps;
    this.#erase();
    const line = epochLine(record, trainer.lastEpoch);
    this.#output.write(
      this.#output.colour ? `${paintLine(line)}\n` : `${line}\n`,
    );
  }

  /** Makes room for it. */
  onWarning(): void {
    this.#erase();
  }

  /** Removes the bar if training broke off. */
  onFitEnd(): void {
    this.#training = false;
    this.#erase();
  }

  #measure(now: number, step: number): void {
    const elapsed = now - this.#measuredAt;
    if (elapsed <= 0) return;
    const speed = (step - this.#measuredStep) / elapsed * 1000;
    const weight = this.#speed === 0
      ? 1
      : 1 - Math.exp(-elapsed / SMOOTHING_MS);
    this.#speed += weight * (speed - this.#speed);
    this.#measuredAt = now;
    this.#measuredStep = step;
  }

  #erase(): void {
    if (this.#visible) this.#output.write(CLEAR_LINE);
    this.#visible = false;
  }

  #draw(trainer: Trainer, doing: string): void {
    const { terminal, columns, colour } = this.#output;
    if (!terminal) return;
    const now = this.#now();
    this.#drawn = now;
    this.#visible = true;
    this.#output.write(
      CLEAR_LINE + barLine(this.#state(trainer, now, doing), columns, colour),
    );
  }

  #state(trainer: Trainer, now: number, doing: string): BarState {
    const { epoch, lastEpoch, step, stepsPerEpoch } = trainer;
    const elapsed = (now - this.#fitStart) / 1000;
    const done = this.#stepsBefore + step;
    let remaining: number | null = null;
    if (stepsPerEpoch !== null && done > 0) {
      const left = (lastEpoch - epoch + 1) * stepsPerEpoch - step;
      remaining = elapsed / done * left;
    }
    return {
      epoch,
      lastEpoch,
      step,
      steps: stepsPerEpoch,
      speed: this.#speed,
      elapsed,
      remaining,
      loss: trainer.trainLoss,
      doing,
    };
  }
}

/** What a bar shows. */
export interface BarState {
  /** The running epoch. */
  epoch: number;
  /** The last one. */
  lastEpoch: number;
  /** Steps taken in the epoch. */
  step: number;
  /** Steps of the epoch, if known. */
  steps: number | null;
  /** Steps per second; 0 while unknown. */
  speed: number;
  /** Seconds since the start of the training. */
  elapsed: number;
  /** Seconds to its end, if known. */
  remaining: number | null;
  /** Mean loss of the epoch so far. */
  loss: number;
  /** What is going on if it is not training. */
  doing: string;
}

/** The bar as one line of at most `columns` characters. */
export function barLine(
  state: BarState,
  columns: number,
  colour: boolean,
): string {
  const { epoch, lastEpoch, step, steps, speed, elapsed, remaining } = state;
  const head = `epoch ${epoch}/${lastEpoch} `;
  const total = steps === null ? "" : String(steps);
  const parts = [
    ` ${String(step).padStart(total.length)}${
      steps === null ? "" : `/${total}`
    }`,
  ];
  parts.push(
    state.doing !== ""
      ? state.doing
      : speed > 0
      ? `${formatSpeed(speed)} it/s`
      : "",
  );
  if (Number.isFinite(state.loss)) parts.push(`loss ${state.loss.toFixed(4)}`);
  parts.push(`${formatTime(elapsed)} elapsed`);
  if (remaining !== null) parts.push(`${formatTime(remaining)} left`);
  const tail = parts.filter((part) => part !== "").join("  ");
  // One column stays free: a full line would wrap in some terminals.
  const room = Math.min(40, columns - 1 - head.length - tail.length);
  if (room < 4) return (head + tail.trim()).slice(0, Math.max(0, columns - 1));
  const share = steps === null ? 0 : Math.min(1, step / steps);
  const filled = Math.round(share * room);
  const full = "━".repeat(filled);
  const rest = "─".repeat(room - filled);
  const bar = colour ? `\x1b[36m${full}\x1b[90m${rest}\x1b[0m` : full + rest;
  return head + bar + tail;
}

/** An epoch's results in one line. */
export function epochLine(record: EpochRecord, lastEpoch: number): string {
  const width = String(lastEpoch).length;
  const parts = [
    `epoch ${String(record.epoch).padStart(width)}/${lastEpoch}`,
    `train loss ${record.trainLoss.toFixed(4)}`,
  ];
  if (record.validLoss !== null) {
    parts.push(`valid loss ${record.validLoss.toFixed(4)}`);
  }
  if (record.validAccuracy !== null) {
    parts.push(`valid accuracy ${(record.validAccuracy * 100).toFixed(2)} %`);
  }
  parts.push(
    `${formatSpeed(record.itPerSecond)} it/s`,
    `${record.seconds.toFixed(1)} s`,
  );
  if (record.interrupted) parts.push(`stopped after step ${record.steps}`);
  return parts.join("  ");
}

/** The epoch's line with what matters most in bold. */
function paintLine(line: string): string {
  return line.replace(/valid accuracy [\d.]+ %/, "\x1b[1m$&\x1b[0m");
}

function formatSpeed(speed: number): string {
  return speed < 10 ? speed.toFixed(1) : speed.toFixed(0);
}

/** Minutes and seconds, with hours if there are any: `1:02:03`. */
function formatTime(seconds: number): string {
  const whole = Math.round(seconds);
  const [h, m, s] = [
    Math.floor(whole / 3600),
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  const pad = (n: number) => String(n).padStart(2, "0");
  return h > 0 ? `${h}:${pad(m)}:${pad(s)}` : `${m}:${pad(s)}`;
}

/** The parts in use of what a runtime offers. */
interface Host {
  Deno?: {
    noColor: boolean;
    stdout: { isTerminal(): boolean; writeSync(bytes: Uint8Array): number };
    consoleSize(): { columns: number };
  };
  process?: {
    stdout?: {
      isTTY?: boolean;
      columns?: number;
      write(text: string): unknown;
    };
    env: Record<string, string | undefined>;
  };
}

/**
 * The process's standard output, or the console where there is no process.
 *
 * Colours are off with `NO_COLOR` and where nobody watches. No permission is
 * asked for.
 */
export function standardOutput(): ProgressOutput {
  const { Deno: deno, process } = globalThis as unknown as Host;
  if (deno !== undefined) return denoOutput(deno);
  const stream = process?.stdout;
  if (process === undefined || stream === undefined) {
    return {
      write: (text) => console.log(text.replace(/\n$/, "")),
      terminal: false,
      columns: 80,
      colour: false,
    };
  }
  const terminal = stream.isTTY === true;
  return {
    write: (text) => void stream.write(text),
    terminal,
    get columns(): number {
      return stream.columns || 80;
    },
    colour: terminal && (process.env.NO_COLOR ?? "") === "",
  };
}

/** Deno's `process.stdout` wants to read the environment; its own does not. */
function denoOutput(deno: NonNullable<Host["Deno"]>): ProgressOutput {
  const terminal = deno.stdout.isTerminal();
  const encoder = new TextEncoder();
  return {
    write(text: string): void {
      let bytes = encoder.encode(text);
      try {
        while (bytes.length > 0) {
          bytes = bytes.subarray(deno.stdout.writeSync(bytes));
        }
      } catch {
        // Nobody reads any more, as in `| head`: that ends no training.
      }
    },
    terminal,
    get columns(): number {
      try {
        return deno.consoleSize().columns || 80;
      } catch {
        return 80;
      }
    },
    colour: terminal && !deno.noColor,
  };
}
