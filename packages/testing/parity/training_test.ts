import { conv2d, crossEntropy, linear } from "@fdunn/tensor";
import { maxPool2d, type Tensor, tensor } from "@fdunn/tensor";
import { Adam, SGD } from "@fdunn/optim";
import { assertNear } from "../relative_error.ts";
import { type FixtureSine, loadFixture } from "../fixture.ts";
import { fixtureTensor } from "../fixture_tensor.ts";

interface TrainingCase {
  name: string;
  op: "SGD" | "Adam";
  activation: "sigmoid" | "relu";
  options: { lr: number; momentum?: number };
  parameters: Record<string, FixtureSine>;
  losses: number[];
  gradients: Record<string, number>;
}

const { cases, torch } = loadFixture<TrainingCase>("training");

for (const entry of cases) {
  Deno.test(`${entry.name} has the losses of PyTorch ${torch}`, () => {
    const p = Object.fromEntries(
      Object.entries(entry.parameters).map(([name, array]) => [
        name,
        fixtureTensor(array, { requiresGrad: true }),
      ]),
    );
    const optimizer = entry.op === "SGD"
      ? new SGD(Object.values(p), entry.options)
      : new Adam(Object.values(p), entry.options);
    const losses: number[] = [];
    for (let step = 0; step < 20; step++) {
      const [x, y] = batch(step);
      const loss = crossEntropy(forward(x, p, entry.activation), y);
      losses.push(loss.item() as number);
      optimizer.zeroGrad();
      loss.backward();
      if (step === 0) {
        for (const [name, expected] of Object.entries(entry.gradients)) {
          const sum = p[name]!.grad!.square().sum().item() as number;
          assertNear([sum / expected], [1], 1e-4, `gradient of ${name}`);
        }
      }
      optimizer.step();
    }
    assertNear(losses, entry.losses, 1e-5, "losses");
  });
}

/** Both convolutions with pooling, both linear layers. */
function forward(
  x: Tensor,
  p: Record<string, Tensor>,
  activation: "sigmoid" | "relu",
): Tensor {
  for (const name of ["conv1", "conv2"]) {
    const weight = p[`${name}.weight`]!;
    const bias = p[`${name}.bias`]!;
    x = maxPool2d(conv2d(x, weight, bias, { padding: 1 })[activation](), 2);
  }
  x = linear(x.flatten(1), p["fc1.weight"]!, p["fc1.bias"]!)[activation]();
  return linear(x, p["fc2.weight"]!, p["fc2.bias"]!);
}

/** The formulas of make_training() in the fixtures' script. */
function batch(step: number): [Tensor, Tensor] {
  const pixels = Float32Array.from(
    { length: 4 * 28 * 28 },
    (_, i) => 0.5 + 0.5 * Math.sin(0.05 * i + 0.7 * step + 0.0005 * i * step),
  );
  const labels = Int32Array.from(
    { length: 4 },
    (_, n) => (3 * n + 7 * step) % 10,
  );
  return [tensor(pixels, { shape: [4, 1, 28, 28] }), tensor(labels)];
}
