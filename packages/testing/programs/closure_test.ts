import { noGrad, type Tensor } from "@fdunn/tensor";
import { assertEquals } from "@std/assert";
import { assertNear } from "../relative_error.ts";
import type { FixtureData } from "../fixture.ts";
import { MemoryWatch, testProgram } from "../program.ts";
import { assertStored, input, leaves, programCase } from "./program_case.ts";

interface ClosureCase {
  losses: number[];
  evaluations: number;
  final: Record<string, FixtureData>;
}

// What LBFGS does with its closure: several forward and backward passes a step,
// decisions by their losses, old gradients and parameters kept beside.
testProgram("a closure is evaluated several times a step", function* () {
  const entry = programCase<ClosureCase>("closure with a line search");
  const [w] = leaves(entry, ["w"]) as [Tensor];
  const target = input(entry, "target");
  let evaluations = 0;
  const closure = (): Tensor => {
    evaluations++;
    w.grad = null;
    const loss = w.sub(target).square().mul(w.square().add(1)).sum();
    loss.backward();
    return loss;
  };
  const losses: number[] = [];
  const directions: Tensor[] = [];
  const copies: unknown[] = [];
  for (let step = 0; step < 8; step++) {
    const start = closure();
    yield;
    // Not cloned: the gradient that was read belongs to the reader.
    const direction = w.grad!.neg();
    directions.push(w.grad!, direction);
    copies.push(w.grad!.toArray(), direction.toArray());
    const slope = Number(direction.square().sum().item());
    const before = w.detach().clone();
    let lr = 0.5;
    let trial: Tensor;
    for (;;) {
      noGrad(() => w.copy_(before.add(direction.mul(lr))));
      trial = closure();
      yield;
      const enough = Number(start.item()) - 0.5 * lr * slope;
      if (Number(trial.item()) <= enough || lr < 1e-6) break;
      lr /= 2;
    }
    losses.push(Number(trial.item()));
  }
  assertNear(losses, entry.losses, 1e-5, "losses");
  assertEquals(evaluations, entry.evaluations);
  assertStored([w], entry.final);
  assertEquals(directions.map((d) => d.toArray()), copies);
});

testProgram("a history of gradients stays, all else goes", function* () {
  const entry = programCase<ClosureCase>("closure with a line search");
  const [w] = leaves(entry, ["w"]) as [Tensor];
  const target = input(entry, "target");
  const history: Tensor[] = [];
  let watch = new MemoryWatch();
  for (let step = 0; step < 3000; step++) {
    w.grad = null;
    w.sub(target).square().mul(w.square().add(1)).sum().backward();
    history.push(w.grad!.clone());
    if (history.length > 10) history.shift();
    noGrad(() => w.sub_(w.grad!.mul(0.001)));
    if (step === 200) watch = new MemoryWatch();
    if (step % 100 === 0) yield;
  }
  watch.assertWasmGrowth(8 << 20);
  assertNear(history.at(-1)!, w.grad!, 0);
});
