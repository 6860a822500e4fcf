import { Generator, isGradEnabled, noGrad, randn } from "@fdunn/tensor";
import { scope, type Tensor, zeros } from "@fdunn/tensor";
import { Adam, SGD } from "@fdunn/optim";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Program, runAsync, runSync } from "../program.ts";
import { gradients } from "./program_case.ts";

/**
 * Fits a random function, with evaluation, old logits and detached values;
 * yields wherever an asynchronous program might wait. `report` gets numbers
 * that must not depend on what else runs in between.
 */
function* training(
  seed: number,
  kind: "SGD" | "Adam",
  report: number[],
  trunk: Tensor | null = null,
): Program {
  const generator = new Generator(seed);
  const leaf = (shape: number[]) =>
    randn(shape, { generator, requiresGrad: true });
  const p = [leaf([6, 16]), leaf([16]), leaf([16, 1])];
  const optimizer = kind === "SGD"
    ? new SGD(p, { lr: 0.01, momentum: 0.9 })
    : new Adam(p, { lr: 0.01 });
  const held = randn([8, 6], { generator });
  const net = (x: Tensor) => {
    const input = trunk === null ? x : x.matmul(trunk);
    return input.matmul(p[0]!).add(p[1]!).tanh().matmul(p[2]!);
  };
  const kept: Tensor[] = [];
  const copies: unknown[] = [];
  for (let step = 0; step < 40; step++) {
    const x = randn([8, 6], { generator });
    yield;
    const y = net(x);
    yield;
    const loss = y.sub(x.sum(1, { keepdim: true })).square().mean();
    yield;
    optimizer.zeroGrad();
    loss.backward();
    yield; // the gradients wait
    report.push(Number(p[0]!.grad!.square().sum().item()));
    optimizer.step();
    yield;
    kept.push(y.detach()); // y was retired; the other training has walked since
    copies.push(y.toArray());
    report.push(Number(loss.item()));
    assert(isGradEnabled());
    const score = noGrad(() => scope(() => net(held).abs().mean()));
    yield;
    report.push(Number(score.item()));
  }
  assertEquals(kept.map((y) => y.toArray()), copies);
}

Deno.test("two trainings interleaved by awaits do not meet", async () => {
  const alone: number[][] = [[], []];
  runSync(training(1, "SGD", alone[0]!));
  runSync(training(2, "Adam", alone[1]!));
  const together: number[][] = [[], []];
  await runAsync(
    training(1, "SGD", together[0]!),
    training(2, "Adam", together[1]!),
  );
  assertEquals(together, alone);
  assertEquals(alone[0]!.length, 120);
});

Deno.test("four trainings over one frozen trunk do not meet", async () => {
  const trunk = randn([6, 6], { generator: new Generator(9) });
  const alone = [1, 2, 3, 4].map((seed) => {
    const report: number[] = [];
    runSync(training(seed, "SGD", report, trunk));
    return report;
  });
  const together: number[][] = [[], [], [], []];
  await runAsync(
    ...together.map((report, i) => training(i + 1, "SGD", report, trunk)),
  );
  assertEquals(together, alone);
});

Deno.test("graphs over shared leaves may be walked in any order", () => {
  const w = zeros([3], { requiresGrad: true }).detach().add(2).requiresGrad_();
  const graph = (k: number) => {
    const h = w.mul(k);
    return { h, loss: h.exp().add(h.square()).sum() };
  };
  const separately = [1, 2, 3].map((k) => {
    w.grad = null;
    graph(k).loss.backward();
    return gradients([w])[0];
  });
  const graphs = [1, 2, 3].map(graph);
  const values = graphs.map(({ h }) => h.toArray());
  for (const k of [2, 0, 1]) {
    w.grad = null;
    graphs[k]!.loss.backward();
    assertEquals(gradients([w])[0], separately[k]);
    // Those that have not been walked are whole.
    if (k === 2) assertEquals(graphs[0]!.h.toArray(), values[0]);
    if (k !== 1) assertEquals(graphs[1]!.h.toArray(), values[1]);
  }
});

Deno.test("a shared leaf trained in turns with awaits", async () => {
  const run = async (turns: boolean) => {
    const shared = zeros([4], { requiresGrad: true });
    const sums: number[] = [];
    const program = function* (k: number): Program {
      for (let step = 0; step < 20; step++) {
        const h = shared.add(k).mul(step);
        yield;
        const loss = h.square().sum();
        yield;
        loss.backward();
        sums.push(Number(loss.item()));
        yield;
      }
    };
    if (turns) await runAsync(program(1), program(2));
    else {
      runSync(program(1));
      runSync(program(2));
    }
    return [
      gradients([shared])[0]!.map(Math.round),
      sums.sort((a, b) => a - b),
    ];
  };
  assertEquals(await run(true), await run(false));
});

Deno.test("guards that are closed out of order throw and mend", () => {
  const outer = noGrad();
  const inner = noGrad();
  assertThrows(() => outer[Symbol.dispose](), Error, "out of order");
  inner[Symbol.dispose]();
  outer[Symbol.dispose]();
  assert(isGradEnabled());
  {
    using _ = noGrad();
    assert(!isGradEnabled());
  }
  assert(isGradEnabled());
});
