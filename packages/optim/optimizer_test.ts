import {
  getNumThreads,
  memoryStats,
  noGrad,
  ones,
  scope,
  setNumThreads,
  type Tensor,
  tensor,
  zeros,
} from "@fdunn/tensor";
import { Adam, type Params, RMSprop, SGD, type SGDOptions } from "@fdunn/optim";
import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";

function leaf(values: number[]): Tensor {
  return tensor(values, { requiresGrad: true });
}

Deno.test("step() skips parameters without gradient", () => {
  const [a, b] = [leaf([1]), leaf([1])];
  const optimizer = new Adam([a, b], { lr: 0.5 });
  optimizer.step();
  a.grad = tensor([1]);
  optimizer.step();
  assertEquals(b.item(), 1);
  assert(a.item() < 0.6);
  assertEquals([...optimizer.state.keys()], [a]);
});

Deno.test("zeroGrad() makes gradients null", () => {
  const w = leaf([1, 2]);
  const optimizer = new SGD([w]);
  w.sum().backward();
  optimizer.zeroGrad();
  assertStrictEquals(w.grad, null);
});

/** Parameters after three steps on their first gradients. */
function stepped(make: (params: Tensor[]) => SGD | Adam | RMSprop): number[] {
  const wave = (n: number, seed: number) =>
    Float32Array.from({ length: n }, (_, i) => Math.sin(i * i * 0.01 + seed));
  const params = [5, 150_001].map((n) => {
    const p = tensor(wave(n, 1), { requiresGrad: true });
    p.grad = tensor(wave(n, 2));
    return p;
  });
  const optimizer = make(params);
  for (let i = 0; i < 3; i++) optimizer.step();
  return params.flatMap((p) => [...p.data() as Float32Array]);
}

Deno.test("large steps are the same bits on any number of threads", async () => {
  const makes = [
    (params: Tensor[]) => new SGD(params, { lr: 0.1, momentum: 0.9 }),
    (params: Tensor[]) => new Adam(params),
    (params: Tensor[]) => new RMSprop(params, { momentum: 0.5 }),
  ];
  const threads = getNumThreads();
  try {
    for (const make of makes) {
      setNumThreads(1);
      const one = stepped(make);
      for (const count of [2, 3]) {
        setNumThreads(count);
        // Workers start with the first large step, and count once ready.
        for (let i = 0; i < 8; i++) {
          stepped(make);
          await new Promise((resolve) => setTimeout(resolve, 15));
        }
        assertEquals(stepped(make), one);
      }
    }
  } finally {
    setNumThreads(threads);
  }
});

Deno.test("step() calls a closure and returns its loss", () => {
  const w = leaf([3]);
  const optimizer = new SGD([w], { lr: 0.25 });
  const loss = noGrad(() =>
    optimizer.step(() => {
      optimizer.zeroGrad();
      const loss = w.square().sum();
      loss.backward();
      return loss;
    })
  );
  assertEquals(loss.item(), 9);
  assertEquals(w.item(), 1.5);
  assertStrictEquals(optimizer.step(), null);
});

Deno.test("groups have options of their own, others take the defaults", () => {
  const [a, b, c] = [leaf([0]), leaf([0]), leaf([0])];
  const optimizer = new SGD([{ params: [a] }, { params: b, lr: 10 }], {
    lr: 1,
  });
  optimizer.addParamGroup({ params: [c], lr: 100 });
  for (const p of [a, b, c]) p.grad = tensor([1]);
  optimizer.step();
  assertEquals([a.item(), b.item(), c.item()], [-1, -10, -100]);
  optimizer.paramGroups[1]!.lr = 1000;
  optimizer.step();
  assertEquals([a.item(), b.item(), c.item()], [-2, -1010, -200]);
});

Deno.test("a group may mix float32 and float64", () => {
  const a = leaf([1]);
  const b = tensor(new Float64Array([1]), { requiresGrad: true });
  for (
    const make of [
      (p: Tensor[]) => new SGD(p, { lr: 0.1 }),
      (p: Tensor[]) => new Adam(p, { lr: 0.1 }),
      (p: Tensor[]) => new RMSprop(p, { lr: 0.1 }),
    ]
  ) {
    const optimizer = make([b, a]);
    a.grad = tensor([1]);
    b.grad = tensor(new Float64Array([1]));
    const before = [a.item(), b.item()];
    optimizer.step();
    assert(a.item() < before[0]! && b.item() < before[1]!);
    assert(Math.abs(a.item() - b.item()) < 1e-5);
  }
  assertEquals(b.dtype, "float64");
});

Deno.test("step() takes gradients of any layout and float type", () => {
  const w = zeros([2, 3]).requiresGrad_();
  const optimizer = new SGD([w], { lr: 1 });
  w.grad = tensor([[1, 2], [3, 4], [5, 6]]).t();
  optimizer.step();
  assertEquals(w.toArray(), [[-1, -3, -5], [-2, -4, -6]]);
  w.grad = ones([2, 3], { dtype: "float64" });
  optimizer.step();
  assertEquals(w.toArray(), [[-2, -4, -6], [-3, -5, -7]]);
  w.grad = tensor([1]).expand([2, 3]);
  optimizer.step();
  assertEquals(w.toArray(), [[-3, -5, -7], [-4, -6, -8]]);
  w.grad = ones([3, 2]);
  assertThrows(
    () => optimizer.step(),
    RangeError,
    "[3, 2] for a parameter of shape [2, 3]",
  );
});

