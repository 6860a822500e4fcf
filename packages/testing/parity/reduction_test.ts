import type { Dims, Extrema, Tensor } from "@fdunn/tensor";
import { type RunOp, testOpCases } from "./op_cases.ts";

type Reduction =
  | "sum"
  | "mean"
  | "prod"
  | "amax"
  | "amin"
  | "any"
  | "all"
  | "std"
  | "var"
  | "varMean"
  | "stdMean"
  | "logsumexp";

const reduction = (name: Reduction): RunOp => ([x], { dim, ...options }) =>
  x![name](dim as Dims, options);

/** Values and positions, or the values alone where gradients are compared. */
const extremum = (name: "max" | "min"): RunOp => ([x], options): Tensor[] => {
  const { dim, values: alone, ...rest } = options;
  if (dim === null) return [x![name]()];
  const { values, indices }: Extrema = x![name](dim as number, rest);
  return alone === true ? [values] : [values, indices];
};

const names: Reduction[] = [
  ...["sum", "mean", "prod", "amax", "amin", "any", "all"] as const,
  ...["std", "var", "varMean", "stdMean", "logsumexp"] as const,
];
const table: Record<string, RunOp> = {
  norm: ([x], { p, dim, ...options }) =>
    x!.norm(Number(p), dim as Dims, options),
  argmax: ([x], { dim }) => x!.argmax(dim as number),
  argmin: ([x], { dim }) => x!.argmin(dim as number),
  max: extremum("max"),
  min: extremum("min"),
};
for (const name of names) table[name] = reduction(name);

testOpCases("reduction", table);
