/** Elementwise ops: their lines for checkGrad. */

import { tensor, where } from "../../mod.ts";
import { apart, type Make, type Rows, x } from "./case_test.ts";

const CONDITION: Make = () => tensor([[true, false, true]]);

/** By family. */
export const ELEMENTWISE: Rows = {
  binary: [
    ["add", (a, b) => a!.add(b!), [x([2, 3]), x([3])]],
    ["add, stretched left", (a, b) => a!.add(b!), [x([3, 1]), x([2, 1, 4])]],
    ["add a number", (a) => a!.add(2), [x([3])]],
    ["sub", (a, b) => a!.sub(b!), [x([]), x([2, 2])]],
    ["mul", (a, b) => a!.mul(b!), [x([2, 1]), x([3])]],
    ["mul by itself", (a) => a!.mul(a!), [x([3])]],
    ["div", (a, b) => a!.div(b!), [x([2, 3]), x([2, 1], 1, 2)]],
    ["pow", (a, b) => a!.pow(b!), [x([2, 3], 0.5, 2), x([3])]],
    ["pow 3", (a) => a!.pow(3), [x([4])]],
    ["pow 2", (a) => a!.pow(2), [x([4])]],
    ["pow 1.7", (a) => a!.pow(1.7), [x([4], 0.5, 2)]],
    ["pow -1", (a) => a!.pow(-1), [x([4], 0.5, 2)]],
    ["pow 0.5", (a) => a!.pow(0.5), [x([4], 0.5, 2)]],
    ["pow -0.5", (a) => a!.pow(-0.5), [x([4], 0.5, 2)]],
    ["pow 0", (a) => a!.pow(0).mul(a!), [x([4])]],
    ["pow of a number's power", (a) => a!.scalarLike(2).pow(a!), [x([4])]],
    ["atan2", (a, b) => a!.atan2(b!), [x([2, 3]), x([3], 1, 2)]],
    ["atan2 in every quadrant", (a, b) => a!.atan2(b!), [
      apart([8]),
      apart([8]),
    ]],
    ["maximum", (a, b) => a!.maximum(b!), [apart([2, 3]), x([1], 0.01, 0.02)]],
    ["minimum", (a, b) => a!.minimum(b!), [apart([2, 3]), x([1], 0.01, 0.02)]],
  ],
  unary: [
    ["neg", (a) => a!.neg(), [x([3])]],
    ["abs", (a) => a!.abs(), [apart([5])]],
    ["sign", (a) => a!.sign().mul(a!), [apart([5])]],
    ["square", (a) => a!.square(), [x([2, 2])]],
    ["exp", (a) => a!.exp(), [x([5])]],
    ["expm1", (a) => a!.expm1(), [x([5])]],
    ["log", (a) => a!.log(), [x([5], 0.5, 3)]],
    ["log1p", (a) => a!.log1p(), [x([5], -0.5, 3)]],
    ["sqrt", (a) => a!.sqrt(), [x([5], 0.5, 3)]],
    ["rsqrt", (a) => a!.rsqrt(), [x([5], 0.5, 3)]],
    ["reciprocal", (a) => a!.reciprocal(), [x([5], 0.5, 3)]],
    ["sin", (a) => a!.sin(), [x([5])]],
    ["cos", (a) => a!.cos(), [x([5])]],
    ["tan", (a) => a!.tan(), [x([5], -1, 1)]],
    ["asin", (a) => a!.asin(), [x([5], -0.8, 0.8)]],
    ["acos", (a) => a!.acos(), [x([5], -0.8, 0.8)]],
    ["atan", (a) => a!.atan(), [x([5])]],
    ["sinh", (a) => a!.sinh(), [x([5])]],
    ["cosh", (a) => a!.cosh(), [x([5])]],
    ["exp2", (a) => a!.exp2(), [x([5])]],
    ["log2", (a) => a!.log2(), [x([5], 0.5, 3)]],
    ["log10", (a) => a!.log10(), [x([5], 0.5, 3)]],
    ["erf", (a) => a!.erf(), [x([5])]],
    ["floor", (a) => a!.floor().mul(a!), [x([3], 0.2, 0.8)]],
    ["ceil", (a) => a!.ceil().mul(a!), [x([3], 0.2, 0.8)]],
    ["round", (a) => a!.round().mul(a!), [x([3], 0.6, 0.9)]],
    ["trunc", (a) => a!.trunc().mul(a!), [x([3], 0.6, 0.9)]],
  ],
  clamp: [
    ["clamp", (a) => a!.clamp(-0.15, 0.12), [apart([6])]],
    ["clamp from below", (a) => a!.clamp(-0.15), [apart([6])]],
    ["clamp from above", (a) => a!.clamp(null, 0.12), [apart([6])]],
    ["clamp by tensors", (a, b, c) => a!.clamp(b!, c!), [
      apart([2, 6]),
      x([6], -0.14, -0.11),
      x([2, 1], 0.11, 0.12),
    ]],
  ],
  division: [
    ["fmod", (a, b) => a!.fmod(b!), [x([2, 3], 5, 6), x([3], 1.7, 1.9)]],
    ["fmod by a number", (a) => a!.fmod(-0.7), [x([4], 0.1, 0.6)]],
    ["remainder", (a, b) => a!.remainder(b!), [
      x([2, 3], -5, -4.2),
      x([3], 2.05, 2.09),
    ]],
    ["remainder by a number", (a) => a!.remainder(-0.7), [x([4], 0.1, 0.6)]],
    ["floorDivide", (a, b) => a!.floorDivide(b!).mul(a!), [
      x([3], 5, 5.5),
      x([3], 1.9, 2.4),
    ]],
    ["div, rounded", (a) => a!.div(2, { roundingMode: "trunc" }).mul(a!), [
      x([3], 2.2, 3.8),
    ]],
  ],
  ternary: [
    ["lerp", (a, b) => a!.lerp(b!, 0.3), [x([2, 3]), x([3])]],
    ["lerp from the end", (a, b) => a!.lerp(b!, 0.8), [x([3]), x([2, 1])]],
    ["lerp by weights", (a, b, w) => a!.lerp(b!, w!), [
      x([2, 3]),
      x([3]),
      apart([2, 1]),
    ]],
    ["addcmul", (a, b, c) => a!.addcmul(b!, c!, { value: 3 }), [
      x([2, 3]),
      x([3]),
      x([2, 1]),
    ]],
    ["addcdiv", (a, b, c) => a!.addcdiv(b!, c!), [
      x([3]),
      x([2, 3]),
      x([2, 1], 1, 2),
    ]],
  ],
  where: [
    ["where", (c, a, b) => where(c!, a!, b!), [CONDITION, x([2, 3]), x([3])]],
    ["where and a number", (c, a) => where(c!, a!, 1), [CONDITION, x([2, 1])]],
    ["where of scalars", (c, a, b) => where(c!, a!, b!), [
      CONDITION,
      x([]),
      x([1]),
    ]],
    ["maskedFill", (c, a) => a!.maskedFill(c!, 2), [CONDITION, x([2, 3])]],
    ["maskedFill by a scalar", (c, a, b) => a!.maskedFill(c!, b!), [
      CONDITION,
      x([2, 3]),
      x([]),
    ]],
  ],
  classify: [
    ["nanToNum", (a) => a!.nanToNum(), [x([4])]],
  ],
  cast: [
    // Linear, so that a long step is exact and rounding is small beside it.
    [
      "to",
      (a) => a!.to("float32").to("float64"),
      [x([4])],
      { step: 0.5, rtol: 1e-5, atol: 1e-5 },
    ],
  ],
};
