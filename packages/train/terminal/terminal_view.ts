/** A training in the whole terminal: numbers, curves, keys. */

import { textChart, type TextCurve } from "./braille_chart.ts";
import type { Callback, EpochRecord } from "../callback.ts";
import { barLine, type ProgressOutput, standardOutput } from "./progress.ts";
import { knownGroups } from "../trainable.ts";
import type { Trainer } from "../trainer.ts";

/** A terminal that can be filled, with a keyboard. */
export interface Terminal extends ProgressOutput {
  /** Lines on the screen. */
  readonly rows: number;
  /** Calls back with each key; returns how to end that. */
  onKey(listener: (key: string) => void): () => void;
}

/** Options of {@linkcode TerminalView}. */
export interface TerminalViewOptions {
  /** Where to draw. Default: the terminal of the process. */
  terminal?: Terminal;
  /** What the training is called. Default `"fdunn"`. */
  name?: string;
  /** A clock in milliseconds, for tests. Default: `performance.now`. */
  now?: () => number;
}

const REDRAW_MS = 200;
const MESSAGES = 3;
const KEYS = "p pause or go on   s stop after this step   q close this view";
/** The other screen of the terminal, and without a cursor; and back. */
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";

/**
 * Fills the terminal with a training while it runs, as a callback of the
 * Trainer: progress, the curves of loss and of what is validated, the learning
 * rate, warnings; `p` pauses, `s` stops, `q` goes back to the terminal as it
 * was, and the training goes on. At the end the terminal is as before, and the
 * epochs' figures are in the Trainer's history.
 *
 * Where nobody watches (the output is no terminal) it does nothing.
 *
 * ```ts
 * import { TerminalView } from "@fdunn/train";
 *
 * const callbacks = [new TerminalView()]; // instead of ProgressBar
 * ```
 */
export class TerminalView implements Callback {
  readonly #terminal: Terminal;
  readonly #name: string;
  readonly #now: () => number;
  readonly #losses: { x: number[]; y: number[] } = { x: [], y: [] };
  #every = 1;
  readonly #messages: string[] = [];
  #forgetKeys: (() => void) | null = null;
  #open = false;
  #start = 0;
  #drawn = -Infinity;
  #drawnStep = 0;
  #speed = 0;

  /** Draws nothing yet. */
  constructor(options: TerminalViewOptions = {}) {
    this.#terminal = options.terminal ?? processTerminal();
    this.#name = options.name ?? "fdunn";
    this.#now = options.now ?? (() => performance.now());
  }

