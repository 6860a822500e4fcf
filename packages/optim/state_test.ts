import { type Tensor, tensor, zeros } from "@fdunn/tensor";
import {
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  Adamax,
  LAMB,
  Lion,
  Muon,
  NAdam,
  type OptimizerState,
  RAdam,
  RMSprop,
  SGD,
} from "@fdunn/optim";
import { LBFGS, SOAP } from "@fdunn/optim/second_order";
import { assert, assertEquals, assertThrows } from "@std/assert";

function leaves(): [Tensor, Tensor] {
  return [
    tensor([1, 2], { requiresGrad: true }),
    tensor([3], { requiresGrad: true }),
  ];
}

/** With a matrix, for those that treat one in their own way. */
function withMatrix(): Tensor[] {
  return [...leaves(), tensor([[1, -2, 3], [2, 1, 0]], { requiresGrad: true })];
}

function steps(
  optimizer: { step(): unknown },
  params: readonly Tensor[],
  from: number,
  to: number,
): unknown[] {
  for (let step = from; step < to; step++) {
    for (const p of params) p.grad = p.detach().mul(0.5).add(Math.cos(step));
    optimizer.step();
  }
  return params.map((p) => p.toArray());
}

for (
  const [name, make] of [
    [
      "SGD",
      (p: Tensor[]) => new SGD(p, { lr: 0.1, momentum: 0.9, dampening: 0.2 }),
    ],
    ["Adam", (p: Tensor[]) => new Adam(p, { lr: 0.1, amsgrad: true })],
    [
      "RMSprop",
      (p: Tensor[]) => new RMSprop(p, { momentum: 0.5, centered: true }),
    ],
    ["NAdam", (p: Tensor[]) => new NAdam(p, { lr: 0.1 })],
    ["RAdam", (p: Tensor[]) => new RAdam(p, { lr: 0.1 })],
    ["Adamax", (p: Tensor[]) => new Adamax(p, { lr: 0.1 })],
    ["Adagrad", (p: Tensor[]) => new Adagrad(p, { lr: 0.1, lrDecay: 0.1 })],
    ["Adadelta", (p: Tensor[]) => new Adadelta(p)],
    ["Adafactor", (p: Tensor[]) => new Adafactor(p, { lr: 0.1 })],
    ["Lion", (p: Tensor[]) => new Lion(p, { lr: 0.1, weightDecay: 0.1 })],
    ["LAMB", (p: Tensor[]) => new LAMB(p, { lr: 0.1 })],
    [
      "SOAP",
      (p: Tensor[]) => new SOAP(p, { lr: 0.1, preconditionFrequency: 2 }),
    ],
    ["Muon", (p: Tensor[]) => new Muon([p[2]!], { lr: 0.1 })],
  ] as const
) {
  Deno.test(`${name} continues from a saved state`, () => {
    const a = withMatrix();
    const first = make(a);
    steps(first, a, 0, 4);
    const b = a.map((p) => p.detach().clone().requiresGrad_());
    const second = make(b);
    const saved = first.stateDict();
    second.loadStateDict(saved);
    assertEquals(steps(second, b, 4, 8), steps(first, a, 4, 8));
  });
}

Deno.test("stateDict() has PyTorch's layout", () => {
  const [a, b] = leaves();
  const optimizer = new Adam([{ params: [a] }, { params: [b], lr: 0.5 }]);
  b.grad = tensor([1]);
  optimizer.step();
  const { state, paramGroups } = optimizer.stateDict();
  assertEquals(Object.keys(state), ["1"]);
  assertEquals(Object.keys(state[1]!), ["step", "expAvg", "expAvgSq"]);
  assertEquals(state[1]!.step, 1);
  assertEquals(paramGroups.map((g) => g.params), [[0], [1]]);
  assertEquals(paramGroups.map((g) => g.lr), [0.001, 0.5]);
  assertEquals(paramGroups[0]!.betas, [0.9, 0.999]);
});

Deno.test("loadStateDict() takes over options, and copies tensors", () => {
  const a = leaves();
  const first = new SGD(a, { lr: 0.1, momentum: 0.9 });
  steps(first, a, 0, 2);
  const b = leaves();
  const second = new SGD(b, { lr: 7 });
  second.loadStateDict(first.stateDict());
  assertEquals(second.paramGroups[0]!.lr, 0.1);
  assertEquals(second.paramGroups[0]!.momentum, 0.9);
  assertEquals(second.paramGroups[0]!.params, b);
  const buffer = second.state.get(b[0])!.momentumBuffer;
  const before = buffer.toArray();
  steps(first, a, 2, 3);
  assertEquals(buffer.toArray(), before);
});

Deno.test("loadStateDict() survives JSON for options and counts", () => {
  const a = leaves();
  const first = new SGD(a, { lr: 0.25 });
  const saved = JSON.parse(JSON.stringify(first.stateDict()));
  const second = new SGD(leaves());
  second.loadStateDict(saved);
  assertEquals(second.paramGroups[0]!.lr, 0.25);
});

Deno.test("loadStateDict() takes PyTorch's names, and its words", () => {
  const [a] = leaves();
  const lbfgs = new LBFGS([a]);
  const group = { params: [0], line_search_fn: "strong_wolfe", name: "my_own" };
  const saved = { state: {}, param_groups: [group] };
  lbfgs.loadStateDict(saved as unknown as OptimizerState);
  assertEquals(lbfgs.paramGroups[0]!.lineSearchFn, "strongWolfe");
  assertEquals(lbfgs.stateDict().paramGroups[0]!.name, "my_own");
});

Deno.test("loadStateDict() refuses what does not fit, and changes nothing", () => {
  const [a, b] = leaves();
  const optimizer = new Adam([a, b], { lr: 0.3 });
  steps(optimizer, [a, b], 0, 1);
  const good = optimizer.stateDict();
  const refuse = (saved: unknown, message: string) => {
    const fresh = new Adam(leaves(), { lr: 0.9 });
    assertThrows(
      () => fresh.loadStateDict(saved as typeof good),
      RangeError,
      message,
    );
    assertEquals(fresh.paramGroups[0]!.lr, 0.9);
    assertEquals(fresh.state.size, 0);
  };
  refuse({}, "expected { state, paramGroups }");
  refuse({ ...good, paramGroups: [] }, "0 groups, the optimizer 1");
  refuse(
    { ...good, paramGroups: [{ ...good.paramGroups[0], params: [0] }] },
    "1 parameters, the optimizer's 2",
  );
  refuse(
    { ...good, paramGroups: [{ ...good.paramGroups[0], lr: -1 }] },
    "lr -1",
  );
  const state = { ...good.state, 1: { ...good.state[1], expAvg: zeros([9]) } };
  refuse({ ...good, state }, "parameter 1: expAvg has shape [9], expected [1]");
  const lacking = { ...good.state, 0: { step: 1 } };
  refuse({ ...good, state: lacking }, "parameter 0: expAvg is missing");
  assert(good.state[0] !== undefined);
});
