import {
  type AddcOptions,
  type CloseOptions,
  type DivOptions,
  type NanToNumOptions,
  type Tensor,
  tensor,
  where,
} from "@fdunn/tensor";
import { type RunOp, testOpCases } from "./op_cases.ts";

/** A method without arguments. */
const alone = (name: string): RunOp => ([x]) =>
  (Reflect.get(x!, name) as () => Tensor).call(x);

/** A method whose operand is a tensor, or a number among the options. */
const beside = (name: string): RunOp => ([a, b], { other }) =>
  (Reflect.get(a!, name) as (other: unknown) => Tensor)
    .call(a, b ?? other);

type Bound = number | null;

const table: Record<string, RunOp> = {
  clamp: ([x, min, max], options) =>
    x!.clamp(min ?? options.min as Bound, max ?? options.max as Bound),
  div: ([a, b], options) => a!.div(b!, options as DivOptions),
  lerp: ([x, end, weight], options) =>
    x!.lerp(end!, weight ?? options.weight as number),
  addcmul: ([x, a, b], options) => x!.addcmul(a!, b!, options as AddcOptions),
  addcdiv: ([x, a, b], options) => x!.addcdiv(a!, b!, options as AddcOptions),
  nanToNum: ([x], options) => x!.nanToNum(options as NanToNumOptions),
  isclose: ([a, b], options) => a!.isclose(b!, options as CloseOptions),
  allclose: ([a, b], options) =>
    tensor(a!.allclose(b!, options as CloseOptions)),
  equal: ([a, b]) => tensor(a!.equal(b!)),
  maskedFill: ([x, mask, value], options) =>
    x!.maskedFill(mask!, value ?? Number(options.value)),
  where: ([condition, a, b]) => where(condition!, a!, b!),
};
for (
  const name of [
    ...["exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt"],
    ...["rsqrt", "reciprocal", "sin", "cos", "tan", "asin", "acos", "atan"],
    ...["sinh", "cosh", "tanh", "sigmoid", "erf", "neg", "abs", "sign"],
    ...["square", "relu", "floor", "ceil", "round", "trunc", "logicalNot"],
    ...["isnan", "isinf", "isfinite"],
  ]
) table[name] = alone(name);
for (
  const name of [
    ...["atan2", "fmod", "remainder", "floorDivide", "pow", "maximum"],
    ...["minimum", "logicalAnd", "logicalOr", "logicalXor"],
  ]
) table[name] = beside(name);

testOpCases("pointwise", table);
