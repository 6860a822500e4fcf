/** The limited-memory BFGS method. */

import { enableGrad, keep, noGrad, stack, Tensor, tensor } from "@fdunn/tensor";
import { formatShape, requireCount } from "@fdunn/tensor/op";
import {
  ClosureOptimizer,
  type ClosureOptions,
  dot,
  largest,
} from "./closure_optimizer.ts";
import { requireAtLeastZero, requireChoice } from "./option_check.ts";
import { camelKeys, type OptimizerState } from "./state.ts";
import { type LinePoint, strongWolfe } from "./strong_wolfe.ts";

/** Options of {@linkcode LBFGS}. */
export interface LBFGSOptions extends ClosureOptions {
  /** Step length; the first guess of a line search. Default 1. */
  lr: number;
  /** Iterations per `step()`. Default 20. */
  maxIter: number;
  /** Calls of the closure per `step()`. Default 5/4 of `maxIter`. */
  maxEval: number;
  /** Ends when no component of the gradient is larger. Default 1e-7. */
  toleranceGrad: number;
  /** Ends when parameters and loss change by no more. Default 1e-9. */
  toleranceChange: number;
  /** Steps that are remembered, two vectors each. Default 100. */
  historySize: number;
  /** How to choose the step length; null takes `lr`. Default null. */
  lineSearchFn: "strongWolfe" | null;
}

/** What {@linkcode LBFGS} keeps, as vectors over all parameters. */
interface LBFGSMemory {
  funcEvals: number;
  nIter: number;
  /** The last direction, step length, gradient and loss. */
  d: Tensor;
  t: number;
  prevFlatGrad: Tensor;
  prevLoss: number;
  /** The last steps' changes of the gradient and of the parameters. */
  oldDirs: Tensor[];
  oldSteps: Tensor[];
  /** 1 / (change of gradient · change of parameters). */
  ro: number[];
  /** The inverse Hessian's first guess is this times the identity. */
  hDiag: number;
}

/**
 * A quasi-Newton method that remembers the last steps: for few parameters and
 * a loss without noise, as in full-batch training.
 *
 * The step needs a closure, which it calls several times: it clears the
 * gradients, computes the loss, calls `backward()` and returns the loss. One
 * group only. Liu and Nocedal, "On the limited memory BFGS method for large
 * scale optimization", 1989.
 *
 * ```ts
 * import { tensor } from "@fdunn/tensor";
 * import { LBFGS } from "@fdunn/optim/second_order";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * // Rosenbrock's valley: its minimum is at [1, 1].
 * const x = tensor([-1.5, 2], { dtype: "float64", requiresGrad: true });
 * const optimizer = new LBFGS([x], { lineSearchFn: "strongWolfe" });
 * for (let i = 0; i < 4; i++) {
 *   optimizer.step(() => {
 *     optimizer.zeroGrad();
 *     const [a, b] = x.split(1) as [typeof x, typeof x];
 *     const loss = b.sub(a.square()).square().mul(100)
 *       .add(a.sub(1).square()).sum();
 *     loss.backward();
 *     return loss;
 *   });
 * }
 * assertAlmostEquals(x.select(0, 0).item() as number, 1, 1e-5);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.optim.LBFGS.html
 *
 * @throws RangeError for options that make no sense or several groups;
 * TypeError for a step without a closure.
 */
export class LBFGS extends ClosureOptimizer<LBFGSOptions> {
  #memory: LBFGSMemory | null = null;

  /** Takes the parameters. */
  constructor(
    params: Iterable<Tensor>,
    options: Partial<LBFGSOptions> = {},
  ) {
    const maxIter = options.maxIter ?? 20;
    super(params, {
      lr: 1,
      maxIter,
      maxEval: Math.floor(maxIter * 5 / 4),
      toleranceGrad: 1e-7,
      toleranceChange: 1e-9,
      historySize: 100,
      lineSearchFn: null,
      maximize: false,
      ...options,
    });
  }

