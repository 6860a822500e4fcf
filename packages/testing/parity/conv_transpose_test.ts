import {
  conv1d,
  type Conv1dOptions,
  convTranspose2d,
  type ConvTranspose2dOptions,
} from "@fdunn/tensor";
import { testOpCases } from "./op_cases.ts";

testOpCases("conv_transpose", {
  conv1d: ([x, weight, bias], options) =>
    conv1d(x!, weight!, bias ?? null, options as Conv1dOptions),
  convTranspose2d: ([x, weight, bias], options) =>
    convTranspose2d(
      x!,
      weight!,
      bias ?? null,
      options as ConvTranspose2dOptions,
    ),
});
