import { manualSeed, randn, type Tensor, tensor } from "@fdunn/tensor";
import { DataLoader, TensorDataset } from "@fdunn/data";
import { CrossEntropyLoss, Linear, MSELoss } from "@fdunn/nn";
import { Adam, SGD } from "@fdunn/optim";
import { GradientAccumulation, Trainer } from "@fdunn/train";
import { assertClose } from "@fdunn/testing";
import { assertEquals, assertThrows } from "@std/assert";

/** Trains on `x` in pieces, one step of the optimizer for all of them. */
function train(model: Linear, x: Tensor, y: Tensor, pieces: number): void {
  const optimizer = new GradientAccumulation(
    new Adam(model.parameters(), { lr: 0.1 }),
    { batches: pieces },
  );
  const size = x.shape[0]! / pieces;
  for (let step = 0; step < 5; step++) {
    for (let piece = 0; piece < pieces; piece++) {
      optimizer.zeroGrad();
      const from = piece * size;
      const output = model.forward(x.narrow(0, from, size));
      new MSELoss().forward(output, y.narrow(0, from, size)).backward();
      optimizer.step();
    }
  }
}

Deno.test("four small batches step like one large batch", () => {
  manualSeed(0);
  const [x, y] = [randn([32, 3]), randn([32, 2])];
  const [one, four] = [new Linear(3, 2), new Linear(3, 2)];
  four.loadStateDict(one.stateDict());
  train(one, x, y, 1);
  train(four, x, y, 4);
  assertClose(four.weight.data(), one.weight.data(), {
    rtol: 1e-5,
    atol: 1e-6,
  });
});

Deno.test("what waits at the end is stepped by flush(), as its own mean", () => {
  const w = tensor([0], { requiresGrad: true });
  const optimizer = new GradientAccumulation(new SGD([w], { lr: 1 }), {
    batches: 4,
  });
  for (const x of [1, 2, 6]) {
    optimizer.zeroGrad();
    w.mul(x).sum().backward();
    optimizer.step();
  }
  assertEquals([w.item(), optimizer.waiting], [0, 3]);
  assertEquals([optimizer.flush(), w.item()], [true, -3]);
  assertEquals([optimizer.flush(), optimizer.waiting], [false, 0]);
});

Deno.test("a sum is a sum, and a state has the count", () => {
  const w = tensor([0], { requiresGrad: true });
  const make = () =>
    new GradientAccumulation(new SGD([w], { lr: 1 }), {
      batches: 2,
      reduction: "sum",
    });
  const first = make();
  first.zeroGrad();
  w.mul(1).sum().backward();
  first.step();
  const second = make();
  second.loadStateDict(first.stateDict());
  second.zeroGrad(); // a batch waits: nothing is forgotten
  w.mul(3).sum().backward();
  second.step();
  assertEquals(w.item(), -4);
});

Deno.test("a Trainer accumulates with it", async () => {
  manualSeed(0);
  const x = randn([64, 2]);
  const y = x.select(1, 0).gt(0).to("int32");
  const loader = new DataLoader(new TensorDataset(x, y), { batchSize: 8 });
  const model = new Linear(2, 2);
  const adam = new Adam(model.parameters(), { lr: 0.1 });
  const trainer = new Trainer(model, {
    optimizer: new GradientAccumulation(adam, { batches: 4 }),
    loss: new CrossEntropyLoss(),
    epochs: 3,
  });
  const history = await trainer.fit(loader);
  assertEquals(adam.state.get(model.weight)!.step, 3 * 64 / 8 / 4);
  assertEquals(history[2]!.trainLoss < history[0]!.trainLoss, true);
});

Deno.test("GradientAccumulation refuses what makes no sense", () => {
  const sgd = new SGD([tensor([1], { requiresGrad: true })]);
  assertThrows(
    () => new GradientAccumulation(sgd, { batches: 0 }),
    RangeError,
    "batches 0",
  );
  const reduction = "max" as "sum";
  assertThrows(
    () => new GradientAccumulation(sgd, { batches: 1, reduction }),
    RangeError,
    "reduction max",
  );
});
