import { assert, assertEquals } from "@std/assert";
import { type Instance, numbers, testEachBuild } from "./instance.ts";

/** Runs both kernels; rows are cut at `cuts`. */
function run(
  wasm: Instance,
  [steps, batch, hidden]: readonly [number, number, number],
  relu: boolean,
  fresh: boolean,
  cuts: readonly number[] = [0, batch],
) {
  wasm.checkGuards();
  wasm.reset();
  const size = steps * batch * hidden;
  const scratch = wasm.scratch();
  const h0 = wasm.floats(numbers(batch * hidden, 1), 1);
  const scale = 1 / Math.sqrt(hidden);
  const w = wasm.floats(numbers(hidden ** 2, 2).map((v) => v * scale), 1);
  const own = wasm.floats(numbers(size, 3), 1);
  const g = wasm.floats(numbers(size, 4), 1);
  const input = [own, g].map((block) => Float64Array.from(block.values));
  for (let i = 1; i < cuts.length; i++) {
    const sizes = [steps, batch, cuts[i - 1]!, cuts[i]!, hidden, Number(relu)];
    const first = fresh ? 0 : h0.pointer;
    wasm.call("rnn", ...sizes, first, w.pointer, own.pointer, scratch);
    // deno-fmt-ignore
    wasm.call("rnn_backward", ...sizes, w.pointer, own.pointer, g.pointer, scratch);
  }
  return { h0: h0.values, w: w.values, y: own.values, d: g.values, input };
}

const sizes: readonly (readonly [number, number, number])[] = [
  [1, 1, 1],
  [3, 2, 5],
  [4, 27, 16],
  [2, 33, 40],
  [5, 0, 3],
];

testEachBuild("rnn() walks forward, rnn_backward() back in time", (wasm) => {
  const tolerance = wasm.float === "f32" ? 2e-5 : 1e-12;
  for (const [steps, batch, hidden] of sizes) {
    for (const relu of [false, true]) {
      for (const fresh of [false, true]) {
        const r = run(wasm, [steps, batch, hidden], relu, fresh);
        const label = `[${steps}, ${batch}, ${hidden}] ${relu} ${fresh}`;
        const [own, g] = r.input as [Float64Array, Float64Array];
        const near = (actual: number, expected: number, what: string) =>
          assert(
            Math.abs(actual - expected) <= tolerance * (1 + Math.abs(expected)),
            `${what} ${label}: ${actual}, expected ${expected}`,
          );
        const at = (t: number, row: number, i: number) =>
          (t * batch + row) * hidden + i;
        for (let t = 0; t < steps; t++) {
          for (let i = 0; i < batch * hidden; i++) {
            const [row, column] = [Math.floor(i / hidden), i % hidden];
            let sum = own[at(t, row, column)]!;
            for (let k = 0; k < hidden; k++) {
              const before = t > 0
                ? r.y[at(t - 1, row, k)]!
                : fresh
                ? 0
                : r.h0[row * hidden + k]!;
              sum += before * r.w[column * hidden + k]!;
            }
            const state = relu ? Math.max(sum, 0) : Math.tanh(sum);
            near(r.y[at(t, row, column)]!, state, "state");
          }
        }
        for (let t = steps - 1; t >= 0; t--) {
          for (let i = 0; i < batch * hidden; i++) {
            const [row, column] = [Math.floor(i / hidden), i % hidden];
            let sum = g[at(t, row, column)]!;
            for (let k = 0; k < hidden && t + 1 < steps; k++) {
              sum += r.d[at(t + 1, row, k)]! * r.w[k * hidden + column]!;
            }
            const y = r.y[at(t, row, column)]!;
            const slope = relu ? Number(y > 0) : 1 - y * y;
            near(r.d[at(t, row, column)]!, sum * slope, "gradient");
          }
        }
      }
    }
  }
});

testEachBuild("rnn() gives a row the same bits in parts", (wasm) => {
  for (const [batch, hidden] of [[32, 40], [100, 16]] as const) {
    const whole = run(wasm, [3, batch, hidden], false, false);
    const [y, d] = [[...whole.y], [...whole.d]];
    const cuts = [0, 8, 16, batch];
    const parts = run(wasm, [3, batch, hidden], false, false, cuts);
    assertEquals([...parts.y], y);
    assertEquals([...parts.d], d);
  }
});
