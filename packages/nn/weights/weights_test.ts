import { grad, manualSeed, randn, type Tensor, tensor } from "@fdunn/tensor";
import { SGD } from "@fdunn/optim";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertThrows,
} from "@std/assert";
import * as nn from "../mod.ts";
import {
  functionalCall,
  parametersToVector,
  removeSpectralNorm,
  removeWeightNorm,
  spectralNorm,
  vectorToParameters,
  weightNorm,
} from "./mod.ts";

class Net extends nn.Module {
  layers = [new nn.Linear(2, 3), new nn.Linear(3, 3)];
  norm = new nn.BatchNorm1d(3);
  head = new nn.Sequential(new nn.Tanh(), new nn.Linear(3, 1));
  forward(x: Tensor): Tensor {
    for (const layer of this.layers) x = layer.forward(x).tanh();
    return this.head.forward(this.norm.forward(x));
  }
}

Deno.test("weightNorm() changes no output, learns, and is kept in states", () => {
  manualSeed(0);
  const plain = new nn.Conv2d(2, 3, 2);
  const x = randn([1, 2, 4, 4]);
  const before = plain.forward(x);
  const layer = weightNorm(plain);
  assertEquals(Object.keys(layer.stateDict()), [
    "bias",
    "weight_g",
    "weight_v",
  ]);
  assert(layer.forward(x).allclose(before, { atol: 1e-6 }));
  const optimizer = new SGD(layer.parameters(), { lr: 0.1 });
  layer.forward(x).square().sum().backward();
  optimizer.step();
  const after = layer.forward(x);
  assertEquals(after.allclose(before, { atol: 1e-3 }), false);
  const other = weightNorm(new nn.Conv2d(2, 3, 2));
  other.loadStateDict(layer.stateDict());
  assertEquals(other.forward(x).toArray(), after.toArray());
  removeWeightNorm(other);
  assertEquals(Object.keys(other.stateDict()).sort(), ["bias", "weight"]);
  assert(other.forward(x).allclose(after, { atol: 1e-6 }));
  assert(other.weight instanceof nn.Parameter);
});

Deno.test("spectralNorm() goes on in training, and not in evaluation", () => {
  manualSeed(1);
  const layer = spectralNorm(new nn.Linear(4, 4));
  assertEquals(Object.keys(layer.stateDict()).sort(), [
    ...["bias", "weight_orig", "weight_u", "weight_v"],
  ]);
  const x = randn([2, 4]);
  const u = () => layer.stateDict().weight_u!.toArray();
  layer.eval();
  const start = u();
  layer.forward(x);
  assertEquals(u(), start);
  layer.train();
  layer.forward(x);
  assert(String(u()) !== String(start));
  const other = spectralNorm(new nn.Linear(4, 4));
  other.loadStateDict(layer.stateDict());
  layer.eval();
  other.eval();
  const y = layer.forward(x);
  assertEquals(other.forward(x).toArray(), y.toArray());
  removeSpectralNorm(layer);
  assertEquals(Object.keys(layer.stateDict()).sort(), ["bias", "weight"]);
  assert(layer.forward(x).allclose(y, { atol: 1e-6 }));
});

Deno.test("a critic with spectral norms trains for as long as you like", () => {
  manualSeed(2);
  const critic = new nn.Sequential(
    spectralNorm(new nn.Linear(2, 16)),
    new nn.ReLU(),
    spectralNorm(new nn.Linear(16, 1)),
  );
  const optimizer = new SGD(critic.parameters(), { lr: 0.1 });
  const [real, fake] = [randn([32, 2]).add(1), randn([32, 2]).sub(1)];
  for (let step = 0; step < 100; step++) {
    optimizer.zeroGrad();
    const [up, down] = [critic.forward(real), critic.forward(fake)];
    down.mean().sub(up.mean()).backward();
    optimizer.step();
  }
  const apart = critic.forward(real).mean().sub(critic.forward(fake).mean());
  const distance = real.mean(0).sub(fake.mean(0)).norm().item();
  assert(apart.item() > 0.5, `${apart}`);
  assert(apart.item() <= distance * 1.01, "it is 1-Lipschitz");
});

