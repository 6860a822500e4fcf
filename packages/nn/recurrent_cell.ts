/** Recurrent cells: one step of a recurrent layer. */

import {
  type DType,
  gruCell,
  lstmCell,
  type Nonlinearity,
  rnnCell,
  type RnnWeights,
  type Tensor,
  zeros,
} from "@fdunn/tensor";
import { uniform_ } from "./init.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import { requireCount } from "@fdunn/tensor/op";

/** Options of {@linkcode LSTMCell} and {@linkcode GRUCell}. */
export interface RecurrentCellOptions {
  /** Whether both maps have biases. Default `true`. */
  bias?: boolean;
  /** Type of the parameters. Default float32. */
  dtype?: DType;
}

/** Options of {@linkcode RNNCell}. */
export interface RNNCellOptions extends RecurrentCellOptions {
  /** `"tanh"`, the default, or `"relu"`. */
  nonlinearity?: Nonlinearity;
}

/** Uniform in ±1 / √hidden, all of them, as in PyTorch. */
export function resetRecurrent(
  parameters: readonly Parameter[],
  hidden: number,
): void {
  const bound = 1 / Math.sqrt(hidden);
  for (const parameter of parameters) uniform_(parameter, -bound, bound);
}

/** What the cells share: sizes and parameters. */
export abstract class RecurrentCell<
  Inputs extends unknown[],
  Output,
> extends Module<Inputs, Output> {
  /** From the input: `[gates * hiddenSize, inputSize]`. */
  weight_ih: Parameter;
  /** From the state: `[gates * hiddenSize, hiddenSize]`. */
  weight_hh: Parameter;
  /** `[gates * hiddenSize]`, or null. */
  bias_ih: Parameter | null;
  /** `[gates * hiddenSize]`, or null. */
  bias_hh: Parameter | null;
  /** Size of an input. */
  readonly inputSize: number;
  /** Size of a state. */
  readonly hiddenSize: number;

  /** Makes and initialises the parameters for so many gates. */
  constructor(
    gates: number,
    [inputSize, hiddenSize]: readonly [number, number],
    options: RecurrentCellOptions,
  ) {
    super();
    requireCount(new.target.name, "inputSize", inputSize);
    requireCount(new.target.name, "hiddenSize", hiddenSize);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    const { bias = true, dtype = "float32" } = options;
    const make = (...shape: number[]) => new Parameter(zeros(shape, { dtype }));
    const rows = gates * hiddenSize;
    this.weight_ih = make(rows, inputSize);
    this.weight_hh = make(rows, hiddenSize);
    this.bias_ih = bias ? make(rows) : null;
    this.bias_hh = bias ? make(rows) : null;
    this.resetParameters();
  }

  /** Initialises the parameters anew: uniform in ±1 / √hiddenSize. */
  resetParameters(): void {
    resetRecurrent(this.parameters(), this.hiddenSize);
  }

  /** The parameters as the functional forms take them. */
  weights(): RnnWeights {
    return {
      weightIh: this.weight_ih,
      weightHh: this.weight_hh,
      biasIh: this.bias_ih,
      biasHh: this.bias_hh,
    };
  }

  /** Sizes, and what is not as by default. */
  override extraRepr(): string {
    const bias = this.bias_ih === null ? ", bias=false" : "";
    return `${this.inputSize}, ${this.hiddenSize}${bias}`;
  }
}

/**
 * One step of a vanilla recurrent layer:
 * `h' = tanh(x Wihᵀ + bih + h Whhᵀ + bhh)`.
 *
 * Shapes: input `[N, inputSize]` and state `[N, hiddenSize]`, or both without
 * N; the next state is the result. Parameters have PyTorch's names:
 * `weight_ih` `[hiddenSize, inputSize]`, `weight_hh` `[hiddenSize,
 * hiddenSize]`, `bias_ih` and `bias_hh` `[hiddenSize]`, uniform in
 * ±1 / √hiddenSize to begin with.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { RNNCell } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const cell = new RNNCell(10, 20);
 * let h = cell.forward(randn([3, 10])); // from zeros
 * h = cell.forward(randn([3, 10]), h);
 * assertEquals(h.shape, [3, 20]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.RNNCell.html
 */
export class RNNCell
  extends RecurrentCell<[x: Tensor, state?: Tensor | null], Tensor> {
  /** What goes on the sum. */
  readonly nonlinearity: Nonlinearity;

  /** Makes and initialises the parameters. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RNNCellOptions = {},
  ) {
    super(1, [inputSize, hiddenSize], options);
    this.nonlinearity = nonlinearityOf("RNNCell", options);
  }

  /** The next state; without a state, from zeros. */
  forward(x: Tensor, state: Tensor | null = null): Tensor {
    const { nonlinearity } = this;
    const step = (x: Tensor, state: Tensor | null) =>
      rnnCell(x, state, this.weights(), { nonlinearity });
    return onRows(x, state, step);
  }

  /** Sizes, nonlinearity, and what is not as by default. */
  override extraRepr(): string {
    return `${super.extraRepr()}, nonlinearity=${this.nonlinearity}`;
  }
}

