import { assertEquals } from "@std/assert";
import { type Instance, numbers, testEachBuild } from "./instance.ts";
import { Sums } from "./sums.ts";

/** One operand: how many elements it spans, and its strides. */
interface Layout {
  size: number;
  batch: number;
  row: number;
  column: number;
}

/** Row-major or transposed, rows `gap` elements longer than they need be. */
function layout(
  batch: number,
  rows: number,
  columns: number,
  transposed: boolean,
  gap: number,
  broadcast: boolean,
): Layout {
  const line = (transposed ? rows : columns) + gap;
  const one = line * (transposed ? columns : rows);
  return {
    size: broadcast ? one : one * batch,
    batch: broadcast ? 0 : one,
    row: transposed ? 1 : line,
    column: transposed ? line : 1,
  };
}

function check(
  wasm: Instance,
  scratch: number,
  [m, n, k]: [number, number, number],
  { batch = 1, a, b, accumulate = false, fill = numbers }: {
    batch?: number;
    a: Layout;
    b: Layout;
    accumulate?: boolean;
    fill?: (n: number, seed?: number) => Float64Array;
  },
): void {
  const left = wasm.floats(fill(a.size, 3), 1);
  const right = wasm.floats(fill(b.size, 5), 3);
  const out = wasm.floats(numbers(batch * m * n, 7), 1);
  const x = left.values, y = right.values;
  const sums = new Sums(batch * m * n);
  for (let z = 0; z < batch; z++) {
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const at = (z * m + i) * n + j;
        if (accumulate) sums.add(at, out.values[at]!, 1);
        for (let p = 0; p < k; p++) {
          sums.add(
            at,
            x[z * a.batch + i * a.row + p * a.column]!,
            y[z * b.batch + p * b.row + j * b.column]!,
          );
        }
      }
    }
  }
  // deno-fmt-ignore
  wasm.call("matmul", batch, m, n, k, left.pointer, a.batch, a.row, a.column,
    right.pointer, b.batch, b.row, b.column, Number(accumulate), out.pointer, n, scratch);
  const label = `batch ${batch}, ${m}x${n}x${k}, strides ${a.row} ${a.column}` +
    ` and ${b.row} ${b.column}, accumulate ${accumulate}`;
  sums.check(wasm, out.values, label);
}

const flags = [false, true];

function sweep(
  wasm: Instance,
  shapes: Iterable<[number, number, number]>,
  gaps: number[] = [0, 3],
): void {
  for (const [m, n, k] of shapes) {
    for (const ta of flags) {
      for (const tb of flags) {
        for (const gap of gaps) {
          wasm.checkGuards();
          wasm.reset();
          const scratch = wasm.scratch();
          check(wasm, scratch, [m, n, k], {
            a: layout(1, m, k, ta, gap, false),
            b: layout(1, k, n, tb, gap, false),
            accumulate: gap > 0,
          });
        }
      }
    }
  }
}

function* grid(
  m: number[],
  n: number[],
  k: number[],
): Generator<[number, number, number]> {
  for (const i of m) for (const j of n) for (const p of k) yield [i, j, p];
}

testEachBuild("matmul() is right for small sizes around a vector", (wasm) => {
  sweep(wasm, grid([0, 1, 2, 3, 5], [0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 9]));
});

testEachBuild("matmul() is right around the widths of a tile", (wasm) => {
  const widths = [6, 7, 8, 9, 11, 12, 13, 16, 17, 20, 21, 23, 24, 25, 27, 28];
  sweep(wasm, grid([1, 4, 7], [...widths, 47, 48, 49], [7]), [1]);
});

testEachBuild("matmul() is right around its row thresholds", (wasm) => {
  sweep(wasm, grid([7, 8, 23, 24, 25, 63, 64, 65], [3, 10, 29], [13]), [2]);
});

testEachBuild("matmul() is right around its blocks", (wasm) => {
  sweep(wasm, grid([30], [5], [383, 384, 385, 800, 1153]), [1]);
  sweep(wasm, grid([255, 256, 257, 513], [9], [5]), [1]);
  sweep(wasm, grid([9, 40], [1, 2, 3], [400, 1000]), [1]);
  sweep(wasm, [[9000, 2, 5], [9000, 1, 5], [8193, 3, 1]], [0]);
});

