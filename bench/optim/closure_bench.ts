/**
 * What an iteration costs with its gradients: Adam's one, LBFGS's two with its
 * line search, NewtonCG's loss, gradient and products with the Hessian. All begin
 * at the same weights each time, far from a minimum.
 */

import { manualSeed, noGrad, randn, type Tensor } from "@fdunn/tensor";
import { CrossEntropyLoss, Linear, Sequential, Tanh } from "@fdunn/nn";
import { Adam } from "@fdunn/optim";
import { LBFGS, NewtonCG } from "@fdunn/optim/second_order";

const tolerances = { toleranceGrad: 0, toleranceChange: 0 };
const OPTIMIZERS: Record<
  string,
  (p: Tensor[]) => { step(closure: () => Tensor): Tensor }
> = {
  Adam: (p) => new Adam(p),
  LBFGS: (p) =>
    new LBFGS(p, {
      ...tolerances,
      ...{ maxIter: 1, maxEval: 25, lineSearchFn: "strongWolfe" },
    }),
  "NewtonCG, 1 product": (p) =>
    new NewtonCG(p, { ...tolerances, maxIter: 1, maxCg: 1 }),
  "NewtonCG, 10 products": (p) =>
    new NewtonCG(p, { ...tolerances, maxIter: 1, maxCg: 10 }),
};

for (const hidden of [20, 200]) {
  const group = `iteration, mlp 2-${hidden}-2, batch 256`;
  manualSeed(0);
  const x = randn([256, 2]);
  const y = x.prod(1).gt(0).to("int32");
  for (const [name, make] of Object.entries(OPTIMIZERS)) {
    const model = new Sequential(
      ...[new Linear(2, hidden), new Tanh(), new Linear(hidden, 2)],
    );
    const criterion = new CrossEntropyLoss();
    const params = model.parameters();
    const start = params.map((p) => p.detach().clone());
    const optimizer = make(params);
    const closure = () => {
      model.zeroGrad();
      const loss = criterion.forward(model.forward(x), y);
      if (!name.startsWith("Newton")) loss.backward();
      return loss;
    };
    const baseline = name === "Adam";
    Deno.bench(`2-${hidden}-2: ${name}`, { group, baseline }, () => {
      noGrad(() => params.forEach((p, i) => p.copy_(start[i]!)));
      optimizer.step(closure);
    });
  }
}
