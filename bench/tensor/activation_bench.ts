/**
 * Activations with kernels of their own, forward and backward, beside the same
 * made of tensor operations: what a layer's activations of a small CNN cost.
 */

import {
  celu,
  gelu,
  grad,
  hardswish,
  leakyRelu,
  manualSeed,
  randn,
  silu,
  softplus,
  type Tensor,
  where,
} from "@fdunn/tensor";

manualSeed(0);
const SHAPE = [16, 4, 28, 28]; // what the CNN's first convolution puts out

type F = (x: Tensor) => Tensor;

const FUNCTIONS: Record<string, [own: F, composed: F]> = {
  leakyRelu: [(x) => leakyRelu(x), (x) => where(x.gt(0), x, x.mul(0.01))],
  hardswish: [hardswish, (x) => x.mul(x.add(3).clamp(0, 6)).div(6)],
  celu: [
    (x) => celu(x, 2),
    (x) => x.relu().add(x.clamp(null, 0).div(2).expm1().mul(2)),
  ],
  silu: [silu, (x) => x.mul(x.sigmoid())],
  gelu: [
    (x) => gelu(x),
    (x) => x.mul(x.mul(Math.SQRT1_2).erf().add(1)).mul(0.5),
  ],
  softplus: [
    (x) => softplus(x),
    (x) => x.relu().add(x.abs().neg().exp().log1p()),
  ],
};

const x = randn(SHAPE, { requiresGrad: true });
const g = randn(SHAPE);
for (const [name, [own, composed]] of Object.entries(FUNCTIONS)) {
  const group = `${name}, 16x4x28x28, forward and backward`;
  const step = (f: F) => () => {
    grad(f(x), [x], { gradOutputs: [g] })[0]!.dispose();
  };
  Deno.bench(`composed, ${group}`, { group, baseline: true }, step(composed));
  Deno.bench(`kernel, ${group}`, { group }, step(own));
}
