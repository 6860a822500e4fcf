/** Optimizers that step inside of backward, as gradients come. */

import { manualSeed, memoryStats, randn, type Tensor } from "@fdunn/tensor";
import { CrossEntropyLoss, Linear, Sequential, Tanh } from "@fdunn/nn";
import { Adam } from "@fdunn/optim";
import { assertEquals, assertLess } from "@std/assert";

function network(): Sequential {
  return new Sequential(new Linear(8, 64), new Tanh(), new Linear(64, 3));
}

/** Steps each parameter as soon as it has its gradient, and forgets that. */
function stepInBackward(parameters: readonly Tensor[]): void {
  for (const parameter of parameters) {
    const optimizer = new Adam([parameter], { lr: 0.05 });
    parameter.registerPostAccumulateGradHook(() => {
      optimizer.step();
      optimizer.zeroGrad();
    });
  }
}

Deno.test("an optimizer in backward() learns what one after it learns", () => {
  manualSeed(0);
  const x = randn([32, 8]);
  const y = x.narrow(1, 0, 3).argmax(1);
  const [inside, after] = [network(), network()];
  inside.loadStateDict(after.stateDict());
  stepInBackward(inside.parameters());
  const optimizer = new Adam(after.parameters(), { lr: 0.05 });
  const criterion = new CrossEntropyLoss();
  let live = 0;
  for (let step = 0; step < 200; step++) {
    criterion.forward(inside.forward(x), y).backward();
    optimizer.zeroGrad();
    criterion.forward(after.forward(x), y).backward();
    optimizer.step();
    if (step === 20) live = memoryStats().liveBytes;
  }
  assertEquals(inside.parameters().map((p) => p.grad), [
    ...[null, null, null, null],
  ]);
  inside.parameters().forEach((p, i) => {
    assertEquals(p.data(), after.parameters()[i]!.data());
  });
  assertLess(criterion.forward(inside.forward(x), y).item(), 0.1);
  assertLess(memoryStats().liveBytes, live + 100_000);
});
