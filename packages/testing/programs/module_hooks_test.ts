import { Linear, ReLU, Sequential, Tanh } from "@fdunn/nn";
import { manualSeed, randn, type Tensor } from "@fdunn/tensor";
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { MemoryWatch, messageOf, testProgram } from "../program.ts";
import { descend, RELEASED } from "./program_case.ts";

/** A small network and its weights. */
function network(): { model: Sequential; parameters: Tensor[] } {
  manualSeed(7);
  const model = new Sequential(
    new Linear(6, 8),
    new Tanh(),
    new Linear(8, 8),
    new ReLU(),
    new Linear(8, 1),
  );
  return { model, parameters: [...model.parameters()] };
}

testProgram("modules' hooks that store activations", function* () {
  const { model, parameters } = network();
  const raw: Tensor[][] = [];
  const detached: Tensor[][] = [];
  const copies: unknown[][] = [];
  const removals = [...model.modules()]
    .filter((module) => module !== model)
    .map((module) =>
      module.registerForwardHook((_, __, output) => {
        const activation = output as Tensor;
        raw.at(-1)!.push(activation);
        detached.at(-1)!.push(activation.detach());
        copies.at(-1)!.push(activation.toArray());
      })
    );
  for (let step = 0; step < 6; step++) {
    raw.push([]);
    detached.push([]);
    copies.push([]);
    model.forward(randn([4, 6])).square().mean().backward();
    descend(parameters, 0.1);
    yield;
  }
  assertEquals(copies.map((step) => step.length), [5, 5, 5, 5, 5, 5]);
  assertEquals(
    detached.map((step) => step.map((a) => a.toArray())),
    copies,
  );
  // detach() took their bytes out of the graph; the handles share them.
  assertEquals(raw.map((step) => step.map((a) => a.toArray())), copies);
  for (const remove of removals) remove();
  model.forward(randn([4, 6])).square().mean().backward();
  assertEquals(raw.at(-1)!.length, 5);
});

testProgram("modules' hooks that forget detach()", function* () {
  const { model, parameters } = network();
  const raw: Tensor[][] = [];
  const copies: unknown[][] = [];
  for (const module of model.modules()) {
    module.registerForwardHook((_, __, output) => {
      raw.at(-1)!.push(output as Tensor);
      copies.at(-1)!.push((output as Tensor).toArray());
    });
  }
  for (let step = 0; step < 6; step++) {
    raw.push([]);
    copies.push([]);
    model.forward(randn([4, 6])).square().mean().backward();
    descend(parameters, 0.1);
    yield;
  }
  assertEquals(raw.at(-1)!.map((a) => a.toArray()), copies.at(-1));
  for (const step of raw.slice(0, -1)) {
    for (const a of step) {
      assertStringIncludes(messageOf(() => a.toArray()), RELEASED);
    }
  }
});

testProgram("modules' hooks that store gradients", function* () {
  const { model, parameters } = network();
  const stored: Tensor[] = [];
  const copies: unknown[] = [];
  for (const module of model.modules()) {
    if (!(module instanceof Linear)) continue;
    module.registerFullBackwardHook((_, gradInput, gradOutput) => {
      for (const g of [...gradInput, ...gradOutput]) {
        if (g === null) continue;
        stored.push(g);
        copies.push(g.toArray());
      }
    });
  }
  for (let step = 0; step < 6; step++) {
    model.forward(randn([4, 6])).square().mean().backward();
    yield;
  }
  assert(stored.length >= 6 * 5, `${stored.length} gradients`);
  stored.forEach((g, i) => {
    let now: unknown;
    try {
      now = g.toArray();
    } catch (error) {
      assert(/released|disposed/.test(String(error)), String(error));
      return;
    }
    assertEquals(now, copies[i]);
  });
  assertEquals(parameters.every((p) => p.grad !== null), true);
});

testProgram("modules' hooks in a thousand steps", function* () {
  const { model, parameters } = network();
  const latest = new Map<unknown, Tensor>();
  for (const module of model.modules()) {
    module.registerForwardHook((m, _, output) => {
      latest.set(m, (output as Tensor).detach());
    });
  }
  let watch = new MemoryWatch();
  for (let step = 0; step < 1200; step++) {
    model.forward(randn([4, 6])).square().mean().backward();
    descend(parameters, 0.001);
    if (step === 200) watch = new MemoryWatch();
    if (step % 50 === 0) yield;
  }
  watch.assertWasmGrowth(8 << 20);
  assertEquals(latest.size, 6);
});
