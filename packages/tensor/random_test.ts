import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { assertClose } from "@fdunn/testing";
import {
  bernoulli,
  defaultGenerator,
  Generator,
  type GeneratorState,
  manualSeed,
  normal,
  ones,
  rand,
  randint,
  randLike,
  randn,
  randnLike,
  randperm,
  setDeterministic,
  streamFor,
  type Tensor,
  tensor,
  uniform,
} from "./mod.ts";
import { floats } from "./samples_test.ts";

const seeded = (seed = 7) => ({ generator: new Generator(seed) });

/** Mean and standard deviation. */
function moments(x: Tensor): [number, number] {
  const values = floats(x);
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const square = values.reduce((a, b) => a + (b - mean) ** 2, 0) /
    values.length;
  return [mean, Math.sqrt(square)];
}

Deno.test("rand() is Philox4x32-10, by its published test vector", () => {
  // Random123's known answer for counter 0 and key 0.
  const words = [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8];
  assertEquals(
    floats(rand([4], seeded(0))),
    words.map((word) => (word >>> 8) / 2 ** 24),
  );
});

Deno.test("equal seeds give equal numbers, other seeds others", () => {
  const draws: ((options: { generator: Generator }) => Tensor)[] = [
    (options) => rand([5, 3], options),
    (options) => randn([17], options),
    (options) => rand([9], { ...options, dtype: "float64" }),
    (options) => randn([9], { ...options, dtype: "float64" }),
    (options) => randint(0, 1000, [9], options),
    (options) => randperm(50, options),
    (options) => bernoulli([64], 0.5, options),
  ];
  for (const draw of draws) {
    assertEquals(draw(seeded(3)).toArray(), draw(seeded(3)).toArray());
    assertNotEquals(draw(seeded(3)).toArray(), draw(seeded(4)).toArray());
    const generator = new Generator(3);
    assertNotEquals(
      draw({ generator }).toArray(),
      draw({ generator }).toArray(),
    );
  }
  const high = rand([4], seeded(2 ** 40 + 3)).toArray();
  assertNotEquals(high, rand([4], seeded(3)).toArray());
});

Deno.test("both builds of the kernels draw the same bits", () => {
  const draw = () => [
    floats(rand([33], seeded())),
    floats(randint(-5, 5, [33], seeded())),
    floats(randperm(33, seeded())),
  ];
  const fast = draw();
  setDeterministic(true);
  try {
    assertEquals(draw(), fast);
  } finally {
    setDeterministic(false);
  }
});

Deno.test("rand() and uniform() stay in their interval and fill it", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const x = rand([20_000], { ...seeded(), dtype });
    const values = floats(x);
    assert(values.every((v) => v >= 0 && v < 1));
    const [mean, deviation] = moments(x);
    assertClose([mean, deviation], [0.5, Math.sqrt(1 / 12)], {
      atol: 0.01,
      rtol: 0,
    });
    const y = floats(uniform([20_000], -3, 5, { ...seeded(), dtype }));
    assert(y.every((v) => v >= -3 && v < 5));
    assert(Math.min(...y) < -2.99 && Math.max(...y) > 4.99);
    const buckets = new Array(16).fill(0);
    for (const v of values) buckets[Math.floor(v * 16)]++;
    const chi = buckets.reduce((s, b) => s + (b - 1250) ** 2 / 1250, 0);
    assert(chi < 45, `${dtype}: chi squared ${chi} of 15 degrees of freedom`);
  }
  const precise = floats(rand([100], { ...seeded(), dtype: "float64" }));
  assert(
    precise.some((v) => v !== Math.fround(v)),
    "float64 has 53 random bits",
  );
});

Deno.test("randn() and normal() have the normal's moments and tails", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const x = randn([40_000], { ...seeded(), dtype });
    const values = floats(x);
    assert(values.every(Number.isFinite));
    assertClose(moments(x), [0, 1], { atol: 0.02, rtol: 0 });
    const share = (limit: number) =>
      values.filter((v) => Math.abs(v) < limit).length / values.length;
    assertClose([share(1), share(2), share(3)], [0.6827, 0.9545, 0.9973], {
      atol: 0.01,
      rtol: 0,
    });
    const skew = values.reduce((s, v) => s + v ** 3, 0) / values.length;
    assert(Math.abs(skew) < 0.06, `skew ${skew}`);
    const y = normal([40_000], 5, 0.1, { ...seeded(), dtype });
    assertClose(moments(y), [5, 0.1], { rtol: 0.02 });
  }
  assertEquals(floats(normal([3], 2, 0, seeded())), [2, 2, 2]);
  for (const n of [1, 2, 3, 5, 7]) assertEquals(randn([n]).shape, [n]);
});

