/** Activations: their lines for checkGrad. */

import {
  celu,
  elu,
  gelu,
  hardshrink,
  hardsigmoid,
  hardswish,
  hardtanh,
  leakyRelu,
  logSigmoid,
  mish,
  relu6,
  selu,
  silu,
  softplus,
  softshrink,
  type Tensor,
  threshold,
} from "../../mod.ts";
import { apart, type Rows, slopeOf, x } from "./case_test.ts";

const geluTanh = (a: Tensor) => gelu(a, { approximate: "tanh" });

/** By family. */
export const ACTIVATION: Rows = {
  activation: [
    ["relu", (a) => a!.relu(), [apart([2, 4])]],
    ["sigmoid", (a) => a!.sigmoid(), [x([2, 3])]],
    ["sigmoid, third order", slopeOf((a) => a.sigmoid()), [x([2])]],
    ["tanh", (a) => a!.tanh(), [x([2, 3])]],
    ["tanh, third order", slopeOf((a) => a.tanh()), [x([2])]],
  ],
  smooth: [
    ["silu", (a) => silu(a!), [x([2, 3])]],
    ["silu, third order", slopeOf(silu), [x([3])]],
    ["gelu", (a) => gelu(a!), [x([2, 3])]],
    ["gelu, third order", slopeOf((a) => gelu(a)), [x([3])]],
    ["gelu by tanh", (a) => geluTanh(a!), [x([2, 3])]],
    ["gelu by tanh, third order", slopeOf(geluTanh), [x([3])]],
    ["mish", (a) => mish(a!), [x([2, 3])]],
    ["mish, third order", slopeOf(mish), [x([3])]],
    ["softplus", (a) => softplus(a!), [x([2, 3])]],
    ["softplus, third order", slopeOf((a) => softplus(a)), [x([3])]],
    ["softplus, steep", (a) => softplus(a!, 3, 2), [apart([7])]],
    ["softplus, mostly straight", (a) => softplus(a!, 2, -0.6), [apart([7])]],
    ["logSigmoid", (a) => logSigmoid(a!), [x([2, 3])]],
    ["logSigmoid, third order", slopeOf(logSigmoid), [x([3])]],
    ["elu", (a) => elu(a!, 1.5), [apart([7])]],
    ["elu, third order", slopeOf((a) => elu(a, 1.5)), [apart([4])]],
    ["selu", (a) => selu(a!), [apart([7])]],
    ["celu", (a) => celu(a!, 0.5), [apart([7])]],
    ["celu, third order", slopeOf((a) => celu(a, 0.5)), [apart([4])]],
  ],
  pieces: [
    ["leakyRelu", (a) => leakyRelu(a!, 0.2), [apart([2, 4])]],
    ["leakyRelu, third order", slopeOf((a) => leakyRelu(a)), [apart([4])]],
    ["hardtanh", (a) => hardtanh(a!, -0.16, 0.11), [apart([6])]],
    ["relu6", (a) => relu6(a!.mul(20)), [apart([8])]],
    ["hardsigmoid", (a) => hardsigmoid(a!.mul(11)), [apart([8])]],
    ["hardswish", (a) => hardswish(a!.mul(11)), [apart([8])]],
    ["hardswish, third order", slopeOf(hardswish), [apart([4])]],
    ["threshold", (a) => threshold(a!, 0.11, 3), [apart([6])]],
    ["hardshrink", (a) => hardshrink(a!, 0.12), [apart([6])]],
    ["softshrink", (a) => softshrink(a!, 0.12), [apart([6])]],
  ],
};
