/** Recurrent layers over whole sequences. */

import {
  cat,
  gru,
  lstm,
  type Nonlinearity,
  rnn,
  type RnnWeights,
  stack,
  type Tensor,
  zeros,
} from "@fdunn/tensor";
import {
  formatShape,
  requireCount,
  requireProbability,
} from "@fdunn/tensor/op";
import { dropout } from "./dropout.ts";
import { Module } from "./module.ts";
import { Parameter } from "./parameter.ts";
import {
  nonlinearityOf,
  type RecurrentCellOptions,
  resetRecurrent,
} from "./recurrent_cell.ts";

/** Options of {@linkcode LSTM} and {@linkcode GRU}. */
export interface RecurrentOptions extends RecurrentCellOptions {
  /** Layers, each over the states of the one before. Default 1. */
  numLayers?: number;
  /** Whether inputs and outputs are `[N, T, ...]`. Default `false`. */
  batchFirst?: boolean;
  /** Probability of a zero between layers, in training. Default 0. */
  dropout?: number;
  /** Whether a second walk goes from the end to the start. Default `false`. */
  bidirectional?: boolean;
}

/** Options of {@linkcode RNN}. */
export interface RNNOptions extends RecurrentOptions {
  /** `"tanh"`, the default, or `"relu"`. */
  nonlinearity?: Nonlinearity;
}

/** A layer's four parameters in PyTorch's order. */
const NAMES = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"] as const;

/** All states of one walk, and what it ends with: one tensor per kind. */
export type Walked = [states: Tensor, ...last: Tensor[]];

/**
 * What {@linkcode RNN}, {@linkcode LSTM} and {@linkcode GRU} share: layers,
 * directions, dropout between layers, and the order of the axes.
 */
export abstract class Recurrent<
  Inputs extends unknown[],
  Output,
