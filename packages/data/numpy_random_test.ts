import { loadFixture } from "@fdunn/testing";
import { assertEquals, assertThrows } from "@std/assert";
import { RandomState } from "./numpy_random.ts";

interface StreamCase {
  name: string;
  call: string;
  seed: number;
  draws: Record<string, number[]>;
}

/** The order in which make_toy.py draws. */
const draws: Record<string, (r: RandomState, count: number) => number[]> = {
  random: (r, n) => list(n, () => r.random()),
  normal: (r, n) => list(n, () => r.normal()),
  uniform: (r, n) => list(n, () => r.uniform(-3, 5)),
  randint: (r, n) => list(n, () => r.randint(10)),
  randint1: (r, n) => list(n, () => r.randint(1)),
  permutation: (r, n) => [...r.permutation(n)],
  big: (r, n) => list(n, () => r.randint(2 ** 31)),
  last: (r) => list(700, () => r.random()).slice(-3),
};

function list(count: number, draw: () => number): number[] {
  return Array.from({ length: count }, draw);
}

for (const entry of loadFixture<StreamCase>("toy").cases) {
  if (entry.call !== "RandomState") continue;
  Deno.test(`${entry.name} draws what NumPy draws, to the bit`, () => {
    const random = new RandomState(entry.seed);
    for (const [name, expected] of Object.entries(entry.draws)) {
      assertEquals(draws[name]!(random, expected.length), expected, name);
    }
  });
}

Deno.test("RandomState refuses what is no seed", () => {
  for (const seed of [-1, 0.5, 2 ** 32, NaN]) {
    assertThrows(() => new RandomState(seed), RangeError, `is ${seed}`);
  }
});
