import { memoryStats, type Tensor, zeros } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { summary } from "@fdunn/nn/summary";
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
  const table = summary(model, [1, 1, 28, 28]);
  assertEquals(
    table.toString(),
    `layer           output shape    parameters  multiply-adds
--------------  --------------  ----------  -------------
conv1 (Conv2d)  [1, 4, 28, 28]          40         28,224
conv2 (Conv2d)  [1, 8, 14, 14]         296         56,448
drop (Dropout)  [1, 392]                 0              0
fc1 (Linear)    [1, 100]            39,300         39,200
fc2 (Linear)    [1, 10]              1,010          1,000
40,646 parameters, 40 of them frozen; 124,872 multiply-adds`,
  );
  assertEquals(table.totalParameters, 40_646);
  assertEquals(table.trainableParameters, 40_606);
  assertEquals(Deno.inspect(table), table.toString());
});

Deno.test("summary() leaves the model as it was", () => {
  const model = new CNN();
  model.drop.eval();
  const before = memoryStats().liveBytes;
  summary(model, [2, 1, 28, 28]);
  assertLessOrEqual(memoryStats().liveBytes, before);
  assertEquals(model.modules().map((m) => m.training), [
    ...[true, true, true, false, true, true],
  ]);
  for (const module of model.modules()) {
    assert(!Object.hasOwn(module, "forward"));
  }
  assertEquals(model.parameters().every((p) => p.grad === null), true);
  // Also when the model throws.
  assertThrows(() => summary(model, [1, 3, 28, 28]), RangeError, "conv2d()");
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
  const table = summary(new Twice(), [3, 2]);
  const [outputShape, type] = [[3, 2], "Linear"];
  assertEquals(table.rows, [
    { name: "layer", type, outputShape, parameters: 6, multiplyAdds: 12 },
    { name: "layer", type, outputShape, parameters: 0, multiplyAdds: 12 },
    {
      name: "model",
      type: "Twice",
      outputShape,
      parameters: 2,
      multiplyAdds: 6,
    },
  ]);
  assertEquals(table.totalParameters, 8);
});

Deno.test("summary() runs models of any dtype", () => {
  const model = new nn.Linear(2, 3, { dtype: "float64" });
  assertEquals(summary(model, [1, 2]).rows[0]!.name, "model");
});

Deno.test("summary() counts the multiply-adds of every kind of layer", () => {
  const of = (layer: nn.Module<[Tensor]>, shape: number[]) => {
    const { rows, totalMultiplyAdds } = summary(layer, shape);
    assertEquals(
      rows.reduce((n, row) => n + row.multiplyAdds, 0),
      totalMultiplyAdds,
    );
    return totalMultiplyAdds;
  };
  // Places of the output, channels, taps of a group.
  assertEquals(
    of(new nn.Conv1d(4, 6, 3, { groups: 2 }), [5, 4, 9]),
    5 * 7 * 6 * 6,
  );
  assertEquals(of(new nn.Conv2d(3, 8, 3), [2, 3, 6, 5]), 2 * 4 * 3 * 8 * 27);
  assertEquals(of(new nn.Conv3d(2, 3, 2), [1, 2, 3, 3, 3]), 8 * 3 * 16);
  // Places of the input.
  const up = new nn.ConvTranspose2d(4, 2, 3, { stride: 2 });
  assertEquals(of(up, [2, 4, 5, 5]), 2 * 25 * 4 * 2 * 9);
  assertEquals(of(new nn.ConvTranspose1d(4, 2, 3), [1, 4, 5]), 5 * 4 * 2 * 3);
  assertEquals(of(new nn.Linear(5, 7), [2, 3, 5]), 6 * 35);
  assertEquals(of(new nn.BatchNorm2d(3), [2, 3, 4, 4]), 96);
  assertEquals(of(new nn.LayerNorm([4]), [2, 4]), 8);
  assertEquals(of(new nn.MaxPool2d(2), [1, 1, 4, 4]), 0);
  // Steps, then weights of input and state.
  class Recurrent extends nn.Module<[Tensor]> {
    lstm = new nn.LSTM(3, 5, { numLayers: 2 });
    forward(x: Tensor): Tensor {
      return this.lstm.forward(x)[0];
    }
  }
  const recurrent = summary(new Recurrent(), [7, 2, 3]);
  const weights = 4 * 5 * (3 + 5) + 4 * 5 * (5 + 5);
  assertEquals(recurrent.totalMultiplyAdds, 14 * weights);
  assertEquals(recurrent.rows[0]!.outputShape, [7, 2, 5]);
  class Attention extends nn.Module<[Tensor]> {
    heads = new nn.MultiheadAttention(8, 2, { batchFirst: true });
    forward(x: Tensor): Tensor {
      return this.heads.forward(x, x, x)[0];
    }
  }
  // Three maps in and one out, scores and sums over 5 keys.
  const maps = 3 * 5 * 4 * 64;
  assertEquals(of(new Attention(), [3, 5, 8]), maps + 2 * 3 * 5 * 5 * 8);
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
  const rows = summary(new Reader(), [5, 2, 4]).rows
    .map(({ name, outputShape }) => [name, outputShape]);
  assertEquals(rows, [
    ["states", [5, 2, 3]],
    ["attention.out_proj", [5, 2, 3]],
    ["attention", [5, 2, 3]],
  ]);
});
