import {
  assertAlmostEquals,
  assertEquals,
  assertLess,
  assertThrows,
} from "@std/assert";
import {
  Generator,
  manualSeed,
  ones,
  randn,
  type Tensor,
  tensor,
  zeros,
} from "../mod.ts";
import { checkGrad } from "../custom_op.ts";
import {
  Bernoulli,
  Categorical,
  type Distribution,
  Exponential,
  Independent,
  klDivergence,
  Laplace,
  Normal,
  Uniform,
} from "./mod.ts";

const N = 40_000;

const DISTRIBUTIONS: [what: string, make: () => Distribution][] = [
  ["Normal", () => new Normal(tensor([-1, 2]), tensor([0.5, 3]))],
  ["Laplace", () => new Laplace(tensor([-1, 2]), tensor([0.5, 3]))],
  ["Uniform", () => new Uniform(tensor([-1, 2]), 4)],
  ["Exponential", () => new Exponential(tensor([0.5, 3]))],
  ["Bernoulli", () => new Bernoulli({ probs: tensor([0.2, 0.9]) })],
  ["Independent", () => new Independent(new Normal(tensor([1, 3]), 1), 1)],
];

for (const [what, make] of DISTRIBUTIONS) {
  Deno.test(`samples of ${what} have its mean, variance and shape`, () => {
    manualSeed(0);
    const d = make();
    const x = d.sample([N]);
    assertEquals(x.shape, [N, 2]);
    assertEquals(d.sample().shape, [2]);
    assertEquals(d.sample([3, 1]).shape, [3, 1, 2]);
    assertEquals(d.sample([0]).shape, [0, 2]);
    const off = x.mean(0).sub(d.mean).div(d.stddev).abs().max().item();
    assertLess(off, 4 / Math.sqrt(N));
    assertLess(x.var(0).div(d.variance).sub(1).abs().max().item(), 0.06);
  });

  Deno.test(`${what} draws from the generator that it is given`, () => {
    const d = make();
    const draw = () => d.sample([4], { generator: new Generator(5) }).toArray();
    assertEquals(draw(), draw());
  });
}

Deno.test("classes come as often as they are probable", () => {
  manualSeed(1);
  const d = new Categorical({ logits: tensor([[0, Math.log(3)], [0, -1e9]]) });
  const drawn = d.sample([N]);
  assertEquals([drawn.shape, drawn.dtype], [[N, 2], "int32"]);
  const shares = drawn.to("float32").mean(0);
  assertAlmostEquals(shares.select(0, 0).item(), 0.75, 0.01);
  assertEquals(shares.select(0, 1).item(), 0);
  assertEquals(d.mode.toArray(), [1, 0]);
  assertEquals(d.sample().shape, [2]);
  assertEquals(d.sample([2, 3]).shape, [2, 3, 2]);
  assertEquals(d.sample([0, 3]).shape, [0, 3, 2]);
  assertEquals(new Categorical({ probs: ones([5]) }).sample().shape, []);
  assertEquals([d.numEvents, d.batchShape, d.eventShape], [2, [2], []]);
  assertEquals(d.mean.toArray(), [NaN, NaN]);
});

Deno.test("each row of a batch is drawn by its own probabilities, in order", () => {
  const probs = tensor([[1, 0, 0], [0, 0, 1], [0, 1, 0]]);
  const drawn = new Categorical({ probs }).sample([2]);
  assertEquals(drawn.toArray(), [[0, 2, 1], [0, 2, 1]]);
});

Deno.test("samples have no gradients, reparametrized ones have exact ones", () => {
  const loc = tensor([1, 2], { requiresGrad: true });
  const scale = tensor([3, 4], { requiresGrad: true });
  const d = new Normal(loc, scale);
  assertEquals(d.sample([3]).requiresGrad, false);
  const z = randn([5, 2], { generator: new Generator(2) });
  d.rsample([5], { generator: new Generator(2) }).sum().backward();
  assertEquals(loc.grad!.toArray(), [5, 5]);
  assertEquals(scale.grad!.toArray(), z.sum(0).toArray());
  const weights = new Categorical({ logits: scale });
  assertThrows(() => weights.rsample(), Error, "Categorical has no rsample()");
  assertThrows(
    () => new Independent(new Bernoulli({ probs: 0.5 }), 0).rsample(),
    Error,
    "Bernoulli has no rsample()",
  );
});

Deno.test("gradients of samples, probabilities, entropies are finite differences'", () => {
  const generator = () => ({ generator: new Generator(3) });
  const free = () => randn([2, 3], { dtype: "float64", requiresGrad: true });
  const cases: [(a: Tensor) => Distribution, Tensor][] = [
    [(a) => new Normal(a, a.square().add(1)), tensor([[0.5], [2]])],
    [(a) => new Laplace(a, a.square().add(1)), tensor([[9], [-9]])],
    [(a) => new Uniform(a.abs().neg(), a.square().add(4)), tensor(1)],
    [(a) => new Exponential(a.square().add(1)), tensor(1)],
    [(a) => new Bernoulli({ logits: a }), tensor([0, 1, 1])],
    [(a) => new Categorical({ logits: a }), tensor([2, 0], { dtype: "int32" })],
    [(a) => new Categorical({ probs: a.exp() }), tensor(1, { dtype: "int32" })],
  ];
  for (const [make, given] of cases) {
    const value = given.dtype === "int32" ? given : given.to("float64");
    checkGrad((a) => make(a).logProb(value).sum(), [free()]);
    checkGrad((a) => make(a).entropy().sum(), [free()]);
    checkGrad((a) => klDivergence(make(a.mul(0.5)), make(a)).sum(), [free()]);
  }
  for (const [make] of cases.slice(0, 4)) {
    // float32 draws other numbers than float64.
    checkGrad((a) => make(a).rsample([2], generator()), [free()], {
      float32Tolerance: Infinity,
    });
  }
});

