import { memoryStats, type Tensor, zeros } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertThrows,
} from "@std/assert";

class CNN extends nn.Module {
  conv1 = new nn.Conv2d(1, 4, 3, { padding: 1 });
  conv2 = new nn.Conv2d(4, 8, 3, { padding: 1 });
  drop = new nn.Dropout(0.5);
  fc1 = new nn.Linear(392, 100);
  fc2 = new nn.Linear(100, 10);
  forward(x: Tensor): Tensor {
    x = nn.maxPool2d(this.conv1.forward(x).relu(), 2);
    x = nn.maxPool2d(this.conv2.forward(x).relu(), 2);
    return this.fc2.forward(this.fc1.forward(this.drop.forward(x.flatten(1))));
  }
}

Deno.test("summary() shows layers, output shapes and parameters", () => {
  const model = new CNN();
  model.conv1.requiresGrad_(false);
  const table = nn.summary(model, [1, 1, 28, 28]);
  assertEquals(
    table.toString(),
    `layer           output shape    parameters
--------------  --------------  ----------
conv1 (Conv2d)  [1, 4, 28, 28]          40
conv2 (Conv2d)  [1, 8, 14, 14]         296
drop (Dropout)  [1, 392]                 0
fc1 (Linear)    [1, 100]            39,300
fc2 (Linear)    [1, 10]              1,010
40,646 parameters, 40 of them frozen`,
  );
  assertEquals(table.totalParameters, 40_646);
  assertEquals(table.trainableParameters, 40_606);
  assertEquals(Deno.inspect(table), table.toString());
});

Deno.test("summary() leaves the model as it was", () => {
  const model = new CNN();
  model.drop.eval();
  const before = memoryStats().liveBytes;
  nn.summary(model, [2, 1, 28, 28]);
  assertLessOrEqual(memoryStats().liveBytes, before);
  assertEquals(model.modules().map((m) => m.training), [
    ...[true, true, true, false, true, true],
  ]);
  for (const module of model.modules()) {
    assert(!Object.hasOwn(module, "forward"));
  }
  assertEquals(model.parameters().every((p) => p.grad === null), true);
  // Also when the model throws.
  assertThrows(() => nn.summary(model, [1, 3, 28, 28]), RangeError, "conv2d()");
  assert(!Object.hasOwn(model.conv1, "forward"));
  assertEquals(model.training, true);
});

Deno.test("summary() counts shared layers once, and a model's own parameters", () => {
  class Twice extends nn.Module {
    layer = new nn.Linear(2, 2);
    scale = new nn.Parameter(zeros([2]));
    forward(x: Tensor): Tensor {
      return this.layer.forward(this.layer.forward(x)).mul(this.scale);
    }
  }
  const table = nn.summary(new Twice(), [3, 2]);
  assertEquals(table.rows, [
    { name: "layer", type: "Linear", outputShape: [3, 2], parameters: 6 },
    { name: "layer", type: "Linear", outputShape: [3, 2], parameters: 0 },
    { name: "model", type: "Twice", outputShape: [3, 2], parameters: 2 },
  ]);
  assertEquals(table.totalParameters, 8);
});

Deno.test("summary() runs models of any dtype", () => {
  const model = new nn.Linear(2, 3, { dtype: "float64" });
  assertEquals(nn.summary(model, [1, 2]).rows[0]!.name, "model");
});

Deno.test("summary() shows the first of several outputs", () => {
  class Reader extends nn.Module {
    states = new nn.LSTM(4, 3);
    attention = new nn.MultiheadAttention(3, 1);
    forward(x: Tensor): Tensor {
      const [y] = this.states.forward(x);
      return this.attention.forward(y, y, y)[0];
    }
  }
  const rows = nn.summary(new Reader(), [5, 2, 4]).rows
    .map(({ name, outputShape }) => [name, outputShape]);
  assertEquals(rows, [
    ["states", [5, 2, 3]],
    ["attention.out_proj", [5, 2, 3]],
    ["attention", [5, 2, 3]],
  ]);
});