  /** See {@linkcode ClosureOptimizer}. */
  get nIter(): number {
    return this.#memory?.nIter ?? 0;
  }

  /** See {@linkcode Optimizer}. */
  protected checkOptions(options: LBFGSOptions): void {
    requireAtLeastZero("LBFGS", options, "lr");
    requireAtLeastZero("LBFGS", options, "toleranceGrad", "toleranceChange");
    for (const name of ["maxIter", "maxEval", "historySize"] as const) {
      requireCount("LBFGS", name, options[name]);
    }
    const { lineSearchFn } = options;
    requireChoice("LBFGS", "lineSearchFn", lineSearchFn, ["strongWolfe", null]);
  }

  /** Up to `maxIter` iterations; returns the loss before the first. */
  protected run(closure: () => Tensor): Tensor {
    const options = this.paramGroups[0]!;
    const { maxIter, maxEval, toleranceChange } = options;
    const first = enableGrad(closure);
    let loss = this.signed(first);
    let gradient = this.#gradient();
    let evaluations = 1;
    const memory = this.#memory ?? emptyMemory(gradient);
    this.#memory = memory;
    memory.funcEvals++;
    if (largest(gradient) <= options.toleranceGrad) return first;
    for (let iteration = 1; iteration <= maxIter; iteration++) {
      memory.nIter++;
      const fresh = memory.nIter === 1;
      const d = fresh ? gradient.neg() : newtonDirection(
        memory,
        gradient,
        options.historySize,
      );
      const prevLoss = loss;
      let t = options.lr;
      if (fresh) t *= Math.min(1, 1 / (gradient.abs().sum().item() as number));
      memory.d = keep(d);
      memory.t = t;
      memory.prevFlatGrad = keep(gradient);
      memory.prevLoss = loss;
      const slope = dot(gradient, d);
      if (slope > -toleranceChange) break;
      if (options.lineSearchFn === null) {
        this.move(t, d);
        if (iteration < maxIter) {
          // Nobody needs the loss after the last step.
          loss = this.signed(enableGrad(closure));
          gradient = this.#gradient();
          evaluations++;
          memory.funcEvals++;
        }
      } else {
        const found = this.#search(closure, d, t, {
          t: 0,
          loss,
          gradient,
          slope,
        }, maxEval - evaluations);
        evaluations += found.evaluations;
        memory.funcEvals += found.evaluations;
        ({ loss, gradient, t } = found.point);
        memory.t = t;
        this.move(t, d);
      }
      if (
        evaluations >= maxEval ||
        largest(gradient) <= options.toleranceGrad ||
        Math.abs(t) * largest(d) <= toleranceChange ||
        Math.abs(loss - prevLoss) < toleranceChange
      ) break;
    }
    return first;
  }

  /** A step length along `d`; the parameters are back where they were. */
  #search(
    closure: () => Tensor,
    d: Tensor,
    t: number,
    start: LinePoint<Tensor>,
    maxIter: number,
  ): { point: LinePoint<Tensor>; evaluations: number } {
    const { toleranceChange } = this.paramGroups[0]!;
    const before = this.place();
    const evaluate = (t: number) => {
      this.move(t, d);
      const loss = this.signed(enableGrad(closure));
      const gradient = this.#gradient();
      this.goTo(before);
      return { t, loss, gradient, slope: dot(gradient, d) };
    };
    const limits = { maxIter, toleranceChange, largest: largest(d) };
    return strongWolfe(evaluate, start, t, limits);
  }

  /** The gradient that the closure left. */
  #gradient(): Tensor {
    return this.flat(this.params.map(({ slot }) => slot.gradient));
  }

  /** The memory as tensors and numbers; histories are stacked. */
  override stateDict(): OptimizerState {
    const saved = super.stateDict();
    const memory = this.#memory;
    if (memory === null) return saved;
    const { oldDirs, oldSteps, ro, ...rest } = memory;
    saved.state[0] = { ...rest };
    if (ro.length > 0) {
      saved.state[0].oldDirs = stack(oldDirs);
      saved.state[0].oldSteps = stack(oldSteps);
      saved.state[0].ro = tensor(ro, { dtype: "float64" });
    }
    return saved;
  }

  /** See {@linkcode Optimizer.loadStateDict}. */
  override loadStateDict(saved: OptimizerState): void {
    const entries = saved.state?.[0];
    const length = this.params.reduce((sum, { size }) => sum + size, 0);
    const memory = entries === undefined ? null : readMemory(entries, length);
    super.loadStateDict({ ...saved, state: {} });
    this.#memory = memory;
  }
}

