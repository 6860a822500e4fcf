import { assert, assertEquals } from "@std/assert";
import { type Instance, numbers, testEachBuild } from "./instance.ts";
import { panelsOf } from "./panels.ts";

type Sizes = readonly [steps: number, batch: number, hidden: number];

const SIZES: readonly Sizes[] = [
  [1, 1, 1],
  [3, 2, 5],
  [2, 27, 16],
  [2, 33, 10],
  [2, 0, 3],
  [2, 3, 100],
];

/** From zeros or not, and with weights in panels or not. */
const WAYS = [[false, false], [true, true], [false, true]] as const;

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

/** A copy of a block's numbers. */
const copy = (block: { values: ArrayLike<number> }) => [
  ...Array.from(block.values),
];

/** Room for results. */
function blank(wasm: Instance, size: number) {
  return wasm.floats(new Array<number>(size).fill(NaN), 1);
}

const NONE = [0, 0] as const;

/** The weight's panels on the way there, and on the way back. */
function bothPanels(wasm: Instance, gates: number, hidden: number, w: number) {
  const rows = gates * hidden;
  return [
    panelsOf(wasm, [hidden, rows], w, [1, hidden]),
    panelsOf(wasm, [rows, hidden], w, [hidden, 1]),
  ] as const;
}

/** Runs an LSTM there and back; rows are cut at `cuts`. */
function runLstm(
  wasm: Instance,
  [steps, batch, hidden]: Sizes,
  fresh: boolean,
  panels: boolean,
  cuts: readonly number[] = [0, batch],
) {
  wasm.checkGuards();
  wasm.reset();
  const [size, all] = [batch * hidden, steps * batch * hidden];
  const scratch = wasm.scratch();
  const x = wasm.floats(numbers(4 * all, 1), 1);
  const w = wasm.floats(numbers(4 * hidden ** 2, 2), 1);
  const [there, back] = panels ? bothPanels(wasm, 4, hidden, w.pointer) : NONE;
  const h0 = wasm.floats(numbers(size, 3), 1);
  const c0 = wasm.floats(numbers(size, 4), 1);
  const [y, c] = [blank(wasm, all), blank(wasm, all)];
  const [gates, dx] = [blank(wasm, 4 * all), blank(wasm, 4 * all)];
  const g = wasm.floats(numbers(all, 5), 1);
  const dc = wasm.floats(numbers(size, 6), 1);
  const d0 = wasm.floats(new Array(size).fill(0), 1);
  const input = { g: copy(g), dc: copy(dc) };
  const [first, cell] = fresh ? [0, 0] : [h0.pointer, c0.pointer];
  for (let i = 1; i < cuts.length; i++) {
    const sizes = [steps, batch, cuts[i - 1]!, cuts[i]!, hidden];
    // deno-fmt-ignore
    wasm.call("lstm", ...sizes, x.pointer, w.pointer, there, first, cell, y.pointer, c.pointer, gates.pointer, scratch);
    // deno-fmt-ignore
    wasm.call("lstm_backward", ...sizes, w.pointer, back, cell, c.pointer, gates.pointer, g.pointer, dc.pointer, dx.pointer, d0.pointer, scratch);
  }
  return {
    ...{ x: copy(x), w: copy(w), h0: copy(h0), c0: copy(c0), input },
    ...{ y: copy(y), c: copy(c), dx: copy(dx), dc: copy(dc), d0: copy(d0) },
  };
}

