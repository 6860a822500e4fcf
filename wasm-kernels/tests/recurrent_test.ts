import { assert, assertEquals } from "@std/assert";
import { type Instance, numbers, testEachBuild } from "./instance.ts";
import { panelsOf } from "./panels.ts";

type Sizes = readonly [
  steps: number,
  batch: number,
  inputs: number,
  hidden: number,
];

/** What a run depends on, beside its sizes. */
interface Way {
  relu?: boolean;
  /** From zeros, and without a bias. */
  fresh?: boolean;
  /** With weights copied to panels. */
  panels?: boolean;
  /** Which gradients there are: of all states, of the last, of both. */
  flows?: "all" | "last" | "both";
  /** Where rows are cut. */
  cuts?: readonly number[];
}

/** Runs both kernels on the same numbers every time. */
function run(wasm: Instance, sizes: Sizes, way: Way) {
  const [steps, batch, inputs, hidden] = sizes;
  const { relu = false, fresh = false, panels = false, flows = "all" } = way;
  const { cuts = [0, batch] } = way;
  wasm.checkGuards();
  wasm.reset();
  const scratch = wasm.scratch();
  const block = (size: number, seed: number, scale = 1) =>
    wasm.floats(numbers(size, seed).map((v) => v * scale), 1);
  const scale = 1 / Math.sqrt(hidden);
  const x = block(steps * batch * inputs, 1);
  const wi = block(hidden * inputs, 2);
  const wh = block(hidden ** 2, 3, scale);
  const bias = block(hidden, 4);
  const h0 = block(batch * hidden, 5);
  const g = block(steps * batch * hidden, 6);
  const gLast = block(batch * hidden, 7);
  const [y, d] = [g, g].map((like) => wasm.floats(like.values.map(() => NaN)));
  const [last, g0] = [h0, h0].map((like) =>
    wasm.floats(like.values.map(() => NaN))
  );
  const pack = (k: number, from: number, row: number, column: number) =>
    panels ? panelsOf(wasm, [k, hidden], from, [row, column]) : 0;
  const wiPanels = pack(inputs, wi.pointer, 1, inputs);
  const whPanels = pack(hidden, wh.pointer, 1, hidden);
  const backPanels = pack(hidden, wh.pointer, hidden, 1);
  for (let i = 1; i < cuts.length; i++) {
    const some = [steps, batch, cuts[i - 1]!, cuts[i]!] as const;
    // deno-fmt-ignore
    wasm.call("rnn", ...some, inputs, hidden, Number(relu), x.pointer, wi.pointer, wiPanels, fresh ? 0 : bias.pointer, fresh ? 0 : h0.pointer, wh.pointer, whPanels, y!.pointer, last!.pointer, scratch);
    // deno-fmt-ignore
    wasm.call("rnn_backward", ...some, hidden, Number(relu), wh.pointer, backPanels, y!.pointer, flows === "last" ? 0 : g.pointer, flows === "all" ? 0 : gLast.pointer, d!.pointer, fresh ? 0 : g0!.pointer, scratch);
  }
  const values = { x, wi, wh, bias, h0, g, gLast, y, d, last, g0 };
  return Object.fromEntries(
    Object.entries(values).map(([name, it]) => [name, [...it!.values]]),
  ) as Record<keyof typeof values, number[]>;
}

/** What the formulas say about a run. */
function check(wasm: Instance, sizes: Sizes, way: Way): void {
  const [steps, batch, inputs, hidden] = sizes;
  const { relu = false, fresh = false, flows = "all" } = way;
  const r = run(wasm, sizes, way);
  const tolerance = wasm.float === "f32" ? 2e-5 : 1e-12;
  const near = (actual: number, expected: number, what: string) =>
    assert(
      Math.abs(actual - expected) <= tolerance * (1 + Math.abs(expected)),
      `${what} [${sizes}] ${JSON.stringify(way)}: ${actual}, not ${expected}`,
    );
  const at = (t: number, row: number, i: number) =>
    (t * batch + row) * hidden + i;
  const each = (f: (row: number, i: number) => void) => {
    for (let row = 0; row < batch; row++) {
      for (let i = 0; i < hidden; i++) f(row, i);
    }
  };
  for (let t = 0; t < steps; t++) {
    each((row, i) => {
      let sum = fresh ? 0 : r.bias[i]!;
      for (let k = 0; k < inputs; k++) {
        sum += r.x[(t * batch + row) * inputs + k]! * r.wi[i * inputs + k]!;
      }
      for (let k = 0; k < hidden; k++) {
        const state = t > 0
          ? r.y[at(t - 1, row, k)]!
          : fresh
          ? 0
          : r.h0[row * hidden + k]!;
        sum += state * r.wh[i * hidden + k]!;
      }
      near(r.y[at(t, row, i)]!, relu ? Math.max(sum, 0) : Math.tanh(sum), "y");
    });
  }
  /** What a step's d gives to the state before it. */
  const back = (t: number, row: number, i: number) => {
    let sum = 0;
    for (let k = 0; k < hidden; k++) {
      sum += r.d[at(t, row, k)]! * r.wh[k * hidden + i]!;
    }
    return sum;
  };
  for (let t = steps - 1; t >= 0; t--) {
    each((row, i) => {
      let sum = flows === "last" ? 0 : r.g[at(t, row, i)]!;
      if (t + 1 < steps) sum += back(t + 1, row, i);
      else if (flows !== "all") sum += r.gLast[row * hidden + i]!;
      const y = r.y[at(t, row, i)]!;
      near(r.d[at(t, row, i)]!, sum * (relu ? +(y > 0) : 1 - y * y), "d");
    });
  }
  each((row, i) => {
    const j = row * hidden + i;
    assertEquals(r.last[j], r.y[at(steps - 1, row, i)], "last");
    if (!fresh) near(r.g0[j]!, back(0, row, i), "g0");
  });
}

const SIZES: readonly Sizes[] = [
  [1, 1, 1, 4],
  [3, 2, 1, 5],
  [4, 27, 3, 16],
  [2, 33, 7, 41],
  [2, 3, 0, 6],
  [3, 5, 450, 400],
  [5, 0, 2, 4],
];

testEachBuild("rnn() walks forward, rnn_backward() back in time", (wasm) => {
  for (const sizes of SIZES) {
    for (const relu of [false, true]) {
      // Panels of nothing hold nothing.
      const panels = sizes[2] > 0;
      check(wasm, sizes, { relu, panels });
      check(wasm, sizes, { relu, fresh: true, flows: "both" });
      check(wasm, sizes, { relu, panels, fresh: true, flows: "last" });
    }
  }
  // Fewer columns than a panel has.
  check(wasm, [3, 2, 2, 1], {});
  check(wasm, [3, 30, 1, 3], { fresh: true });
});

testEachBuild("rnn() gives a row the same bits in parts", (wasm) => {
  for (const sizes of [[3, 32, 1, 40], [2, 100, 5, 16]] as const) {
    for (const panels of [false, true]) {
      const whole = run(wasm, sizes, { panels });
      const cuts = [0, 8, 17, sizes[1]];
      assertEquals(run(wasm, sizes, { panels, cuts }), whole);
    }
  }
});
