/** What a dashboard shows, as plain data: what goes over the wire. */

/** A number, or null where JSON has none: NaN, infinities. */
export type Figure = number | null;

/** A curve. */
export interface Curve {
  /** The figure's name. */
  name: string;
  /** What it is drawn along. */
  along: "step" | "epoch";
  /** Steps or epochs, rising. */
  x: number[];
  /** The figure at each. */
  y: Figure[];
}

/** A run's curves and what it was started with. */
export interface RunView {
  /** The folder's name, or "this training". */
  name: string;
  /** What it was started with. */
  config: Readonly<Record<string, unknown>>;
  /** Its curves. */
  curves: Curve[];
}

/** Where a live training stands. */
export interface Status {
  /** What it does. */
  state: "running" | "paused" | "finished" | "stopped" | "failed";
  /** Why it failed. */
  message: string | null;
  /** The running epoch, from 1. */
  epoch: number;
  /** The epoch that it ends with. */
  lastEpoch: number;
  /** Batches done in the epoch. */
  step: number;
  /** Batches of an epoch; null where the loader does not know. */
  stepsPerEpoch: number | null;
  /** Batches a second, lately. */
  itPerSecond: number;
  /** Seconds since it began. */
  seconds: number;
  /** The learning rate of each group of parameters. */
  learningRates: number[];
  /** The loss of the last batch. */
  batchLoss: Figure;
}

/** A parameter's numbers. */
export interface ParameterStatistics {
  /** Its name in the model. */
  name: string;
  /** Its shape. */
  shape: number[];
  /** The weights. */
  weights: Distribution;
  /** Their gradient; null where there is none. */
  gradient: Distribution | null;
}

/** How numbers are distributed. */
export interface Distribution {
  /** The mean. */
  mean: Figure;
  /** The standard deviation. */
  std: Figure;
  /** The Euclidean norm. */
  norm: Figure;
  /** The least. */
  min: Figure;
  /** The largest. */
  max: Figure;
  /** How many lie in each of equal parts between them; of finite numbers. */
  counts: number[];
}

/** What the model says of a sample. */
export interface Prediction {
  /** A picture as a data address; null where the sample is none. */
  picture: string | null;
  /** The sample in words. */
  text: string;
  /** The class that it has; null where that is not known. */
  target: string | null;
  /** The likeliest class. */
  predicted: string;
  /** How likely the model thinks it. */
  probability: Figure;
}

/** Something that happened, for the list of events. */
export interface Happening {
  /** Milliseconds since 1970. */
  time: number;
  /** What. */
  text: string;
}

/** All that a page shows. */
export interface Snapshot {
  /** The runs, the live one first. */
  runs: RunView[];
  /** Null where only finished runs are shown. */
  status: Status | null;
  /** Latest. */
  statistics: ParameterStatistics[];
  /** Latest. */
  predictions: Prediction[];
  /** In order. */
  happenings: Happening[];
}

/** What the page is told. */
export type Message =
  | { kind: "snapshot"; snapshot: Snapshot }
  | {
    kind: "points";
    along: Curve["along"];
    x: number;
    values: Record<string, Figure>;
  }
  | { kind: "status"; status: Status }
  | { kind: "statistics"; statistics: ParameterStatistics[] }
  | { kind: "predictions"; predictions: Prediction[] }
  | { kind: "happening"; happening: Happening };

/** What the page asks for. */
export type Command =
  | { kind: "pause" }
  | { kind: "resume" }
  | { kind: "stop" }
  | { kind: "learningRate"; value: number };

/** A curve that has more points loses every other one. */
const MOST_POINTS = 4000;
/** More happenings than these are forgotten. */
const MOST_HAPPENINGS = 200;

/** Gathers what the training tells, and passes it on to who listens. */
export class Feed {
  readonly #snapshot: Snapshot;
  readonly #curves: Map<string, Curve> = new Map();
  readonly #strides: Map<Curve, { every: number; seen: number }> = new Map();
  readonly #listeners: Set<(message: Message) => void> = new Set();

  /** A feed of a live training, or of finished runs. */
  constructor(runs: RunView[], status: Status | null) {
    this.#snapshot = {
      ...{ runs, status, statistics: [], predictions: [], happenings: [] },
    };
  }

  /** All there is. */
  get snapshot(): Snapshot {
    return this.#snapshot;
  }

  /** Passes on what comes; returns how to end that. */
  listen(listener: (message: Message) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Adds a point to each figure's curve of the first run. */
  points(
    along: Curve["along"],
    x: number,
    values: Readonly<Record<string, number>>,
  ): void {
    const finite: Record<string, Figure> = {};
    for (const [name, value] of Object.entries(values)) {
      const y = figure(value);
      finite[name] = y;
      this.#extend(this.#curve(along, name), x, y);
    }
    this.#tell({ kind: "points", along, x, values: finite });
  }

  /** Says where the training stands. */
  status(status: Status): void {
    this.#snapshot.status = status;
    this.#tell({ kind: "status", status });
  }

  /** Replaces the parameters' numbers. */
  statistics(statistics: ParameterStatistics[]): void {
    this.#snapshot.statistics = statistics;
    this.#tell({ kind: "statistics", statistics });
  }

  /** Replaces the predictions. */
  predictions(predictions: Prediction[]): void {
    this.#snapshot.predictions = predictions;
    this.#tell({ kind: "predictions", predictions });
  }

  /** Adds to the list of events. */
  happened(text: string): void {
    const happening = { time: Date.now(), text };
    const { happenings } = this.#snapshot;
    happenings.push(happening);
    if (happenings.length > MOST_HAPPENINGS) happenings.shift();
    this.#tell({ kind: "happening", happening });
  }

  #curve(along: Curve["along"], name: string): Curve {
    const key = `${along} ${name}`;
    let curve = this.#curves.get(key);
    if (curve === undefined) {
      curve = { name, along, x: [], y: [] };
      this.#curves.set(key, curve);
      this.#strides.set(curve, { every: 1, seen: 0 });
      this.#snapshot.runs[0]!.curves.push(curve);
    }
    return curve;
  }

  #extend(curve: Curve, x: number, y: Figure): void {
    const stride = this.#strides.get(curve)!;
    if (stride.seen++ % stride.every !== 0) return;
    curve.x.push(x);
    curve.y.push(y);
    if (curve.x.length <= MOST_POINTS) return;
    stride.every *= 2;
    curve.x = curve.x.filter((_, i) => i % 2 === 0);
    curve.y = curve.y.filter((_, i) => i % 2 === 0);
  }

  #tell(message: Message): void {
    for (const listener of this.#listeners) listener(message);
  }
}

/** A number as JSON can hold it. */
export function figure(value: number): Figure {
  return Number.isFinite(value) ? value : null;
}
