import { type Tensor, tensor } from "@fdunn/tensor";
import { LBFGS, type LBFGSOptions } from "@fdunn/optim/second_order";
import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";

/** Rosenbrock's valley in two and three dimensions, as one problem. */
function valley(options: Partial<LBFGSOptions> = {}) {
  const xs = [tensor([-1.5, 2]), tensor([0.5, -1, 2])]
    .map((x) => x.to("float64").requiresGrad_());
  const optimizer = new LBFGS(xs, options);
  let calls = 0;
  const closure = () => {
    calls++;
    optimizer.zeroGrad();
    const losses = xs.map((x) => {
      const a = x.narrow(0, 0, x.size - 1);
      const b = x.narrow(0, 1, x.size - 1);
      return b.sub(a.square()).square().mul(100).add(a.sub(1).square()).sum();
    }) as [Tensor, Tensor];
    const loss = losses[0].add(losses[1]);
    loss.backward();
    return loss;
  };
  return { xs, optimizer, closure, calls: () => calls };
}

Deno.test("LBFGS walks down Rosenbrock's valley in a few dozen evaluations", () => {
  const { xs, optimizer, closure, calls } = valley({
    lineSearchFn: "strongWolfe",
    maxIter: 100,
  });
  const before = optimizer.step(closure).item() as number;
  assert(before > 100, `the loss before the step: ${before}`);
  for (const x of xs) {
    const off = x.sub(1).abs().amax().item() as number;
    assert(off < 1e-5, `off by ${off}`);
  }
  assert(calls() < 125, `${calls()} evaluations`);
});

Deno.test("LBFGS stops at maxEval", () => {
  const { optimizer, closure, calls } = valley({ lr: 1e-4, maxEval: 7 });
  optimizer.step(closure);
  assertEquals(calls(), 7);
  const wolfe = valley({ lineSearchFn: "strongWolfe", maxEval: 9 });
  wolfe.optimizer.step(wolfe.closure);
  assert(wolfe.calls() <= 10, `${wolfe.calls()}`);
});

Deno.test("LBFGS climbs with maximize", () => {
  const x = tensor([2, -3], { requiresGrad: true });
  const optimizer = new LBFGS([x], {
    maximize: true,
    lineSearchFn: "strongWolfe",
  });
  optimizer.step(() => {
    optimizer.zeroGrad();
    const loss = x.square().sum().neg();
    loss.backward();
    return loss;
  });
  assert((x.abs().amax().item() as number) < 1e-4);
});

Deno.test("LBFGS goes on from its state dict as if it had not stopped", () => {
  const options = { lr: 1e-3, maxIter: 3, historySize: 4 };
  const one = valley(options);
  for (let i = 0; i < 3; i++) one.optimizer.step(one.closure);
  const saved = one.optimizer.stateDict();
  const other = valley(options);
  other.xs.forEach((x, i) => {
    x.requiresGrad_(false).copy_(one.xs[i]!.detach()).requiresGrad_();
  });
  other.optimizer.loadStateDict(saved);
  for (const { optimizer, closure } of [one, other]) {
    for (let i = 0; i < 2; i++) optimizer.step(closure);
  }
  one.xs.forEach((x, i) => {
    assertEquals(other.xs[i]!.toArray(), x.toArray());
  });
  // Three evaluations a step are two iterations.
  assertEquals(saved.state[0]!.nIter, 6);
});

Deno.test("LBFGS does nothing at the minimum, and returns the loss", () => {
  const x = tensor([0], { requiresGrad: true });
  const optimizer = new LBFGS([x]);
  let loss: Tensor | null = null;
  const returned = optimizer.step(() => {
    optimizer.zeroGrad();
    loss = x.square().sum();
    loss.backward();
    return loss;
  });
  assertStrictEquals(returned, loss);
  assertEquals(x.toArray(), [0]);
});

Deno.test("LBFGS refuses what it cannot do", () => {
  const x = () => tensor([1], { requiresGrad: true });
  assertThrows(
    () => new LBFGS([{ params: [x()] }, { params: [x()] }] as never),
    RangeError,
    "LBFGS got 2 groups",
  );
  assertThrows(() => new LBFGS([x()]).step(), TypeError, "got no closure");
  for (
    const [options, message] of [
      [{ lr: -1 }, "lr -1"],
      [{ maxIter: 0 }, "maxIter 0"],
      [{ historySize: 1.5 }, "historySize 1.5"],
      [{ lineSearchFn: "wolfe" as never }, "lineSearchFn wolfe"],
    ] as const
  ) assertThrows(() => new LBFGS([x()], options), RangeError, message);
  const { optimizer, closure } = valley();
  optimizer.step(closure);
  assertThrows(
    () => new LBFGS([x()]).loadStateDict(optimizer.stateDict()),
    RangeError,
    "Cannot load a state into LBFGS",
  );
});
