/** Whether ops are recorded: `noGrad`, `enableGrad`, and what a pass is doing. */

import type { Inspector } from "./inspector.ts";
import type { Tensor } from "./tensor.ts";

/** Switches of the autograd engine; op.ts reads them on every op. */
export const mode: {
  /** Record ops whose inputs require gradients. */
  recording: boolean;
  /** Inside an op's backward: views there are no business of the user's. */
  walking: boolean;
  /** Inside a `backward()`, which shows inner gradients to hooks only. */
  inner: boolean;
  /** Looks at what ops give, or null: `detectAnomaly`, the export of models. */
  inspector: Inspector | null;
} = { recording: true, walking: false, inner: false, inspector: null };

/** Guards that `using` holds, innermost last. */
const guards: Guard[] = [];

/** Holds a grad mode until it is disposed of; made by {@linkcode noGrad}. */
class Guard {
  readonly #before = mode.recording;

  constructor(recording: boolean) {
    mode.recording = recording;
    guards.push(this);
  }

  [Symbol.dispose](): void {
    if (guards.at(-1) !== this) {
      throw new Error(
        "A noGrad() or enableGrad() guard was closed out of order: hold it around synchronous work only",
      );
    }
    guards.pop();
    mode.recording = this.#before;
  }
}

/** Runs `f` without recording, so that its results require no gradient. */
export function noGrad<T>(f: () => T): T;
/** Stops recording until the guard leaves its block: `using _ = noGrad();`. */
export function noGrad(): Disposable;
/**
 * Computes without recording a graph.
 *
 * Call it with a synchronous function, or hold its guard with `using`. Throws
 * when the function returns a promise: other code would run in between.
 *
 * ```ts
 * import { noGrad, tensor } from "@fdunn/tensor";
 * import { assertEquals } from "@std/assert";
 *
 * const w = tensor([1, 2], { requiresGrad: true });
 * const y = noGrad(() => w.mul(2));
 * assertEquals(y.requiresGrad, false);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html
 */
export function noGrad<T>(f?: () => T): T | Disposable {
  return f === undefined ? new Guard(false) : run("noGrad", false, f);
}

/** Runs `f` with recording on, also inside {@linkcode noGrad}. */
export function enableGrad<T>(f: () => T): T;
/** Records until the guard leaves its block: `using _ = enableGrad();`. */
export function enableGrad(): Disposable;
/** Records inside a region that does not; see {@linkcode noGrad}. */
export function enableGrad<T>(f?: () => T): T | Disposable {
  return f === undefined ? new Guard(true) : run("enableGrad", true, f);
}

/** Whether ops are being recorded. */
export function isGradEnabled(): boolean {
  return mode.recording;
}

function run<T>(name: string, recording: boolean, f: () => T): T {
  const before = mode.recording;
  mode.recording = recording;
  try {
    return refusePromise(name, f());
  } finally {
    mode.recording = before;
  }
}

/** Runs `f`, of which `inspector` sees all that ops do, in place of another. */
export function inspect<T>(inspector: Inspector, f: () => T): T {
  const before = mode.inspector;
  mode.inspector = inspector;
  try {
    return refusePromise("inspect", f());
  } finally {
    mode.inspector = before;
  }
}

/**
 * Whether ops are being followed from inputs to `x`, as an export does: then
 * nothing may be decided by its numbers, which are an example's.
 */
export function isFollowed(x: Tensor): boolean {
  return mode.inspector?.follows?.(x) ?? false;
}

/** Returns `result`, unless it is a promise. */
export function refusePromise<T>(name: string, result: T): T {
  const then = (result as { then?: unknown } | null | undefined)?.then;
  if (typeof then === "function") {
    throw new TypeError(
      `${name}() got a function that returns a promise: other code would run while it waits. Use ${name}() around the synchronous parts`,
    );
  }
  return result;
}