testEachBuild(
  "matmul() of one row, or one column, by a large matrix",
  (wasm) => {
    sweep(wasm, [[1, 2600, 109], [1, 67, 4000], [1, 300, 1161]]);
    sweep(wasm, [[2600, 1, 109], [300, 1, 1161]]);
  },
);

testEachBuild("matmul() with few columns and a transposed left", (wasm) => {
  sweep(wasm, grid([24, 70], [4, 10, 16, 17], [1, 5, 40]));
  sweep(wasm, [[4100, 5, 3], [26, 12, 800]]);
});

testEachBuild(
  "matmul() is right where sums along both operands pay",
  (wasm) => {
    for (const m of [1, 2, 4, 11, 23]) {
      sweep(wasm, grid([m], [4, 10], [16 * m - 1, 16 * m, 16 * m + 5]), [1]);
    }
  },
);

testEachBuild("matmul() accepts operands without a unit stride", (wasm) => {
  const scratch = wasm.scratch();
  for (const [m, n, k] of grid([1, 5, 40], [1, 3, 6, 30], [1, 4, 17])) {
    check(wasm, scratch, [m, n, k], {
      a: { size: 2 * m * k * 3, batch: 0, row: 2 * k * 3, column: 3 },
      b: { size: k * n * 2, batch: 0, row: 2 * n, column: 2 },
    });
    check(wasm, scratch, [m, n, k], {
      a: { size: k, batch: 0, row: 0, column: 1 },
      b: { size: n, batch: 0, row: 0, column: 1 },
    });
  }
});

testEachBuild("matmul() repeats operands with batch stride 0", (wasm) => {
  const scratch = wasm.scratch();
  for (const [m, n, k] of [[2, 3, 4], [5, 8, 7], [33, 26, 9]] as const) {
    for (const ta of flags) {
      for (const tb of flags) {
        for (const [ra, rb] of [[true, false], [false, true], [true, true]]) {
          check(wasm, scratch, [m, n, k], {
            batch: 3,
            a: layout(3, m, k, ta, 0, ra!),
            b: layout(3, k, n, tb, 1, rb!),
            accumulate: ta,
          });
        }
      }
    }
  }
});

testEachBuild("matmul() by the identity changes nothing", (wasm) => {
  const scratch = wasm.scratch();
  for (const n of [1, 2, 3, 4, 5, 23, 24, 25, 49, 70]) {
    const eye = new Float64Array(n * n);
    for (let i = 0; i < n; i++) eye[i * n + i] = 1;
    const left = wasm.floats(Float64Array.from(eye.keys()));
    const right = wasm.floats(eye);
    const out = wasm.floats(new Float64Array(n * n).fill(NaN));
    for (const [a, b] of [[left, right], [right, left]] as const) {
      // deno-fmt-ignore
      wasm.call("matmul", 1, n, n, n, a.pointer, 0, n, 1, b.pointer, 0, n, 1, 0, out.pointer, n, scratch);
      assertEquals(out.values, left.values);
    }
  }
});

testEachBuild("matmul() lets NaN and infinities through", (wasm) => {
  const scratch = wasm.scratch();
  // Zeros meet infinities: 0 * inf is NaN and must not be skipped.
  const odd = (n: number, seed = 1) =>
    numbers(n, seed).map((x, i) =>
      i % 31 === seed ? Infinity : i % 37 === 5 ? NaN : i % 3 === 0 ? 0 : x
    );
  for (const [m, n, k] of grid([1, 5, 30], [1, 3, 10, 30], [2, 20])) {
    for (const ta of flags) {
      for (const tb of flags) {
        check(wasm, scratch, [m, n, k], {
          a: layout(1, m, k, ta, 0, false),
          b: layout(1, k, n, tb, 0, false),
          fill: odd,
        });
      }
    }
  }
});

