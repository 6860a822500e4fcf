import { assertEquals } from "@std/assert";
import { type Instance, numbers, testEachBuild } from "./instance.ts";
import { Sums } from "./sums.ts";

interface Sizes {
  planes: number;
  h: number;
  w: number;
  kh: number;
  kw: number;
  stride: [number, number];
  pad?: [number, number];
  dilation?: [number, number];
  /** Lets the last window hang over, as PyTorch's `ceil_mode`. */
  over?: boolean;
}

function resolve(s: Sizes) {
  const [sh, sw] = s.stride, [ph, pw] = s.pad ?? [0, 0];
  const [dh, dw] = s.dilation ?? [1, 1];
  const size = (x: number, k: number, step: number, p: number, d: number) => {
    const span = x + 2 * p - d * (k - 1) - 1;
    if (!s.over) return Math.floor(span / step) + 1;
    const n = Math.ceil(span / step) + 1;
    return (n - 1) * step >= x + p ? n - 1 : n;
  };
  const oh = size(s.h, s.kh, sh, ph, dh), ow = size(s.w, s.kw, sw, pw, dw);
  return { ...s, sh, sw, ph, pw, dh, dw, oh, ow };
}

type Windows = ReturnType<typeof resolve>;

/** Calls f(output position, positions in x) for every window. */
function windows(s: Windows, f: (i: number, inside: number[]) => void): void {
  for (let i = 0; i < s.planes * s.oh * s.ow; i++) {
    const ox = i % s.ow, oy = Math.floor(i / s.ow) % s.oh;
    const plane = Math.floor(i / s.ow / s.oh);
    const inside: number[] = [];
    for (let ky = 0; ky < s.kh; ky++) {
      for (let kx = 0; kx < s.kw; kx++) {
        const y = oy * s.sh + ky * s.dh - s.ph;
        const x = ox * s.sw + kx * s.dw - s.pw;
        if (y < 0 || y >= s.h || x < 0 || x >= s.w) continue;
        inside.push((plane * s.h + y) * s.w + x);
      }
    }
    f(i, inside);
  }
}

function max(wasm: Instance, sizes: Sizes, values: Float64Array): void {
  wasm.checkGuards();
  wasm.reset();
  const s = resolve(sizes), label = JSON.stringify(sizes);
  const n = s.planes * s.oh * s.ow;
  const x = wasm.floats(values, 1), out = wasm.floats(new Float64Array(n), 1);
  const indices = wasm.ints(new Int32Array(n).fill(-7), 1);
  // deno-fmt-ignore
  wasm.call("max_pool2d", s.planes, s.h, s.w, s.kh, s.kw, s.sh, s.sw, s.ph, s.pw,
    s.dh, s.dw, s.oh, s.ow, x.pointer, out.pointer, indices.pointer, wasm.scratch());
  const xs = x.values;
  windows(s, (i, inside) => {
    // PyTorch's rule: larger wins, so the first of equals; NaN always wins.
    let best = inside[0]!;
    for (const at of inside) {
      if (xs[at]! > xs[best]! || Number.isNaN(xs[at])) best = at;
    }
    assertEquals(out.values[i], xs[best], `${label}: value ${i}`);
    assertEquals(indices.values[i], best % (s.h * s.w), `${label}: index ${i}`);
  });
}

