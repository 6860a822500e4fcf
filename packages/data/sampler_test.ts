import {
  BatchSampler,
  RandomSampler,
  SequentialSampler,
  WeightedRandomSampler,
} from "@fdunn/data";
import { Generator, manualSeed, rand } from "@fdunn/tensor";
import {
  assert,
  assertEquals,
  assertNotEquals,
  assertThrows,
} from "@std/assert";

const ascending = (a: number, b: number) => a - b;

Deno.test("SequentialSampler counts", () => {
  const sampler = new SequentialSampler(4);
  assertEquals([...sampler], [0, 1, 2, 3]);
  assertEquals(sampler.order().toArray(), [0, 1, 2, 3]);
  assertEquals(sampler.order().dtype, "int32");
});

Deno.test("RandomSampler gives permutations, another one each time", () => {
  const sampler = new RandomSampler(100, { generator: new Generator(3) });
  const [first, second] = [[...sampler], [...sampler]];
  assertEquals(first.toSorted(ascending), Array.from(first.keys()));
  assertEquals(second.toSorted(ascending), Array.from(first.keys()));
  assertNotEquals(first, second);
});

Deno.test("RandomSampler repeats from a seed and from a state", () => {
  const sampler = new RandomSampler(50, { generator: new Generator(3) });
  const state = JSON.parse(JSON.stringify(sampler.state()));
  const first = [...sampler];
  sampler.loadState(state);
  assertEquals(sampler.order().toArray(), first);
  const other = new RandomSampler(50, { generator: new Generator(3) });
  assertEquals([...other], first);
});

Deno.test("RandomSampler draws from a stream that manualSeed() resets", () => {
  const sampler = new RandomSampler(50);
  manualSeed(5);
  const first = [...sampler];
  assertNotEquals([...sampler], first);
  manualSeed(5);
  rand([7]); // another stream: shifts nothing
  assertEquals([...sampler], first);
});

Deno.test("RandomSampler draws fewer, and more with replacement", () => {
  const generator = new Generator(1);
  const fewer = [...new RandomSampler(50, { samples: 10, generator })];
  assertEquals([fewer.length, new Set(fewer).size], [10, 10]);
  const more = new RandomSampler(5, {
    samples: 200,
    replacement: true,
    generator,
  });
  assertEquals(more.length, 200);
  assertEquals([...new Set(more)].sort(ascending), [0, 1, 2, 3, 4]);
});

Deno.test("WeightedRandomSampler draws in proportion to the weights", () => {
  const generator = new Generator(1);
  const sampler = new WeightedRandomSampler([1, 0, 3, 0], 4000, { generator });
  const counts = [0, 0, 0, 0];
  for (const index of sampler) counts[index]!++;
  assertEquals([counts[1], counts[3]], [0, 0]);
  // 3000 expected, standard deviation 27.
  assert(Math.abs(counts[2]! - 3000) < 140, `${counts}`);
});

Deno.test("WeightedRandomSampler without replacement prefers heavy items", () => {
  const generator = new Generator(1);
  const options = { replacement: false, generator };
  const all = new WeightedRandomSampler([1, 2, 0, 4], 3, options);
  assertEquals([...all].sort(ascending), [0, 1, 3]);
  const one = new WeightedRandomSampler([1, 3], 1, options);
  let heavy = 0;
  for (let i = 0; i < 400; i++) heavy += one.order().item();
  // 300 expected, standard deviation 8.7.
  assert(Math.abs(heavy - 300) < 45, `${heavy}`);
});

Deno.test("WeightedRandomSampler repeats from a state", () => {
  const sampler = new WeightedRandomSampler([1, 2, 3], 20);
  const state = sampler.state();
  const first = [...sampler];
  assertNotEquals([...sampler], first);
  sampler.loadState(state);
  assertEquals([...sampler], first);
});

Deno.test("BatchSampler makes lists, with or without a short last one", () => {
  const seven = new SequentialSampler(7);
  const all = new BatchSampler(seven, 3);
  assertEquals([...all], [[0, 1, 2], [3, 4, 5], [6]]);
  assertEquals(all.length, 3);
  const full = new BatchSampler(seven, 3, true);
  assertEquals([...full], [[0, 1, 2], [3, 4, 5]]);
  assertEquals(full.length, 2);
  assertEquals([...new BatchSampler(seven, 7)].length, 1);
  assertEquals([...new BatchSampler(seven, 8, true)].length, 0);
});

Deno.test("samplers refuse sizes and weights that make no sense", () => {
  const cases: [() => unknown, string][] = [
    [() => new SequentialSampler(0), "length 0"],
    [() => new RandomSampler(0), "items 0"],
    [() => new RandomSampler(2.5), "items 2.5"],
    [() => new RandomSampler(2, { samples: 3 }), "needs replacement"],
    [() => new RandomSampler(2, { samples: 0 }), "samples 0"],
    [() => new WeightedRandomSampler([1, -1], 2), "weight -1 at position 1"],
    [() => new WeightedRandomSampler([NaN], 2), "weight NaN at position 0"],
    [() => new WeightedRandomSampler([0, 0], 2), "no weight above 0"],
    [
      () => new WeightedRandomSampler([1, 0], 2, { replacement: false }),
      "samples 2 of 1 items with a weight above 0",
    ],
    [() => new BatchSampler(new SequentialSampler(2), 0), "batchSize 0"],
  ];
  for (const [make, message] of cases) assertThrows(make, RangeError, message);
});
