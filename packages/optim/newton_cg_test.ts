import {
  Generator,
  grad,
  memoryStats,
  randn,
  type Tensor,
  tensor,
} from "@fdunn/tensor";
import { NewtonCG, type NewtonCGOptions } from "@fdunn/optim/second_order";
import { assertClose } from "@fdunn/testing";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertThrows,
} from "@std/assert";

const DOUBLE = { dtype: "float64", requiresGrad: true } as const;

/** Rosenbrock's valley in two parameters of one element each. */
function valley(options: Partial<NewtonCGOptions> = {}) {
  const xs = [tensor([-1.5], DOUBLE), tensor(2, DOUBLE)] as const;
  const optimizer = new NewtonCG(xs, options);
  const closure = () => {
    const [a, b] = xs;
    return b.sub(a.square()).square().mul(100).add(a.sub(1).square()).sum();
  };
  return { xs, optimizer, closure };
}

const counts = (optimizer: NewtonCG) =>
  optimizer.stateDict().state[0] as Record<string, number>;

Deno.test("NewtonCG minimises a quadratic in one iteration, with as many products as it has eigenvalues", () => {
  const generator = new Generator(0);
  const d = { dtype: "float64", generator } as const;
  const scale = tensor([1, 1, 4, 4, 4, 9], { dtype: "float64" });
  const q = randn([6, 6], d);
  const target = randn([6], d);
  const w = tensor([0, 0, 0, 0, 0, 0], DOUBLE);
  const optimizer = new NewtonCG([w], {
    ...{ maxIter: 1, trustRadius: 100, lr: 1 },
  });
  const closure = () => w.sub(target).square().mul(scale).sum().mul(0.5);
  // The first two iterations' forcing terms leave some; then it is exact.
  for (let i = 0; i < 6; i++) optimizer.step(closure);
  assertClose(w.data(), target.data(), { atol: 1e-8 });
  assertLess(counts(optimizer).hessEvals!, 14);
  assert(q.size === 36);
});

Deno.test("NewtonCG comes through the valley, by trust regions", () => {
  const { xs, optimizer, closure } = valley({
    maxIter: 60,
    toleranceChange: 1e-15,
  });
  const first = optimizer.step(closure);
  assertAlmostEquals(first.item(), 12.5, 1e-12);
  for (const x of xs) assertAlmostEquals(x.item(), 1, 1e-8);
  const { nIter, funcEvals, hessEvals, radius } = counts(optimizer);
  assertLess(nIter!, 35);
  assertLess(funcEvals!, 45);
  assertLess(hessEvals!, 2 * 35);
  assert(radius! > 0);
});

Deno.test("NewtonCG leaves a saddle, where Newton's method alone would end", () => {
  // x² - y² + y⁴: minima at [0, ±√½], a saddle at [0, 0].
  const x = tensor([0.5, 1e-3], DOUBLE);
  const optimizer = new NewtonCG([x]);
  const closure = () => {
    const [a, b] = x.split(1) as [Tensor, Tensor];
    return a.square().sub(b.square()).add(b.pow(4)).sum();
  };
  for (let i = 0; i < 3; i++) optimizer.step(closure);
  assertClose(x.data(), [0, Math.SQRT1_2], { atol: 1e-6 });
});

Deno.test("NewtonCG's step is the damped Newton step of the exact Hessian", () => {
  const start = [0.3, -0.2, 0.4];
  const f = (x: Tensor) => x.exp().sum().add(x.sum().square()).sub(x.sum());
  const damping = 0.5;
  const w = tensor(start, DOUBLE);
  const optimizer = new NewtonCG([w], {
    ...{ maxIter: 1, damping, trustRadius: 100 },
  });
  optimizer.step(() => f(w));
  // (H + damping) s = -g, H = diag(exp) + 2, by hand, up to the first forcing term.
  const g0 = start.map((x) =>
    Math.exp(x) + 2 * start.reduce((a, b) => a + b) - 1
  );
  const s = start.map((x, i) => (w.data()[i] as number) - x);
  const residual = s.map((_, i) =>
    g0[i]! + (Math.exp(start[i]!) + damping) * s[i]! +
    2 * s.reduce((a, b) => a + b)
  );
  const norm = Math.hypot(...g0);
  assertLess(Math.hypot(...residual), Math.min(0.5, Math.sqrt(norm)) * norm);
  assert(s.every((x) => x < 0 || x > 0));
});