Deno.test("Independent counts the last axes as one value", () => {
  const base = new Normal(zeros([4, 2, 3]), 1);
  const d = new Independent(base, 2);
  assertEquals([d.batchShape, d.eventShape], [[4], [2, 3]]);
  assertEquals(d.sample([5]).shape, [5, 4, 2, 3]);
  assertEquals(d.logProb(zeros([4, 2, 3])).shape, [4]);
  assertEquals(d.entropy().shape, [4]);
  assertEquals(new Independent(base, 0).entropy().shape, [4, 2, 3]);
  assertEquals(`${d}`, "Independent(batchShape=[4], eventShape=[2, 3])");
});

Deno.test("float64 parameters give float64", () => {
  const loc = zeros([2], { dtype: "float64" });
  const d = new Normal(loc, 1);
  assertEquals(
    [d.sample().dtype, d.logProb(loc).dtype, d.entropy().dtype],
    ["float64", "float64", "float64"],
  );
  const sure = new Categorical({ probs: tensor([1, 0]).to("float64") });
  assertEquals(sure.logits.data()[1], Math.log(2 ** -52));
});

Deno.test("what makes no distribution, or cannot occur, is refused", () => {
  const cases: [() => unknown, typeof Error, string][] = [
    [
      () => new Normal(0, tensor([1, 0])),
      RangeError,
      "Normal: scale got 0, expected more than 0",
    ],
    [() => new Normal(zeros([2]), ones([3])), RangeError, "Normal"],
    [() => new Laplace(0, -1), RangeError, "Laplace: scale got -1"],
    [() => new Exponential(NaN), RangeError, "Exponential: rate got NaN"],
    [
      () => new Uniform(1, 1),
      RangeError,
      "Uniform: high got 1, expected more than low",
    ],
    [
      () => new Uniform(0, 1).logProb(tensor([0.5, 1.5])),
      RangeError,
      "Uniform.logProb() got 1.5, expected low to high",
    ],
    [
      () => new Exponential(1).logProb(tensor(-2)),
      RangeError,
      "Exponential.logProb() got -2, expected at least 0",
    ],
    [
      () => new Bernoulli({ probs: 1.5 }),
      RangeError,
      "Bernoulli: probs got 1.5, expected 0 to 1",
    ],
    [
      () => new Bernoulli({ probs: 0.5 }).logProb(tensor(0.5)),
      RangeError,
      "Bernoulli.logProb() got 0.5, expected 0 or 1",
    ],
    [
      () => new Bernoulli({}),
      TypeError,
      "Bernoulli got neither of probs and logits, expected one of them",
    ],
    [
      () => new Categorical({ probs: ones([2]), logits: ones([2]) }),
      TypeError,
      "Categorical got both of probs and logits",
    ],
    [
      () => new Categorical({ logits: tensor(1) }),
      RangeError,
      "Categorical got logits [], expected [..., classes]",
    ],
    [
      () => new Categorical({ logits: tensor([0, NaN]) }),
      RangeError,
      "Categorical: logits got NaN, expected no NaN",
    ],
    [
      () => new Categorical({ probs: tensor([1, -1]) }),
      RangeError,
      "Categorical: probs got -1, expected at least 0",
    ],
    [
      () => new Categorical({ probs: zeros([2]) }),
      RangeError,
      "got 0, expected weights of which one is not 0",
    ],
    [
      () => new Categorical({ probs: ones([2]) }).logProb(ones([1])),
      TypeError,
      "Categorical.logProb() expects int32 classes, got float32",
    ],
    [
      () =>
        new Categorical({ probs: ones([2]) }).logProb(
          tensor([2], { dtype: "int32" }),
        ),
      RangeError,
      "2",
    ],
    [
      () => new Independent(new Normal(zeros([2]), 1), 2),
      RangeError,
      "Independent got 2 axes of the batch [2], expected 0 to 1",
    ],
    [
      () => klDivergence<Distribution>(new Normal(0, 1), new Laplace(0, 1)),
      TypeError,
      "klDivergence() got Normal and Laplace, expected two of one class",
    ],
    [
      () =>
        klDivergence<Distribution>(
          new Independent(new Normal(zeros([2]), 1), 1),
          new Independent(new Laplace(zeros([2]), 1), 1),
        ),
      TypeError,
      "expected two alike",
    ],
    [
      () =>
        klDivergence(
          new Categorical({ probs: ones([2]) }),
          new Categorical({ probs: ones([3]) }),
        ),
      RangeError,
      "klDivergence() got [2] and [3] classes, expected as many",
    ],
  ];
  for (const [wrong, type, message] of cases) {
    assertThrows(wrong, type, message);
  }
});