> extends Module<Inputs, Output> {
  /** Size of an input. */
  readonly inputSize: number;
  /** Size of a state. */
  readonly hiddenSize: number;
  /** Layers. */
  readonly numLayers: number;
  /** Whether inputs and outputs are `[N, T, ...]`. */
  readonly batchFirst: boolean;
  /** Probability of a zero between layers. */
  readonly dropout: number;
  /** Whether a second walk goes from the end to the start. */
  readonly bidirectional: boolean;

  /** Makes and initialises the parameters for so many gates. */
  constructor(
    gates: number,
    [inputSize, hiddenSize]: readonly [number, number],
    options: RecurrentOptions,
  ) {
    super();
    const { numLayers = 1, bias = true, dtype = "float32" } = options;
    const { name } = new.target;
    requireCount(name, "inputSize", inputSize);
    requireCount(name, "hiddenSize", hiddenSize);
    requireCount(name, "numLayers", numLayers);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.batchFirst = options.batchFirst ?? false;
    this.dropout = options.dropout ?? 0;
    requireProbability(name, "dropout", this.dropout);
    this.bidirectional = options.bidirectional ?? false;
    const fields = this as unknown as Record<string, Parameter | null>;
    const rows = gates * hiddenSize;
    for (let layer = 0; layer < numLayers; layer++) {
      const inputs = layer === 0 ? inputSize : hiddenSize * this.directions;
      const shapes = [[rows, inputs], [rows, hiddenSize]];
      for (let direction = 0; direction < this.directions; direction++) {
        NAMES.forEach((name, i) => {
          const shape = shapes[i] ?? [rows];
          fields[fieldOf(name, layer, direction)] = i < 2 || bias
            ? new Parameter(zeros(shape, { dtype }))
            : null;
        });
      }
    }
    this.resetParameters();
  }

  /** 2 where the layer is bidirectional, else 1. */
  get directions(): number {
    return this.bidirectional ? 2 : 1;
  }

  /** Initialises the parameters anew: uniform in ±1 / √hiddenSize. */
  resetParameters(): void {
    resetRecurrent(this.parameters(), this.hiddenSize);
  }

  /** The parameters of one layer, and of its walk back with `reverse`. */
  weightsOf(layer: number, reverse = false): RnnWeights {
    const fields = this as unknown as Record<string, Parameter | null>;
    const [weightIh, weightHh, biasIh = null, biasHh = null] = NAMES.map(
      (name) => fields[fieldOf(name, layer, Number(reverse))],
    );
    if (!weightIh || !weightHh) {
      const { name } = this.constructor;
      throw new RangeError(
        reverse && !this.bidirectional
          ? `${name} has no walk back: it is not bidirectional`
          : `${name} has no layer ${layer}, expected 0 to ${
            this.numLayers - 1
          }`,
      );
    }
    return { weightIh, weightHh, biasIh, biasHh };
  }

  /** One walk over `[T, N, inputs]` from these first states, or from zeros. */
  protected abstract walk(
    x: Tensor,
    first: readonly Tensor[] | null,
    weights: RnnWeights,
  ): Walked;

  /**
   * All layers and directions. `first` has one tensor per kind of state,
   * `[layers and directions, N, hiddenSize]`; so do the last states returned.
   */
  protected run(x: Tensor, first: readonly Tensor[] | null): Walked {
    if (x.shape.length === 2) {
      const axis = this.batchFirst ? 0 : 1;
      const rows = first && first.map((state) => state.unsqueeze(1));
      const [states, ...last] = this.run(x.unsqueeze(axis), rows);
      return [states.squeeze(axis), ...last.map((state) => state.squeeze(1))];
    }
    if (x.shape.length !== 3 || x.shape[2] !== this.inputSize) {
      throw new RangeError(
        `${this.constructor.name} got input ${
          formatShape(x.shape)
        }, expected [T, N, ${this.inputSize}], or T and N in turn with batchFirst`,
      );
    }
    let states = this.batchFirst ? x.transpose(0, 1) : x;
    first?.forEach((state) => this.#checkFirst(state, states.shape[1]!));
    const last: Tensor[][] = [];
    for (let layer = 0; layer < this.numLayers; layer++) {
      const parts: Tensor[] = [];
      for (let direction = 0; direction < this.directions; direction++) {
        const own = first &&
          first.map((state) => state.select(0, last.length));
        const input = direction === 0 ? states : states.flip(0);
        const weights = this.weightsOf(layer, direction === 1);
        const [part, ...ends] = this.walk(input, own, weights);
        parts.push(direction === 0 ? part : part.flip(0));
        last.push(ends);
      }
      states = parts.length === 1 ? parts[0]! : cat(parts, 2);
      if (layer < this.numLayers - 1 && this.training) {
        states = dropout(states, this.dropout);
      }
    }
    const kinds = last[0]!.map((end, kind) =>
      last.length === 1
        ? end.unsqueeze(0)
        : stack(last.map((ends) => ends[kind]!), 0)
    );
    return [this.batchFirst ? states.transpose(0, 1) : states, ...kinds];
  }

  #checkFirst(state: Tensor, batch: number): void {
    const layers = this.numLayers * this.directions;
    const expected = `${layers}, ${batch}, ${this.hiddenSize}`;
    if (state.shape.join(", ") !== expected) {
      throw new RangeError(
        `${this.constructor.name} got first states ${
          formatShape(state.shape)
        }, expected [${expected}]`,
      );
    }
  }

  /** Sizes, and what is not as by default. */
  override extraRepr(): string {
    const parts = [`${this.inputSize}, ${this.hiddenSize}`];
    if (this.numLayers > 1) parts.push(`numLayers=${this.numLayers}`);
    if (!this.weightsOf(0).biasIh) parts.push("bias=false");
    if (this.batchFirst) parts.push("batchFirst=true");
    if (this.dropout > 0) parts.push(`dropout=${this.dropout}`);
    if (this.bidirectional) parts.push("bidirectional=true");
    return parts.join(", ");
  }
}

function fieldOf(name: string, layer: number, direction: number): string {
  return `${name}_l${layer}${direction === 0 ? "" : "_reverse"}`;
}

/**
 * A vanilla recurrent network over whole sequences: in each layer
 * `h(t) = tanh(x(t) Wihᵀ + bih + h(t-1) Whhᵀ + bhh)`, as one op.
 *
 * Shapes: input `[T, N, inputSize]`, or `[N, T, inputSize]` with `batchFirst`,
 * or `[T, inputSize]`; the first states `[D numLayers, N, hiddenSize]` (without
 * N for one sequence), zeros unless given, D being 2 where `bidirectional`.
 * Returns the last layer's states, shaped as the input with D hiddenSize
 * columns, and the last states of all layers, shaped as the first. Parameters
 * have PyTorch's names: `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0`,
 * `bias_hh_l0`, `weight_ih_l0_reverse`, …, `weight_ih_l1`, …
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
export class RNN extends Recurrent<
  [x: Tensor, h0?: Tensor | null],
  [states: Tensor, last: Tensor]
> {
  /** What goes on the sums. */
  readonly nonlinearity: Nonlinearity;

  /** Makes and initialises the parameters. */
  constructor(inputSize: number, hiddenSize: number, options: RNNOptions = {}) {
    super(1, [inputSize, hiddenSize], options);
    this.nonlinearity = nonlinearityOf("RNN", options);
  }

  /** All states of the last layer, and the last states of all layers. */
  forward(x: Tensor, h0: Tensor | null = null): [Tensor, Tensor] {
    const [states, last] = this.run(x, h0 && [h0]);
    return [states, last!];
  }

  /** One layer in one direction. */
  protected override walk(
    x: Tensor,
    first: readonly Tensor[] | null,
    weights: RnnWeights,
  ): Walked {
    const { nonlinearity } = this;
    return rnn(x, first && first[0]!, weights, { nonlinearity });
  }

  /** Sizes, and what is not as by default. */
  override extraRepr(): string {
    return `${super.extraRepr()}, nonlinearity=${this.nonlinearity}`;
  }
}