  /** Takes over the terminal. */
  onFitStart(trainer: Trainer): void {
    if (!this.#terminal.terminal) return;
    this.#start = this.#now();
    this.#drawnStep = trainer.globalStep;
    this.#terminal.write(ENTER);
    this.#open = true;
    this.#forgetKeys = this.#terminal.onKey((key) => this.#press(key, trainer));
    this.#draw(trainer);
  }

  /** Notes the loss; draws, if the last time is long enough ago. */
  onStep(trainer: Trainer): void {
    if (!this.#open) return;
    if (trainer.globalStep % this.#every === 0) this.#note(trainer);
    if (this.#now() - this.#drawn >= REDRAW_MS) this.#draw(trainer);
  }

  /** Draws the epoch's figures. */
  onEpochEnd(trainer: Trainer, _record: EpochRecord): void {
    if (this.#open) this.#draw(trainer);
  }

  /** Shows a warning. */
  onWarning(trainer: Trainer, message: string): void {
    this.#messages.push(message);
    if (this.#messages.length > MESSAGES) this.#messages.shift();
    if (this.#open) this.#draw(trainer);
  }

  /** Gives the terminal back. */
  onFitEnd(): void {
    this.#leave();
  }

  #leave(): void {
    this.#forgetKeys?.();
    this.#forgetKeys = null;
    if (this.#open) this.#terminal.write(LEAVE);
    this.#open = false;
  }

  #press(key: string, trainer: Trainer): void {
    if (key === "p") {
      if (trainer.paused) trainer.resume();
      else trainer.pause();
    } else if (key === "s" || key === "\x03") trainer.stop(); // Ctrl-C
    else if (key === "q") return this.#leave();
    else return;
    this.#draw(trainer);
  }

  /** Keeps at most twice as many losses as a wide screen has dots. */
  #note(trainer: Trainer): void {
    const { x, y } = this.#losses;
    x.push(trainer.globalStep);
    y.push(trainer.batchLoss);
    if (x.length < 2000) return;
    this.#every *= 2;
    this.#losses.x = x.filter((_, i) => i % 2 === 0);
    this.#losses.y = y.filter((_, i) => i % 2 === 0);
  }

  #draw(trainer: Trainer): void {
    const { columns, rows, colour } = this.#terminal;
    const now = this.#now();
    const since = now - this.#drawn;
    const steps = trainer.globalStep - this.#drawnStep;
    if (Number.isFinite(since) && steps > 0) this.#speed = 1000 * steps / since;
    this.#drawn = now;
    this.#drawnStep = trainer.globalStep;
    const width = Math.max(1, columns - 1);
    const bold = (text: string) => colour ? `\x1b[1m${text}\x1b[0m` : text;
    const state = trainer.paused
      ? "paused"
      : trainer.stopped
      ? "stopping"
      : "training";
    const lines = [
      bold(`${this.#name}, ${state}`.slice(0, width)),
      this.#bar(trainer, columns),
      figures(trainer).slice(0, width),
      "",
    ];
    const foot = [...this.#messages, KEYS].map((line) => line.slice(0, width));
    const room = Math.max(4, rows - lines.length - foot.length - 1);
    lines.push(...this.#charts(trainer, width, room), "", ...foot);
    const clear = "\x1b[K"; // what an older line left behind
    const text = lines.slice(0, rows).map((line) => line + clear);
    this.#terminal.write("\x1b[H" + text.join("\r\n") + "\x1b[J");
  }

  #bar(trainer: Trainer, columns: number): string {
    const { epoch, lastEpoch, step, stepsPerEpoch, trainLoss } = trainer;
    const elapsed = (this.#now() - this.#start) / 1000;
    const state = {
      ...{ epoch, lastEpoch, step, steps: stepsPerEpoch, speed: this.#speed },
      ...{ elapsed, remaining: null, loss: trainLoss, doing: "" },
    };
    return barLine(state, columns, this.#terminal.colour);
  }

  /** Loss by step, and side by side or below it what is validated. */
  #charts(trainer: Trainer, width: number, height: number): string[] {
    const { colour } = this.#terminal;
    const { history } = trainer;
    const byEpoch = (name: string): TextCurve => ({
      name,
      x: history.map(({ epoch }) => epoch),
      y: history.map((record) => {
        const value = record[name as keyof EpochRecord];
        return typeof value === "number" ? value : NaN;
      }),
    });
    const losses = ["trainLoss", "validLoss"].map(byEpoch);
    const accuracy = byEpoch("validAccuracy");
    const charts = [
      { title: "batch loss by step", curves: [{ name: "", ...this.#losses }] },
      { title: "loss by epoch", curves: losses },
    ];
    if (accuracy.y.some(Number.isFinite)) {
      charts.push({ title: "valid accuracy by epoch", curves: [accuracy] });
    }
    const abreast = width >= 100 ? charts.length : 1;
    const across = Math.floor((width - 2 * (abreast - 1)) / abreast);
    const down = abreast > 1
      ? height
      : Math.max(4, Math.floor(height / charts.length));
    const drawn = charts.map(({ title, curves }) =>
      textChart(curves, { title, width: across, height: down }, colour)
    );
    if (abreast === 1) return drawn.flat().slice(0, height);
    return Array.from(
      { length: down },
      (_, row) =>
        drawn.map((lines) => padded(lines[row] ?? "", across)).join("  "),
    );
  }
}

/** Figures of the last epoch and the learning rates. */
function figures(trainer: Trainer): string {
  const groups = knownGroups(trainer.optimizer);
  const record = trainer.history.at(-1);
  const parts = groups.length === 0
    ? []
    : [`learning rate ${groups.map(({ lr }) => shown(lr)).join(", ")}`];
  for (const [name, value] of Object.entries(record ?? {})) {
    if (!/^(train|valid)/.test(name) || typeof value !== "number") continue;
    parts.push(`${name} ${shown(value)}`);
  }
  return parts.join("   ");
}

function shown(value: number): string {
  return String(Number(value.toPrecision(4)));
}

/** A text with so many visible characters; colours take no room. */
function padded(text: string, width: number): string {
  // deno-lint-ignore no-control-regex
  const visible = text.replaceAll(/\x1b\[[\d;]*m/g, "").length;
  return text + " ".repeat(Math.max(0, width - visible));
}

/** What this file uses of Node's standard input. */
interface Keyboard {
  isTTY?: boolean;
  setRawMode?(raw: boolean): void;
  on(event: "data", listener: (data: Uint8Array) => void): void;
  off(event: "data", listener: (data: Uint8Array) => void): void;
  resume(): void;
  pause(): void;
  unref?(): void;
}

/** The terminal in which the process runs. */
function processTerminal(): Terminal {
  const output = standardOutput();
  const { process, Deno: deno } = globalThis as unknown as {
    process?: {
      getBuiltinModule?(name: string): unknown;
      stdout?: { rows?: number };
    };
    Deno?: { consoleSize(): { rows: number } };
  };
  const host = process?.getBuiltinModule?.("node:process") as
    | { stdin?: Keyboard }
    | undefined;
  return {
    write: (text) => output.write(text),
    terminal: output.terminal,
    colour: output.colour,
    get columns(): number {
      return output.columns;
    },
    get rows(): number {
      try {
        return deno?.consoleSize().rows || process?.stdout?.rows || 24;
      } catch {
        return 24;
      }
    },
    onKey(listener) {
      const keyboard = host?.stdin;
      if (!keyboard?.isTTY || keyboard.setRawMode === undefined) {
        return () => {};
      }
      const decoder = new TextDecoder();
      const hear = (data: Uint8Array) => {
        for (const key of decoder.decode(data)) listener(key);
      };
      keyboard.setRawMode(true);
      keyboard.on("data", hear);
      keyboard.resume();
      keyboard.unref?.();
      return () => {
        keyboard.off("data", hear);
        keyboard.setRawMode?.(false);
        keyboard.pause();
      };
    },
  };
}