Deno.test("NewtonCG takes a part of the step with lr, and climbs with maximize", () => {
  const w = tensor([4], DOUBLE);
  const options = { maxIter: 1, trustRadius: 100 };
  new NewtonCG([w], { ...options, lr: 0.25 }).step(() => w.square().sum());
  assertAlmostEquals(w.item(), 3, 1e-12);
  const climber = new NewtonCG([w], { ...options, maximize: true });
  climber.step(() => w.sub(1).square().sum().neg());
  assertAlmostEquals(w.item(), 1, 1e-12);
});

Deno.test("NewtonCG works in float32, over linear losses, and ends at a minimum", () => {
  const w = tensor([3, -2], { requiresGrad: true });
  const optimizer = new NewtonCG([w]);
  const closure = () => w.sub(1).pow(4).sum().add(w.square().sum());
  for (let i = 0; i < 4; i++) optimizer.step(closure);
  const [g] = grad(closure(), [w]);
  assertLess(g!.abs().max().item(), 1e-5);
  const before = w.toArray();
  optimizer.step(closure);
  assertClose(w.data(), before as number[], { atol: 1e-6 });
  const line = tensor([0], DOUBLE); // no curvature: as far as it is trusted
  new NewtonCG([line], { maxIter: 3 }).step(() => line.mul(3).sum());
  assertAlmostEquals(line.item(), -(1 + 2 + 4), 1e-9);
});

Deno.test("NewtonCG leaves alone what the loss does not depend on", () => {
  const [a, b] = [tensor([2], DOUBLE), tensor([5], DOUBLE)];
  new NewtonCG([a, b]).step(() => a.square().sum());
  assertAlmostEquals(a.item(), 0, 1e-9);
  assertEquals(b.item(), 5);
});

Deno.test("NewtonCG continues from a state", () => {
  const one = valley({ maxIter: 3 });
  for (let i = 0; i < 2; i++) one.optimizer.step(one.closure);
  const other = valley({ maxIter: 1 });
  other.xs.forEach((x, i) => {
    x.requiresGrad_(false).copy_(one.xs[i]!.detach()).requiresGrad_();
  });
  const saved = JSON.parse(JSON.stringify(one.optimizer.stateDict()));
  other.optimizer.loadStateDict(saved);
  for (const { optimizer, closure } of [one, other]) optimizer.step(closure);
  one.xs.forEach((x, i) => assertEquals(other.xs[i]!.toArray(), x.toArray()));
  assertEquals(counts(other.optimizer).nIter, 9);
  assertThrows(
    () => one.optimizer.loadStateDict({ ...saved, state: {} }),
    RangeError,
    "NewtonCG got a state with",
  );
});

Deno.test("NewtonCG needs no more memory with each iteration", () => {
  const generator = new Generator(1);
  const x = randn([256, 64], { generator });
  const w = randn([64, 32], { generator }).requiresGrad_();
  const optimizer = new NewtonCG([w], {
    ...{ maxIter: 1, toleranceChange: 0, toleranceGrad: 0 },
  });
  const closure = () => x.matmul(w).tanh().sub(1).square().mean();
  let early = 0;
  for (let i = 0; i < 60; i++) {
    optimizer.step(closure);
    if (i === 20) early = memoryStats().liveBytes;
  }
  assertLess(memoryStats().liveBytes, 2 * early + 2e6);
});

Deno.test("NewtonCG refuses what it cannot do", () => {
  const x = () => tensor([1], { requiresGrad: true });
  assertThrows(() => new NewtonCG([x()]).step(), TypeError, "got no closure");
  assertThrows(
    () => new NewtonCG([{ params: [x()] }, { params: [x()] }] as never),
    RangeError,
    "NewtonCG got 2 groups",
  );
  for (
    const [options, message] of [
      [{ damping: -1 }, "damping -1"],
      [{ maxCg: 0 }, "maxCg 0"],
      [{ trustRadius: 0 }, "trustRadius 0"],
    ] as const
  ) assertThrows(() => new NewtonCG([x()], options), RangeError, message);
  const w = x();
  const optimizer = new NewtonCG([w]);
  const message = "got a loss without a graph";
  assertThrows(() => optimizer.step(() => tensor(1)), TypeError, message);
  assertThrows(
    () =>
      optimizer.step(() => {
        const loss = w.square().sum();
        loss.backward();
        return loss;
      }),
    TypeError,
    message,
  );
});
