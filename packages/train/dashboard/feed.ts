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
  /** The heading. */
  title: string;
  /** The runs, the live one last. */
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

/** A new point of several curves. */
export interface Points {
  /** What the curves are drawn along. */
  along: Curve["along"];
  /** The step or the epoch. */
  x: number;
  /** The figures by name. */
  values: Record<string, Figure>;
}

/** What the page is told: all there is, or what is new. */
export type Message =
  | { kind: "snapshot"; snapshot: Snapshot }
  | { kind: "news"; news: News };

/** What came since the last time; what is missing is as before. */
export interface News {
  /** New points, in order. */
  points?: Points[];
  /** Where the training stands. */
  status?: Status;
  /** The parameters' numbers. */
  statistics?: ParameterStatistics[];
  /** What the model says of the samples. */
  predictions?: Prediction[];
  /** What happened. */
  happenings?: Happening[];
}

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

/**
 * Gathers what the training tells, and passes it on to who listens when it is
 * told to: trainings tell more than a page can show.
 */
export class Feed {
  readonly #snapshot: Snapshot;
  /** Of the live run, by what they are drawn along and by name. */
  readonly #curves: Map<string, LiveCurve> = new Map();
  readonly #listeners: Set<(message: Message) => void> = new Set();
  #news: News = {};

  /** A feed of finished runs, or of those that will begin. */
  constructor(title: string, runs: RunView[] = []) {
    this.#snapshot = {
      ...{ title, runs, status: null },
      ...{ statistics: [], predictions: [], happenings: [] },
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

  /** Tells who listens what is new. */
  flush(): void {
    const news = this.#news;
    this.#news = {};
    for (const listener of this.#listeners) listener({ kind: "news", news });
  }

  /** Begins a live run: points are its own from now on. */
  begin(name: string, config: Readonly<Record<string, unknown>>): void {
    this.#curves.clear();
    this.#news = {};
    this.#snapshot.runs.push({ name, config, curves: [] });
    const { snapshot } = this;
    for (const listener of this.#listeners) {
      listener({ kind: "snapshot", snapshot });
    }
  }

  /** Adds a point to each figure's curve of the live run. */
  points(
    along: Curve["along"],
    x: number,
    values: Readonly<Record<string, number>>,
  ): void {
    const points: Points = { along, x, values: {} };
    for (const [name, value] of Object.entries(values)) {
      const y = figure(value);
      points.values[name] = y;
      extend(this.#curve(along, name), x, y);
    }
    if (this.#listeners.size > 0) (this.#news.points ??= []).push(points);
  }

  /** Says where the training stands. */
  status(status: Status): void {
    this.#snapshot.status = this.#news.status = status;
  }

  /** Replaces the parameters' numbers. */
  statistics(statistics: ParameterStatistics[]): void {
    this.#snapshot.statistics = this.#news.statistics = statistics;
  }

  /** Replaces the predictions. */
  predictions(predictions: Prediction[]): void {
    this.#snapshot.predictions = this.#news.predictions = predictions;
  }

  /** Adds to the list of events. */
  happened(text: string): void {
    const happening = { time: Date.now(), text };
    const { happenings } = this.#snapshot;
    happenings.push(happening);
    if (happenings.length > MOST_HAPPENINGS) happenings.shift();
    (this.#news.happenings ??= []).push(happening);
  }

  #curve(along: Curve["along"], name: string): LiveCurve {
    const key = `${along} ${name}`;
    let live = this.#curves.get(key);
    if (live === undefined) {
      live = { curve: { name, along, x: [], y: [] }, every: 1, seen: 0 };
      this.#curves.set(key, live);
      this.#snapshot.runs.at(-1)!.curves.push(live.curve);
    }
    return live;
  }
}

/** A curve that grows: of `seen` points it keeps every `every`th. */
interface LiveCurve {
  readonly curve: Curve;
  every: number;
  seen: number;
}

function extend(live: LiveCurve, x: number, y: Figure): void {
  const { curve } = live;
  if (live.seen++ % live.every !== 0) return;
  curve.x.push(x);
  curve.y.push(y);
  if (curve.x.length <= MOST_POINTS) return;
  live.every *= 2;
  curve.x = curve.x.filter((_, i) => i % 2 === 0);
  curve.y = curve.y.filter((_, i) => i % 2 === 0);
}

/** A number as JSON can hold it. */
export function figure(value: number): Figure {
  return Number.isFinite(value) ? value : null;
}
