import { assertEquals } from "@std/assert";
import { type Instance, numbers, testEachBuild } from "./instance.ts";

type Shape = [outer: number, n: number, inner: number, k: number];

const shapes: Shape[] = [
  [1, 5, 1, 7],
  [1, 5, 3, 4],
  [2, 3, 4, 5],
  [3, 4, 5, 2],
  [2, 6, 33, 3],
  [1, 1, 8, 3],
  [2, 3, 0, 2],
  [2, 3, 4, 0],
];
const f32Builds = ["simd128", "relaxed"] as const;

function indices(count: number, n: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * i * 7 + i) % n);
}

function call(
  k: Instance,
  name: string,
  [outer, n, inner, count]: Shape,
  x: number,
  index: number,
  out: number,
): number {
  return k.raw(name, outer, n, inner, count, x, index, out);
}

testEachBuild(
  "index_select follows runs of indices up, down and broken",
  (k) => {
    const [outer, n] = [3, 9];
    const values = Array.from({ length: outer * n }, (_, i) => i * 7 + 1);
    const up = Array.from({ length: n }, (_, i) => i), down = up.toReversed();
    for (
      const rows of [
        up,
        down,
        [3, 2, 1, ...up, 7, 6, 5], // a reflected edge
        [0, 0, 0, 0, ...up, 8, 8, 8, 8, 8],
        [4, 5, 6, 8, 8, 7, 6, 4, 0, 1, 2, 3],
        [0, 1, 2, 3, 3, 2, 1, 0, 5],
        ...[1, 2, 3, 5].map((length) => up.slice(4, 4 + length)),
        ...[1, 2, 3, 5].map((length) => down.slice(4, 4 + length)),
      ]
    ) {
      k.reset();
      const x = k.ints(values), index = k.ints(rows);
      const out = k.ints(new Array(outer * rows.length).fill(9));
      const shape: Shape = [outer, n, 1, rows.length];
      const pointers = [x.pointer, index.pointer, out.pointer] as const;
      assertEquals(call(k, "index_select_b32", shape, ...pointers), -1);
      const expected = Array.from(
        { length: outer },
        (_, o) => rows.map((row) => values[o * n + row]!),
      );
      assertEquals(Array.from(out.values), expected.flat());
      k.checkGuards();
    }
  },
  f32Builds,
);

testEachBuild("an index out of range is found at any place", (k) => {
  for (const count of [1, 4, 5, 8, 11]) {
    for (let at = 0; at < count; at++) {
      for (const bad of [-1, 3, 2 ** 31 - 1, -(2 ** 31)]) {
        k.reset();
        const rows = Array.from({ length: count }, (_, i) => i % 3);
        rows[at] = bad;
        if (at + 2 < count) rows[at + 2] = bad;
        const x = k.ints([1, 2, 3]), index = k.ints(rows);
        const out = k.ints(new Array(count).fill(9));
        const pointers = [x.pointer, index.pointer, out.pointer] as const;
        const shape: Shape = [1, 3, 1, count];
        assertEquals(call(k, "index_select_b32", shape, ...pointers), at);
        assertEquals(Array.from(out.values), new Array(count).fill(9));
      }
    }
  }
}, f32Builds);

testEachBuild("index_select and gather of every width", (k) => {
  for (const shape of shapes) {
    const [outer, n, inner, count] = shape;
    for (const width of [1, 4, 8]) {
      k.reset();
      const bytes = Uint8Array.from(
        { length: outer * n * inner * width },
        (_, i) => i * 31,
      );
      const x = k.bytes(bytes, width);
      const out = k.bytes(new Uint8Array(outer * count * inner * width));
      const element = (
        i: number,
      ) => [...bytes.subarray(i * width, (i + 1) * width)];
      const places = Array.from({ length: outer * count * inner }, (_, i) => ({
        o: Math.floor(i / count / inner),
        j: Math.floor(i / inner) % count,
        c: i % inner,
      }));
      const rows = indices(count, n), index = k.ints(rows);
      const name = `b${8 * width}`;
      assertEquals(
        call(
          k,
          `index_select_${name}`,
          shape,
          x.pointer,
          index.pointer,
          out.pointer,
        ),
        -1,
      );
      assertEquals(
        [...out.values],
        places.flatMap(({ o, j, c }) =>
          element((o * n + rows[j]!) * inner + c)
        ),
      );
      if (width > 1) {
        const all = indices(places.length, n), each = k.ints(all);
        assertEquals(
          call(
            k,
            `gather_${name}`,
            shape,
            x.pointer,
            each.pointer,
            out.pointer,
          ),
          -1,
        );
        assertEquals(
          [...out.values],
          places.flatMap(({ o, c }, i) =>
            element((o * n + all[i]!) * inner + c)
          ),
        );
      }
      k.checkGuards();
    }
  }
}, f32Builds);

