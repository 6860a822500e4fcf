/** Ops of the fixtures that are methods: `options.arguments` are theirs. */

import type { Tensor } from "@fdunn/tensor";
import type { RunOp } from "./op_cases.ts";

/** Calls a method of the first tensor. */
export function method(name: string): RunOp {
  return (inputs, options) => {
    const [x] = inputs;
    const call = Reflect.get(x!, name) as (...args: unknown[]) => Tensor;
    return call.apply(x, withTensors(options.arguments, inputs) as unknown[]);
  };
}

/** A table of methods by their names. */
export function methods(...names: string[]): Record<string, RunOp> {
  return Object.fromEntries(names.map((name) => [name, method(name)]));
}

/** `{ input: i }` as the i-th tensor, wherever it stands. */
function withTensors(value: unknown, inputs: readonly Tensor[]): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => withTensors(item, inputs));
  }
  const input = (value as { input?: number } | null)?.input;
  return input === undefined ? value : inputs[input];
}
