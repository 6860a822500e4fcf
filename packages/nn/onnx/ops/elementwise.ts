/** Arithmetic, comparisons and choices, element by element. */

import {
  type Call,
  cast,
  plain,
  type Translate,
  type Translators,
} from "../call.ts";
import type { Input } from "../graph.ts";

/** `1 / value`, `value - 1` and so on: an operator beside a number. */
function beside(
  { graph, inputs: [x] }: Call<never>,
  operator: string,
  value: Input,
  number: number,
): string {
  return graph.add(operator, [value, graph.scalar(number, x!.dtype)]);
}

/** The number of a choice's truth value, whose type few operators choose in. */
const choose: Translate = ({ graph, inputs: [condition, a, b] }) => {
  if (a!.dtype !== "bool") return graph.add("Where", [condition!, a!, b!]);
  const [x, y] = [cast(graph, a!, "int32"), cast(graph, b!, "int32")];
  return cast(graph, graph.add("Where", [condition!, x, y]), "bool");
};

/** The angle of a point: atan(y / x), half a turn further where x < 0. */
const angle: Translate = ({ graph, inputs: [y, x] }) => {
  const { dtype } = x!;
  const zero = graph.scalar(0, dtype);
  const slope = graph.add("Atan", [graph.add("Div", [y!, x!])]);
  const half = graph.add("Where", [
    graph.add("Less", [y!, zero]),
    graph.scalar(-Math.PI, dtype),
    graph.scalar(Math.PI, dtype),
  ]);
  const left = graph.add("Less", [x!, zero]);
  const turned = graph.add("Where", [left, half, zero]);
  const origin = graph.add("And", [
    graph.add("Equal", [x!, zero]),
    graph.add("Equal", [y!, zero]),
  ]);
  const whole = graph.add("Add", [slope, turned]);
  return graph.add("Where", [origin, zero, whole]);
};

const clamp: Translate = (
  { graph, inputs: [x], params }: Call<readonly [number, number]>,
) => {
  const bounds = params.map((bound) =>
    Number.isFinite(bound) ? graph.scalar(bound, x!.dtype) : null
  );
  return graph.add("Clip", [x!, ...bounds]);
};

/** Elementwise ops by name. */
export const ELEMENTWISE: Translators = {
  abs: plain("Abs"),
  acos: plain("Acos"),
  add: plain("Add"),
  asin: plain("Asin"),
  atan: plain("Atan"),
  atan2: angle,
  ceil: plain("Ceil"),
  clamp,
  cos: plain("Cos"),
  cosh: plain("Cosh"),
  div: plain("Div"),
  eq: plain("Equal"),
  erf: plain("Erf"),
  exp: plain("Exp"),
  expm1: (call) =>
    beside(call, "Sub", call.graph.add("Exp", [call.inputs[0]!]), 1),
  floor: plain("Floor"),
  floorDivide: plain("Div"), // int32, and rounded towards 0
  fmod: plain("Mod", { fmod: 1 }),
  ge: plain("GreaterOrEqual"),
  gt: plain("Greater"),
  le: plain("LessOrEqual"),
  log: plain("Log"),
  log1p: (call) =>
    call.graph.add("Log", [beside(call, "Add", call.inputs[0]!, 1)]),
  logicalAnd: plain("And"),
  logicalNot: plain("Not"),
  logicalOr: plain("Or"),
  logicalXor: plain("Xor"),
  lt: plain("Less"),
  maximum: plain("Max"),
  minimum: plain("Min"),
  mul: plain("Mul"),
  ne: ({ graph, inputs }) => graph.add("Not", [graph.add("Equal", inputs)]),
  neg: plain("Neg"),
  pow: plain("Pow"),
  reciprocal: plain("Reciprocal"),
  round: plain("Round"),
  rsqrt: ({ graph, inputs }) =>
    graph.add("Reciprocal", [graph.add("Sqrt", inputs)]),
  sign: plain("Sign"),
  sin: plain("Sin"),
  sinh: plain("Sinh"),
  sqrt: plain("Sqrt"),
  square: ({ graph, inputs: [x] }) => graph.add("Mul", [x!, x!]),
  sub: plain("Sub"),
  tan: plain("Tan"),
  to: ({ graph, inputs: [x], results }) => cast(graph, x!, results[0]!.dtype),
  trunc: ({ graph, inputs: [x] }) =>
    graph.add("Mul", [
      graph.add("Sign", [x!]),
      graph.add("Floor", [graph.add("Abs", [x!])]),
    ]),
  where: choose,
};
