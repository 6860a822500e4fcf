/** Recurrent layers. */

import {
  type DType,
  type Nonlinearity,
  rnn,
  rnnCell,
  type RnnWeights,
  stack,
  type Tensor,
  zeros,
} from "@fdunn/tensor";
import { dropout } from "./dropout.ts";
import { uniform_ } from "./init.ts";
import { requireSize } from "./linear.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";

/** Options of {@linkcode RNNCell}. */
export interface RNNCellOptions {
  /** Whether both maps have biases. Default `true`. */
  bias?: boolean;
  /** `"tanh"`, the default, or `"relu"`. */
  nonlinearity?: Nonlinearity;
  /** Type of the parameters. Default float32. */
  dtype?: DType;
}

/** Options of {@linkcode RNN}. */
export interface RNNOptions extends RNNCellOptions {
  /** Layers, each over the states of the one before. Default 1. */
  numLayers?: number;
  /** Whether inputs and outputs are `[N, T, ...]`. Default `false`. */
  batchFirst?: boolean;
  /** Probability of a zero between layers, in training. Default 0. */
  dropout?: number;
}

/** A layer's four parameters in PyTorch's order. */
const NAMES = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"] as const;

/** Uniform in ±1 / √hidden, all of them. */
function reset(parameters: readonly Parameter[], hidden: number): void {
  const bound = 1 / Math.sqrt(hidden);
  for (const parameter of parameters) uniform_(parameter, -bound, bound);
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
export class RNNCell extends Module<[x: Tensor, state?: Tensor | null]> {
  /** From the input: `[hiddenSize, inputSize]`. */
  weight_ih: Parameter;
  /** From the state: `[hiddenSize, hiddenSize]`. */
  weight_hh: Parameter;
  /** `[hiddenSize]`, or null. */
  bias_ih: Parameter | null;
  /** `[hiddenSize]`, or null. */
  bias_hh: Parameter | null;
  /** Size of an input. */
  readonly inputSize: number;
  /** Size of a state. */
  readonly hiddenSize: number;
  /** What goes on the sum. */
  readonly nonlinearity: Nonlinearity;

  /** Makes and initialises the parameters. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RNNCellOptions = {},
  ) {
    super();
    requireSize("RNNCell", "inputSize", inputSize);
    requireSize("RNNCell", "hiddenSize", hiddenSize);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.nonlinearity = nonlinearityOf("RNNCell", options);
    const dtype = options.dtype ?? "float32";
    const make = (...shape: number[]) => new Parameter(zeros(shape, { dtype }));
    const bias = options.bias ?? true;
    this.weight_ih = make(hiddenSize, inputSize);
    this.weight_hh = make(hiddenSize, hiddenSize);
    this.bias_ih = bias ? make(hiddenSize) : null;
    this.bias_hh = bias ? make(hiddenSize) : null;
    this.resetParameters();
  }

  /** Initialises the parameters anew. */
  resetParameters(): void {
    reset(this.parameters(), this.hiddenSize);
  }

  /** The next state; without a state, from zeros. */
  forward(x: Tensor, state: Tensor | null = null): Tensor {
    if (x.shape.length === 1) {
      const row = state === null ? null : state.unsqueeze(0);
      return this.forward(x.unsqueeze(0), row).squeeze(0);
    }
    const { nonlinearity } = this;
    const weights = {
      weightIh: this.weight_ih,
      weightHh: this.weight_hh,
      biasIh: this.bias_ih,
      biasHh: this.bias_hh,
    };
    return rnnCell(x, state, weights, { nonlinearity });
  }

  /** Sizes, and what is not as by default. */
  override extraRepr(): string {
    const bias = this.bias_ih === null ? ", bias=false" : "";
    return `${this.inputSize}, ${this.hiddenSize}${bias}, nonlinearity=${this.nonlinearity}`;
  }
}

/**
 * A vanilla recurrent network over whole sequences, each layer one op.
 *
 * Shapes: input `[T, N, inputSize]`, or `[N, T, inputSize]` with `batchFirst`,
 * or `[T, inputSize]`; the first states `[numLayers, N, hiddenSize]` (without
 * N for one sequence), zeros unless given. Returns the last layer's states,
 * shaped as the input, and the last states of all layers, shaped as the first.
 * Parameters have PyTorch's names: `weight_ih_l0`, `weight_hh_l0`,
 * `bias_ih_l0`, `bias_hh_l0`, `weight_ih_l1`, …
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { RNN } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new RNN(10, 20, { numLayers: 2, batchFirst: true });
 * const [states, last] = layer.forward(randn([3, 5, 10]));
 * assertEquals(states.shape, [3, 5, 20]);
 * assertEquals(last.shape, [2, 3, 20]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.RNN.html
 */
export class RNN extends Module<
  [x: Tensor, h0?: Tensor | null],
  [states: Tensor, last: Tensor]
> {
  /** Size of an input. */
  readonly inputSize: number;
  /** Size of a state. */
  readonly hiddenSize: number;
  /** Layers. */
  readonly numLayers: number;
  /** What goes on the sums. */
  readonly nonlinearity: Nonlinearity;
  /** Whether inputs and outputs are `[N, T, ...]`. */
  readonly batchFirst: boolean;
  /** Probability of a zero between layers. */
  readonly dropout: number;

  /** Makes and initialises the parameters. */
  constructor(inputSize: number, hiddenSize: number, options: RNNOptions = {}) {
    super();
    const { numLayers = 1, bias = true, batchFirst = false } = options;
    requireSize("RNN", "inputSize", inputSize);
    requireSize("RNN", "hiddenSize", hiddenSize);
    requireSize("RNN", "numLayers", numLayers);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.nonlinearity = nonlinearityOf("RNN", options);
    this.batchFirst = batchFirst;
    this.dropout = options.dropout ?? 0;
    const dtype = options.dtype ?? "float32";
    const fields = this as unknown as Record<string, Parameter | null>;
    for (let layer = 0; layer < numLayers; layer++) {
      const inputs = layer === 0 ? inputSize : hiddenSize;
      const shapes = [[hiddenSize, inputs], [hiddenSize, hiddenSize]];
      NAMES.forEach((name, i) => {
        const shape = shapes[i] ?? [hiddenSize];
        fields[`${name}_l${layer}`] = i < 2 || bias
          ? new Parameter(zeros(shape, { dtype }))
          : null;
      });
    }
    this.resetParameters();
  }

  /** Initialises the parameters anew. */
  resetParameters(): void {
    reset(this.parameters(), this.hiddenSize);
  }

  /** The parameters of one layer. */
  weightsOf(layer: number): RnnWeights {
    const fields = this as unknown as Record<string, Parameter | null>;
    const [weightIh, weightHh, biasIh, biasHh] = NAMES.map((name) =>
      fields[`${name}_l${layer}`]
    );
    if (!weightIh || !weightHh) {
      throw new RangeError(
        `RNN has no layer ${layer}, expected 0 to ${this.numLayers - 1}`,
      );
    }
    return {
      weightIh,
      weightHh,
      biasIh: biasIh ?? null,
      biasHh: biasHh ?? null,
    };
  }

  /** All states of the last layer, and the last states of all layers. */
  forward(x: Tensor, h0: Tensor | null = null): [Tensor, Tensor] {
    if (x.shape.length === 2) {
      const axis = this.batchFirst ? 0 : 1;
      const rows = h0 === null ? null : h0.unsqueeze(1);
      const [states, last] = this.forward(x.unsqueeze(axis), rows);
      return [states.squeeze(axis), last.squeeze(1)];
    }
    if (x.shape.length !== 3 || x.shape[2] !== this.inputSize) {
      throw new RangeError(
        `RNN got input [${
          x.shape.join(", ")
        }], expected [T, N, ${this.inputSize}], or T and N in turn with batchFirst`,
      );
    }
    let states = this.batchFirst ? x.transpose(0, 1) : x;
    this.#checkFirst(h0, states.shape[1]!);
    const { nonlinearity, numLayers } = this;
    const last: Tensor[] = [];
    for (let layer = 0; layer < numLayers; layer++) {
      const first = h0 === null ? null : h0.select(0, layer);
      const weights = this.weightsOf(layer);
      let end: Tensor;
      [states, end] = rnn(states, first, weights, { nonlinearity });
      last.push(end);
      if (layer < numLayers - 1 && this.training) {
        states = dropout(states, this.dropout);
      }
    }
    return [
      this.batchFirst ? states.transpose(0, 1) : states,
      numLayers === 1 ? last[0]!.unsqueeze(0) : stack(last, 0),
    ];
  }

  #checkFirst(h0: Tensor | null, batch: number): void {
    const expected = `${this.numLayers}, ${batch}, ${this.hiddenSize}`;
    if (h0 !== null && h0.shape.join(", ") !== expected) {
      throw new RangeError(
        `RNN got first states [${h0.shape.join(", ")}], expected [${expected}]`,
      );
    }
  }

  /** Sizes, and what is not as by default. */
  override extraRepr(): string {
    const parts = [`${this.inputSize}, ${this.hiddenSize}`];
    if (this.numLayers > 1) parts.push(`numLayers=${this.numLayers}`);
    parts.push(`nonlinearity=${this.nonlinearity}`);
    if (!this.weightsOf(0).biasIh) parts.push("bias=false");
    if (this.batchFirst) parts.push("batchFirst=true");
    if (this.dropout > 0) parts.push(`dropout=${this.dropout}`);
    return parts.join(", ");
  }
}

function nonlinearityOf(layer: string, options: RNNCellOptions): Nonlinearity {
  const { nonlinearity = "tanh" } = options;
  if (nonlinearity !== "tanh" && nonlinearity !== "relu") {
    throw new RangeError(
      `${layer} got nonlinearity "${nonlinearity}", expected "tanh" or "relu"`,
    );
  }
  return nonlinearity;
}
