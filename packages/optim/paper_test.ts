/**
 * The optimizers that PyTorch lacks against naive float64 loops, written from
 * their papers, over random gradients.
 */

import {
  type DType,
  Generator,
  randn,
  type Tensor,
  tensor,
} from "@fdunn/tensor";
import {
  LAMB,
  type LAMBOptions,
  Lion,
  type LionOptions,
  type Optimizer,
} from "@fdunn/optim";
import { SOAP, type SOAPOptions } from "@fdunn/optim/second_order";
import { assertClose } from "@fdunn/testing";
import { assert, assertEquals, assertThrows } from "@std/assert";

/** Updates a parameter in place by its gradient; `t` counts from 1. */
type Rule = (p: number[], g: number[], t: number, shape: number[]) => void;

/** Chen et al., "Symbolic discovery of optimization algorithms", program 2. */
function lion(options: Partial<LionOptions>): () => Rule {
  const { lr = 1e-4, betas: [b1, b2] = [0.9, 0.99], weightDecay = 0 } = options;
  return () => {
    const m: number[] = [];
    return (p, gradient) =>
      p.forEach((value, i) => {
        const g = options.maximize ? -gradient[i]! : gradient[i]!;
        const mean = m[i] ?? 0;
        const c = b1 * mean + (1 - b1) * g;
        p[i] = value - lr * (Math.sign(c) + weightDecay * value);
        m[i] = b2 * mean + (1 - b2) * g;
      });
  };
}

/** You et al., "Large batch optimization for deep learning", algorithm 2. */
function lamb(options: Partial<LAMBOptions>): () => Rule {
  const { lr = 1e-3, betas: [b1, b2] = [0.9, 0.999], eps = 1e-6 } = options;
  const { weightDecay = 0.01 } = options;
  return () => {
    const [m, v]: number[][] = [[], []];
    const norm = (x: number[]) => Math.hypot(...x);
    return (p, gradient, t) => {
      const r = p.map((value, i) => {
        const g = options.maximize ? -gradient[i]! : gradient[i]!;
        m![i] = b1 * (m![i] ?? 0) + (1 - b1) * g;
        v![i] = b2 * (v![i] ?? 0) + (1 - b2) * g * g;
        const [mHat, vHat] = [m![i]! / (1 - b1 ** t), v![i]! / (1 - b2 ** t)];
        return mHat / (Math.sqrt(vHat) + eps) + weightDecay * value;
      });
      const [long, short] = [norm(p), norm(r)];
      const trust = long > 0 && short > 0 ? long / short : 1;
      r.forEach((value, i) => p[i]! -= lr * trust * value);
    };
  };
}

type Matrix = number[][];

const transposed = (a: Matrix): Matrix =>
  a[0]!.map((_, j) => a.map((row) => row[j]!));
const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) =>
    b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0))
  );
const identity = (n: number): Matrix =>
  Array.from(
    { length: n },
    (_, i) => Array.from({ length: n }, (_, j) => Number(i === j)),
  );

/** What of a vector is orthogonal to others: its direction and length. */
function residual(x: number[], others: Matrix): [number[], number] {
  for (const other of [...others, ...others]) { // twice is enough
    const along = x.reduce((sum, value, i) => sum + value * other[i]!, 0);
    x = x.map((value, i) => value - along * other[i]!);
  }
  const norm = Math.hypot(...x);
  return [x.map((value) => value / norm), norm];
}

/** The orthonormal factor, by Gram and Schmidt, completed where need be. */
function gramSchmidt(a: Matrix): Matrix {
  const q: Matrix = [];
  for (const column of transposed(a)) {
    let [direction, left] = residual(column, q);
    if (!(left > 1e-10 * Math.hypot(...column))) {
      left = 0;
      for (const unit of identity(column.length)) {
        const [other, more] = residual(unit, q);
        if (more > left) [direction, left] = [other, more];
      }
    }
    q.push(direction);
  }
  return transposed(q);
}

