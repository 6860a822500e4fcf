/** From traces to a graph: every step that the outputs need, as its nodes. */

import { toTypedArray, type TypedArray } from "@fdunn/tensor/op";
import type { Call, Producer } from "./call.ts";
import { areEqual, varyingConstant } from "./constants.ts";
import { Graph, type Operand } from "./graph.ts";
import type { ModelRecord, ValueRecord } from "./model_file.ts";
import { type Dim, dimOf, merged, Unlike } from "./sizes.ts";
import { type NamedSize, SizeValues } from "./size_values.ts";
import type { Trace, TracedStep, TracedValue } from "./trace.ts";
import { translatorOf } from "./translators.ts";

/** What the graph's inputs and outputs are called. */
export interface Names {
  /** Of the inputs. */
  inputs: readonly string[];
  /** Of the outputs. */
  outputs: readonly string[];
  /** Of sizes that vary, by input or output and axis. */
  axes: Readonly<Record<string, Readonly<Record<number, string>>>>;
}

/** Runs of one model, on inputs of several sizes, as one graph. */
class Lowering {
  readonly graph: Graph = new Graph();
  readonly sizes: SizeValues;
  readonly #first: Trace;
  readonly #runs: readonly Trace[];
  /** The graph's names of values, by their numbers. */
  readonly #names = new Map<number, string>();

  constructor(runs: readonly Trace[], symbols: readonly NamedSize[]) {
    this.#runs = runs;
    this.#first = runs[0]!;
    this.sizes = new SizeValues(this.graph, symbols);
    this.#requireAlike();
  }

  /** Throws unless all runs did the same. */
  #requireAlike(): void {
    for (const run of this.#runs) {
      const count = Math.max(this.#first.steps.length, run.steps.length);
      for (let i = 0; i < count; i++) {
        const [a, b] = [this.#first.steps[i], run.steps[i]];
        const same = a !== undefined && b !== undefined && a.op === b.op &&
          a.path === b.path && a.inputs.join() === b.inputs.join() &&
          a.outputs.join() === b.outputs.join();
        if (same) continue;
        const where = (step: TracedStep | undefined) =>
          step === undefined
            ? "nothing"
            : `${step.op}() in ${step.path} of ${this.#shapes(step, run, a)}`;
        throw new RangeError(
          `exportOnnx() saw forward run other ops for inputs of other sizes (${
            where(a)
          }; ${
            where(b)
          }): with dynamicAxes, sizes must not decide what is computed`,
        );
      }
    }
  }

  #shapes(
    step: TracedStep,
    run: Trace,
    own: TracedStep | undefined,
  ): string {
    const { values } = step === own ? this.#first : run;
    return step.inputs.map((i) => `[${values[i]!.shape.join(", ")}]`)
      .join(" and ");
  }

  /** What a value was in each run. */
  #seen(number: number): TracedValue[] {
    return this.#runs.map(({ values }) => values[number]!);
  }

  dims(number: number): readonly Dim[] {
    const seen = this.#seen(number);
    const { length } = seen[0]!.shape;
    if (seen.some(({ shape }) => shape.length !== length)) {
      throw new RangeError(
        "exportOnnx() saw a tensor with more axes for inputs of other sizes: squeeze() needs its dim where an axis of dynamicAxes may have size 1",
      );
    }
    return seen[0]!.shape.map((_, axis) =>
      dimOf(seen.map(({ shape }) => shape[axis]!))
    );
  }

  /** Whether a value is the same, whatever the inputs. */
  #isConstant(number: number): boolean {
    const seen = this.#seen(number);
    return seen[0]!.data !== null && areEqual(seen.map(({ data }) => data)) &&
      this.dims(number).every((dim) => typeof dim === "number"); // of nothing
  }

  /** Names a value that is there before anything runs. */
  define(number: number, name: string): void {
    this.#names.set(number, name);
    this.sizes.note(name, this.dims(number));
  }

  /** Adds all that `outputs` need. */
  run(outputs: readonly number[]): void {
    const { steps, values } = this.#first;
    const needed = new Set<number>();
    const pending = [...outputs];
    for (let number = pending.pop(); number !== undefined;) {
      const { step } = values[number]!;
      if (step >= 0 && !needed.has(step) && !this.#isConstant(number)) {
        needed.add(step);
        pending.push(...steps[step]!.inputs);
      }
      number = pending.pop();
    }
    steps.forEach((step, i) => {
      if (needed.has(i)) this.#lower(step, i);
    });
  }

  #lower(step: TracedStep, index: number): void {
    const { op, path } = step;
    const translate = translatorOf(op);
    if (translate === null) {
      throw new TypeError(
        `exportOnnx() met ${op}() in ${path}, which has no ONNX operator: make it of other ops, or leave it out of the model`,
      );
    }
    this.graph.scope = scopeOf(path);
    let names: ReturnType<typeof translate>;
    try {
      const call: Call = {
        ...{ graph: this.graph, sizes: this.sizes, op },
        inputs: step.inputs.map((number) => this.operand(number)),
        params: merged(this.#runs.map((run) => run.steps[index]!.params)),
        results: step.outputs.map((number) => ({
          dims: this.dims(number),
          dtype: this.#first.values[number]!.dtype,
        })),
        producer: ({ value }) => this.#producer(value),
      };
      names = translate(call as Call<never>);
    } catch (error) {
      if (!(error instanceof Unlike)) throw error;
      const why = error.message || "has parameters that differ in kind";
      throw new RangeError(`exportOnnx(): ${op}() in ${path} ${why}`);
    }
    const list = typeof names === "string" ? [names] : names;
    step.outputs.forEach((number, i) => {
      const name = list[i] ?? null;
      if (name !== null) this.define(number, name);
    });
  }

  #producer(number: number): Producer | null {
    const { step } = this.#first.values[number]!;
    if (step < 0) return null;
    const { op, inputs } = this.#first.steps[step]!;
    return { op, inputs: inputs.map((i) => this.operand(i)) };
  }

  /** A value as operators take it; constants are stored when first taken. */
  operand(number: number): Operand {
    const { dtype } = this.#first.values[number]!;
    return {
      ...{ dtype, value: number, dims: this.dims(number) },
      name: this.#names.get(number) ?? this.#store(number),
      data: () => this.#elements(number),
    };
  }

  #elements(number: number): TypedArray | null {
    const { array, data } = this.#first.values[number]!;
    if (array !== null) return toTypedArray(array);
    return this.#isConstant(number) ? data : null;
  }

  #store(number: number): string {
    const { graph, sizes } = this;
    const { shape, dtype, name, data, origin, step } = this.#first
      .values[number]!;
    let stored: string;
    if (origin === "weight") {
      stored = graph.store(name, dtype, shape, this.#elements(number)!);
    } else if (this.#isConstant(number)) {
      stored = graph.constant(dtype, shape, data!);
    } else if (origin === "constant") {
      const runs = this.#seen(number).map((seen) => seen.data!);
      const dims = this.dims(number);
      stored = varyingConstant(graph, sizes, dtype, dims, runs);
    } else {
      const by = this.#first.steps[step]!;
      throw new TypeError(
        `exportOnnx() met a result of ${by.op}() in ${by.path} that has no ONNX operator`,
      );
    }
    this.define(number, stored);
    return stored;
  }

  /** An input or an output as a file tells it. */
  record(number: number, name: string, axes: Names["axes"]): ValueRecord {
    const { dtype } = this.#first.values[number]!;
    const shape = this.dims(number).map((dim, axis) =>
      this.sizes.label(dim, axes[name]?.[axis] ?? `${name}_${axis}`)
    );
    return { name, dtype, shape };
  }
}