/** Runs a GRU there and back; rows are cut at `cuts`. */
function runGru(
  wasm: Instance,
  [steps, batch, hidden]: Sizes,
  fresh: boolean,
  panels: boolean,
  cuts: readonly number[] = [0, batch],
) {
  wasm.checkGuards();
  wasm.reset();
  const [size, all] = [batch * hidden, steps * batch * hidden];
  const scratch = wasm.scratch();
  const x = wasm.floats(numbers(3 * all, 1), 1);
  const w = wasm.floats(numbers(3 * hidden ** 2, 2), 1);
  const [there, back] = panels ? bothPanels(wasm, 3, hidden, w.pointer) : NONE;
  const b = wasm.floats(numbers(3 * hidden, 7), 1);
  const h0 = wasm.floats(numbers(size, 3), 1);
  const y = blank(wasm, all);
  const [gates, dx] = [blank(wasm, 4 * all), blank(wasm, 3 * all)];
  const dh = blank(wasm, 3 * all);
  const g = wasm.floats(numbers(all, 5), 1);
  const d0 = wasm.floats(new Array(size).fill(0), 1);
  const input = { g: copy(g) };
  const [first, bias] = fresh ? [0, 0] : [h0.pointer, b.pointer];
  for (let i = 1; i < cuts.length; i++) {
    const sizes = [steps, batch, cuts[i - 1]!, cuts[i]!, hidden];
    // deno-fmt-ignore
    wasm.call("gru", ...sizes, x.pointer, w.pointer, there, bias, first, y.pointer, gates.pointer, scratch);
    // deno-fmt-ignore
    wasm.call("gru_backward", ...sizes, w.pointer, back, first, y.pointer, gates.pointer, g.pointer, dx.pointer, dh.pointer, d0.pointer, scratch);
  }
  return {
    ...{ x: copy(x), w: copy(w), b: copy(b), h0: copy(h0), input },
    ...{ y: copy(y), dx: copy(dx), dh: copy(dh), d0: copy(d0) },
  };
}

/** The products of one row's state with the weight's rows. */
function shares(h: number[], w: number[], rows: number): number[] {
  const n = h.length;
  return Array.from(
    { length: rows },
    (_, j) => h.reduce((sum, value, k) => sum + value * w[j * n + k]!, 0),
  );
}

function near(
  wasm: Instance,
  actual: number[],
  expected: number[],
  what: string,
) {
  const tolerance = wasm.float === "f32" ? 3e-5 : 1e-11;
  assertEquals(actual.length, expected.length, what);
  actual.forEach((value, i) =>
    assert(
      Math.abs(value - expected[i]!) <=
        tolerance * (1 + Math.abs(expected[i]!)),
      `${what}[${i}]: ${value}, expected ${expected[i]}`,
    )
  );
}

testEachBuild("lstm() walks forward, lstm_backward() back in time", (wasm) => {
  for (const sizes of SIZES) {
    for (const [fresh, panels] of WAYS) {
      const [steps, batch, hidden] = sizes;
      const r = runLstm(wasm, sizes, fresh, panels);
      const what = `[${sizes}] ${fresh} ${panels}`;
      for (let row = 0; row < batch; row++) {
        const own = (of: number[], t: number, width = hidden) =>
          of.slice((t * batch + row) * width, (t * batch + row + 1) * width);
        const zeros = new Array<number>(hidden).fill(0);
        let [h, c] = fresh ? [zeros, zeros] : [own(r.h0, 0), own(r.c0, 0)];
        const kept: { c: number[]; old: number[]; gates: number[][] }[] = [];
        for (let t = 0; t < steps; t++) {
          const sums = shares(h, r.w, 4 * hidden)
            .map((sum, j) => sum + own(r.x, t, 4 * hidden)[j]!);
          const gates = [0, 1, 2, 3].map((gate) =>
            sums.slice(gate * hidden, (gate + 1) * hidden)
              .map(gate === 2 ? Math.tanh : sigmoid)
          );
          const [i, f, g, o] = gates as [
            number[],
            number[],
            number[],
            number[],
          ];
          const old = c;
          c = old.map((value, k) => f[k]! * value + i[k]! * g[k]!);
          h = c.map((value, k) => o[k]! * Math.tanh(value));
          kept.push({ c, old, gates });
          near(wasm, own(r.y, t), h, `state ${t} ${what}`);
          near(wasm, own(r.c, t), c, `cell ${t} ${what}`);
        }
        let [gh, gc] = [zeros, own(r.input.dc, 0)];
        for (let t = steps - 1; t >= 0; t--) {
          const { c, old, gates } = kept[t]!;
          const [i, f, g, o] = gates as [
            number[],
            number[],
            number[],
            number[],
          ];
          gh = gh.map((value, k) => value + own(r.input.g, t)[k]!);
          gc = gc.map((value, k) =>
            value + gh[k]! * o[k]! * (1 - Math.tanh(c[k]!) ** 2)
          );
          const d = [
            gc.map((v, k) => v * g[k]! * i[k]! * (1 - i[k]!)),
            gc.map((v, k) => v * old[k]! * f[k]! * (1 - f[k]!)),
            gc.map((v, k) => v * i[k]! * (1 - g[k]! ** 2)),
            gh.map((v, k) => v * Math.tanh(c[k]!) * o[k]! * (1 - o[k]!)),
          ].flat();
          near(wasm, own(r.dx, t, 4 * hidden), d, `gradient ${t} ${what}`);
          gc = gc.map((value, k) => value * f[k]!);
          gh = zeros.map((_, k) =>
            d.reduce((sum, value, j) => sum + value * r.w[j * hidden + k]!, 0)
          );
        }
        near(wasm, own(r.dc, 0), gc, `first cell's gradient ${what}`);
        near(wasm, own(r.d0, 0), gh, `first state's gradient ${what}`);
      }
    }
  }
});

