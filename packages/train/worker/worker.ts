/**
 * Training in a worker: the page or the server stays responsive.
 *
 * The worker's module holds the training, and calls {@linkcode serveTraining};
 * the program starts the worker and calls {@linkcode trainInWorker}.
 *
 * @module
 */

import type { Tensor } from "@fdunn/tensor";
import { loadSafetensors, saveSafetensors } from "@fdunn/tensor/safetensors";
import type { Callback, EpochRecord } from "../callback.ts";
import type { Stateful } from "../checkpoints/checkpoint.ts";
import type { Trainer } from "../trainer.ts";

/** Where a training in a worker stands. */
export interface TrainingProgress {
  /** The running epoch, counted from 1. */
  epoch: number;
  /** The epoch that the training ends with. */
  lastEpoch: number;
  /** Steps taken in the running epoch. */
  step: number;
  /** Steps of a whole epoch; null where the loader does not know. */
  stepsPerEpoch: number | null;
  /** The loss of the last batch, as mean over its samples. */
  batchLoss: number;
  /** The loss over the running epoch's samples so far. */
  trainLoss: number;
}

/** What a training in a worker came to. */
export interface WorkerResult {
  /** The trained model's parameters and buffers, for `loadStateDict()`. */
  state: Record<string, Tensor>;
  /** One record an epoch. */
  history: EpochRecord[];
}

/** Options of {@linkcode trainInWorker}. */
export interface TrainInWorkerOptions {
  /**
   * What the training is told: anything that can be cloned, such as options
   * and typed arrays. Default: undefined.
   */
  config?: unknown;
  /** Told where the training stands, about 20 times a second. */
  onProgress?: (progress: TrainingProgress) => void;
  /** Told of each finished epoch. */
  onEpochEnd?: (record: EpochRecord) => void;
  /** Ends the training after the current step; what is learnt is kept. */
  signal?: AbortSignal;
}

/** What a training in a worker is given. */
export interface WorkerJob<Config = unknown> {
  /** What the program told {@linkcode trainInWorker}. */
  config: Config;
  /** For the Trainer: aborted when the program wants the training to end. */
  signal: AbortSignal;
  /** For the Trainer: tells the program of the progress. */
  callbacks: readonly Callback[];
}

/** A `Worker` of the web, or one of `node:worker_threads`. */
export interface WorkerLike {
  /** Sends a message. */
  postMessage(message: unknown): void;
  /** Ends it. */
  terminate(): unknown;
  /** How the web's workers are listened to. */
  addEventListener?(type: string, listener: (event: Event) => void): void;
  /** How Node's workers are listened to. */
  on?(type: string, listener: (value: unknown) => void): unknown;
}

/** What the program sends. */
type Order = { kind: "start"; config: unknown } | { kind: "stop" };

/** What the worker sends. */
type News =
  | { kind: "progress"; progress: TrainingProgress }
  | { kind: "epoch"; record: EpochRecord }
  | { kind: "done"; state: Uint8Array<ArrayBuffer> }
  | { kind: "failed"; name: string; message: string; stack: string };

/** The program hears of steps this often. */
const PROGRESS_MS = 50;

/**
 * Runs the training that a worker's module serves, and ends the worker.
 *
 * The worker is given, not its address: bundlers look for
 * `new Worker(new URL(...))`, and permissions are the caller's.
 *
 * ```ts ignore
 * import { trainInWorker } from "@fdunn/train";
 *
 * const url = new URL("../digits_worker.ts", import.meta.url);
 * const worker = new Worker(url, { type: "module" });
 * const { state } = await trainInWorker(worker, {
 *   config: { epochs: 3 },
 *   onProgress: ({ epoch, trainLoss }) => console.log(epoch, trainLoss),
 * });
 * model.loadStateDict(state);
 * ```
 *
 * @throws Error, with the name and the message of the error in the worker,
 * when its training fails or its module cannot be loaded; what a callback
 * throws.
 */
export async function trainInWorker(
  worker: WorkerLike,
  options: TrainInWorkerOptions = {},
): Promise<WorkerResult> {
  const { config, onProgress, onEpochEnd, signal } = options;
  const history: EpochRecord[] = [];
  const stop = () => worker.postMessage({ kind: "stop" } satisfies Order);
  try {
    const state = await new Promise<Uint8Array>((resolve, reject) => {
      const hear = (news: News) => {
        if (news.kind === "progress") onProgress?.(news.progress);
        else if (news.kind === "epoch") {
          history.push(news.record);
          onEpochEnd?.(news.record);
        } else if (news.kind === "done") resolve(news.state);
        else reject(errorOf(news));
      };
      listenTo(worker, (news) => {
        try {
          hear(news);
        } catch (error) {
          reject(error); // of the program's own callbacks
        }
      }, reject);
      worker.postMessage({ kind: "start", config } satisfies Order);
      signal?.addEventListener("abort", stop);
      if (signal?.aborted) stop();
    });
    return { state: loadSafetensors(state).tensors, history };
  } finally {
    signal?.removeEventListener("abort", stop);
    worker.terminate();
  }
}