/**
 * One step of a long short-term memory. With the gates' sums
 * `x Wihᵀ + bih + h Whhᵀ + bhh`: `i, f, o = σ(…)`, `g = tanh(…)`,
 * `c' = f c + i g`, `h' = o tanh(c')`.
 *
 * Shapes: input `[N, inputSize]`, state and cell `[N, hiddenSize]`, or all
 * without N; the next state and cell are the result. Parameters have PyTorch's
 * names: `weight_ih` `[4 hiddenSize, inputSize]`, `weight_hh` `[4 hiddenSize,
 * hiddenSize]`, `bias_ih` and `bias_hh` `[4 hiddenSize]` for the gates i, f, g,
 * o, uniform in ±1 / √hiddenSize to begin with.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { LSTMCell } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const cell = new LSTMCell(10, 20);
 * let state = cell.forward(randn([3, 10])); // from zeros
 * state = cell.forward(randn([3, 10]), state);
 * assertEquals(state.map((x) => x.shape), [[3, 20], [3, 20]]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTMCell.html
 */
export class LSTMCell extends RecurrentCell<
  [x: Tensor, state?: readonly [h: Tensor, c: Tensor] | null],
  [h: Tensor, c: Tensor]
> {
  /** Makes and initialises the parameters. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RecurrentCellOptions = {},
  ) {
    super(4, [inputSize, hiddenSize], options);
  }

  /** The next state and cell; without them, from zeros. */
  forward(
    x: Tensor,
    state: readonly [h: Tensor, c: Tensor] | null = null,
  ): [h: Tensor, c: Tensor] {
    if (x.shape.length > 1) return lstmCell(x, state, this.weights());
    const rows = state &&
      [state[0].unsqueeze(0), state[1].unsqueeze(0)] as const;
    const [h, c] = lstmCell(x.unsqueeze(0), rows, this.weights());
    return [h.squeeze(0), c.squeeze(0)];
  }
}

/**
 * One step of gated recurrent units: `r, z = σ(x Wihᵀ + bih + h Whhᵀ + bhh)`,
 * `n = tanh(x Wihᵀ + bih + r (h Whhᵀ + bhh))`, `h' = (1 - z) n + z h`.
 *
 * Shapes: input `[N, inputSize]` and state `[N, hiddenSize]`, or both without
 * N; the next state is the result. Parameters have PyTorch's names:
 * `weight_ih` `[3 hiddenSize, inputSize]`, `weight_hh` `[3 hiddenSize,
 * hiddenSize]`, `bias_ih` and `bias_hh` `[3 hiddenSize]` for r, z, n, uniform
 * in ±1 / √hiddenSize to begin with.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { GRUCell } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const cell = new GRUCell(10, 20);
 * let h = cell.forward(randn([3, 10])); // from zeros
 * h = cell.forward(randn([3, 10]), h);
 * assertEquals(h.shape, [3, 20]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.GRUCell.html
 */
export class GRUCell
  extends RecurrentCell<[x: Tensor, state?: Tensor | null], Tensor> {
  /** Makes and initialises the parameters. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RecurrentCellOptions = {},
  ) {
    super(3, [inputSize, hiddenSize], options);
  }

  /** The next state; without a state, from zeros. */
  forward(x: Tensor, state: Tensor | null = null): Tensor {
    const step = (x: Tensor, state: Tensor | null) =>
      gruCell(x, state, this.weights());
    return onRows(x, state, step);
  }
}

/** A step on rows; a vector is one row. */
function onRows(
  x: Tensor,
  state: Tensor | null,
  step: (x: Tensor, state: Tensor | null) => Tensor,
): Tensor {
  if (x.shape.length > 1) return step(x, state);
  return step(x.unsqueeze(0), state && state.unsqueeze(0)).squeeze(0);
}

/** The nonlinearity that options name; throws for others. */
export function nonlinearityOf(
  layer: string,
  options: RNNCellOptions,
): Nonlinearity {
  const { nonlinearity = "tanh" } = options;
  if (nonlinearity !== "tanh" && nonlinearity !== "relu") {
    throw new RangeError(
      `${layer} got nonlinearity "${nonlinearity}", expected "tanh" or "relu"`,
    );
  }
  return nonlinearity;
}