const shapes: readonly Sizes[] = [
  { planes: 2, h: 7, w: 9, kh: 3, kw: 3, stride: [1, 1] },
  { planes: 2, h: 7, w: 9, kh: 3, kw: 2, stride: [2, 3], pad: [1, 1] },
  { planes: 1, h: 5, w: 5, kh: 5, kw: 5, stride: [5, 5], pad: [2, 2] },
  { planes: 3, h: 1, w: 1, kh: 1, kw: 1, stride: [1, 1] },
  { planes: 0, h: 4, w: 4, kh: 2, kw: 2, stride: [2, 2] },
  { planes: 2, h: 7, w: 11, kh: 2, kw: 2, stride: [2, 2], over: true },
  {
    planes: 2,
    h: 8,
    w: 5,
    kh: 3,
    kw: 3,
    stride: [2, 2],
    pad: [1, 1],
    over: true,
  },
  { planes: 2, h: 8, w: 12, kh: 2, kw: 2, stride: [2, 2], pad: [1, 1] },
  // Several blocks, of rows and of columns.
  { planes: 2, h: 60, w: 190, kh: 3, kw: 3, stride: [2, 2], pad: [1, 1] },
  { planes: 1, h: 50, w: 530, kh: 3, kw: 3, stride: [1, 1], pad: [1, 1] },
  { planes: 1, h: 33, w: 1100, kh: 3, kw: 5, stride: [3, 4], pad: [1, 2] },
  { planes: 2, h: 90, w: 80, kh: 80, kw: 70, stride: [2, 3], pad: [40, 35] },
  // A window that does not fit into scratch.
  { planes: 1, h: 600, w: 520, kh: 599, kw: 518, stride: [1, 1] },
];

testEachBuild("max_pool2d() finds the first largest of each window", (wasm) => {
  for (const s of shapes) {
    const n = s.planes * s.h * s.w;
    max(wasm, s, numbers(n));
    max(wasm, s, numbers(n).map((x) => Math.round(2 * x)));
    max(wasm, s, new Float64Array(n).fill(-Infinity));
  }
});

testEachBuild("max_pool2d() of 2x2 windows at every width", (wasm) => {
  for (let w = 2; w < 40; w++) {
    const s: Sizes = { planes: 2, h: 5, w, kh: 2, kw: 2, stride: [2, 2] };
    max(wasm, s, numbers(10 * w));
    max(wasm, s, numbers(10 * w).map(Math.round));
    max(wasm, s, new Float64Array(10 * w).fill(-Infinity));
  }
});

testEachBuild("max_pool2d() lets NaN and infinities win", (wasm) => {
  const odd = (n: number) =>
    numbers(n).map((x, i) =>
      i % 5 === 1 ? NaN : i % 7 === 3 ? Infinity : i % 3 === 0 ? -Infinity : x
    );
  for (const s of shapes) max(wasm, s, odd(s.planes * s.h * s.w));
  for (let w = 8; w < 24; w++) {
    max(wasm, { planes: 1, h: 6, w, kh: 2, kw: 2, stride: [2, 2] }, odd(6 * w));
  }
});

testEachBuild("max_pool2d() with dilation", (wasm) => {
  for (const dilation of [[2, 1], [2, 3]] as [number, number][]) {
    for (const pad of [[0, 0], [1, 1]] as [number, number][]) {
      const size = { planes: 2, h: 9, w: 10, kh: 3, kw: 3 };
      max(wasm, { ...size, stride: [2, 1], pad, dilation }, numbers(180));
    }
  }
});

testEachBuild("max_pool2d() at every width, by strides", (wasm) => {
  for (const stride of [1, 2, 3]) {
    for (let w = 1; w < 30; w++) {
      // deno-fmt-ignore
      const s: Sizes = { planes: 3, h: 7, w, kh: 3, kw: 3, stride: [stride, stride], pad: [1, 1] };
      const n = 21 * w;
      max(wasm, s, numbers(n));
      max(wasm, s, numbers(n).map(Math.round));
      max(wasm, s, numbers(n).map((x, i) => i % 11 === 3 ? NaN : x));
    }
  }
});

