/**
 * The claim that second order is worth it: on logistic regression LBFGS and
 * NewtonCG bring the gradient to 1e-6 in at most a tenth of Adam's steps, one
 * iteration of theirs counted as a step, and Adam at the best of its rates.
 */

import { Generator, grad, randn, type Tensor, tensor } from "@fdunn/tensor";
import { Adam } from "@fdunn/optim";
import { LBFGS, NewtonCG } from "@fdunn/optim/second_order";
import { assert, assertLess } from "@std/assert";

const SAMPLES = 200;
const FEATURES = 12;
/** How small the gradient's largest component must become. */
const SMALL = 1e-6;
/** Steps after which a rate of Adam's counts as unfit. */
const MOST = 3000;

interface Problem {
  w: Tensor;
  /** The mean log loss with a light weight decay, so that there is one optimum. */
  loss: () => Tensor;
}

/** Features of different scales that are correlated, as real ones are. */
function problem(seed: number): Problem {
  const generator = new Generator(seed);
  const options = { dtype: "float64", generator } as const;
  const scales = Array.from(
    { length: FEATURES },
    (_, i) => 10 ** (i / (FEATURES - 1)),
  );
  const x = randn([SAMPLES, FEATURES], options)
    .mul(tensor(scales, { dtype: "float64" }))
    .matmul(randn([FEATURES, FEATURES], options).div(Math.sqrt(FEATURES)));
  const truth = randn([FEATURES], options).mul(0.3);
  const noise = randn([SAMPLES], options);
  const sign = x.matmul(truth).add(noise).sign();
  const w = tensor(new Float64Array(FEATURES)).requiresGrad_();
  const loss = () =>
    x.matmul(w).mul(sign).neg().exp().log1p().mean()
      .add(w.square().sum().mul(1e-4));
  return { w, loss };
}

/** What an optimizer needed: its steps, calls of the closure, products H v. */
interface Cost {
  steps: number;
  evaluations: number;
  products: number;
}

/** Steps until the gradient is small; counts the closure's calls. */
function race(
  { w, loss }: Problem,
  step: (closure: () => Tensor) => void,
  backward: boolean,
): Cost | null {
  let evaluations = 0;
  const closure = () => {
    evaluations++;
    w.grad = null;
    const value = loss();
    if (backward) value.backward();
    return value;
  };
  for (let steps = 1; steps <= MOST; steps++) {
    step(closure);
    const [gradient] = grad(loss(), [w]);
    if (gradient!.abs().max().item() <= SMALL) {
      return { steps, evaluations, products: 0 };
    }
  }
  return null;
}

function newton(seed: number): Cost {
  const given = problem(seed);
  const optimizer = new NewtonCG([given.w], { maxIter: 1 });
  const cost = race(given, (f) => optimizer.step(f), false);
  const { hessEvals } = optimizer.stateDict().state[0]!;
  return { ...cost!, products: hessEvals as number };
}

function lbfgs(seed: number): Cost {
  const given = problem(seed);
  const optimizer = new LBFGS([given.w], {
    ...{ maxIter: 1, maxEval: 25, lineSearchFn: "strongWolfe" },
    ...{ toleranceGrad: 0, toleranceChange: 0 },
  });
  return race(given, (f) => optimizer.step(f), true)!;
}

function adam(seed: number, lr: number): Cost | null {
  const given = problem(seed);
  const optimizer = new Adam([given.w], { lr });
  return race(given, (f) => optimizer.step(f), true);
}

for (const seed of [1, 2, 3]) {
  Deno.test(`LBFGS and NewtonCG take a tenth of Adam's steps, problem ${seed}`, () => {
    const adams = [0.01, 0.03, 0.1, 0.3].map((lr) => adam(seed, lr))
      .filter((cost) => cost !== null);
    const best = adams.reduce((a, b) => a.steps < b.steps ? a : b);
    const second = { LBFGS: lbfgs(seed), NewtonCG: newton(seed) };
    const text = JSON.stringify({ Adam: best, ...second });
    console.log(text);
    for (const { steps, evaluations, products } of Object.values(second)) {
      assert(10 * steps <= best.steps, text);
      // A step costs several gradients; with all of them it is a quarter of
      // Adam's. A product with the Hessian counts as two gradients.
      assertLess(evaluations + 2 * products, best.evaluations / 4);
    }
  });
}