Deno.test("functionalCall() takes other tensors, lists and buffers, and puts all back", () => {
  manualSeed(3);
  const [net, other] = [new Net(), new Net()];
  const x = randn([4, 2]);
  const state = other.stateDict();
  const names = Object.keys(net.stateDict());
  assertEquals(names.includes("layers.1.weight"), true);
  const expected = other.eval().forward(x).toArray();
  const own = net.eval().forward(x).toArray();
  assertEquals(functionalCall(net, state, [x]).toArray(), expected);
  assertEquals(net.forward(x).toArray(), own);
  assertEquals(Object.keys(net.stateDict()), names);
  for (const p of net.parameters()) assert(p instanceof nn.Parameter);
  assertThrows(
    () => functionalCall(net, { "head.weight": x, norm: x }, [x]),
    RangeError,
    'functionalCall() got "head.weight", "norm", which Net does not have',
  );
  // Also where forward fails.
  assertThrows(() => functionalCall(net, { "head.1.weight": x }, [x]));
  assertEquals(net.forward(x).toArray(), own);
});

Deno.test("functionalCall() gives the gradient of a step of an inner loop", () => {
  manualSeed(4);
  const net = new nn.Sequential(new nn.Linear(1, 8), new nn.Tanh());
  const x = randn([5, 1]);
  const loss = (tensors: Record<string, Tensor>) =>
    functionalCall(net, tensors, [x]).square().mean();
  const named = Object.fromEntries(net.namedParameters());
  const outer = () => {
    const grads = grad(loss(named), Object.values(named), {
      createGraph: true,
    });
    const fast = Object.keys(named).map((name, i) =>
      [name, named[name]!.sub(grads[i]!.mul(0.5))] as const
    );
    return loss(Object.fromEntries(fast));
  };
  outer().backward();
  const weight = net.parameters()[0]!;
  const slope = weight.grad!.data()[0]!;
  const [value, h] = [weight.data(), 1e-2];
  const at = (shift: number) => {
    const moved = Array.from(value, (w, i) => i === 0 ? w + shift : w);
    named["0.weight"] = tensor(moved, { shape: [8, 1], requiresGrad: true });
    return outer().item();
  };
  assertAlmostEquals((at(h) - at(-h)) / (2 * h), slope, 1e-3);
});

Deno.test("vectors of parameters go there and back", () => {
  const net = new nn.Linear(2, 2);
  const vector = tensor([1, 2, 3, 4, 5, 6]);
  vectorToParameters(vector, net.parameters());
  assertEquals(net.weight.toArray(), [[1, 2], [3, 4]]);
  assertEquals(net.bias!.toArray(), [5, 6]);
  const back = parametersToVector(net.parameters());
  assertEquals(back.toArray(), vector.toArray());
  back.square().sum().backward();
  assertEquals(net.bias!.grad!.toArray(), [10, 12]);
});

Deno.test("the tools refuse with a sentence", () => {
  const net = new nn.Linear(2, 2);
  const cases: [() => unknown, string][] = [
    [
      () => weightNorm(net, { name: "wait" }),
      'weightNorm() got the name "wait", which is no parameter of Linear',
    ],
    [
      () => weightNorm(net, { dim: -1 }),
      "weightNorm() got dim -1, expected null or 0 to 1",
    ],
    [
      () => weightNorm(weightNorm(new nn.Linear(2, 2))),
      'weightNorm() got the name "weight", which is no parameter of Linear',
    ],
    [
      () => spectralNorm(net, { nPowerIterations: 0 }),
      "spectralNorm() got nPowerIterations 0, expected a whole number",
    ],
    [
      () => removeWeightNorm(net),
      'removeWeightNorm() found no weightNorm() of "weight" in Linear',
    ],
    [
      () => removeSpectralNorm(weightNorm(new nn.Linear(2, 2))),
      'removeSpectralNorm() found no spectralNorm() of "weight" in Linear',
    ],
    [
      () => vectorToParameters(tensor([1, 2]), net.parameters()),
      "vectorToParameters() got shape [2], expected [6]",
    ],
    [() => parametersToVector([]), "parametersToVector() got no parameters"],
  ];
  for (const [wrong, message] of cases) {
    assertThrows(wrong, RangeError, message);
  }
});
