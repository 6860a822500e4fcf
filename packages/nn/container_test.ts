import { type Tensor, tensor, zeros } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { assert, assertEquals, assertThrows } from "@std/assert";

Deno.test("Sequential runs its modules in order", () => {
  const model = new nn.Sequential(
    new nn.Linear(2, 2, { bias: false }),
    new nn.ReLU(),
  );
  model.loadStateDict({ "0.weight": tensor([[1, 0], [0, -1]]) });
  assertEquals(model.forward(tensor([[3, 4]])).toArray(), [[3, 0]]);
  assertEquals(new nn.Sequential().forward(tensor([1])).toArray(), [1]);
});

Deno.test("Sequential is read and changed by index", () => {
  const model = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU());
  assertEquals(model.length, 2);
  assert(model[1] instanceof nn.ReLU);
  model[0] = new nn.Linear(2, 5);
  model.append(new nn.Linear(5, 1));
  assertEquals(model.forward(zeros([4, 2])).shape, [4, 1]);
  assertEquals(Object.keys(model.stateDict()), [
    "0.weight",
    "0.bias",
    "2.weight",
    "2.bias",
  ]);
  assertEquals([...model].map((module) => module.constructor.name), [
    "Linear",
    "ReLU",
    "Linear",
  ]);
});

Deno.test("ModuleList registers its modules under their numbers", () => {
  class Net extends nn.Module {
    layers = new nn.ModuleList([new nn.Linear(2, 2), new nn.Linear(2, 2)]);
    forward(x: Tensor): Tensor {
      for (const layer of this.layers) x = layer.forward(x).relu();
      return x;
    }
  }
  const net = new Net();
  net.layers.extend([new nn.Linear(2, 2)]);
  assertEquals(net.layers.length, 3);
  assertEquals(net.namedParameters().at(-1)![0], "layers.2.bias");
  assertEquals(net.layers[0]!.inFeatures, 2);
  assertEquals(net.forward(zeros([1, 2])).shape, [1, 2]);
  assertThrows(() => net.layers.forward(), Error, "ModuleList");
});

Deno.test("containers refuse what is no module", () => {
  const relu = nn.relu as unknown as nn.Module<[Tensor]>;
  assertThrows(() => new nn.Sequential(relu), TypeError, "function at 0");
  assertThrows(() => new nn.ModuleList([relu]), TypeError, "function at 0");
});
