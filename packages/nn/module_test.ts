import { type Tensor, tensor, zeros } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";

class Block extends nn.Module {
  scale = new nn.Parameter(tensor([2]));
  layers = [new nn.Linear(2, 3), new nn.Linear(3, 2, { bias: false })];
  mean = this.registerBuffer("mean", tensor([0.5]));
  note = "not a parameter";
  plain = tensor([1, 2, 3]);
  forward(x: Tensor): Tensor {
    for (const layer of this.layers) x = layer.forward(x);
    return x.mul(this.scale).add(this.mean);
  }
}

class Net extends nn.Module {
  block = new Block();
  grid = [[new nn.Parameter(tensor([1]))], [new nn.ReLU()]];
  forward(x: Tensor): Tensor {
    return this.block.forward(x);
  }
}

const NAMES = [
  "grid.0.0",
  "block.scale",
  "block.layers.0.weight",
  "block.layers.0.bias",
  "block.layers.1.weight",
];

Deno.test("Module finds parameters in fields, arrays and modules", () => {
  const net = new Net();
  assertEquals(net.namedParameters().map(([name]) => name), NAMES);
  assertEquals(net.parameters().length, 5);
  assertStrictEquals(net.parameters()[1], net.block.scale);
});

Deno.test("Module names modules from the outside in", () => {
  const net = new Net();
  assertEquals(net.namedModules().map(([name]) => name), [
    "",
    "block",
    "block.layers.0",
    "block.layers.1",
    "grid.1.0",
  ]);
  assertEquals(net.namedChildren().map(([name]) => name), [
    "block",
    "grid.1.0",
  ]);
  const order: string[] = [];
  net.apply((module) => order.push(module.constructor.name));
  assertEquals(order, ["Linear", "Linear", "Block", "ReLU", "Net"]);
});

Deno.test("Module sees fields that are assigned later, and loses replaced ones", () => {
  const net = new Net();
  const [, second] = net.block.layers;
  net.block.layers = [second!];
  assertEquals(net.parameters().length, 3);
  (net as unknown as Record<string, unknown>).extra = new nn.Linear(1, 1);
  assertEquals(net.namedParameters().at(-1)![0], "extra.bias");
});

Deno.test("Module does not see #private fields", () => {
  class Hidden extends nn.Module<[]> {
    #layer = new nn.Linear(1, 1);
    forward(): Tensor {
      return this.#layer.weight;
    }
  }
  assertEquals(new Hidden().parameters(), []);
});

Deno.test("parameters() counts shared parameters and modules once", () => {
  class Tied extends nn.Module {
    a = new nn.Linear(2, 2);
    b = this.a;
    weight = this.a.weight;
    forward(x: Tensor): Tensor {
      return x;
    }
  }
  const tied = new Tied();
  assertEquals(tied.namedParameters().map(([name]) => name), [
    "weight",
    "a.bias",
  ]);
  assertEquals(tied.modules().length, 2);
  // A state has every name, so that it fits a model that shares nothing.
  assertEquals(Object.keys(tied.stateDict()), [
    "weight",
    "a.weight",
    "a.bias",
    "b.weight",
    "b.bias",
  ]);
});

Deno.test("Module survives cycles of modules and of lists", () => {
  class Node extends nn.Module {
    layer = new nn.Linear(1, 1);
    peers: (Node | unknown[])[] = [];
    forward(x: Tensor): Tensor {
      return x;
    }
  }
  const [a, b] = [new Node(), new Node()];
  a.peers.push(b, a.peers);
  b.peers.push(a);
  assertEquals(a.parameters().length, 4);
  assertEquals(a.modules().length, 4);
  assertEquals(Object.keys(a.stateDict()), [
    "layer.weight",
    "layer.bias",
    "peers.0.layer.weight",
    "peers.0.layer.bias",
  ]);
  assert(a.train(false).toString().includes("Node(...)"));
  assertEquals(b.training, false);
});