testEachBuild(
  "max_pool2d_backward() adds, plane_gather() reads back",
  (wasm) => {
    for (
      const [planes, from, to] of [[3, 7, 5], [1, 1, 1], [0, 2, 2], [2, 0, 3], [
        2,
        33,
        40,
      ]] as const
    ) {
      wasm.checkGuards();
      wasm.reset();
      const src = wasm.floats(numbers(planes * from), 1);
      const at = wasm.ints(
        numbers(planes * from, 2).map((x) => Math.floor((x + 1) / 2 * to)),
        1,
      );
      const out = wasm.floats(new Float64Array(planes * to).fill(NaN), 1);
      const back = wasm.floats(new Float64Array(planes * from).fill(NaN), 1);
      // deno-fmt-ignore
      wasm.call("max_pool2d_backward", planes, from, to, src.pointer, at.pointer, out.pointer);
      // deno-fmt-ignore
      wasm.call("plane_gather", planes, from, to, out.pointer, at.pointer, back.pointer);
      const sums = new Sums(planes * to);
      for (let i = 0; i < planes * from; i++) {
        const plane = Math.floor(i / from);
        sums.add(plane * to + at.values[i]!, src.values[i]!, 1);
        assertEquals(back.values[i], out.values[plane * to + at.values[i]!]);
      }
      sums.check(wasm, out.values, `scatter ${planes}, ${from} to ${to}`);
    }
  },
);

/** Checks forward and backward; `padding` tells whether padding counts. */
function average(wasm: Instance, sizes: Sizes, padding: boolean): void {
  wasm.checkGuards();
  wasm.reset();
  const s = resolve(sizes), n = s.planes * s.oh * s.ow;
  const x = wasm.floats(numbers(s.planes * s.h * s.w), 1);
  const g = wasm.floats(numbers(n, 2), 1);
  const out = wasm.floats(new Float64Array(n).fill(NaN), 1);
  const gx = wasm.floats(x.values.map(() => NaN), 1);
  const forward = new Sums(n), back = new Sums(s.planes * s.h * s.w);
  windows(s, (i, inside) => {
    const ox = i % s.ow, oy = Math.floor(i / s.ow) % s.oh;
    // Padding counts, what hangs over it does not.
    const high = Math.min(s.kh, s.h + 2 * s.ph - oy * s.sh);
    const wide = Math.min(s.kw, s.w + 2 * s.pw - ox * s.sw);
    const count = padding ? high * wide : inside.length;
    for (const at of inside) {
      forward.add(i, x.values[at]!, 1 / count);
      back.add(at, g.values[i]!, 1 / count);
    }
  });
  // deno-fmt-ignore
  const args = [s.planes, s.h, s.w, s.kh, s.kw, s.sh, s.sw, s.ph, s.pw, Number(padding), s.oh, s.ow];
  const scratch = wasm.scratch();
  wasm.call("avg_pool2d", ...args, x.pointer, out.pointer, scratch);
  wasm.call("avg_pool2d_backward", ...args, g.pointer, gx.pointer, scratch);
  const label = `${JSON.stringify(sizes)}, padding ${padding}`;
  forward.check(wasm, out.values, `avg_pool2d ${label}`);
  back.check(wasm, gx.values, `avg_pool2d_backward ${label}`);
}

testEachBuild("avg_pool2d() and its gradient", (wasm) => {
  for (const sizes of shapes) {
    for (const padding of [false, true]) average(wasm, sizes, padding);
  }
});

testEachBuild("avg_pool2d() at every width, by strides", (wasm) => {
  for (const stride of [1, 2, 3]) {
    for (let w = 1; w < 30; w++) {
      // deno-fmt-ignore
      const s: Sizes = { planes: 3, h: 7, w, kh: 4, kw: 4, stride: [stride, stride], pad: [2, 2] };
      average(wasm, s, w % 2 === 0);
    }
  }
});

testEachBuild("avg_pool2d() of 2x2 windows at every width", (wasm) => {
  for (let w = 2; w < 24; w++) {
    for (const h of [5, 6]) {
      average(wasm, { planes: 3, h, w, kh: 2, kw: 2, stride: [2, 2] }, true);
    }
  }
});

testEachBuild("avg_pool2d() of whole planes", (wasm) => {
  for (const [h, w] of [[1, 1], [3, 1], [7, 7], [20, 31]] as const) {
    average(wasm, { planes: 3, h, w, kh: h, kw: w, stride: [h, w] }, false);
  }
});