/** Vyas et al., "SOAP", algorithm 3, with Adam's corrections. */
function soap(options: Partial<SOAPOptions>): () => Rule {
  const { lr = 3e-3, betas: [b1, b2] = [0.95, 0.95], eps = 1e-8 } = options;
  const { weightDecay = 0.01, preconditionFrequency = 10 } = options;
  const beta = options.shampooBeta ?? b2;
  const most = options.maxPreconditionDim ?? 256;
  return () => {
    let [m, v]: [Matrix, Matrix] = [[], []];
    const sides: { a: Matrix; q: Matrix; kept: boolean }[] = [];
    const into = (x: Matrix) =>
      product(product(transposed(sides[0]!.q), x), sides[1]!.q);
    const back = (x: Matrix) =>
      product(product(sides[0]!.q, x), transposed(sides[1]!.q));
    return (p, gradient, calls, shape) => {
      const rows = shape.length < 2 ? 1 : shape[0]!;
      const columns = p.length / rows;
      const g = Array.from(
        { length: rows },
        (_, i) =>
          gradient.slice(i * columns, (i + 1) * columns)
            .map((x) => options.maximize ? -x : x),
      );
      const t = calls - 1;
      if (t === 0) {
        m = g.map((row) => row.map(() => 0));
        v = m;
        for (const n of [rows, columns]) {
          const kept = shape.length > 1 && n <= most;
          sides.push({
            a: identity(n).map((r) => r.fill(0)),
            q: identity(n),
            kept,
          });
        }
      } else {
        m = m.map((row, i) => row.map((x, j) => b1 * x + (1 - b1) * g[i]![j]!));
        v = into(g).map((row, i) =>
          row.map((x, j) => b2 * v[i]![j]! + (1 - b2) * x * x)
        );
        const scaled = into(m).map((row, i) =>
          row.map((x, j) => x / (Math.sqrt(v[i]![j]!) + eps))
        );
        const rate = lr * Math.sqrt(1 - b2 ** t) / (1 - b1 ** t);
        back(scaled).flat().forEach((x, i) => {
          p[i] = p[i]! * (1 - lr * weightDecay) - rate * x;
        });
      }
      sides.forEach((side, axis) => {
        if (!side.kept) return;
        const now = axis === 0
          ? product(g, transposed(g))
          : product(transposed(g), g);
        side.a = side.a.map((row, i) =>
          row.map((x, j) => beta * x + (1 - beta) * now[i]![j]!)
        );
        if (t === 0) {
          for (let i = 0; i < 10; i++) {
            side.q = gramSchmidt(product(side.a, side.q));
          }
        } else if (t % preconditionFrequency === 0) {
          const aq = product(side.a, side.q);
          const size = side.q[0]!.map((_, j) =>
            aq.reduce((sum, row, i) => sum + row[j]! * side.q[i]![j]!, 0)
          );
          const order = size.map((_, j) => j).sort((i, j) =>
            size[j]! - size[i]!
          );
          const sort = (x: Matrix) => x.map((row) => order.map((j) => row[j]!));
          side.q = gramSchmidt(sort(aq));
          v = axis === 0 ? transposed(sort(transposed(v))) : sort(v);
        }
      });
    };
  };
}

type Case = [string, (params: Tensor[]) => Optimizer, () => Rule];

const LIONS: Partial<LionOptions>[] = [
  {},
  { lr: 0.1, weightDecay: 0.1 },
  { lr: 0.1, betas: [0.5, 0.8], maximize: true },
];
const LAMBS: Partial<LAMBOptions>[] = [
  {},
  { lr: 0.1, weightDecay: 0 },
  { lr: 0.1, betas: [0.5, 0.8], eps: 0.1, weightDecay: 0.3, maximize: true },
];
const SOAPS: Partial<SOAPOptions>[] = [
  { lr: 0.1 },
  { lr: 0.1, preconditionFrequency: 1, weightDecay: 0 },
  { lr: 0.1, betas: [0.8, 0.9], shampooBeta: 0.7, preconditionFrequency: 3 },
  { lr: 0.1, maxPreconditionDim: 3, eps: 1e-3, maximize: true },
];
const CASES: Case[] = [
  ...LIONS.map((o): Case => [
    `Lion ${JSON.stringify(o)}`,
    (p) => new Lion(p, o) as unknown as Optimizer,
    lion(o),
  ]),
  ...LAMBS.map((o): Case => [
    `LAMB ${JSON.stringify(o)}`,
    (p) => new LAMB(p, o) as unknown as Optimizer,
    lamb(o),
  ]),
  ...SOAPS.map((o): Case => [
    `SOAP ${JSON.stringify(o)}`,
    (p) => new SOAP(p, o) as unknown as Optimizer,
    soap(o),
  ]),
];