testEachBuild(
  "index_copy and scatter write; the last of equal indices stays",
  (k) => {
    const names = ["index_copy_b8", "index_copy_b32", "scatter_b32"]
      .concat("scatter_b64");
    for (const shape of shapes) {
      const [outer, n, inner, count] = shape;
      for (const name of names) {
        k.reset();
        const width = Number(name.slice(name.indexOf("_b") + 2)) / 8;
        const source = Uint8Array.from(
          { length: outer * count * inner * width },
          (_, i) => i * 31,
        );
        const start = new Uint8Array(outer * n * inner * width).fill(7);
        const x = k.bytes(source, width), out = k.bytes(start, width);
        const rows = indices(count, n), all = indices(outer * count * inner, n);
        const whole = name.startsWith("index_copy");
        const index = k.ints(whole ? rows : all);
        const expected = start.slice();
        for (let i = 0; i < outer * count * inner; i++) {
          const o = Math.floor(i / count / inner);
          const row = whole ? rows[Math.floor(i / inner) % count]! : all[i]!;
          const at = (o * n + row) * inner + i % inner;
          const element = source.subarray(i * width, (i + 1) * width);
          expected.set(element, at * width);
        }
        const [px, pi, po] = [x.pointer, index.pointer, out.pointer];
        assertEquals(call(k, name, shape, px, pi, po), -1);
        assertEquals([...out.values], [...expected], `${name} [${shape}]`);
        k.checkGuards();
      }
    }
  },
  f32Builds,
);

testEachBuild("index_add and scatter_add accumulate repeats", (k) => {
  for (const shape of shapes) {
    const [outer, n, inner, count] = shape;
    for (const type of k.float === "f32" ? ["f32", "i32"] : ["f64"]) {
      k.reset();
      const whole = (length: number, seed: number) =>
        numbers(length, seed).map((v) => Math.round(v * 100));
      const block = (values: Float64Array) =>
        type === "i32" ? k.ints(values, 1) : k.floats(values, 1);
      const source = block(whole(outer * count * inner, 2));
      const start = whole(outer * n * inner, 3);
      const rows = indices(count, n), index = k.ints(rows);
      const all = indices(outer * count * inner, n), each = k.ints(all);
      for (const name of ["index_add", "scatter_add"]) {
        const out = block(start);
        const expected = Array.from(start);
        source.values.forEach((v, i) => {
          const o = Math.floor(i / count / inner);
          const j = Math.floor(i / inner) % count;
          const row = name === "index_add" ? rows[j]! : all[i]!;
          const at = (o * n + row) * inner + i % inner;
          expected[at] = expected[at]! + v;
        });
        const p = name === "index_add" ? index.pointer : each.pointer;
        const code = call(
          k,
          `${name}_${type}`,
          shape,
          source.pointer,
          p,
          out.pointer,
        );
        assertEquals(code, -1);
        assertEquals(Array.from(out.values), expected, `${name} [${shape}]`);
      }
      k.checkGuards();
    }
  }
});

testEachBuild("a bad index is named and nothing is written", (k) => {
  const names = k.float === "f32"
    ? [
      ...["index_select_b32", "gather_b32", "index_add_f32", "scatter_add_f32"],
      ...["index_copy_b32", "scatter_b32"],
    ]
    : ["index_add_f64", "scatter_add_f64"];
  for (const bad of [-1, 3, -(2 ** 31), 2 ** 31 - 1]) {
    for (const name of names) {
      k.reset();
      const x = k.floats(numbers(6)), out = k.floats(new Array(6).fill(5));
      const index = k.ints([0, 2, bad, 1, bad, 0]);
      const code = call(
        k,
        name,
        [1, 3, 1, 6],
        x.pointer,
        index.pointer,
        out.pointer,
      );
      assertEquals(code, 2, name);
      assertEquals([...out.values], new Array(6).fill(5));
    }
  }
});

testEachBuild("one_hot writes rows of 0 and 1", (k) => {
  const target = k.ints([2, 0, 1]);
  const expected = [0, 0, 1, 1, 0, 0, 0, 1, 0];
  const out = k.floats(new Array(9).fill(7), 1);
  assertEquals(k.call("one_hot", 3, 3, target.pointer, out.pointer), -1);
  assertEquals([...out.values], expected);
  assertEquals(k.call("one_hot", 3, 2, target.pointer, out.pointer), 0);
  if (k.has("one_hot_i32")) {
    const ints = k.ints(new Array(9).fill(7));
    assertEquals(k.raw("one_hot_i32", 3, 3, target.pointer, ints.pointer), -1);
    assertEquals([...ints.values], expected);
  }
});
