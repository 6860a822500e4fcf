import { assertEquals } from "@std/assert";
import { type Instance, numbers, testEachBuild } from "./instance.ts";
import { Sums } from "./sums.ts";

const shapes: readonly [m: number, n: number, k: number][] = [
  [0, 3, 2],
  [1, 1, 1],
  [1, 20, 2],
  [1, 2, 20],
  [1, 0, 3],
  [1, 3, 0],
  [1, 5, 9],
  [2, 3, 0],
  [1, 10, 100],
  [1, 33, 7],
  [7, 9, 8],
  [8, 9, 8],
  [16, 100, 39],
  [16, 10, 100],
  [64, 3, 30],
  [33, 1, 12],
  [40, 65, 50],
  [5, 4, 1],
];

function blocks(wasm: Instance, m: number, n: number, k: number) {
  wasm.checkGuards();
  wasm.reset();
  return {
    scratch: wasm.scratch(),
    x: wasm.floats(numbers(m * k, 1), 1),
    w: wasm.floats(numbers(n * k, 2), 1),
    bias: wasm.floats(numbers(n, 3), 1),
    g: wasm.floats(numbers(m * n, 4), 1),
  };
}

testEachBuild("linear() is x times w transposed, plus bias", (wasm) => {
  for (const [m, n, k] of shapes) {
    for (const biased of [false, true]) {
      const { scratch, x, w, bias } = blocks(wasm, m, n, k);
      const out = wasm.floats(new Float64Array(m * n).fill(NaN), 1);
      const sums = new Sums(m * n);
      for (let i = 0; i < m * n; i++) {
        const row = Math.floor(i / n), column = i % n;
        if (biased) sums.add(i, bias.values[column]!, 1);
        for (let p = 0; p < k; p++) {
          sums.add(i, x.values[row * k + p]!, w.values[column * k + p]!);
        }
      }
      const b = biased ? bias.pointer : 0;
      // deno-fmt-ignore
      wasm.call("linear", m, n, k, x.pointer, w.pointer, b, out.pointer, n, scratch);
      sums.check(wasm, out.values, `linear ${m}x${n}x${k}, bias ${biased}`);
    }
  }
});

testEachBuild("linear_backward() gives the gradients of x and w", (wasm) => {
  for (const [m, n, k] of shapes) {
    const { scratch, x, w, g } = blocks(wasm, m, n, k);
    const gx = wasm.floats(new Float64Array(m * k).fill(NaN), 1);
    const gw = wasm.floats(new Float64Array(n * k).fill(NaN), 1);
    const byX = new Sums(m * k), byW = new Sums(n * k);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        const up = g.values[i * n + j]!;
        for (let p = 0; p < k; p++) {
          byX.add(i * k + p, up, w.values[j * k + p]!);
          byW.add(j * k + p, up, x.values[i * k + p]!);
        }
      }
    }
    // deno-fmt-ignore
    wasm.call("linear_backward", m, n, k, x.pointer, w.pointer, g.pointer,
      gx.pointer, gw.pointer, scratch);
    byX.check(wasm, gx.values, `gx ${m}x${n}x${k}`);
    byW.check(wasm, gw.values, `gw ${m}x${n}x${k}`);
  }
});

testEachBuild("linear_backward() skips the outputs that are null", (wasm) => {
  const [m, n, k] = [3, 5, 4];
  const { scratch, x, w, g } = blocks(wasm, m, n, k);
  const low = new Uint8Array(wasm.memory.buffer, 0, 256).slice();
  const all = () => [
    wasm.floats(new Float64Array(m * k)),
    wasm.floats(new Float64Array(n * k)),
  ];
  const wanted = all();
  const call = (outs: number[]) =>
    // deno-fmt-ignore
    wasm.call("linear_backward", m, n, k, x.pointer, w.pointer, g.pointer, ...outs, scratch);
  call(wanted.map((o) => o.pointer));
  for (let skipped = 0; skipped < 2; skipped++) {
    const outs = all();
    call(outs.map((o, i) => i === skipped ? 0 : o.pointer));
    outs.forEach((o, i) => {
      const expected = i === skipped
        ? o.values.map(() => 0)
        : wanted[i]!.values;
      assertEquals(o.values, expected);
    });
  }
  assertEquals(new Uint8Array(wasm.memory.buffer, 0, 256).slice(), low);
});
