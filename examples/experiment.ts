/** What an experiment is: options, and a run that tells its context. */

import type { AnyModule } from "@fdunn/nn";
import type { Callback, EpochRecord } from "@fdunn/train";
import { type ConfigOf, defaultsOf, type Options } from "./option.ts";

/** Figures of one epoch, or of one evaluation in between. */
export type Row = Partial<EpochRecord> & { epoch: number } & Extra;

/** Further figures under their own names. */
export type Extra = Record<
  string,
  number | string | boolean | null | undefined
>;

/** What a model's outputs are called. */
export interface KeptNames {
  /** Of a classifier. */
  classes?: readonly string[];
  /** Of a model that writes: the characters. */
  alphabet?: readonly string[];
}

/** What `context.watch()` is told of a training. */
export interface Watched {
  /** Which of the experiment's trainings it is; the only one has no name. */
  part?: string;
  /** Parts that share charts, such as "T = 5"; precedes the part's name. */
  group?: string;
  /** Write down every so manieth epoch. Default 1. */
  every?: number;
  /** The shape of a batch: prints the layers with their sizes. */
  input?: readonly number[];
  /**
   * Keep the weights in the run folder, with these names, such as those of the
   * classes. Default: they are not kept.
   */
  keep?: KeptNames;
}

/** A part's name in the summary and in `metrics.jsonl`. */
export function partName({ group, part = "" }: Watched): string {
  return group === undefined ? part : `${group}, ${part}`;
}

/** Where a run takes its surroundings from, and what it tells of itself. */
export interface Context {
  /** The folder or file of `--data`; null where none was given. */
  readonly data: string | null;
  /** Aborted by Ctrl-C: end after the current step. */
  readonly signal: AbortSignal;
  /** Callbacks for a Trainer that show and keep the progress of its model. */
  watch(model: AnyModule, about?: Watched): Promise<Callback[]>;
  /** Shows and keeps figures of a loop without a Trainer. */
  record(part: string, row: Row): void;
  /** Tells the user something. */
  say(text: string): void;
  /** Adds figures to a part's line in the summary. */
  figures(part: string, figures: Extra): void;
  /** Keeps a picture, SVG text, as `name`.svg in the run folder. */
  picture(name: string, svg: string): void;
}

/** What an experiment's file declares. */
export interface Declared<O extends Options> {
  /** What follows `deno task train`. */
  name: string;
  /** One line for `--list`. */
  about: string;
  /** What `--help` says below the options. */
  details?: string;
  /** Every hyper-parameter with its default, its kind and its help. */
  options: O;
  /** What `--quick` changes: under 20 seconds, and the effect still shows. */
  quick: Partial<ConfigOf<O>>;
  /** Defaults that hang on other options. */
  defaultsFor?(given: Partial<ConfigOf<O>>): Partial<ConfigOf<O>>;
  /** What a run is called in the titles of its charts. Default: its name. */
  subject?(config: ConfigOf<O>): string;
  /** What `--data` is; without it there is no such option. */
  data?: { help: string; holds: string };
  /** Trains, or stops early when the context's signal is aborted. */
  run(config: ConfigOf<O>, context: Context): Promise<void>;
}

/** Any configuration. */
export type Config = Record<string, unknown> & { seed: number };

/** An experiment whatever its options are. */
export interface Experiment extends
  Omit<
    Declared<Options>,
    "quick" | "defaultsFor" | "subject" | "open" | "run"
  > {
  quick: Record<string, unknown>;
  /** All values: defaults, those of `--quick` where wanted, those given. */
  configure(given: Record<string, unknown>, quick: boolean): Config;
  subject(config: Config): string;
  run(config: Config, context: Context): Promise<void>;
}

/** Makes an experiment of what its file declares. */
export function experimentOf<O extends Options>(
  declared: Declared<O>,
): Experiment {
  const defaults = defaultsOf(declared.options);
  // The values were read by the very options that the type speaks of.
  const typed = (config: Config) => config as unknown as ConfigOf<O>;
  return {
    ...declared,
    configure: (given, quick) => ({
      ...defaults,
      ...declared.defaultsFor?.(given as Partial<ConfigOf<O>>),
      ...quick ? declared.quick : {},
      ...given,
    }),
    subject: (config) => declared.subject?.(typed(config)) ?? declared.name,
    run: (config, context) => declared.run(typed(config), context),
  };
}
