/** Elementwise ops: their lines for checkGrad. */

import { tensor, where } from "../../mod.ts";
import { apart, type Make, type Rows, slopeOf, x } from "./case_test.ts";

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
    ["erf", (a) => a!.erf(), [x([5])]],
    ["floor", (a) => a!.floor().mul(a!), [x([3], 0.2, 0.8)]],
    ["ceil", (a) => a!.ceil().mul(a!), [x([3], 0.2, 0.8)]],
    ["round", (a) => a!.round().mul(a!), [x([3], 0.6, 0.9)]],
    ["clamp", (a) => a!.clamp(-0.15, 0.12), [apart([6])]],
  ],
  activation: [
    ["relu", (a) => a!.relu(), [apart([2, 4])]],
    ["sigmoid", (a) => a!.sigmoid(), [x([2, 3])]],
    ["sigmoid, third order", slopeOf((a) => a.sigmoid()), [x([2])]],
    ["tanh", (a) => a!.tanh(), [x([2, 3])]],
    ["tanh, third order", slopeOf((a) => a.tanh()), [x([2])]],
  ],
  compare: [
    ["where", (c, a, b) => where(c!, a!, b!), [CONDITION, x([2, 3]), x([3])]],
    ["where and a number", (c, a) => where(c!, a!, 1), [CONDITION, x([2, 1])]],
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
