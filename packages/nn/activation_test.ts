import { randn, type Tensor } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import {
  assertAlmostEquals,
  assertEquals,
  assertStrictEquals,
} from "@std/assert";

const x = randn([3, 4]);

const PAIRS: [
  nn.Module<[Tensor]>,
  (x: Tensor) => Tensor,
  (x: number) => number,
][] = [
  [new nn.ReLU(), nn.relu, (x) => Math.max(x, 0)],
  [new nn.Sigmoid(), nn.sigmoid, (x) => 1 / (1 + Math.exp(-x))],
  [new nn.Tanh(), nn.tanh, Math.tanh],
];

for (const [layer, f, reference] of PAIRS) {
  Deno.test(`${layer} computes as its function does`, () => {
    const values = [...layer.forward(x).data()].map(Number);
    assertEquals(f(x).toArray(), layer.forward(x).toArray());
    [...x.data()].forEach((value, i) =>
      assertAlmostEquals(values[i]!, reference(Number(value)), 1e-5)
    );
  });
}

Deno.test("Softmax and LogSoftmax go along their axis", () => {
  for (const dim of [0, 1, -1]) {
    const p = new nn.Softmax(dim).forward(x);
    for (const sum of p.sum(dim).data()) {
      assertAlmostEquals(Number(sum), 1, 1e-5);
    }
    assertEquals(p.toArray(), nn.softmax(x, dim).toArray());
    const log = new nn.LogSoftmax(dim).forward(x);
    assertEquals(log.toArray(), nn.logSoftmax(x, dim).toArray());
    assertAlmostEquals(log.exp().sub(p).abs().max().item(), 0, 1e-6);
  }
  assertEquals(`${new nn.Softmax(1)}`, "Softmax(dim=1)");
  const least = new nn.Softmin(1).forward(x);
  assertEquals(least.toArray(), x.neg().softmax(1).toArray());
  assertEquals(`${new nn.Softmin(1)}`, "Softmin(dim=1)");
});

Deno.test("Identity returns its input itself", () => {
  assertStrictEquals(new nn.Identity().forward(x), x);
});