Deno.test("randint() reaches both ends and no further", () => {
  const x = randint(-3, 4, [10_000], seeded());
  assertEquals(x.dtype, "int32");
  const counts = new Map<number, number>();
  for (const v of floats(x)) counts.set(v, (counts.get(v) ?? 0) + 1);
  assertEquals([...counts.keys()].sort((a, b) => a - b), [
    -3,
    -2,
    -1,
    0,
    1,
    2,
    3,
  ]);
  const each = 10_000 / 7;
  const chi = [...counts.values()].reduce(
    (s, c) => s + (c - each) ** 2 / each,
    0,
  );
  assert(chi < 25, `chi squared ${chi} of 6 degrees of freedom`);
  assertEquals(floats(randint(5, 6, [4], seeded())), [5, 5, 5, 5]);
  const wide = floats(randint(-(2 ** 31), 2 ** 31 - 1, [1000], seeded()));
  assert(wide.some((v) => v > 2 ** 30) && wide.some((v) => v < -(2 ** 30)));
  assertEquals(
    randint(0, 2, [3], { ...seeded(), dtype: "bool" }).dtype,
    "bool",
  );
  for (
    const [low, high] of [[3, 3], [4, 3], [0.5, 3], [0, NaN], [
      -(2 ** 31),
      2 ** 31,
    ], [
      0,
      2 ** 31 + 1,
    ]] as const
  ) {
    assertThrows(
      () => randint(low, high, [1]),
      RangeError,
      `randint() got low ${low} and high ${high}, expected whole numbers of int32 with low < high and fewer than 2^32 of them`,
    );
  }
});

Deno.test("randperm() is a permutation, each place equally likely", () => {
  for (const n of [0, 1, 2, 3, 100]) {
    const p = floats(randperm(n, seeded()));
    assertEquals([...p].sort((a, b) => a - b), p.map((_, i) => i));
  }
  const generator = new Generator(1);
  const counts = new Array(24).fill(0);
  for (let i = 0; i < 4800; i++) {
    const [a, b, c] = floats(randperm(4, { generator }));
    const rank = (v: number, before: number[]) =>
      v - before.filter((w) => w < v).length;
    counts[a! * 6 + rank(b!, [a!]) * 2 + rank(c!, [a!, b!])]++;
  }
  const chi = counts.reduce((s, c) => s + (c - 200) ** 2 / 200, 0);
  assert(chi < 50, `chi squared ${chi} of 23 degrees of freedom`);
  assertThrows(() => randperm(-1), RangeError, "randperm() got shape [-1]");
  assertThrows(() => randperm(1.5), RangeError, "randperm()");
});

Deno.test("bernoulli() of a tensor takes each element's probability", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const p = tensor([0, 0.3, 1], { dtype }).expand([20_000, 3]);
    const x = bernoulli(p, seeded());
    assertEquals([x.dtype, x.shape], [dtype, [20_000, 3]]);
    const [none, some, all] = floats(x.mean(0));
    assertEquals([none, all], [0, 1]);
    assert(Math.abs(some! - 0.3) < 0.02, `${some}`);
    assertEquals(bernoulli(p, { ...seeded(), dtype: "bool" }).dtype, "bool");
  }
  assertEquals(bernoulli(tensor([])).shape, [0]);
  assertThrows(
    () => bernoulli(tensor([0.5, NaN])),
    RangeError,
    "bernoulli() got probability NaN at position 1, expected 0 to 1",
  );
  assertThrows(
    () => bernoulli(tensor([1.5])),
    RangeError,
    "got probability 1.5",
  );
  assertThrows(
    () => bernoulli(tensor([true])),
    TypeError,
    "bernoulli() expects float32 or float64, got bool",
  );
});

