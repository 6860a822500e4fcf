/** Figures by name as a training logs them, and when they go to loggers. */

/** A {@linkcode Logbook} as plain data. */
export interface LogbookState {
  /** The latest value of each name. */
  latest: Record<string, number>;
  /** What waits for a row. */
  waiting: Record<string, number>;
}

/** The latest figures, and which of them wait for a row. */
export class Logbook {
  /** The latest value of each name. */
  readonly latest: Map<string, number> = new Map();
  #waiting: Record<string, number> = {};

  /** Notes a figure. */
  set(name: string, value: number): void {
    this.latest.set(name, value);
    this.#waiting[name] = value;
  }

  /** What was noted since the last row; null for nothing. */
  take(): Record<string, number> | null {
    for (const _ in this.#waiting) {
      const values = this.#waiting;
      this.#waiting = {};
      return values;
    }
    return null;
  }

  /** All of it, as plain data. */
  state(): LogbookState {
    const latest = Object.fromEntries(this.latest);
    return { latest, waiting: { ...this.#waiting } };
  }

  /** Goes on from there. */
  loadState(state: LogbookState): void {
    this.latest.clear();
    for (const [name, value] of Object.entries(state.latest)) {
      this.latest.set(name, value);
    }
    this.#waiting = { ...state.waiting };
  }
}
