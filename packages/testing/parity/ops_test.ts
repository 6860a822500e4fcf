import {
  cat,
  gelu,
  mish,
  silu,
  softplus,
  stack,
  type Tensor,
  where,
} from "@fdunn/tensor";
import { type RunOp, testOpCases } from "./op_cases.ts";

type UnaryName =
  | "neg"
  | "exp"
  | "log"
  | "sqrt"
  | "tanh"
  | "sigmoid"
  | "relu"
  | "abs"
  | "square"
  | "sin"
  | "cos"
  | "tan"
  | "expm1"
  | "log1p"
  | "rsqrt"
  | "reciprocal"
  | "erf"
  | "sign"
  | "floor"
  | "ceil"
  | "round"
  | "asin"
  | "acos"
  | "atan"
  | "sinh"
  | "cosh";
type BinaryName =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "maximum"
  | "minimum"
  | "pow"
  | "matmul"
  | "eq"
  | "ne"
  | "lt"
  | "le"
  | "gt"
  | "ge";
type ReductionName = "sum" | "mean" | "amax" | "amin" | "prod" | "var";

const unary = (name: UnaryName): RunOp => ([x]) => x![name]();
const binary = (name: BinaryName): RunOp => ([a, b]) => a![name](b!);
const reduction = (name: ReductionName): RunOp => ([x], { dim, ...options }) =>
  x![name](dim as number | number[] | null, options);

/** A chain of views, `[method, ...arguments]` each. */
function views(x: Tensor, steps: [string, ...unknown[]][]): Tensor {
  for (const [method, ...args] of steps) {
    const function_ = Reflect.get(x, method) as (...args: unknown[]) => Tensor;
    x = function_.apply(x, args);
  }
  return x;
}

const table: Record<string, RunOp> = {
  powScalar: ([x], { exponent }) => x!.pow(exponent as number),
  clamp: ([x], { min, max }) => x!.clamp(min as number, max as number),
  gelu: ([x]) => gelu(x!),
  silu: ([x]) => silu(x!),
  softplus: ([x]) => softplus(x!),
  mish: ([x]) => mish(x!),
  argmax: ([x], { dim }) => x!.argmax(dim as number | null),
  argmin: ([x], { dim }) => x!.argmin(dim as number | null),
  softmax: ([x], { dim }) => x!.softmax(dim as number),
  logSoftmax: ([x], { dim }) => x!.logSoftmax(dim as number),
  where: ([condition, a, b]) => where(condition!, a!, b!),
  cat: (inputs, { dim }) => cat(inputs, dim as number),
  stack: (inputs, { dim }) => stack(inputs, dim as number),
  indexSelect: ([x, index], { dim }) => x!.indexSelect(dim as number, index!),
  gather: ([x, index], { dim }) => x!.gather(dim as number, index!),
  views: ([x], { steps }) => views(x!, steps as [string, ...unknown[]][]),
  strided: ([a, b]) => a!.t().mul(b!.slice(0, 1, 4).slice(1, 0, 8, 2)),
  transposedMatmul: ([a, b]) => a!.t().matmul(b!.t()),
  split: ([x]) => [...x!.split(3, 1), ...x!.chunk(2, 1)],
};
const binaryNames: BinaryName[] = [
  ...["add", "sub", "mul", "div", "maximum", "minimum", "pow"] as const,
  ...["matmul", "eq", "ne", "lt", "le", "gt", "ge"] as const,
];
for (const name of binaryNames) table[name] = binary(name);
const reductionNames: ReductionName[] = [
  ...["sum", "mean", "amax", "amin", "prod", "var"] as const,
];
for (const name of reductionNames) table[name] = reduction(name);
const unaryNames: UnaryName[] = [
  ...["neg", "exp", "log", "sqrt", "tanh", "sigmoid", "relu", "abs"] as const,
  ...["square", "sin", "cos", "tan", "expm1", "log1p", "rsqrt"] as const,
  ...["reciprocal", "erf", "sign", "floor", "ceil", "round"] as const,
  ...["asin", "acos", "atan", "sinh", "cosh"] as const,
];
for (const name of unaryNames) table[name] = unary(name);

testOpCases("ops", table);