Deno.test("bernoulli() gives ones as often as asked", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const x = bernoulli([20_000], 0.3, { ...seeded(), dtype });
    assert(floats(x).every((v) => v === 0 || v === 1));
    assertClose(moments(x)[0], 0.3, { atol: 0.015, rtol: 0 });
    assertEquals(floats(bernoulli([9], 0, { dtype })), new Array(9).fill(0));
    assertEquals(floats(bernoulli([9], 1, { dtype })), new Array(9).fill(1));
  }
  for (const p of [-0.1, 1.1, NaN]) {
    assertThrows(
      () => bernoulli([1], p),
      RangeError,
      `bernoulli() got p ${p}, expected 0 to 1`,
    );
  }
});

Deno.test("a state continues where it was taken", () => {
  const generator = new Generator(11);
  rand([7], { generator });
  const state = JSON.parse(JSON.stringify(generator.state())) as GeneratorState;
  const next = rand([7], { generator }).toArray();
  const other = new Generator(99);
  other.loadState(state);
  assertEquals(rand([7], { generator: other }).toArray(), next);
  generator.manualSeed(11);
  assertEquals(generator.state(), new Generator(11).state());
  const broken: unknown[] = [null, {}, { key: [1, 2], counter: [1] }, {
    key: [1, -2],
    counter: [0, 0],
  }, {
    key: [1, 2 ** 32],
    counter: [0, 0],
  }, { key: ["a", 1], counter: [0, 0] }];
  for (const value of broken) {
    assertThrows(
      () => generator.loadState(value as GeneratorState),
      RangeError,
      "expected { key, counter } of two 32-bit words each",
    );
  }
  for (const seed of [0.5, NaN, 2 ** 53]) {
    assertThrows(
      () => new Generator(seed),
      RangeError,
      `manualSeed() got ${seed}`,
    );
  }
});

Deno.test("no numbers, no state: an empty draw changes nothing", () => {
  const generator = new Generator(1);
  const before = generator.state();
  rand([0, 3], { generator });
  assertEquals(generator.state(), before);
});

Deno.test("named streams do not shift each other", () => {
  const draw = (g: Generator) => rand([4], { generator: g }).toArray();
  const plain = new Generator(5);
  const expected = { own: draw(plain), init: draw(plain.stream("init")) };
  const other = new Generator(5);
  draw(other.stream("shuffle"));
  assertEquals(draw(other.stream("init")), expected.init);
  assertEquals(draw(other), expected.own);
  assertNotEquals(
    draw(new Generator(5).stream("a")),
    draw(new Generator(5).stream("b")),
  );
  assertNotEquals(
    draw(new Generator(5).stream("a")),
    draw(new Generator(6).stream("a")),
  );
  assert(other.stream("init") === other.stream("init"));
  assertEquals(Object.keys(other.streamStates()), ["shuffle", "init"]);
});

Deno.test("manualSeed() restarts the default generator and its streams", () => {
  const draw = () =>
    [rand([2]), randn([2]), rand([2], { generator: streamFor("init") })].map(
      floats,
    );
  assert(manualSeed(3) === defaultGenerator);
  const first = draw();
  assertNotEquals(draw(), first);
  manualSeed(3);
  assertEquals(draw(), first);
});

Deno.test("random tensors take shape, dtype and requiresGrad", () => {
  const like = ones([2, 3], { dtype: "float64" });
  for (const x of [randLike(like), randnLike(like)]) {
    assertEquals([x.shape, x.dtype], [[2, 3], "float64"]);
  }
  const w = randn([2], { requiresGrad: true });
  assertEquals([w.requiresGrad, w.isLeaf], [true, true]);
  assertThrows(
    () => rand([2], { dtype: "int32" }),
    TypeError,
    "rand() expects float32 or float64",
  );
  assertThrows(
    () => randn([2], { dtype: "bool" }),
    TypeError,
    "randn() expects",
  );
  assertThrows(
    () => uniform([1], 0, 1, { dtype: "int32" }),
    TypeError,
    "uniform() expects",
  );
  assertThrows(
    () => normal([1], 0, 1, { dtype: "int8" }),
    TypeError,
    "normal() expects",
  );
  assertThrows(() => rand([-1]), RangeError, "rand() got shape [-1]");
  assertThrows(
    () => uniform([1], 1, 0),
    RangeError,
    "uniform() got low 1 and high 0",
  );
  assertThrows(
    () => uniform([1], 0, Infinity),
    RangeError,
    "uniform() got low 0 and high Infinity",
  );
  assertThrows(
    () => normal([1], 0, -1),
    RangeError,
    "normal() got std -1, expected at least 0",
  );
});
