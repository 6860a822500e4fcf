/** Lets the doctor's checks see a training: hooks, and how to end them. */

import { type AnyModule, Module } from "@fdunn/nn";
import type { Tensor } from "@fdunn/tensor";
import { DeadUnitsCheck } from "./check_dead_units.ts";
import { InputCheck } from "./check_inputs.ts";
import { ModeCheck } from "./check_mode.ts";
import { checkOptimizers } from "./check_optimizers.ts";
import { StuckLossCheck } from "./check_stuck_loss.ts";
import { checkWeights, noteTrained } from "./check_weights.ts";
import { ZeroGradCheck } from "./check_zero_grad.ts";
import type { Mistake } from "./doctor.ts";
import type { Criterion, StepOptimizer } from "../trainable.ts";

/** What is watched. */
export interface Patient {
  /** What is trained. */
  model: AnyModule;
  /** What trains it. */
  optimizers: readonly StepOptimizer[];
  /** What is to become small, if it is known. */
  loss: Criterion | null;
}

/** Takes what was found. */
export type Tell = (mistake: Mistake, message: string) => void;

/** How the checks are to work. */
export interface CheckupOptions {
  /** Takes what was found. */
  tell: Tell;
  /** A folder of run folders. */
  runs: string | null;
  /** Whether the weights may be trained already. */
  continues: boolean;
  /** Steps that a loss may stay at ln(classes). */
  patience: number;
}

/** One kind of mistake, by what it wants to see. */
export interface Check {
  /** After the model's `forward`, if its input is a tensor. */
  onForward?(input: Tensor): void;
  /** After the model's `forward`: what it gave, of several the first. */
  onOutput?(output: Tensor): void;
  /** After the loss's `forward`. */
  onLoss?(output: Tensor, target: Tensor, loss: Tensor): void;
  /** After an optimizer's step. */
  onStep?(): void;
  /** After the training. */
  end?(): void;
}

/** All checks of one training. */
export class Checkups {
  readonly #checks: readonly Check[];
  readonly #undo: (() => void)[] = [];
  readonly #patient: Patient;
  #stepped = false;

  /** Looks at the start, and watches what follows until {@linkcode end}. */
  constructor(patient: Patient, options: CheckupOptions) {
    this.#patient = patient;
    const { model, optimizers, loss } = patient;
    const { tell } = options;
    checkOptimizers(patient, tell);
    if (!options.continues) checkWeights(patient, options.runs, tell);
    this.#checks = [
      new InputCheck(model, tell),
      new ModeCheck(model, tell),
      new StuckLossCheck(patient, options.patience, tell),
      new DeadUnitsCheck(model, tell),
      new ZeroGradCheck(patient, tell),
    ];
    const onForward = this.#asking("onForward");
    const onOutput = this.#asking("onOutput");
    const onLoss = this.#asking("onLoss");
    const onStep = this.#asking("onStep");
    this.#undo.push(
      after(model, "forward", ([input], outputs) => {
        const output = Array.isArray(outputs) ? outputs[0] : outputs;
        if (isTensor(output)) {
          for (const check of onOutput) check.onOutput!(output);
        }
        if (!isTensor(input)) return;
        for (const check of onForward) check.onForward!(input);
      }),
    );
    for (const optimizer of optimizers) {
      this.#undo.push(after(optimizer, "step", () => {
        this.#stepped = true;
        for (const check of onStep) check.onStep!();
      }));
    }
    if (loss === null) return;
    this.#undo.push(after(loss, "forward", ([output, target], value) => {
      if (!isTensor(output) || !isTensor(target) || !isTensor(value)) return;
      for (const check of onLoss) check.onLoss!(output, target, value);
    }));
  }

  /** Leaves the model, the optimizers and the loss as they were. */
  end(): void {
    for (const undo of this.#undo.reverse()) undo();
    for (const check of this.#checks) check.end?.();
    if (this.#stepped) noteTrained(this.#patient);
  }

  #asking(moment: keyof Check): Check[] {
    return this.#checks.filter((check) => check[moment] !== undefined);
  }
}

/** Calls `f` after each call of a method; returns what ends it. */
function after(
  object: object,
  method: string,
  f: (inputs: readonly unknown[], output: unknown) => void,
): () => void {
  if (object instanceof Module && method === "forward") {
    return (object as AnyModule).registerForwardHook((_, inputs, output) => {
      f(inputs, output);
    });
  }
  const own = Object.getOwnPropertyDescriptor(object, method);
  const original = (object as Record<string, (...a: unknown[]) => unknown>)[
    method
  ]!;
  function watched(this: unknown, ...inputs: unknown[]): unknown {
    const output = original.apply(this, inputs);
    f(inputs, output);
    return output;
  }
  Object.defineProperty(object, method, {
    value: watched,
    configurable: true,
    enumerable: false,
    writable: true,
  });
  return () => {
    // Who has wrapped it since wraps ours: it stays, and does no harm.
    const now = Object.getOwnPropertyDescriptor(object, method);
    if (now?.value !== watched) return;
    if (own === undefined) Reflect.deleteProperty(object, method);
    else Object.defineProperty(object, method, own);
  };
}

function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "requiresGrad" in value;
}
