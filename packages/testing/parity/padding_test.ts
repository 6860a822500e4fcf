import {
  fold,
  interpolate,
  type InterpolateOptions,
  pad,
  type PadOptions,
  type Pair,
  pixelShuffle,
  pixelUnshuffle,
  unfold,
} from "@fdunn/tensor";
import { testOpCases } from "./op_cases.ts";

testOpCases("padding", {
  pad: ([x], { pads, ...options }) =>
    pad(x!, pads as number[], options as PadOptions),
  unfold: ([x], { kernelSize, ...options }) =>
    unfold(x!, kernelSize as Pair, options),
  fold: ([x], { outputSize, kernelSize, ...options }) =>
    fold(x!, outputSize as Pair, kernelSize as Pair, options),
  pixelShuffle: ([x], { factor }) => pixelShuffle(x!, factor as number),
  pixelUnshuffle: ([x], { factor }) => pixelUnshuffle(x!, factor as number),
  interpolate: ([x], options) => interpolate(x!, options as InterpolateOptions),
});
