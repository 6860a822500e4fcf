/** What a training logs, for OpenTelemetry. */

import type { Callback, LogRow } from "../callback.ts";
import type { Trainer } from "../trainer.ts";

/** What this file uses of `@opentelemetry/api`. */
interface Span {
  setAttributes(attributes: Record<string, string | number>): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  recordException(error: Error): unknown;
  end(): void;
}
interface Context {
  setValue(key: symbol, value: unknown): Context;
}
interface Gauge {
  record(value: number, attributes?: Record<string, string | number>): void;
}
interface Api {
  trace: {
    getTracer(name: string): {
      startSpan(name: string, options: object, context: Context): Span;
    };
  };
  metrics: { getMeter(name: string): { createGauge(name: string): Gauge } };
  context: { active(): Context };
}

/** Where the API keeps what an SDK, or Deno itself, has registered. */
const API: symbol = Symbol.for("opentelemetry.js.api.1");
/** Under which a context keeps its span. */
const SPAN: symbol = Symbol.for("OpenTelemetry Context Key SPAN");
const ERROR = 2;

/** Options of {@linkcode TelemetryLogger}. */
export interface TelemetryLoggerOptions {
  /** What all names begin with. Default `"fdunn"`. */
  name?: string;
}

/**
 * Tells OpenTelemetry of a training: the spans `fdunn.fit`, within it
 * `fdunn.epoch` and `fdunn.evaluation`, and each figure that is logged as a
 * gauge (`fdunn.loss`, `fdunn.validAccuracy`, ...) with the attributes `kind`,
 * `epoch`.
 *
 * Deno exports them by itself, without a package:
 *
 * ```sh
 * OTEL_DENO=true OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4318 deno run train.ts
 * ```
 *
 * In Node an SDK of OpenTelemetry has to be registered first. Where there is
 * none nothing is told, as is the habit of that API.
 *
 * ```ts
 * import { TelemetryLogger } from "@fdunn/train";
 *
 * const callbacks = [new TelemetryLogger()];
 * ```
 *
 * See https://docs.deno.com/runtime/fundamentals/open_telemetry/
 */
export class TelemetryLogger implements Callback {
  readonly #name: string;
  readonly #gauges: Map<string, Gauge> = new Map();
  #fit: Span | null = null;
  #epoch: Span | null = null;
  #evaluation: Span | null = null;

  /** Whether somebody listens: Deno with `OTEL_DENO=true`, or an SDK. */
  static get listened(): boolean {
    return api() !== null;
  }

  /** Tells nothing yet. */
  constructor(options: TelemetryLoggerOptions = {}) {
    this.#name = options.name ?? "fdunn";
  }

  /** Begins the span of the training. */
  onFitStart(): void {
    this.#fit = this.#begin("fit", null);
  }

  /** Begins the span of an epoch. */
  onEpochStart(trainer: Trainer): void {
    this.#epoch = this.#begin("epoch", this.#fit);
    this.#epoch?.setAttributes({ epoch: trainer.epoch });
  }

  /** Begins the span of an evaluation. */
  onEvaluationStart(): void {
    this.#evaluation = this.#begin("evaluation", this.#epoch ?? this.#fit);
  }

  /** Ends it. */
  onEvaluationEnd(): void {
    this.#evaluation?.end();
    this.#evaluation = null;
  }

  /** Ends the span of an epoch. */
  onEpochEnd(trainer: Trainer): void {
    this.#epoch?.setAttributes({ steps: trainer.step });
    this.#epoch?.end();
    this.#epoch = null;
  }

  /** Sets each figure's gauge. */
  onLog(_trainer: Trainer, { kind, epoch, values }: LogRow): void {
    const meter = api()?.metrics.getMeter(this.#name);
    if (meter === undefined) return;
    for (const [figure, value] of Object.entries(values)) {
      let gauge = this.#gauges.get(figure);
      if (gauge === undefined) {
        gauge = meter.createGauge(`${this.#name}.${figure}`);
        this.#gauges.set(figure, gauge);
      }
      gauge.record(value, { kind, epoch });
    }
  }

  /** Marks what failed. */
  onException(_trainer: Trainer, error: unknown): void {
    const { message } = error instanceof Error ? error : new Error(`${error}`);
    for (const span of [this.#evaluation, this.#epoch, this.#fit]) {
      span?.setStatus({ code: ERROR, message });
    }
    if (error instanceof Error) this.#fit?.recordException(error);
  }

  /** Ends the span of the training, and what a failure left open. */
  onFitEnd(): void {
    for (const span of [this.#evaluation, this.#epoch, this.#fit]) span?.end();
    this.#evaluation = this.#epoch = this.#fit = null;
  }

  #begin(what: string, parent: Span | null): Span | null {
    const telemetry = api();
    if (telemetry === null) return null;
    const active = telemetry.context.active();
    const context = parent === null ? active : active.setValue(SPAN, parent);
    const tracer = telemetry.trace.getTracer(this.#name);
    return tracer.startSpan(`${this.#name}.${what}`, {}, context);
  }
}

/** OpenTelemetry, where a tracer, a meter and contexts are registered. */
function api(): Api | null {
  const found = (globalThis as Record<symbol, Partial<Api> | undefined>)[API];
  return found?.trace && found.metrics && found.context ? found as Api : null;
}
