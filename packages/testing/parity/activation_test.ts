import * as nn from "@fdunn/nn";
import type { Tensor } from "@fdunn/tensor";
import { type MakeLayer, testLayerCases } from "./layer_cases.ts";
import { type RunOp, testOpCases } from "./op_cases.ts";

/** A function of tensors and whatever else the fixtures name. */
const call = (name: string): RunOp => (inputs, options) => {
  const rest = options.arguments as unknown[] | undefined;
  const f = Reflect.get(nn, name) as (...args: unknown[]) => Tensor;
  return f(...inputs, ...rest ?? []);
};

/** A layer by its name and arguments. */
const make = (name: string): MakeLayer => (...args) =>
  Reflect.construct(Reflect.get(nn, name), args);

const FUNCTIONS = [
  ...["relu", "sigmoid", "tanh", "silu", "gelu", "mish", "softplus"],
  ...["logSigmoid", "softsign", "tanhshrink", "leakyRelu", "relu6", "elu"],
  ...["selu", "celu", "hardtanh", "hardsigmoid", "hardswish", "threshold"],
  ...["hardshrink", "softshrink", "prelu", "glu", "swiglu", "softmin"],
];
const LAYERS = [
  ...["ReLU", "Sigmoid", "Tanh", "Softmax", "LogSoftmax", "Softmin"],
  ...["LeakyReLU", "PReLU", "ReLU6", "Threshold", "ELU", "SELU", "CELU"],
  ...["GELU", "SiLU", "Mish", "Softplus", "LogSigmoid", "Softsign"],
  ...["Tanhshrink", "Hardtanh", "Hardsigmoid", "Hardswish", "Hardshrink"],
  ...["Softshrink", "GLU", "SwiGLU"],
];

testOpCases(
  "activation",
  Object.fromEntries(FUNCTIONS.map((name) => [name, call(name)])),
);
testLayerCases(
  "activation_layers",
  Object.fromEntries(LAYERS.map((name) => [name, make(name)])),
);