/**
 * A long short-term memory over whole sequences, each layer one op; the
 * formulas are {@linkcode LSTMCell}'s.
 *
 * Shapes: input `[T, N, inputSize]`, or `[N, T, inputSize]` with `batchFirst`,
 * or `[T, inputSize]`; the first states and cells `[D numLayers, N, hiddenSize]`
 * each (without N for one sequence), zeros unless given, D being 2 where
 * `bidirectional`. Returns the last layer's states, shaped as the input with
 * D hiddenSize columns, and the last states and cells of all layers. Parameters
 * are named as {@linkcode RNN}'s, with 4 hiddenSize rows for i, f, g, o.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { LSTM } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new LSTM(10, 20, { bidirectional: true });
 * const [states, [h, c]] = layer.forward(randn([5, 3, 10]));
 * assertEquals(states.shape, [5, 3, 40]);
 * assertEquals([h.shape, c.shape], [[2, 3, 20], [2, 3, 20]]);
 * const [more] = layer.forward(randn([2, 3, 10]), [h, c]); // goes on from there
 * assertEquals(more.shape, [2, 3, 40]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.LSTM.html
 */
export class LSTM extends Recurrent<
  [x: Tensor, first?: readonly [h0: Tensor, c0: Tensor] | null],
  [states: Tensor, last: [h: Tensor, c: Tensor]]
> {
  /** Makes and initialises the parameters. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions = {},
  ) {
    super(4, [inputSize, hiddenSize], options);
  }

  /** All states of the last layer; the last states and cells of all layers. */
  forward(
    x: Tensor,
    first: readonly [h0: Tensor, c0: Tensor] | null = null,
  ): [states: Tensor, last: [h: Tensor, c: Tensor]] {
    const [states, h, c] = this.run(x, first);
    return [states, [h!, c!]];
  }

  /** One layer in one direction. */
  protected override walk(
    x: Tensor,
    first: readonly Tensor[] | null,
    weights: RnnWeights,
  ): Walked {
    const start = first && [first[0]!, first[1]!] as const;
    return lstm(x, start, weights);
  }
}

/**
 * Gated recurrent units over whole sequences, each layer one op; the formulas
 * are {@linkcode GRUCell}'s.
 *
 * Shapes and names are {@linkcode RNN}'s, with 3 hiddenSize rows for r, z, n in
 * the parameters.
 *
 * ```ts
 * import { randn } from "@fdunn/tensor";
 * import { GRU } from "@fdunn/nn";
 * import { assertEquals } from "@std/assert";
 *
 * const layer = new GRU(10, 20, { numLayers: 2, dropout: 0.1 });
 * const [states, last] = layer.forward(randn([5, 3, 10]));
 * assertEquals(states.shape, [5, 3, 20]);
 * assertEquals(last.shape, [2, 3, 20]);
 * ```
 *
 * See https://docs.pytorch.org/docs/stable/generated/torch.nn.GRU.html
 */
export class GRU extends Recurrent<
  [x: Tensor, h0?: Tensor | null],
  [states: Tensor, last: Tensor]
> {
  /** Makes and initialises the parameters. */
  constructor(
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions = {},
  ) {
    super(3, [inputSize, hiddenSize], options);
  }

  /** All states of the last layer, and the last states of all layers. */
  forward(x: Tensor, h0: Tensor | null = null): [Tensor, Tensor] {
    const [states, last] = this.run(x, h0 && [h0]);
    return [states, last!];
  }

  /** One layer in one direction. */
  protected override walk(
    x: Tensor,
    first: readonly Tensor[] | null,
    weights: RnnWeights,
  ): Walked {
    return gru(x, first && first[0]!, weights);
  }
}
