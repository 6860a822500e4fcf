import { adaptiveAvgPool2d, avgPool2d, maxPool2d } from "@fdunn/tensor";
import { testOpCases } from "./op_cases.ts";

type Pair = [number, number];

testOpCases("pool", {
  adaptiveAvgPool2d: ([x], { outputSize }) =>
    adaptiveAvgPool2d(x!, outputSize as Pair),
  maxPool2d: ([x], { kernel, stride, padding, dilation }) =>
    maxPool2d(x!, kernel as Pair, {
      stride: stride as Pair,
      padding: padding as Pair,
      dilation: dilation as Pair,
    }),
  avgPool2d: ([x], { kernel, stride, padding, countIncludePad }) =>
    avgPool2d(x!, kernel as Pair, {
      stride: stride as Pair,
      padding: padding as Pair,
      countIncludePad: countIncludePad as boolean,
    }),
});