Deno.test("step() writes into views at their own place", () => {
  const all = zeros([4]);
  const w = all.narrow(0, 1, 2).requiresGrad_();
  const optimizer = new SGD([w], { lr: 1, momentum: 0.5 });
  w.grad = tensor([1, 2]);
  optimizer.step();
  assertEquals(all.toArray(), [0, -1, -2, 0]);
});

Deno.test("step() makes graphs of the old values unusable", () => {
  const w = leaf([2]);
  const optimizer = new SGD([w], { lr: 1 });
  const loss = w.square().sum();
  w.grad = tensor([1]);
  optimizer.step();
  assertThrows(() => loss.backward(), Error, "modified");
});

Deno.test("Adam corrects each parameter by its own count of steps", () => {
  const [a, b] = [leaf([0]), leaf([0])];
  const both = new Adam([a, b], { lr: 0.1 });
  const [c, d] = [leaf([0]), leaf([0])];
  const alone = [new Adam([c], { lr: 0.1 }), new Adam([d], { lr: 0.1 })];
  for (let step = 0; step < 6; step++) {
    const g = tensor([Math.sin(step)]);
    a.grad = c.grad = g;
    b.grad = d.grad = step >= 3 ? g : null;
    both.step();
    for (const optimizer of alone) optimizer.step();
  }
  assertEquals([a.item(), b.item()], [c.item(), d.item()]);
  assertEquals([...both.state.values()].map((s) => s.step), [6, 3]);
});

Deno.test("state survives scopes, and steps take no new memory", () => {
  const w = leaf([1, 2, 3]);
  const optimizer = new Adam([w], { lr: 0.01 });
  const step = () =>
    scope(() => {
      optimizer.zeroGrad();
      w.square().sum().backward();
      optimizer.step();
    });
  for (let i = 0; i < 5; i++) step();
  const before = memoryStats().liveBytes;
  for (let i = 0; i < 100; i++) step();
  assertLessOrEqual(memoryStats().liveBytes, before);
  assertEquals(optimizer.state.get(w)!.expAvg.shape, [3]);
});

Deno.test("gradients' blocks are reused: the optimizer is no reader", () => {
  const w = leaf([1, 2, 3]);
  const optimizer = new SGD([w], { lr: 0.01 });
  w.square().sum().backward();
  optimizer.step();
  assert(w.slot.owned);
});

Deno.test("optimizers refuse parameters that they cannot change", () => {
  const w = leaf([1, 2]);
  const make = (params: unknown) => () =>
    new SGD(params as Params<SGDOptions>, { lr: 0.1 });
  assertThrows(make([]), RangeError, "empty parameter list");
  assertThrows(make([{ params: [] }]), RangeError, "empty parameter list");
  assertThrows(make(w), TypeError, "expected a list");
  assertThrows(make(undefined), TypeError, "undefined as params");
  assertThrows(make([w, 3]), TypeError, "one list");
  assertThrows(make([{ params: [3] }]), TypeError, "number among");
  assertThrows(make([w, w]), Error, "[2] twice");
  assertThrows(make([{ params: [w] }, { params: [w] }]), Error, "twice");
  assertThrows(make([w.mul(2)]), Error, "from mul()");
  const gone = leaf([1]);
  gone.dispose();
  assertThrows(make([gone]), Error, "disposed");
  const turned = zeros([2, 3]).t().requiresGrad_();
  assertThrows(make([turned]), Error, "not row-major");
});

Deno.test("optimizers refuse options that make no sense, naming them", () => {
  const w = leaf([1]);
  const refused: [() => unknown, string][] = [
    [() => new SGD([w], { lr: -1 }), "SGD got lr -1"],
    [() => new SGD([w], { lr: NaN }), "SGD got lr NaN"],
    [() => new SGD([w], { momentum: -0.5 }), "SGD got momentum -0.5"],
    [() => new SGD([w], { weightDecay: NaN }), "SGD got weightDecay NaN"],
    [() => new SGD([w], { dampening: NaN }), "SGD got dampening NaN"],
    [() => new SGD([w], { nesterov: true }), "nesterov with momentum 0"],
    [() => new SGD([{ params: [w], lr: -2 }]), "SGD got lr -2"],
    [() => new Adam([w], { lr: NaN }), "Adam got lr NaN"],
    [() => new Adam([w], { eps: -1 }), "Adam got eps -1"],
    [() => new Adam([w], { betas: [1, 0.9] }), "Adam got betas[0] 1"],
    [() => new Adam([w], { betas: [0.9, -1] }), "Adam got betas[1] -1"],
    [() => new RMSprop([w], { alpha: -1 }), "RMSprop got alpha -1"],
    [() => new RMSprop([w], { momentum: NaN }), "RMSprop got momentum NaN"],
  ];
  for (const [make, message] of refused) {
    assertThrows(make, RangeError, message);
  }
});