/** `encoder.layers.0` for `Net.encoder.layers.0 (Linear)`. */
function scopeOf(path: string): string {
  const [names = ""] = path.split(" (");
  return names.replace(/^[^.]*\.?/, "");
}

/** The graph of a model that ran so. */
export function lower(
  runs: readonly Trace[],
  names: Names,
  symbols: readonly NamedSize[],
): Omit<ModelRecord, "name" | "doc"> {
  const lowering = new Lowering(runs, symbols);
  const { graph } = lowering;
  const { inputs, outputs } = runs[0]!;
  for (const name of [...names.inputs, ...names.outputs]) graph.reserve(name);
  inputs.forEach((number, i) => lowering.define(number, names.inputs[i]!));
  lowering.run(outputs);
  graph.scope = "";
  const results = outputs.map((number) => lowering.operand(number).name);
  nameOutputs(graph, results, names.outputs);
  return {
    ...neededBy(graph, names.outputs),
    inputs: inputs.map((number, i) =>
      lowering.record(number, names.inputs[i]!, names.axes)
    ),
    outputs: outputs.map((number, i) =>
      lowering.record(number, names.outputs[i]!, names.axes)
    ),
  };
}

/** Gives results their names; what is not a node's own is passed on by one. */
function nameOutputs(
  graph: Graph,
  results: readonly string[],
  names: readonly string[],
): void {
  results.forEach((result, i) => {
    const name = names[i]!;
    const first = results.indexOf(result);
    const made = graph.nodes.some(({ outputs }) => outputs.includes(result));
    // An input, a constant, or the same result once more.
    if (!made || first !== i) {
      graph.add("Identity", [made || first === i ? result : names[first]!]);
      graph.nodes.at(-1)!.outputs = [name];
      return;
    }
    for (const { inputs, outputs } of graph.nodes) {
      replace(inputs, result, name);
      replace(outputs, result, name);
    }
  });
}

function replace(names: string[], from: string, to: string): void {
  names.forEach((name, i) => {
    if (name === from) names[i] = to;
  });
}

/** Operators that need not give all their results. */
const OPTIONAL_RESULTS = new Set(["GRU", "LSTM", "MaxPool", "RNN"]);

/** The nodes and tensors behind the outputs; results that nobody takes go. */
function neededBy(
  { nodes, tensors }: Graph,
  outputs: readonly string[],
): Pick<ModelRecord, "nodes" | "tensors"> {
  const needed = new Set(outputs);
  const kept = nodes.toReversed().filter((node) => {
    if (!node.outputs.some((name) => needed.has(name))) return false;
    for (const name of node.inputs) needed.add(name);
    const optional = OPTIONAL_RESULTS.has(node.operator);
    while (optional && !needed.has(node.outputs.at(-1)!)) node.outputs.pop();
    return true;
  }).toReversed();
  const stored = [...tensors.values()].filter(({ name }) => needed.has(name));
  return { nodes: kept, tensors: stored };
}