function emptyMemory(like: Tensor): LBFGSMemory {
  return {
    funcEvals: 0,
    nIter: 0,
    d: like,
    t: 0,
    prevFlatGrad: like,
    prevLoss: 0,
    oldDirs: [],
    oldSteps: [],
    ro: [],
    hDiag: 1,
  };
}

/** Remembers the last step, then gives the quasi-Newton direction. */
function newtonDirection(
  memory: LBFGSMemory,
  gradient: Tensor,
  historySize: number,
): Tensor {
  const { oldDirs, oldSteps, ro } = memory;
  const y = gradient.sub(memory.prevFlatGrad);
  const s = memory.d.mul(memory.t);
  const ys = dot(y, s);
  if (ys > 1e-10) {
    if (ro.length === historySize) {
      for (const list of [oldDirs, oldSteps, ro]) list.shift();
    }
    oldDirs.push(keep(y));
    oldSteps.push(keep(s));
    ro.push(1 / ys);
    memory.hDiag = ys / dot(y, y);
  }
  // The two loops of the L-BFGS recursion.
  const al: number[] = [];
  let q = gradient.neg();
  for (let i = ro.length - 1; i >= 0; i--) {
    al[i] = dot(oldSteps[i]!, q) * ro[i]!;
    q = q.sub(oldDirs[i]!.mul(al[i]!));
  }
  let r = q.mul(memory.hDiag);
  for (let i = 0; i < ro.length; i++) {
    const be = dot(oldDirs[i]!, r) * ro[i]!;
    r = r.add(oldSteps[i]!.mul(al[i]! - be));
  }
  return r;
}

/** Reads what `stateDict()` gives, or PyTorch's lists of vectors. */
function readMemory(saved: object, length: number): LBFGSMemory {
  const fail = (why: string) =>
    new RangeError(`Cannot load a state into LBFGS: ${why}`);
  const entries = camelKeys(saved);
  const number = (value: unknown, name: string): number => {
    const count = value instanceof Tensor ? value.item() : value;
    if (typeof count === "number") return count;
    throw fail(`${name} is missing`);
  };
  const rows = (name: string, value: unknown): Tensor[] => {
    const list = value === undefined
      ? []
      : value instanceof Tensor
      ? (value.ndim === 2 ? value.split(1) : [value])
      : value as Tensor[];
    return list.map((row) => {
      if (row.size === length) {
        return keep(noGrad(() => row.detach().reshape([-1]).clone()));
      }
      throw fail(
        `${name} has shape ${
          formatShape(row.shape)
        }, expected ${length} elements`,
      );
    });
  };
  const vector = (name: string): Tensor => {
    const [row] = rows(name, entries[name]);
    if (row === undefined) throw fail(`${name} is missing`);
    return row;
  };
  const { ro = [], oldDirs, oldSteps = entries.oldStps } = entries;
  return {
    funcEvals: number(entries.funcEvals, "funcEvals"),
    nIter: number(entries.nIter, "nIter"),
    d: vector("d"),
    t: number(entries.t, "t"),
    prevFlatGrad: vector("prevFlatGrad"),
    prevLoss: number(entries.prevLoss, "prevLoss"),
    oldDirs: rows("oldDirs", oldDirs),
    oldSteps: rows("oldSteps", oldSteps),
    ro: ro instanceof Tensor
      ? Array.from(ro.data(), Number)
      : (ro as unknown[]).map((value) => number(value, "ro")),
    hDiag: number(entries.hDiag, "hDiag"),
  };
}