testEachBuild("matmul() reads nothing beyond its operands", (wasm) => {
  const scratch = wasm.scratch();
  wasm.memory.grow(4);
  const width = wasm.float === "f32" ? 4 : 8;
  const end = wasm.memory.buffer.byteLength, start = end - (3 << 16);
  new Uint8Array(wasm.memory.buffer, start).fill(0);
  for (
    const [m, n, k] of grid([1, 2, 9, 30], [1, 2, 3, 5, 23, 26], [1, 5, 23])
  ) {
    for (const ta of flags) {
      for (const tb of flags) {
        const a = layout(1, m, k, ta, 0, false);
        const b = layout(1, k, n, tb, 0, false);
        // Each operand in turn ends where the memory ends: beyond is a trap.
        for (const last of [a, b]) {
          const x = last === a ? end - a.size * width : start;
          const y = last === b ? end - b.size * width : start;
          // deno-fmt-ignore
          wasm.call("matmul", 1, m, n, k, x, 0, a.row, a.column, y, 0, b.row, b.column, 0, start + (1 << 16), n, scratch);
        }
      }
    }
  }
});

testEachBuild("matmul() of int32 wraps", (wasm) => {
  const scratch = wasm.scratch();
  const [m, n, k] = [5, 6, 7];
  const big = (n: number, seed: number) =>
    Int32Array.from(numbers(n, seed), (x) => x * 2 ** 31);
  const a = wasm.ints(big(m * k, 1)), b = wasm.ints(big(n * k, 2));
  const out = wasm.ints(big(m * n, 3));
  const expected = out.values.map((start, at) => {
    let sum = start;
    for (let p = 0; p < k; p++) {
      const x = a.values[Math.floor(at / n) * k + p]!;
      sum = (sum + Math.imul(x, b.values[at % n * k + p]!)) | 0;
    }
    return sum;
  });
  // deno-fmt-ignore
  wasm.raw("matmul_i32", 1, m, n, k, a.pointer, 0, k, 1, b.pointer, 0, 1, k, 1, out.pointer, n, scratch);
  assertEquals(out.values, expected);
}, ["simd128", "relaxed"]);

testEachBuild("parts of a product have the bits of the whole", (wasm) => {
  // Rows and columns of parts are at least 24; depths of one block and more.
  for (
    const [m, n, k] of [
      ...[[49, 50, 30], [50, 49, 500], [90, 60, 800]] as const,
      // Few rows: only columns are cut; one row streams a large matrix.
      ...[[1, 1400, 390], [3, 100, 50], [20, 100, 400], [60, 10, 70]] as const,
    ]
  ) {
    for (const ta of flags) {
      for (const tb of flags) {
        wasm.checkGuards();
        wasm.reset();
        const scratch = wasm.scratch();
        const a = layout(1, m, k, ta, 0, false);
        const b = layout(1, k, n, tb, 0, false);
        const left = wasm.floats(numbers(a.size, 3), 1);
        const right = wasm.floats(numbers(b.size, 5), 3);
        const width = wasm.float === "f32" ? 4 : 8;
        const product = (
          i: number,
          rows: number,
          j: number,
          columns: number,
        ) => {
          const out = wasm.floats(new Float64Array(m * n).fill(NaN), 1);
          const x = left.pointer + i * a.row * width;
          const y = right.pointer + j * b.column * width;
          const to = out.pointer + (i * n + j) * width;
          // deno-fmt-ignore
          wasm.call("matmul", 1, rows, columns, k, x, 0, a.row, a.column,
            y, 0, b.row, b.column, 0, to, n, scratch);
          return out.values.slice();
        };
        const whole = product(0, m, 0, n);
        const cuts = (size: number) =>
          size < 48 ? [[0, size]] : [[0, size], [0, 24], [24, size - 24]];
        for (const [i, rows] of cuts(m) as [number, number][]) {
          for (const [j, columns] of cuts(n) as [number, number][]) {
            const part = product(i, rows, j, columns);
            const expected = whole.map((value, at) => {
              const [row, column] = [Math.floor(at / n) - i, at % n - j];
              const inside = row >= 0 && row < rows && column >= 0 &&
                column < columns;
              return inside ? value : NaN;
            });
            assertEquals(part, expected);
          }
        }
      }
    }
  }
});
