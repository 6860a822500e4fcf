import { BatchSampler, DataLoader, RandomSampler } from "@fdunn/data";
import { Generator, manualSeed, type Tensor } from "@fdunn/tensor";
import { assertEquals, assertThrows } from "@std/assert";
import { batches, quick, slow, Stream } from "./counting_test.ts";

Deno.test("a loader restored at any batch goes on with the very same ones", () => {
  const variants: [string, () => DataLoader<Tensor[]>][] = [
    ["in order", () => new DataLoader(quick(10), { batchSize: 3 })],
    ...[quick, slow].map((make): [string, () => DataLoader<Tensor[]>] => [
      `shuffled ${make.name}`,
      () =>
        new DataLoader<Tensor[]>(make(10), {
          batchSize: 3,
          shuffle: true,
          generator: new Generator(6),
        }),
    ]),
    ["drop last", () =>
      new DataLoader(quick(11), {
        batchSize: 3,
        dropLast: true,
        shuffle: true,
        seed: 2,
      })],
    ["sampler", () =>
      new DataLoader(quick(10), {
        batchSize: 4,
        sampler: new RandomSampler(10, {
          replacement: true,
          samples: 14,
          generator: new Generator(3),
        }),
      })],
    ["batch sampler", () =>
      new DataLoader(quick(10), {
        batchSampler: new BatchSampler(
          new RandomSampler(10, { generator: new Generator(5) }),
          3,
        ),
      })],
  ];
  for (const [name, make] of variants) {
    const reference = make();
    const epochs = [0, 1, 2, 3].map(() => batches(reference));
    for (let epoch = 0; epoch < 2; epoch++) {
      for (let position = 0; position <= reference.length; position++) {
        const loader = make();
        for (let i = 0; i < epoch; i++) batches(loader);
        let taken = 0;
        if (position > 0) {
          for (const _ of loader) if (++taken === position) break;
        }
        const text = JSON.stringify(loader.state());
        const restored = make();
        batches(restored); // has a past of its own
        restored.loadState(JSON.parse(text));
        assertEquals(JSON.stringify(restored.state()), text, name);
        const rest = batches(restored);
        assertEquals(rest, epochs[epoch]!.slice(position), name);
        assertEquals(batches(restored), epochs[epoch + 1], name);
        assertEquals(batches(restored), epochs[epoch + 2], name);
      }
    }
  }
});

Deno.test("a state tells the epoch and the position", () => {
  const loader = new DataLoader(quick(4), { batchSize: 2, shuffle: true });
  const place = () => {
    const { epoch, position } = loader.state();
    return [epoch, position];
  };
  assertEquals(place(), [0, 0]);
  const during: number[][] = [];
  for (const _ of loader) during.push(place());
  assertEquals(during, [[0, 1], [0, 2]]);
  assertEquals(place(), [1, 0]);
  for (const _ of loader) break;
  assertEquals(place(), [1, 1]);
  batches(loader); // a new epoch, not the rest of the broken one
  assertEquals(place(), [3, 0]);
});

Deno.test("loadState() within the shared stream restores the stream, too", () => {
  manualSeed(1);
  const loader = new DataLoader(quick(20), { batchSize: 5, shuffle: true });
  const iterator = loader[Symbol.iterator]();
  iterator.next();
  const state = loader.state();
  const after = [
    batches({ [Symbol.iterator]: () => iterator }),
    batches(loader),
  ];
  manualSeed(99);
  loader.loadState(state);
  assertEquals([batches(loader), batches(loader)], after);
});

Deno.test("loadState() refuses what does not fit", () => {
  const loader = new DataLoader(quick(4), { batchSize: 2 });
  const state = { epoch: 0, position: 3, order: null, sampler: null };
  assertThrows(
    () => loader.loadState(state),
    RangeError,
    "loadState() got position 3, but an epoch of this loader has 2 batches",
  );
  assertThrows(
    () => loader.loadState({ ...state, position: -1 }),
    RangeError,
    "expected what state() of a DataLoader gave",
  );
  const none: unknown = undefined;
  assertThrows(() => loader.loadState(none as typeof state), RangeError);
});

Deno.test("DataLoader restores its place in an IterableDataset", () => {
  const make = () => new DataLoader(new Stream(7), { batchSize: 2 });
  const loader = make();
  for (const _ of loader) break;
  const restored = make();
  restored.loadState(loader.state());
  const read = () => Array.from(restored, (x) => x.toArray());
  assertEquals(read(), [[2, 3], [4, 5], [6]]);
  assertEquals(read(), [[0, 1], [2, 3], [4, 5], [6]]);
});
