import { manualSeed, randint, randn, noGrad } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { SGD, Adam } from "@fdunn/optim";
manualSeed(0);
const N = 1000;
const xs = randn([N, 2]), ys = randint(0, 2, [N]);
const model = new nn.Sequential(new nn.Linear(2, 20), new nn.ReLU(), new nn.Linear(20, 2));
const criterion = new nn.CrossEntropyLoss();
const optimizer = new SGD(model.parameters(), { lr: 0.01 });
function time(name: string, n: number, f: (i: number) => void) {
  for (let i = 0; i < n / 2; i++) f(i % N);
  let best = Infinity;
  for (let r = 0; r < 5; r++) {
    const t = performance.now();
    for (let i = 0; i < n; i++) f(i % N);
    best = Math.min(best, (performance.now() - t) / n * 1e3);
  }
  console.log(name, best.toFixed(3), "us");
}
time("full step", 400000, (i) => {
  const x = xs.narrow(0, i, 1), y = ys.narrow(0, i, 1);
  optimizer.zeroGrad();
  const loss = criterion.forward(model.forward(x), y);
  loss.backward();
  optimizer.step();
});
if (Deno.args[0] !== "full") {
time("narrow x2", 50000, (i) => { xs.narrow(0, i, 1); ys.narrow(0, i, 1); });
time("narrow+zeroGrad+fwd+bwd", 400000, (i) => {
  const x = xs.narrow(0, i, 1), y = ys.narrow(0, i, 1);
  optimizer.zeroGrad();
  criterion.forward(model.forward(x), y).backward();
});
time("forward noGrad + 6 dispose", 20000, (i) => {
  const x = xs.narrow(0, i, 1), y = ys.narrow(0, i, 1);
  noGrad(() => criterion.forward(model.forward(x), y));
});
// keep grads
criterion.forward(model.forward(xs.narrow(0, 0, 1)), ys.narrow(0, 0, 1)).backward();
time("optimizer.step (SGD, grads kept)", 100000, () => optimizer.step());
time("zeroGrad (already null after first)", 100000, () => optimizer.zeroGrad());
criterion.forward(model.forward(xs.narrow(0, 0, 1)), ys.narrow(0, 0, 1)).backward();
const mom = new SGD(model.parameters(), { lr: 1e-9, momentum: 0.9 });
time("SGD momentum step", 100000, () => mom.step());
const adam = new Adam(model.parameters(), { lr: 1e-9 });
time("Adam step", 100000, () => adam.step());
const model_p = model.parameters();
const heads = model.parameters().map((p) => p.grad!);
time("zeroGrad+set+step", 100000, () => { optimizer.zeroGrad(); for (let i = 0; i < 4; i++) model_p[i]!.grad = heads[i]!; optimizer.step(); });
}