testEachBuild("gru() walks forward, gru_backward() back in time", (wasm) => {
  for (const sizes of SIZES) {
    for (const [fresh, panels] of WAYS) {
      const [steps, batch, hidden] = sizes;
      const r = runGru(wasm, sizes, fresh, panels);
      const what = `[${sizes}] ${fresh} ${panels}`;
      for (let row = 0; row < batch; row++) {
        const own = (of: number[], t: number, width = hidden) =>
          of.slice((t * batch + row) * width, (t * batch + row + 1) * width);
        const zeros = new Array<number>(hidden).fill(0);
        let h = fresh ? zeros : own(r.h0, 0);
        const kept: { old: number[]; gates: number[][] }[] = [];
        for (let t = 0; t < steps; t++) {
          const x = own(r.x, t, 3 * hidden);
          const share = shares(h, r.w, 3 * hidden)
            .map((sum, j) => sum + (fresh ? 0 : r.b[j]!));
          const at = (gate: number, k: number) => gate * hidden + k;
          const [reset, update] = [0, 1].map((gate) =>
            zeros.map((_, k) => sigmoid(x[at(gate, k)]! + share[at(gate, k)]!))
          ) as [number[], number[]];
          const part = share.slice(2 * hidden);
          const fresher = zeros.map((_, k) =>
            Math.tanh(x[at(2, k)]! + reset[k]! * part[k]!)
          );
          const old = h;
          h = old.map((v, k) =>
            (1 - update[k]!) * fresher[k]! + update[k]! * v
          );
          kept.push({ old, gates: [reset, update, part, fresher] });
          near(wasm, own(r.y, t), h, `state ${t} ${what}`);
        }
        let gh = zeros;
        for (let t = steps - 1; t >= 0; t--) {
          const { old, gates } = kept[t]!;
          const [u, z, part, n] = gates as [
            ...[number[], number[], number[], number[]],
          ];
          gh = gh.map((value, k) => value + own(r.input.g, t)[k]!);
          const dn = gh.map((v, k) => v * (1 - z[k]!) * (1 - n[k]! ** 2));
          const dr = dn.map((v, k) => v * part[k]! * u[k]! * (1 - u[k]!));
          const dz = gh.map((v, k) =>
            v * (old[k]! - n[k]!) * z[k]! * (1 - z[k]!)
          );
          const d = [...dr, ...dz, ...dn.map((v, k) => v * u[k]!)];
          const rows = 3 * hidden;
          near(wasm, own(r.dx, t, rows), [...dr, ...dz, ...dn], `dx ${what}`);
          near(wasm, own(r.dh, t, rows), d, `dh ${t} ${what}`);
          gh = gh.map((value, k) =>
            d.reduce(
              (sum, v, j) => sum + v * r.w[j * hidden + k]!,
              value * z[k]!,
            )
          );
        }
        near(wasm, own(r.d0, 0), gh, `first state's gradient ${what}`);
      }
    }
  }
});

testEachBuild("lstm() and gru() give a row the same bits in parts", (wasm) => {
  for (const [batch, hidden] of [[32, 40], [100, 16]] as const) {
    for (const run of [runLstm, runGru]) {
      for (const panels of [false, true]) {
        const sizes = [3, batch, hidden] as const;
        const whole = run(wasm, sizes, false, panels);
        const parts = run(wasm, sizes, false, panels, [0, 8, 16, batch]);
        assertEquals(parts.y, whole.y);
        assertEquals(parts.dx, whole.dx);
        assertEquals(parts.d0, whole.d0);
      }
    }
  }
});
