import {
  adaptiveAvgPool1d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  conv3d,
  convTranspose1d,
  maxPool1d,
  maxPool2d,
  maxPool2dWithIndices,
  maxUnpool2d,
  type Pair,
} from "@fdunn/tensor";
import { testOpCases } from "./op_cases.ts";

testOpCases("windows", {
  conv3d: ([x, weight, bias], options) =>
    conv3d(x!, weight!, bias ?? null, options),
  convTranspose1d: ([x, weight, bias], options) =>
    convTranspose1d(x!, weight!, bias ?? null, options),
  maxPool1d: ([x], { kernelSize, ...options }) =>
    maxPool1d(x!, kernelSize as number, options),
  avgPool1d: ([x], { kernelSize, ...options }) =>
    avgPool1d(x!, kernelSize as number, options),
  maxPool2d: ([x], { kernelSize, ...options }) =>
    maxPool2d(x!, kernelSize as Pair, options),
  avgPool2d: ([x], { kernelSize, ...options }) =>
    avgPool2d(x!, kernelSize as Pair, options),
  maxPool2dWithIndices: ([x], { kernelSize, ...options }) => {
    const pooled = maxPool2dWithIndices(x!, kernelSize as Pair, options);
    return [pooled.values, pooled.indices];
  },
  maxUnpool2d: ([x, indices], { kernelSize, ...options }) =>
    maxUnpool2d(x!, indices!, kernelSize as Pair, options),
  adaptiveAvgPool1d: ([x], { outputSize }) =>
    adaptiveAvgPool1d(x!, outputSize as number),
  adaptiveMaxPool1d: ([x], { outputSize }) =>
    adaptiveMaxPool1d(x!, outputSize as number),
  adaptiveMaxPool2d: ([x], { outputSize }) =>
    adaptiveMaxPool2d(x!, outputSize as [number, number]),
});
