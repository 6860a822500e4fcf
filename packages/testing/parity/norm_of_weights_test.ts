import * as nn from "@fdunn/nn";
import { spectralNorm, weightNorm } from "@fdunn/nn/weights";
import type { Tensor } from "@fdunn/tensor";
import { testOpCases } from "./op_cases.ts";

type Layer = nn.Linear | nn.Conv2d | nn.ConvTranspose2d;

/** A layer for this weight, which takes another place. */
function layerOf(kind: unknown, { shape }: Tensor): Layer {
  const [first, second] = shape as [number, number];
  if (kind === "Linear") return new nn.Linear(second, first, { bias: false });
  if (kind === "Conv2d") {
    return new nn.Conv2d(second, first, 2, { bias: false });
  }
  return new nn.ConvTranspose2d(first, second, 2, { bias: false });
}

testOpCases("norm_of_weights", {
  "weights.spectralNorm": ([x, weight, u, v], options) => {
    const { kind, nPowerIterations, passes, training } = options;
    const layer = spectralNorm(layerOf(kind, weight!), {
      nPowerIterations: nPowerIterations as number,
    });
    // The tensor itself, so that its gradient can be compared.
    Object.assign(layer, { weight_orig: weight, weight_u: u, weight_v: v });
    layer.train(training as boolean);
    for (let i = 1; i < (passes as number); i++) layer.forward(x!);
    return layer.forward(x!);
  },
  "weights.weightNorm": ([x, g, v], { kind, dim }) => {
    const layer = weightNorm(layerOf(kind, v!), { dim: dim as number | null });
    Object.assign(layer, { weight_g: g, weight_v: v });
    return layer.forward(x!);
  },
});
