import { manualSeed, noGrad, randn, type Tensor, tensor } from "@fdunn/tensor";
import { BatchNorm1d, Linear, Module, Sequential } from "@fdunn/nn";
import {
  AveragedModel,
  copyModule,
  getEmaAvgFn,
  getEmaMultiAvgFn,
  hashWeights,
  updateBn,
} from "@fdunn/train";
import { assertClose } from "@fdunn/testing";
import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";

function network(): Sequential {
  return new Sequential(new Linear(3, 4), new BatchNorm1d(4));
}

/** Puts a model at some weights, as a step of training would. */
function goTo(model: Module<[Tensor]>, value: number): void {
  noGrad(() => model.parameters().forEach((p) => p.fill_(value)));
}

Deno.test("AveragedModel averages alike by default, and leaves the model alone", () => {
  const model = network();
  const averaged = new AveragedModel(model);
  for (const value of [1, 2, 6]) {
    goTo(model, value);
    averaged.updateParameters(model);
  }
  assertEquals(averaged.numAveraged, 3);
  for (const p of averaged.parameters()) {
    assertClose(p.data(), new Array(p.size).fill(3));
  }
  for (const p of model.parameters()) {
    assertClose(p.data(), new Array(p.size).fill(6));
  }
});

Deno.test("AveragedModel has PyTorch's names, and continues from a state", async () => {
  manualSeed(0);
  const multiAvgFn = getEmaMultiAvgFn(0.5);
  const model = network();
  const one = new AveragedModel(model, { multiAvgFn });
  goTo(model, 1);
  one.updateParameters(model);
  assertEquals(Object.keys(one.stateDict()), [
    "n_averaged",
    "module.0.weight",
    "module.0.bias",
    "module.1.weight",
    "module.1.bias",
    "module.1.running_mean",
    "module.1.running_var",
    "module.1.num_batches_tracked",
  ]);
  const other = new AveragedModel(network(), { multiAvgFn });
  other.loadStateDict(one.stateDict());
  goTo(model, 5);
  one.updateParameters(model);
  other.updateParameters(model);
  assertEquals(await hashWeights(other), await hashWeights(one));
  assertEquals(other.parameters()[0]!.data()[0], 3);
});

Deno.test("AveragedModel computes with the averages, in a mode of its own", () => {
  const model = new Linear(1, 1, { bias: false });
  const averaged = new AveragedModel(model);
  goTo(model, 2);
  averaged.updateParameters(model);
  goTo(model, 4);
  averaged.updateParameters(model);
  averaged.eval();
  assertEquals(averaged.forward(tensor([[10]])).item(), 30);
  assertEquals([model.training, averaged.module.training], [true, false]);
});

Deno.test("AveragedModel keeps tied weights tied", () => {
  class Tied extends Module<[Tensor]> {
    one = new Linear(2, 2);
    two = new Linear(2, 2);
    constructor() {
      super();
      this.two.weight = this.one.weight;
    }
    forward(x: Tensor): Tensor {
      return this.two.forward(this.one.forward(x));
    }
  }
  const { module } = new AveragedModel(new Tied());
  assertEquals(module.parameters().length, 3);
});

Deno.test("averages refuse what makes no sense", () => {
  const model = network();
  const avgFn = getEmaAvgFn();
  const multiAvgFn = getEmaMultiAvgFn();
  assertThrows(
    () => new AveragedModel(model, { avgFn, multiAvgFn }),
    RangeError,
    "an avgFn and a multiAvgFn",
  );
  assertThrows(() => getEmaAvgFn(1.5), RangeError, "decay 1.5");
  assertThrows(
    () => new AveragedModel(model).updateParameters(new Linear(3, 4)),
    RangeError,
    "2 tensors, expected 4",
  );
});

Deno.test("updateBn() gives the moments of the data, and puts all else back", async () => {
  const model = network();
  const norm = model[1] as BatchNorm1d;
  goTo(model, 1);
  norm.eval();
  const batches = [[1, 2, 3], [3, 4, 5]].map((row) =>
    [tensor([row, row]), tensor([0, 0])] as const
  );
  await updateBn(batches, model);
  assertClose(norm.runningMean!.data(), [10, 10, 10, 10]); // of 7 and 13
  assertEquals([norm.momentum, norm.training, model.training], [
    ...[0.1, false, true],
  ]);
  await updateBn(batches, new Linear(3, 4)); // nothing to do
});

Deno.test("copyModule() copies tensors, lists and private members, not hooks", () => {
  class Net extends Module<[Tensor]> {
    layers = [new Linear(2, 3), new Linear(3, 2)];
    body = new Sequential(new BatchNorm1d(2));
    options = { scale: [1, 2] };
    forward(x: Tensor): Tensor {
      for (const layer of this.layers) x = layer.forward(x);
      return this.body.forward(x);
    }
  }
  const model = new Net();
  let calls = 0;
  model.body.registerForwardHook(() => void calls++);
  const copy = copyModule(model);
  const x = randn([4, 2]);
  assertEquals(copy.forward(x).toArray(), model.forward(x).toArray());
  assertEquals(calls, 1);
  assertEquals(copy.body.length, 1);
  assertEquals(Object.keys(copy.stateDict()), Object.keys(model.stateDict()));
  goTo(copy, 0);
  copy.options.scale[0] = 7;
  assertNotEquals(model.layers[0]!.weight.data()[0], 0);
  assertEquals(model.options.scale, [1, 2]);
});
