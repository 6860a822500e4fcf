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

Deno.test("ModuleDict holds modules by name", () => {
  const dict = new nn.ModuleDict({ a: new nn.Linear(2, 3) });
  dict.set("b", new nn.Linear(3, 1)).set("a", new nn.Linear(2, 5));
  assertEquals([dict.size, dict.keys()], [2, ["a", "b"]]);
  assertEquals(dict.get("a").forward(zeros([1, 2])).shape, [1, 5]);
  assertEquals([...dict].map(([name]) => name), ["a", "b"]);
  assertEquals(dict.values().length, 2);
  class Net extends nn.Module {
    heads = new nn.ModuleDict([["x", new nn.Linear(2, 2)]]);
    forward(x: Tensor): Tensor {
      return this.heads.get("x").forward(x);
    }
  }
  const net = new Net();
  const names = ["heads.x.weight", "heads.x.bias"];
  assertEquals(net.namedParameters().map(([name]) => name), names);
  assertEquals([dict.delete("b"), dict.delete("b"), dict.has("b")], [
    ...[true, false, false],
  ]);
  assertThrows(() => dict.get("b"), RangeError, 'no "b", only "a"');
  assertThrows(() => dict.forward(), Error, "ModuleDict has no forward()");
  for (const name of ["", "a.b", "forward", "training", "size"]) {
    assertThrows(
      () => dict.set(name, new nn.ReLU() as never),
      RangeError,
      `ModuleDict got the name "${name}"`,
    );
  }
  assertThrows(
    () => dict.set("c", 3 as never),
    TypeError,
    "ModuleDict got number at c, expected a Module",
  );
});

Deno.test("ParameterList and ParameterDict hold parameters, and make them", () => {
  const list = new nn.ParameterList([zeros([2]), new nn.Parameter(zeros([3]))]);
  list.append(zeros([1]));
  assertEquals(list.length, 3);
  assertEquals([...list].every((p) => p instanceof nn.Parameter), true);
  assertEquals(list.parameters().length, 3);
  assertEquals(
    `${list}`,
    "ParameterList((0): float32 [2], (1): float32 [3], (2): float32 [1])",
  );
  list[0] = new nn.Parameter(tensor([7, 8]));
  assertEquals(list.stateDict()["0"]!.toArray(), [7, 8]);
  assertThrows(() => list.forward(), Error, "ParameterList has no forward()");

  const dict = new nn.ParameterDict({ low: zeros([2]) });
  dict.set("high", zeros([2, 2])).set("low", zeros([4]));
  assertEquals(dict.keys(), ["low", "high"]);
  assertEquals([...dict].map(([, p]) => p.shape), [[4], [2, 2]]);
  assertEquals(
    `${dict}`,
    "ParameterDict((low): float32 [4], (high): float32 [2, 2])",
  );
  const moved = dict.to("float64");
  assertEquals(moved.get("low").dtype, "float64");
  assertEquals([dict.delete("low"), dict.size, dict.has("low")], [
    ...[true, 1, false],
  ]);
  assertThrows(() => dict.get("low"), RangeError, 'only "high"');
  assertThrows(
    () => dict.set("keys", zeros([1])),
    RangeError,
    'ParameterDict got the name "keys"',
  );
  assertThrows(() => dict.forward(), Error, "ParameterDict has no forward()");
});

Deno.test("ModuleDict lists a module under each of its names", () => {
  const shared = new nn.Linear(2, 3);
  const dict = new nn.ModuleDict({ a: shared, b: shared });
  assertEquals(dict.keys(), ["a", "b"]);
  assertEquals(dict.size, 2);
  assertEquals(dict.parameters().length, 2);
});