const SHAPES = [[7], [2, 3], [], [33], [4, 4], [3, 2, 2]];

for (const [name, make, rule] of CASES) {
  for (const dtype of ["float32", "float64"] satisfies DType[]) {
    Deno.test(`${name} follows its paper in ${dtype}`, () => {
      const generator = new Generator(3);
      const draw = (shape: number[]) => randn(shape, { dtype, generator });
      // Beside a shorter side a null space of two axes has no one basis.
      const shapes = name.startsWith("SOAP")
        ? SHAPES.filter((shape) => shape.length < 3 || name.includes("Dim"))
        : SHAPES;
      const params = shapes.map((shape) => draw(shape).requiresGrad_());
      const expected = params.map((p) => Array.from(p.data(), Number));
      const rules = params.map(rule);
      const optimizer = make(params);
      for (let step = 1; step <= 30; step++) {
        params.forEach((p, i) => {
          const gradient = p.grad = draw(shapes[i]!);
          const g = Array.from(gradient.data(), Number);
          rules[i]!(expected[i]!, g, step, shapes[i]!);
        });
        optimizer.step();
      }
      const single = name.startsWith("SOAP") ? 2e-3 : 2e-5;
      const tolerance = dtype === "float64" ? 1e-10 : single;
      params.forEach((p, i) =>
        assertClose(Array.from(p.data(), Number), expected[i]!, {
          rtol: tolerance,
          atol: tolerance,
          what: `parameter ${i}`,
        })
      );
    });
  }
}

Deno.test("SOAP scales up no rounding, where gradients have few directions", () => {
  for (let seed = 0; seed < 12; seed++) {
    const generator = new Generator(seed);
    const w = randn([3, 2], { generator }).requiresGrad_();
    const mixing = tensor([[9, 9, 0], [0, 1, 0], [0, 0, 0.1]]);
    const x = randn([50, 3], { generator }).matmul(mixing);
    const optimizer = new SOAP([w], { lr: 0.1, weightDecay: 0 });
    const losses: number[] = [];
    for (let step = 0; step < 150; step++) {
      // One sample a step: gradients of rank one.
      const row = step < 100 ? x : x.narrow(0, step % 50, 1);
      optimizer.zeroGrad();
      const loss = row.matmul(w.sub(1)).square().mean();
      loss.backward();
      losses.push(loss.item());
      optimizer.step();
    }
    assert(Math.max(...losses) <= 1.5 * losses[0]!, `${losses}`);
    assert(losses.at(-1)! < 0.02 * losses[0]!, `${losses}`);
  }
});

Deno.test("LAMB takes a whole step from zero, and SOAP none at first", () => {
  const zero = tensor([0, 0], { requiresGrad: true });
  zero.grad = tensor([3, -2]);
  new LAMB([zero], { lr: 0.5 }).step();
  assertClose(zero.data(), [-0.5, 0.5], { atol: 1e-5 });
  const w = tensor([[1, 2]], { requiresGrad: true });
  w.grad = tensor([[3, 4]]);
  const optimizer = new SOAP([w], { lr: 0.5 });
  optimizer.step();
  assertEquals(w.toArray(), [[1, 2]]);
  const { left, rightBasis } = optimizer.state.get(w)!;
  assertClose(left!.data(), [1.25], { rtol: 1e-5 }); // (1 - 0.95) · 25
  assertClose(rightBasis!.select(1, 0).data(), [0.6, 0.8], { atol: 1e-5 });
});

Deno.test("Lion, LAMB and SOAP refuse options that make no sense", () => {
  const p = () => [tensor([1], { requiresGrad: true })];
  const cases: [() => unknown, string][] = [
    [() => new Lion(p(), { betas: [1, 0.9] }), "Lion got betas[0] 1"],
    [() => new Lion(p(), { lr: -1 }), "Lion got lr -1"],
    [() => new LAMB(p(), { eps: NaN }), "LAMB got eps NaN"],
    [() => new SOAP(p(), { shampooBeta: 2 }), "SOAP got shampooBeta 2"],
    [
      () => new SOAP(p(), { preconditionFrequency: 0 }),
      "SOAP got preconditionFrequency 0",
    ],
  ];
  for (const [make, message] of cases) {
    assertThrows(make, RangeError, message);
  }
});