Deno.test("train() and eval() reach all modules", () => {
  const net = new Net();
  const modes = () => net.modules().map((module) => module.training);
  assertEquals(net.eval(), net);
  assertEquals(modes(), [false, false, false, false, false]);
  net.block.train();
  assertEquals(modes(), [false, true, true, true, false]);
  net.train();
  assertEquals(modes(), [true, true, true, true, true]);
});

Deno.test("zeroGrad() forgets gradients, requiresGrad_() freezes", () => {
  const net = new Net();
  net.forward(zeros([1, 2])).sum().backward();
  assert(net.block.scale.grad !== null);
  net.zeroGrad();
  assertEquals(net.parameters().map((p) => p.grad), [
    null,
    null,
    null,
    null,
    null,
  ]);
  assertEquals(
    net.requiresGrad_(false).forward(zeros([1, 2])).requiresGrad,
    false,
  );
  net.requiresGrad_();
  assert(net.parameters().every((p) => p.requiresGrad));
});

Deno.test("registerBuffer() makes state that is no parameter", () => {
  const block = new Block();
  assertEquals(block.namedBuffers().map(([name]) => name), ["mean"]);
  assertStrictEquals(block.buffers()[0], block.mean);
  assert(Object.hasOwn(block.stateDict(), "mean"));
  block.registerBuffer("cache", zeros([9]), { persistent: false });
  assertEquals(block.namedBuffers().length, 2);
  assert(!Object.hasOwn(block.stateDict(), "cache"));
  block.mean = tensor([3]);
  assertEquals(block.stateDict().mean!.toArray(), [3]);
  assertThrows(
    () => block.registerBuffer("a.b", zeros([1])),
    RangeError,
    '"a.b"',
  );
  assertThrows(() => block.registerBuffer("train", zeros([1])), RangeError);
  assertThrows(
    () => block.registerBuffer("p", new nn.Parameter(zeros([1]))),
    TypeError,
    "Parameter",
  );
});

Deno.test("to() converts parameters and buffers, shared ones once", () => {
  class Tied extends nn.Module {
    a = new nn.Linear(2, 2);
    weights = [this.a.weight];
    count = this.registerBuffer("count", zeros([1], { dtype: "int32" }));
    mean = this.registerBuffer("mean", tensor([0.25]));
    forward(x: Tensor): Tensor {
      return this.a.forward(x);
    }
  }
  const tied = new Tied();
  const before = tied.a.weight.toArray();
  tied.a.bias!.requiresGrad_(false);
  assertEquals(tied.to("float64"), tied);
  assertEquals(tied.a.weight.dtype, "float64");
  assertStrictEquals(tied.a.weight, tied.weights[0]);
  assertEquals(tied.a.weight.toArray(), before);
  assert(tied.a.weight.requiresGrad && !tied.a.bias!.requiresGrad);
  assertEquals(tied.buffers().map((b) => b.dtype), ["int32", "float64"]);
  assertEquals(
    tied.forward(zeros([1, 2], { dtype: "float64" })).dtype,
    "float64",
  );
  assertThrows(() => tied.to("int8"), TypeError, "int8");
});

Deno.test("Module prints as a tree", () => {
  const model = new nn.Sequential(
    new nn.Conv2d(1, 4, 3, { padding: 1 }),
    new nn.Sequential(new nn.ReLU(), new nn.Dropout(0.1)),
  );
  assertEquals(
    `${model}`,
    `Sequential(
  (0): Conv2d(1, 4, kernelSize=[3, 3], stride=[1, 1], padding=[1, 1])
  (1): Sequential(
    (0): ReLU()
    (1): Dropout(p=0.1)
  )
)`,
  );
  assertEquals(
    Deno.inspect(new nn.Linear(2, 3)),
    "Linear(inFeatures=2, outFeatures=3, bias=true)",
  );
});
