import { conv2d, linear } from "@fdunn/tensor";
import { testOpCases } from "./op_cases.ts";

type Pair = [number, number];

testOpCases("conv", {
  linear: ([x, weight, bias]) => linear(x!, weight!, bias ?? null),
  conv2d: ([x, weight, bias], { stride, padding, dilation, groups }) =>
    conv2d(x!, weight!, bias ?? null, {
      stride: stride as Pair,
      padding: padding as Pair,
      dilation: dilation as Pair,
      groups: groups as number,
    }),
});
