import { assertEquals } from "@std/assert";
import { type Instance, testEachBuild } from "./instance.ts";

const f32Builds = ["simd128", "relaxed"] as const;

/** Row-major offsets of a strided array. */
function offsets(shape: number[], strides: number[]): number[] {
  let all = [0];
  shape.forEach((size, axis) => {
    all = all.flatMap((o) =>
      Array.from({ length: size }, (_, i) => o + i * strides[axis]!)
    );
  });
  return all;
}

function check(
  k: Instance,
  width: number,
  shape: number[],
  from: number[],
  to: number[],
): void {
  k.reset();
  const source = offsets(shape, from), goal = offsets(shape, to);
  const room = (all: number[]) => (Math.max(-1, ...all) + 1) * width;
  const bytes = Uint8Array.from(
    { length: room(source) },
    (_, i) => (i * 37 + (i >> 8)) & 255,
  );
  const x = k.bytes(bytes, width * (shape.length % 3));
  const out = k.bytes(new Uint8Array(room(goal)), width);
  const layout = k.ints([...shape, ...from, ...to]);
  const expected = new Uint8Array(room(goal));
  source.forEach((s, i) => {
    const at = goal[i]! * width;
    for (let b = 0; b < width; b++) expected[at + b] = bytes[s * width + b]!;
  });
  const name = `copy_b${8 * width}`;
  k.raw(name, shape.length, layout.pointer, x.pointer, out.pointer);
  assertEquals(out.values, expected, `${name} [${shape}] [${from}] [${to}]`);
  k.checkGuards();
}

const widths = [1, 2, 4, 8];

testEachBuild("copies contiguous rows of every length", (k) => {
  for (const width of widths) {
    for (const n of [0, 1, 3, 4, 5, 31, 32, 33, 1001]) {
      check(k, width, [n], [1], [1]);
      check(k, width, [3, n], [n + 2, 1], [n, 1]);
      check(k, width, [3, n], [0, 1], [n + 1, 1]);
    }
  }
}, f32Builds);

testEachBuild("transposes matrices of every shape", (k) => {
  for (const width of widths) {
    for (const rows of [1, 2, 3, 4, 5, 8, 17, 33]) {
      for (const columns of [1, 3, 4, 7, 8, 18, 40]) {
        check(k, width, [rows, columns], [1, rows], [columns, 1]);
        check(k, width, [rows, columns], [1, rows + 3], [columns + 1, 1]);
      }
    }
  }
}, f32Builds);

testEachBuild("copies permuted, expanded and stepped arrays", (k) => {
  const cases: [number[], number[], number[]][] = [
    [[], [], []],
    [[2, 3, 4], [1, 8, 2], [12, 4, 1]],
    [[2, 5, 6, 7], [210, 1, 35, 5], [210, 42, 7, 1]],
    [[2, 5, 6, 7], [1, 2, 10, 60], [210, 42, 7, 1]],
    [[4, 4], [0, 0], [4, 1]],
    [[6], [2], [1]],
    [[6], [1], [3]],
    [[3, 1, 4], [4, 77, 1], [4, 99, 1]],
    [[2, 0, 3], [3, 3, 1], [3, 3, 1]],
    [[3, 5, 2], [10, 2, 1], [1, 3, 15]],
    [[2, 1, 2, 1, 2, 2], [1, 0, 2, 0, 4, 8], [8, 0, 4, 0, 2, 1]],
  ];
  for (const width of widths) {
    for (const [shape, from, to] of cases) check(k, width, shape, from, to);
  }
}, f32Builds);

testEachBuild("fills bits", (k) => {
  for (const n of [0, 1, 3, 4, 5, 8, 17, 1001]) {
    k.reset();
    const words = k.ints(new Array(n).fill(1), 1);
    const bytes = k.bytes(new Array(n).fill(1), 3);
    k.raw("fill_b32", n, -559038737, words.pointer);
    k.raw("fill_b8", n, 254, bytes.pointer);
    assertEquals(Array.from(words.values), new Array(n).fill(-559038737));
    assertEquals(Array.from(bytes.values), new Array(n).fill(254));
    k.checkGuards();
  }
}, f32Builds);
