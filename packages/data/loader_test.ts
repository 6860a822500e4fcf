import {
  BatchSampler,
  DataLoader,
  type DataLoaderOptions,
  type Dataset,
  RandomSampler,
  type Sampler,
  Subset,
  TensorDataset,
} from "@fdunn/data";
import {
  Generator,
  manualSeed,
  memoryStats,
  rand,
  scope,
  type Tensor,
  zeros,
} from "@fdunn/tensor";
import {
  assert,
  assertEquals,
  assertLessOrEqual,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import { batches, quick, slow, Stream } from "./counting_test.ts";

Deno.test("DataLoader gives items in order, the last batch may be short", () => {
  for (const make of [quick, slow]) {
    const loader = new DataLoader(make(7), { batchSize: 3 });
    assertEquals(batches(loader), [[0, 1, 2], [3, 4, 5], [6]]);
    assertEquals(batches(loader), [[0, 1, 2], [3, 4, 5], [6]]);
    assertEquals(loader.length, 3);
    const full = new DataLoader(make(7), { batchSize: 3, dropLast: true });
    assertEquals(batches(full), [[0, 1, 2], [3, 4, 5]]);
    assertEquals(full.length, 2);
    assertEquals(batches(new DataLoader(make(2))), [[0], [1]]);
    assertEquals(batches(new DataLoader(make(2), { batchSize: 9 })), [[0, 1]]);
  }
});

Deno.test("DataLoader has as many batches as its length, for all sizes", () => {
  for (let items = 1; items <= 9; items++) {
    for (let batchSize = 1; batchSize <= 10; batchSize++) {
      for (const dropLast of [false, true]) {
        for (const shuffle of [false, true]) {
          const options = { batchSize, dropLast, shuffle };
          const loader = new DataLoader(quick(items), options);
          const found = batches(loader);
          assertEquals(found.length, loader.length);
          const seen = found.flat().sort();
          const kept = dropLast ? items - items % batchSize : items;
          assertEquals(new Set(seen).size, kept);
          assert(seen.every((i) => i >= 0 && i < items));
        }
      }
    }
  }
});

Deno.test("DataLoader shuffles anew each epoch and repeats from a seed", () => {
  const options = { batchSize: 10, shuffle: true, seed: 3 };
  const loader = new DataLoader(quick(50), options);
  const epochs = [0, 1, 2].map(() => batches(loader).flat());
  for (const epoch of epochs) {
    assertEquals(epoch.toSorted((a, b) => a - b), Array.from(epoch.keys()));
  }
  assertNotEquals(epochs[0], epochs[1]);
  assertNotEquals(epochs[1], epochs[2]);
  for (const make of [quick, slow]) {
    const again = new DataLoader(make(50), options);
    assertEquals([0, 1, 2].map(() => batches(again).flat()), epochs);
  }
  const other = new DataLoader(quick(50), { ...options, seed: 4 });
  assertNotEquals(batches(other).flat(), epochs[0]);
});

Deno.test("DataLoader shuffles from the stream that manualSeed() resets", () => {
  const loader = new DataLoader(quick(50), { batchSize: 50, shuffle: true });
  manualSeed(8);
  const first = batches(loader);
  assertNotEquals(batches(loader), first);
  manualSeed(8);
  rand([5]); // draws from elsewhere
  assertEquals(batches(loader), first);
});

Deno.test("DataLoader takes a generator", () => {
  const run = () =>
    batches(
      new DataLoader(quick(20), {
        shuffle: true,
        generator: new Generator(2),
      }),
    );
  assertEquals(run(), run());
});

Deno.test("for await gives the same batches", async () => {
  const options = { batchSize: 4, shuffle: true, seed: 1 };
  const loader = new DataLoader(quick(30), options);
  const expected = [batches(loader), batches(loader)];
  const other = new DataLoader(quick(30), options);
  for (const epoch of expected) {
    const found: number[][] = [];
    for await (const [x] of other) found.push(x.toArray() as number[]);
    assertEquals(found, epoch);
  }
});

Deno.test("for await lets timers run, and a break ends it", async () => {
  const loader = new DataLoader(quick(1000));
  let fired = 0;
  const timer = setInterval(() => fired++, 1);
  const end = performance.now() + 60;
  for await (const _ of loader) {
    const until = performance.now() + 1;
    while (performance.now() < until);
    if (performance.now() > end) break;
  }
  clearInterval(timer);
  assert(fired >= 2, `${fired} timers`);
  assert(loader.state().position < 100);
});

Deno.test("two iterations at once do not disturb each other", () => {
  const options = { batchSize: 2, shuffle: true, seed: 1 };
  const expected = new DataLoader(quick(10), options);
  const [first, second] = [batches(expected), batches(expected)];
  const loader = new DataLoader(quick(10), options);
  const [a, b] = [loader[Symbol.iterator](), loader[Symbol.iterator]()];
  const found: [number[][], number[][]] = [[], []];
  for (let i = 0; i < 5; i++) {
    found[0].push(a.next().value![0].toArray() as number[]);
    found[1].push(b.next().value![0].toArray() as number[]);
  }
  assert(a.next().done && b.next().done);
  assertEquals(found, [first, second]);
});

Deno.test("DataLoader batches an IterableDataset as its items come", async () => {
  const stream = new Stream(5);
  const loader = new DataLoader(stream, { batchSize: 2 });
  const read = () => Array.from(loader, (x) => x.toArray());
  assertEquals(read(), [[0, 1], [2, 3], [4]]);
  const full = new DataLoader(stream, { batchSize: 2, dropLast: true });
  assertEquals(Array.from(full, (x) => x.toArray()), [[0, 1], [2, 3]]);
  const found: unknown[] = [];
  for await (const x of loader) found.push(x.toArray());
  assertEquals(found, read());
  for (const _ of loader) break;
  assertEquals(stream.ended, 5, "a break ends the stream");
  assertEquals([...new DataLoader(new Stream(0))], []);
  assertThrows(() => loader.length, TypeError, "has no length");
});

Deno.test("DataLoader collates and transforms as it is told", () => {
  const dataset = { length: 4, get: (index: number) => index };
  const collated = new DataLoader(dataset, {
    batchSize: 2,
    collate: (items) => items.join("+"),
  });
  assertEquals([...collated], ["0+1", "2+3"]);
  const transformed = new DataLoader(quick(4), {
    batchSize: 2,
    transform: ([x]) => [x.mul(10)],
  });
  assertEquals(batches(transformed), [[0, 10], [20, 30]]);
  // A collate of one's own gets items, also from a data set with batches.
  const items = new DataLoader(quick(4), {
    batchSize: 4,
    collate: (items) => items.map(([x]) => x.item()),
  });
  assertEquals([...items], [[0, 1, 2, 3]]);
});

Deno.test("DataLoader takes samplers, and batches of its own shape", () => {
  const odd: Sampler = {
    length: 2,
    *[Symbol.iterator]() {
      yield* [3, 1];
    },
  };
  for (const make of [quick, slow]) {
    const sampled = new DataLoader(make(5), { sampler: odd });
    assertEquals(batches(sampled), [[3], [1]]);
    const batchSampler = Object.assign([[4], [0, 0, 1]], {});
    const uneven = new DataLoader(make(5), { batchSampler });
    assertEquals([uneven.length, batches(uneven)], [2, [[4], [0, 0, 1]]]);
  }
  const part = new DataLoader(new Subset(quick(9), [8, 7, 6]), {
    batchSize: 2,
  });
  assertEquals(batches(part), [[8, 7], [6]]);
});

Deno.test("a scope() around a step does not take the loader's order", () => {
  const loader = new DataLoader(quick(6), { batchSize: 2, shuffle: true });
  const iterator = loader[Symbol.iterator]();
  const sizes: unknown[] = [];
  for (let i = 0; i < 3; i++) {
    scope(() => {
      sizes.push(iterator.next().value![0].size);
    });
  }
  assertEquals(sizes, [2, 2, 2]);
});

Deno.test("epochs leave no memory behind", () => {
  const loader = new DataLoader(quick(4096), { batchSize: 256, shuffle: true });
  const epoch = () => {
    for (const [x] of loader) x.dispose();
  };
  epoch();
  const before = memoryStats();
  for (let i = 0; i < 20; i++) epoch();
  assertLessOrEqual(memoryStats().liveBytes, before.liveBytes);
  assertEquals(memoryStats().wasmBytes, before.wasmBytes);
});

Deno.test("DataLoader refuses sizes and data sets that make no sense", () => {
  for (const batchSize of [0, -1, 1.5, NaN, Infinity]) {
    assertThrows(
      () => new DataLoader(quick(3), { batchSize }),
      RangeError,
      `DataLoader got batchSize ${batchSize}, expected a whole number of at least 1`,
    );
  }
  const empty = "DataLoader got an empty data set";
  const none = new TensorDataset(zeros([0, 2]));
  assertThrows(() => new DataLoader(none), RangeError, empty);
  assertThrows(
    () => new DataLoader(none, { shuffle: true }),
    RangeError,
    empty,
  );
  for (const bad of [null, undefined, 3, {}]) {
    const dataset: unknown = bad;
    assertThrows(
      () => new DataLoader(dataset as Dataset<number>),
      TypeError,
      "DataLoader expects a data set with length and get()",
    );
  }
});

Deno.test("DataLoader refuses options that exclude each other", () => {
  const sampler = new RandomSampler(3);
  const batchSampler = new BatchSampler(sampler, 1);
  const cases: DataLoaderOptions<[Tensor]>[] = [
    { sampler, shuffle: true },
    { sampler, seed: 1 },
    { batchSampler, batchSize: 2 },
    { batchSampler, sampler },
    { batchSampler, dropLast: true },
    { seed: 1, generator: new Generator(1) },
  ];
  for (const options of cases) {
    assertThrows(
      () => new DataLoader(quick(3), options),
      TypeError,
      "of which only one can decide",
    );
  }
  assertThrows(
    () => new DataLoader(new Stream(3), { shuffle: true }),
    TypeError,
    "cannot shuffle or sample an IterableDataset",
  );
});

Deno.test("a sampler that names items that do not exist is told so", () => {
  const sampled = (indices: number[]): DataLoader<Tensor[]> =>
    new DataLoader<Tensor[]>(quick(3), { sampler: indices });
  for (const index of [3, -1]) {
    assertThrows(
      () => batches(sampled([0, index])),
      RangeError,
      `The data set has 3 items, got index ${index} from the sampler, expected 0 to 2`,
    );
  }
  assertThrows(() => batches(sampled([0, 0.5])), RangeError, "0.5");
  assertThrows(() => batches(sampled([])), RangeError, "no index");
  assertThrows(
    () => batches(new DataLoader(quick(3), { batchSampler: [[0], [7]] })),
    RangeError,
    "The data set has 3 items, got index 7 from the batch sampler in batch 1, expected 0 to 2",
  );
  assertThrows(
    () => batches(new DataLoader(quick(3), { batchSampler: [[]] })),
    RangeError,
    "empty batch 0",
  );
});
