import { crossEntropy, linear, manualSeed, randn } from "@fdunn/tensor";
import { type Tensor, tensor } from "@fdunn/tensor";
import { assertEquals, assertStringIncludes } from "@std/assert";
import { assertNear } from "../relative_error.ts";
import { MemoryWatch, messageOf, testProgram } from "../program.ts";
import {
  descend,
  gradients,
  RELEASED,
  SECOND_BACKWARD,
} from "./program_case.ts";

/** A classifier of random points, a step at a time. */
class Classifier {
  readonly w: Tensor;
  readonly b: Tensor;
  constructor() {
    manualSeed(3);
    this.w = randn([10, 32], { requiresGrad: true });
    this.b = randn([10], { requiresGrad: true });
  }
  forward(): [Tensor, Tensor] {
    const x = randn([16, 32]);
    const y = tensor(Int32Array.from({ length: 16 }, (_, i) => i % 10));
    const logits = linear(x, this.w, this.b);
    return [logits, crossEntropy(logits, y)];
  }
  step(): void {
    descend([this.w, this.b], 0.05);
  }
}

testProgram("kept losses can be read for ever", function* () {
  const model = new Classifier();
  const losses: Tensor[] = [];
  const numbers: number[] = [];
  for (let step = 0; step < 500; step++) {
    const [, loss] = model.forward();
    loss.backward();
    model.step();
    losses.push(loss);
    numbers.push(Number(loss.item()));
    if (step % 50 === 0) yield;
  }
  assertEquals(losses.map((loss) => Number(loss.item())), numbers);
  // Arithmetic on them, detached or not, has their values as well.
  const mean = losses.reduce((sum, loss) => sum.add(loss)).div(500);
  const expected = numbers.reduce((sum, loss) => sum + loss) / 500;
  assertNear([Number(mean.item())], [expected], 1e-4);
  const detached = losses.map((loss) => loss.detach());
  assertEquals(detached.map((loss) => Number(loss.item())), numbers);
});

testProgram("a running sum of losses keeps their values only", function* () {
  const model = new Classifier();
  let total: Tensor = tensor(0);
  let expected = 0;
  let watch = new MemoryWatch();
  for (let step = 0; step < 1000; step++) {
    const [, loss] = model.forward();
    loss.backward();
    model.step();
    total = total.add(loss); // detach() or item() forgotten
    expected += Number(loss.item());
    if (step === 200) watch = new MemoryWatch();
    if (step % 50 === 0) yield;
  }
  assertNear([Number(total.item())], [expected], 1e-4);
  watch.assertWasmGrowth(8 << 20);
  const before = gradients([model.w, model.b]);
  assertStringIncludes(messageOf(() => total.backward()), SECOND_BACKWARD);
  assertEquals(gradients([model.w, model.b]), before);
});

testProgram("logits can be read until the next backward()", function* () {
  const model = new Classifier();
  let previous: Tensor | null = null;
  let values: unknown = null;
  for (let step = 0; step < 10; step++) {
    const [logits, loss] = model.forward();
    const now = logits.toArray();
    if (previous !== null) {
      // The step before: its optimizer has stepped, the next forward has run.
      assertEquals(previous.toArray(), values);
      assertEquals(previous.argmax(1).shape, [16]);
    }
    loss.backward();
    yield;
    model.step();
    assertEquals(logits.toArray(), now);
    if (previous !== null) {
      const error = messageOf(() => previous!.argmax(1));
      assertStringIncludes(error, RELEASED);
      assertStringIncludes(error, "Tensor [16, 10] from linear()");
      assertStringIncludes(messageOf(() => previous!.toArray()), RELEASED);
    }
    previous = logits;
    values = now;
  }
});

testProgram("detached logits are kept, all of them", function* () {
  const model = new Classifier();
  const kept: Tensor[] = [];
  const values: unknown[] = [];
  for (let step = 0; step < 300; step++) {
    const [logits, loss] = model.forward();
    // Before the backward, after it, after the step: all the same.
    if (step % 3 === 0) kept.push(logits.detach());
    loss.backward();
    if (step % 3 === 1) kept.push(logits.detach());
    model.step();
    if (step % 3 === 2) kept.push(logits.detach());
    values.push(logits.data());
    if (step % 50 === 0) yield;
  }
  assertEquals<unknown[]>(kept.map((logits) => logits.data()), values);
});

testProgram("results of retired tensors are graphs of their own", function* () {
  const model = new Classifier();
  const [logits, loss] = model.forward();
  loss.backward();
  // Computed after the backward: new bytes, whose graph ends at a tombstone.
  const softmax = logits.softmax(1);
  const view = logits.reshape([160]);
  const values = softmax.toArray();
  const before = gradients([model.w, model.b]);
  assertStringIncludes(
    messageOf(() => softmax.square().sum().backward()),
    SECOND_BACKWARD,
  );
  assertEquals(gradients([model.w, model.b]), before);
  yield;
  for (let step = 0; step < 3; step++) {
    const [, next] = model.forward();
    next.backward();
    model.step();
  }
  assertEquals(softmax.toArray(), values);
  assertStringIncludes(messageOf(() => view.toArray()), RELEASED);
  assertStringIncludes(messageOf(() => logits.sum()), RELEASED);
});

Deno.test("predictions and accuracy of logits outlive them", () => {
  const model = new Classifier();
  const [logits, loss] = model.forward();
  const predictions = logits.argmax(1);
  const right = predictions.eq(
    tensor(Int32Array.from({ length: 16 }, () => 3)),
  );
  loss.backward();
  const now = [predictions.toArray(), right.toArray()];
  for (let step = 0; step < 3; step++) {
    model.step();
    const [, next] = model.forward();
    next.backward();
  }
  assertEquals([predictions.toArray(), right.toArray()], now);
});

Deno.test("a graph that was never walked keeps everything", () => {
  const model = new Classifier();
  const [logits, loss] = model.forward();
  const values = logits.toArray();
  for (let step = 0; step < 3; step++) {
    const [, other] = model.forward();
    other.backward();
    for (const p of [model.w, model.b]) p.grad = null;
  }
  assertEquals(logits.toArray(), values);
  loss.backward(); // and can be walked, however late
  assertEquals(logits.toArray(), values);
});
