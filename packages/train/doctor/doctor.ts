/** Watches a training for mistakes that nothing else would tell. */

import type { AnyModule } from "@fdunn/nn";
import { Module } from "@fdunn/nn";
import { listenToWarnings } from "@fdunn/tensor";
import type { Callback } from "../callback.ts";
import { Checkups, type Patient } from "./checkups.ts";
import type { Criterion, StepOptimizer } from "../trainable.ts";
import type { Trainer } from "../trainer.ts";

/** Steps that a loss may stay at ln(classes), unless told. */
const PATIENCE = 1000;

/** What a {@linkcode Doctor} can find. */
export type Mistake =
  | "tensor-warning"
  | "optimizer-parameters"
  | "continued-weights"
  | "unscaled-inputs"
  | "stuck-loss"
  | "dead-units"
  | "missing-zero-grad"
  | "missing-eval"
  | "missing-train";

/** Something that a {@linkcode Doctor} found. */
export interface Finding {
  /** Which mistake it seems to be. */
  mistake: Mistake;
  /** What was seen, and what to do. */
  message: string;
}

/** Options of {@linkcode Doctor}. */
export interface DoctorOptions {
  /** Gets each message, once each. Default: `console.warn`. */
  sink?: (message: string) => void;
  /**
   * A folder of run folders: a model that starts from the weights that one of
   * them ended with is told. Default: none, which needs no permission.
   */
  runs?: string;
  /** The weights are meant to be trained already. Default `false`. */
  continues?: boolean;
  /**
   * For how many steps a loss may stay at ln(classes); one of n < 16 samples
   * counts for n / 16. Default 1000.
   */
  patience?: number;
}

/** What a {@linkcode Doctor} watches without a Trainer. */
export interface DoctorSubject {
  /** What is trained. */
  model: AnyModule;
  /** What trains it; several, if each has its parameters. */
  optimizer: StepOptimizer | readonly StepOptimizer[];
  /** The loss, if it is an object: without, a stuck loss is not seen. */
  loss?: Criterion;
}

/**
 * Warns of the usual silent mistakes, once each, with what to do:
 *
 * - softmax (or the like) before a loss that applies it itself;
 * - an optimizer that does not hold all of the model's parameters;
 * - a run that goes on with trained weights, though it is to be compared with
 *   others: the model was trained by another optimizer before, or it equals
 *   the last state of a run in the folder `runs`;
 * - inputs that are not scaled, or not finite;
 * - a loss that stays at ln(classes), where all classes are equally likely;
 * - dead ReLUs, of modules and functions: most units of a layer give 0 for
 *   every sample;
 * - a forgotten `zeroGrad()`, `eval()` or `train()`.
 *
 * It is a callback of the Trainer. With an own loop `watch()` does the same,
 * until the function that it returns is called.
 *
 * Costs little: most is looked at in the first steps, and then ever more
 * rarely.
 *
 * ```ts
 * import { Doctor } from "@fdunn/train";
 * import { CrossEntropyLoss, Linear } from "@fdunn/nn";
 * import { SGD } from "@fdunn/optim";
 * import { assertStringIncludes } from "@std/assert";
 *
 * const doctor = new Doctor({ sink: () => {} });
 * const model = new Linear(2, 2);
 * const optimizer = new SGD([model.weight], { lr: 0.1 });
 * const stop = doctor.watch({ model, optimizer, loss: new CrossEntropyLoss() });
 * // Here the training loop would be.
 * stop();
 * const [finding] = doctor.findings;
 * assertStringIncludes(finding!.message, "does not hold 1 of the model's 2");
 * ```
 */
export class Doctor implements Callback {
  /** What was found so far. */
  readonly findings: Finding[] = [];
  readonly #options: DoctorOptions;
  #stop: (() => void) | null = null;
  #resumed = false;

  /**
   * Watches nothing yet.
   *
   * @throws RangeError when `patience` is not a whole number of at least 1.
   */
  constructor(options: DoctorOptions = {}) {
    const { patience = PATIENCE } = options;
    if (!Number.isInteger(patience) || patience < 1) {
      throw new RangeError(
        `Doctor got patience ${patience}, expected a whole number of at least 1`,
      );
    }
    this.#options = options;
  }

  /**
   * Watches a training until the returned function is called.
   *
   * @throws Error when this doctor watches one already.
   */
  watch(subject: DoctorSubject): () => void {
    if (this.#stop !== null) {
      throw new Error(
        "This Doctor watches a training already: stop that first",
      );
    }
    const { optimizer, model, loss = null } = subject;
    const optimizers = isList(optimizer) ? optimizer : [optimizer];
    const { runs = null, continues = false, patience = PATIENCE } =
      this.#options;
    const patient: Patient = { model, optimizers, loss };
    const checkups = new Checkups(patient, {
      tell: (mistake, message) => this.#tell(mistake, message),
      runs,
      continues: continues || this.#resumed,
      patience,
    });
    const unlisten = listenToWarnings((message) =>
      this.#tell("tensor-warning", message)
    );
    const stop = () => {
      if (this.#stop !== stop) return;
      this.#stop = null;
      unlisten();
      checkups.end();
    };
    return this.#stop = stop;
  }

  /** Starts to watch the Trainer. */
  onFitStart({ model, optimizer, loss, resumed }: Trainer): void {
    if (!(model instanceof Module)) {
      throw new TypeError("Doctor got a Trainer whose model is no nn.Module");
    }
    this.#resumed = resumed;
    // A function does not say what it computes.
    const judged = typeof loss === "function" ? {} : { loss };
    this.watch({ model, optimizer, ...judged });
  }

  /** Ends it. */
  onFitEnd(): void {
    this.#stop?.();
  }

  #tell(mistake: Mistake, message: string): void {
    const known = this.findings.some((finding) =>
      finding.mistake === mistake &&
      (mistake !== "tensor-warning" || finding.message === message)
    );
    if (known) return;
    this.findings.push({ mistake, message });
    const { sink } = this.#options;
    if (sink === undefined) console.warn(message);
    else sink(message);
  }
}

function isList<T>(value: T | readonly T[]): value is readonly T[] {
  return Array.isArray(value);
}