/**
 * What a worker's module calls, once: `train` is run when the program asks for
 * it, and returns the model.
 *
 * ```ts ignore
 * import { serveTraining, Trainer } from "@fdunn/train";
 *
 * serveTraining<{ epochs: number }>(async ({ config, signal, callbacks }) => {
 *   const model = new Linear(2, 2);
 *   const trainer = new Trainer(model, {
 *     optimizer: new SGD(model.parameters(), { lr: 0.1 }),
 *     loss: new CrossEntropyLoss(),
 *     epochs: config.epochs,
 *     signal,
 *     callbacks,
 *   });
 *   await trainer.fit(loader);
 *   return model;
 * });
 * ```
 *
 * @throws Error when this is no worker.
 */
export function serveTraining<Config = unknown>(
  train: (
    job: WorkerJob<Config>,
  ) => Promise<Pick<Stateful, "stateDict">> | Pick<Stateful, "stateDict">,
): void {
  const port = programPort();
  const stopper = new AbortController();
  const send = (news: News, transfer: Transferable[] = []) =>
    port.postMessage(news, transfer);
  port.listen(async (order) => {
    if (order.kind === "stop") return stopper.abort();
    try {
      const model = await train({
        config: order.config as Config,
        signal: stopper.signal,
        callbacks: [new Messenger(send)],
      });
      const state = saveSafetensors(model.stateDict());
      send({ kind: "done", state }, [state.buffer]);
    } catch (error) {
      const { name, message, stack = "" } = error instanceof Error
        ? error
        : new Error(String(error));
      send({ kind: "failed", name, message, stack });
    }
  });
}

/** Tells the program of the Trainer's progress. */
class Messenger implements Callback {
  readonly #send: (news: News) => void;
  #last = -Infinity;

  constructor(send: (news: News) => void) {
    this.#send = send;
  }

  onStep(trainer: Trainer): void {
    const now = performance.now();
    if (now - this.#last < PROGRESS_MS) return;
    this.#last = now;
    const { epoch, lastEpoch, step, stepsPerEpoch, batchLoss, trainLoss } =
      trainer;
    const progress: TrainingProgress = {
      epoch,
      lastEpoch,
      step,
      stepsPerEpoch,
      batchLoss,
      trainLoss,
    };
    this.#send({ kind: "progress", progress });
  }

  onEpochEnd(_trainer: Trainer, record: EpochRecord): void {
    this.#send({ kind: "epoch", record });
  }
}

/** Calls back with a worker's messages, and when it fails or ends by itself. */
function listenTo(
  worker: WorkerLike,
  hear: (news: News) => void,
  fail: (error: Error) => void,
): void {
  if (worker.on !== undefined) {
    worker.on("message", (news) => hear(news as News));
    worker.on("error", (error) => fail(error as Error));
    worker.on("exit", (code) =>
      fail(
        new Error(`The worker ended with code ${code} before its training did`),
      ));
    return;
  }
  worker.addEventListener?.(
    "message",
    (event) => hear((event as MessageEvent<News>).data),
  );
  worker.addEventListener?.("error", (event) => {
    event.preventDefault(); // else it ends the program, too
    const { message } = event as ErrorEvent;
    fail(
      new Error(`The worker failed: ${message || "its module did not load"}`),
    );
  });
  worker.addEventListener?.(
    "messageerror",
    () => fail(new Error("A message of the worker could not be read")),
  );
}

function errorOf(news: News & { kind: "failed" }): Error {
  const error = new Error(news.message);
  error.name = news.name;
  error.stack = `${news.stack}\n    in a worker, for\n${error.stack ?? ""}`;
  return error;
}

interface ProgramPort {
  postMessage(news: News, transfer: Transferable[]): void;
  listen(hear: (order: Order) => void): void;
}

/** What connects a worker with the program that started it. */
function programPort(): ProgramPort {
  interface NodePort {
    postMessage(news: News, transfer: Transferable[]): void;
    on(type: "message", listener: (order: Order) => void): void;
  }
  const { process, WorkerGlobalScope } = globalThis as {
    process?: { getBuiltinModule?(name: string): unknown };
    WorkerGlobalScope?: unknown;
  };
  const threads = process?.getBuiltinModule?.("node:worker_threads") as
    | { parentPort: NodePort | null }
    | undefined;
  const port = threads?.parentPort;
  if (port) {
    return {
      postMessage: (news, transfer) => port.postMessage(news, transfer),
      listen: (hear) => port.on("message", hear),
    };
  }
  if (WorkerGlobalScope === undefined) {
    throw new Error(
      "serveTraining() is called in the worker's module; this is no worker",
    );
  }
  const scope = globalThis as unknown as {
    postMessage(news: News, transfer: Transferable[]): void;
    addEventListener(
      type: "message",
      listener: (event: MessageEvent<Order>) => void,
    ): void;
  };
  return {
    postMessage: (news, transfer) => scope.postMessage(news, transfer),
    listen: (hear) =>
      scope.addEventListener("message", (event) => hear(event.data)),
  };
}
