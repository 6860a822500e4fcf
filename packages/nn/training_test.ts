/** Whole models that learn: the loop of the README, and XOR. */

import {
  manualSeed,
  memoryStats,
  randint,
  randn,
  type Tensor,
  tensor,
} from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { Adam, SGD } from "@fdunn/optim";
import { assert, assertEquals } from "@std/assert";

class CNN extends nn.Module {
  conv1 = new nn.Conv2d(1, 4, 3, { padding: 1 });
  conv2 = new nn.Conv2d(4, 8, 3, { padding: 1 });
  fc1 = new nn.Linear(392, 100);
  fc2 = new nn.Linear(100, 10);
  forward(x: Tensor): Tensor {
    x = nn.maxPool2d(this.conv1.forward(x).relu(), 2); // [N, 4, 14, 14]
    x = nn.maxPool2d(this.conv2.forward(x).relu(), 2); // [N, 8, 7, 7]
    return this.fc2.forward(this.fc1.forward(x.flatten(1)).relu());
  }
}

Deno.test("a CNN learns a batch by heart, in bounded memory", () => {
  manualSeed(0);
  const model = new CNN();
  const criterion = new nn.CrossEntropyLoss();
  const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.5 });
  const pictures = randn([16, 1, 28, 28]);
  const labels = randint(0, 10, [16]);
  const losses: number[] = [];
  let live = 0;
  for (let step = 0; step < 40; step++) {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(pictures), labels);
    loss.backward();
    optimizer.step();
    losses.push(loss.item());
    if (step === 5) live = memoryStats().liveBytes;
  }
  assert(Math.abs(losses[0]! - Math.log(10)) < 0.3, `${losses[0]}`);
  assert(losses.at(-1)! < 0.05, `${losses.at(-1)}`);
  // But for the scalars of the losses nothing is added.
  assert(memoryStats().liveBytes - live <= 40 * 16);
});

const CORNERS = tensor([[0, 0], [0, 1], [1, 0], [1, 1]]);
const XOR = tensor(new Int32Array([0, 1, 1, 0]));

for (
  const [name, make] of [
    ["SGD", (p: Tensor[]) => new SGD(p, { lr: 0.1, momentum: 0.9 })],
    ["Adam", (p: Tensor[]) => new Adam(p, { lr: 0.02 })],
  ] as const
) {
  Deno.test(`a Sequential learns XOR with ${name}`, () => {
    manualSeed(4);
    const model = new nn.Sequential(
      new nn.Linear(2, 16),
      new nn.Tanh(),
      new nn.Linear(16, 2),
    );
    const criterion = new nn.CrossEntropyLoss();
    const optimizer = make(model.parameters());
    for (let step = 0; step < 300; step++) {
      optimizer.zeroGrad();
      criterion.forward(model.forward(CORNERS), XOR).backward();
      optimizer.step();
    }
    const logits = model.eval().forward(CORNERS);
    assertEquals(logits.argmax(1).toArray(), [0, 1, 1, 0]);
    assert(criterion.forward(logits, XOR).item() < 0.05);
  });
}

Deno.test("training goes on from saved states as if never interrupted", () => {
  const build = (): [nn.Sequential, Adam] => {
    const model = new nn.Sequential(
      new nn.Linear(2, 8),
      new nn.Tanh(),
      new nn.Linear(8, 2),
    );
    return [model, new Adam(model.parameters(), { lr: 0.05, amsgrad: true })];
  };
  const train = (model: nn.Sequential, optimizer: Adam, steps: number) => {
    const criterion = new nn.CrossEntropyLoss();
    const losses: number[] = [];
    for (let step = 0; step < steps; step++) {
      optimizer.zeroGrad();
      const loss = criterion.forward(model.forward(CORNERS), XOR);
      loss.backward();
      optimizer.step();
      losses.push(loss.item());
    }
    return losses;
  };
  manualSeed(1);
  const [first, firstOptimizer] = build();
  train(first, firstOptimizer, 5);
  const [second, secondOptimizer] = build();
  second.loadStateDict(first.stateDict());
  secondOptimizer.loadStateDict(firstOptimizer.stateDict());
  assertEquals(
    train(second, secondOptimizer, 5),
    train(first, firstOptimizer, 5),
  );
});

Deno.test("frozen layers stay as they are while others learn", () => {
  manualSeed(2);
  const model = new nn.Sequential(
    new nn.Linear(2, 4),
    new nn.ReLU(),
    new nn.Linear(4, 2),
  );
  model[0]!.requiresGrad_(false);
  const before = model.stateDict();
  const frozen = before["0.weight"]!.toArray();
  const learning = before["2.weight"]!.toArray();
  const optimizer = new SGD(model.parameters(), { lr: 0.5 });
  new nn.CrossEntropyLoss().forward(model.forward(CORNERS), XOR).backward();
  optimizer.step();
  assertEquals(model.stateDict()["0.weight"]!.toArray(), frozen);
  assert(
    JSON.stringify(learning) !==
      JSON.stringify(model.stateDict()["2.weight"]!.toArray()),
  );
});
