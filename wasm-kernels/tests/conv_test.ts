import { assert, assertEquals } from "@std/assert";
import { check, checkSparse, resolve, type Sizes } from "./convolutions.ts";
import { numbers, testEachBuild } from "./instance.ts";

const pairs: readonly [number, number][] = [[1, 1], [2, 2], [1, 3], [3, 2]];
const pads: readonly [number, number][] = [[0, 0], [1, 1], [2, 0], [1, 3]];
const kernels: readonly [number, number][] = [
  [1, 1],
  [3, 3],
  [5, 5],
  [2, 3],
  [1, 4],
];

testEachBuild("conv2d and its gradients over strides and windows", (wasm) => {
  for (const [kh, kw] of kernels) {
    for (const stride of pairs) {
      for (const pad of pads) {
        check(wasm, { n: 2, c: 3, h: 9, w: 11, o: 5, kh, kw, stride, pad });
      }
    }
  }
});

testEachBuild("conv2d and its gradients over single channels", (wasm) => {
  for (const stride of [1, 2]) {
    for (const [h, w] of [[7, 9], [8, 8], [9, 14], [5, 11], [16, 35]]) {
      for (const pad of [[0, 0], [1, 1], [2, 1], [0, 3]] as const) {
        const way = { kh: 3, kw: 3, stride: [stride, stride], pad: [...pad] };
        const sizes = { ...way, h: h!, w: w! } as Sizes;
        check(wasm, { ...sizes, n: 2, c: 3, o: 6, groups: 3 });
        check(wasm, { ...sizes, n: 3, c: 1, o: 2 });
      }
    }
  }
});

testEachBuild("conv2d and its gradients over sequences", (wasm) => {
  for (const stride of [1, 2, 4, 7]) {
    for (const dilation of [1, 2, 5]) {
      for (const [kw, pad] of [[1, 0], [3, 1], [8, 3]] as const) {
        const way = { kh: 1, kw, stride: [1, stride], pad: [0, pad] } as const;
        const s = { ...way, dilation: [1, dilation] } as Partial<Sizes>;
        const sizes = { ...s, h: 1, w: 101, kh: 1, kw };
        check(wasm, { ...sizes, n: 2, c: 3, o: 5 });
        check(wasm, { ...sizes, c: 4, o: 6, groups: 2 });
      }
    }
  }
  // Padded above, too; and a window of two rows.
  check(wasm, { h: 1, w: 40, kh: 1, kw: 3, pad: [1, 1], stride: [3, 2] });
  check(wasm, { h: 1, w: 40, kh: 2, kw: 3, pad: [1, 1], stride: [2, 2] });
  check(wasm, { h: 1, w: 900, o: 6, kh: 1, kw: 80, stride: [1, 4] });
});

testEachBuild("conv2d and its gradients with many channels", (wasm) => {
  for (const [kh, kw] of kernels) {
    for (const stride of pairs.slice(0, 3)) {
      for (const pad of pads) {
        check(wasm, { n: 2, c: 5, h: 7, w: 8, o: 13, kh, kw, stride, pad });
      }
    }
  }
  check(wasm, { c: 50, h: 6, w: 7, o: 14, kh: 3, kw: 3, pad: [1, 1] });
  check(wasm, { n: 2, c: 20, h: 6, w: 5, o: 30, kh: 1, kw: 1 });
  check(wasm, { c: 2, h: 20, w: 25, o: 12, kh: 3, kw: 3, pad: [1, 1] });
});

testEachBuild("conv2d and its gradients by Winograd tiles", (wasm) => {
  // 3x3, stride 1, from 16 channels and four tiles of 4x4 outputs on; blocks
  // are 64 and 128 channels, 24 and 48 tiles. The transforms round sums over
  // whole tiles, also for windows at an edge that hold a few products only.
  const wide = { factor: 16 };
  for (const [h, w] of [[2, 6], [3, 11], [4, 8], [5, 7], [6, 9], [9, 6]]) {
    for (const pad of [[0, 0], [1, 1], [2, 2], [3, 0]] as const) {
      if (h! + 2 * pad[0] < 3) continue;
      const [c, o] = h! % 2 === 0 ? [16, 19] : [22, 16];
      // deno-fmt-ignore
      check(wasm, { n: 4, c, h: h!, w: w!, o, kh: 3, kw: 3, pad: [...pad] }, wide);
    }
  }
  const pad: [number, number] = [1, 1];
  check(wasm, { c: 65, h: 8, w: 8, o: 16, kh: 3, kw: 3, pad }, wide);
  check(wasm, { c: 16, h: 8, w: 8, o: 130, kh: 3, kw: 3, pad }, wide);
  check(wasm, { c: 69, h: 9, w: 7, o: 64, kh: 3, kw: 3, pad: [2, 0] }, wide);
  check(wasm, { c: 16, h: 3, w: 207, o: 16, kh: 3, kw: 3, pad }, wide);
  check(wasm, { n: 5, c: 64, h: 4, w: 3, o: 64, kh: 3, kw: 3, pad }, wide);
  check(wasm, { n: 5, c: 16, h: 14, w: 14, o: 16, kh: 3, kw: 3, pad }, wide);
  check(wasm, { c: 130, h: 7, w: 8, o: 64, kh: 3, kw: 3, pad }, wide);
  // More tiles than are kept for weight gradients.
  check(wasm, { c: 16, h: 70, w: 62, o: 18, kh: 3, kw: 3, pad }, wide);
  // deno-fmt-ignore
  check(wasm, { n: 2, c: 128, h: 8, w: 8, o: 130, kh: 3, kw: 3, pad, groups: 2 }, wide);
  check(
    wasm,
    { n: 4, c: 32, h: 5, w: 6, o: 34, kh: 3, kw: 3, pad, groups: 2 },
    wide,
  );
}, ["simd128", "relaxed"]);

testEachBuild(
  "weight gradients of a range of channels have the bits of all",
  (wasm) => {
    const pad: [number, number] = [1, 1];
    // Winograd, direct, implicit and 1x1, the latter two ways; then groups.
    const shapes: Sizes[] = [
      { n: 2, c: 25, h: 6, w: 9, o: 70, kh: 3, kw: 3, pad },
      { n: 2, c: 3, h: 6, w: 9, o: 9, kh: 3, kw: 3, pad },
      { n: 2, c: 7, h: 9, w: 9, o: 30, kh: 3, kw: 3, pad, stride: [2, 2] },
      { n: 3, c: 9, h: 1, w: 3, o: 30, kh: 3, kw: 3, pad },
      { n: 5, c: 30, h: 2, w: 2, o: 70, kh: 3, kw: 3, pad },
      { n: 2, c: 40, h: 21, w: 21, o: 30, kh: 1, kw: 1 },
      { n: 2, c: 40, h: 8, w: 8, o: 9, kh: 1, kw: 1, stride: [1, 1] },
      { n: 2, c: 400, h: 20, w: 20, o: 30, kh: 1, kw: 1 },
      { n: 2, c: 400, h: 20, w: 20, o: 9, kh: 1, kw: 1 },
      { n: 2, c: 6, h: 6, w: 9, o: 15, kh: 3, kw: 3, pad, groups: 3 },
      {
        n: 2,
        c: 6,
        h: 6,
        w: 9,
        o: 15,
        kh: 2,
        kw: 2,
        stride: [2, 1],
        groups: 3,
      },
      { n: 0, c: 3, h: 6, w: 9, o: 9, kh: 3, kw: 3, pad },
    ];
    for (const sizes of shapes) {
      wasm.checkGuards();
      wasm.reset();
      const s = resolve(sizes), label = JSON.stringify(sizes);
      const scratch = wasm.scratch();
      const x = wasm.floats(numbers(s.sizes.x, 1), 1);
      const g = wasm.floats(numbers(s.sizes.out, 3), 1);
      const all = wasm.floats(new Float64Array(s.sizes.weight).fill(NaN), 1);
      const parts = wasm.floats(new Float64Array(s.sizes.weight).fill(NaN), 1);
      const run = (from: number, to: number, out: number) =>
        // deno-fmt-ignore
        wasm.call("conv2d_grad_weight", ...s.args, from, to, x.pointer, g.pointer, out, scratch);
      run(0, s.o, all.pointer);
      const cuts = [0, 1, 3, 8, s.o - 1, s.o];
      for (let i = 1; i < cuts.length; i++) {
        const end = cuts[i]! * s.sizes.weight / s.o;
        run(cuts[i - 1]!, cuts[i]!, parts.pointer);
        assert(parts.values.subarray(end).every(Number.isNaN), label);
      }
      assertEquals(parts.values, all.values, label);
    }
  },
);

testEachBuild("conv2d and its gradients with dilation", (wasm) => {
  for (const dilation of pairs.slice(1)) {
    for (const pad of [...pads, [4, 5]] as [number, number][]) {
      for (const o of [3, 12]) {
        // deno-fmt-ignore
        check(wasm, { n: 2, c: 2, h: 9, w: 10, o, kh: 3, kw: 2, dilation, pad });
        // deno-fmt-ignore
        check(wasm, { c: 2, h: 9, w: 10, o, kh: 3, kw: 2, dilation, pad, stride: [2, 1] });
      }
    }
  }
});

testEachBuild("conv2d and its gradients with groups", (wasm) => {
  const pad: [number, number] = [1, 1];
  for (const [groups, c, o] of [[2, 4, 6], [3, 3, 3], [4, 4, 8], [2, 26, 24]]) {
    for (const [kh, kw] of [[3, 3], [1, 1]] as const) {
      for (const stride of pairs.slice(0, 2)) {
        // deno-fmt-ignore
        check(wasm, { n: 2, c: c!, h: 6, w: 7, o: o!, kh, kw, stride, pad, groups: groups! });
        // deno-fmt-ignore
        check(wasm, { n: 2, c: c!, h: 6, w: 7, o: o!, kh, kw, stride, groups: groups! });
      }
    }
  }
});

testEachBuild("conv2d and its gradients on pictures of few pixels", (wasm) => {
  const sizes = [[1, 1], [1, 2], [2, 2], [3, 3], [4, 4], [3, 13], [13, 2]];
  for (const [h, w] of sizes) {
    for (const [kh, kw] of [[1, 1], [3, 3]] as const) {
      for (const o of [2, 15]) {
        for (const n of [1, 3]) {
          const pad: [number, number] = [kh >> 1, kw >> 1];
          check(wasm, { n, c: 3, h: h!, w: w!, o, kh, kw, pad });
          check(wasm, { n, c: 1, h: h!, w: w!, o, kh: 1, kw: 1 });
        }
      }
    }
  }
});

testEachBuild("conv2d and its gradients tap by tap", (wasm) => {
  // From four pictures on; the depth is a sum over several blocks, or one.
  for (const [h, w] of [[1, 1], [1, 3], [2, 2], [3, 3], [3, 2]]) {
    for (const stride of pairs.slice(0, 2)) {
      const pad: [number, number] = [1, 1];
      // deno-fmt-ignore
      for (const [n, c, o] of [[4, 3, 5], [7, 110, 4], [40, 5, 29]]) {
        check(wasm, { n: n!, c: c!, h: h!, w: w!, o: o!, kh: 3, kw: 3, pad, stride });
      }
      // deno-fmt-ignore
      check(wasm, { n: 5, c: 6, h: h!, w: w!, o: 8, kh: 5, kw: 3, pad: [2, 1], stride, groups: 2 });
    }
  }
  const pad: [number, number] = [1, 1];
  // Several panels and blocks, and a tap that is never inside.
  check(wasm, { n: 5, c: 130, h: 2, w: 2, o: 70, kh: 3, kw: 3, pad });
  check(wasm, { n: 4, c: 26, h: 1, w: 2, o: 90, kh: 3, kw: 3, pad });
  // More pictures than fit into scratch.
  // deno-fmt-ignore
  check(wasm, { n: 70, c: 60, h: 6, w: 6, o: 6, kh: 5, kw: 5, pad: [2, 2], stride: [2, 2] });
});

testEachBuild(
  "conv2d and its gradients of few pixels, many channels",
  (wasm) => {
    const pad: [number, number] = [1, 1];
    check(wasm, { c: 90, h: 3, w: 4, o: 530, kh: 3, kw: 3, pad });
    check(wasm, { n: 2, c: 530, h: 3, w: 3, o: 50, kh: 3, kw: 3, pad });
    check(wasm, {
      c: 530,
      h: 2,
      w: 2,
      o: 50,
      kh: 3,
      kw: 3,
      pad,
      dilation: [1, 2],
    });
  },
  ["simd128", "relaxed"],
);

testEachBuild("conv2d accepts windows larger than the picture", (wasm) => {
  for (const o of [2, 14]) {
    check(wasm, { n: 2, h: 2, w: 3, o, kh: 5, kw: 7, pad: [2, 3] });
    check(wasm, { n: 2, h: 3, w: 3, o, kh: 3, kw: 3, pad: [4, 4] });
    check(wasm, { n: 2, h: 3, w: 9, o, kh: 1, kw: 1, pad: [2, 2] });
  }
});

testEachBuild("conv2d accepts sizes of zero", (wasm) => {
  check(wasm, { n: 0, c: 2, h: 4, w: 4, o: 3, kh: 3, kw: 3 });
  check(wasm, { n: 2, c: 0, h: 6, w: 6, o: 3, kh: 3, kw: 3 });
  check(wasm, { n: 2, c: 2, h: 6, w: 6, o: 0, kh: 3, kw: 3 });
  check(wasm, { n: 2, c: 2, h: 2, w: 6, o: 3, kh: 3, kw: 3 });
});

testEachBuild("conv2d and its gradients at the widths of a tile", (wasm) => {
  for (let w = 4; w < 32; w++) {
    const o = 1 + w % 9;
    check(wasm, { c: 2, h: 4, w, o, kh: 3, kw: 3, pad: [1, 1] });
  }
});

testEachBuild("conv2d over more weights than fit into scratch", (wasm) => {
  // 300 * 40 * 25 weights: the flipped copies come in several parts.
  check(wasm, { c: 40, h: 3, w: 3, o: 300, kh: 5, kw: 5, pad: [2, 2] });
}, ["simd128", "relaxed"]);

testEachBuild("conv2d keeps infinities inside their windows", (wasm) => {
  const odd = (n: number, seed: number) =>
    numbers(n, seed).map((x, i) =>
      i % 83 === 20 + seed ? Infinity : i % 97 === 7 ? 0 : x
    );
  for (const o of [2, 13]) {
    for (const pad of pads) {
      for (const stride of pairs.slice(0, 2)) {
        // Only one operand at a time: padding is zeros, and an infinite
        // weight or gradient times such a zero is NaN.
        const s = { n: 2, c: 2, h: 7, w: 9, o, kh: 3, kw: 3, pad, stride };
        const x = (n: number, seed: number) =>
          (seed === 1 ? odd : numbers)(n, seed);
        check(wasm, s, { fill: x });
        const g = (n: number, seed: number) =>
          (seed === 3 ? odd : numbers)(n, seed);
        check(wasm, s, { fill: g, paddingMeetsInfinity: true });
      }
    }
  }
});

testEachBuild("conv2d reads nothing beyond its operands", (wasm) => {
  const scratch = wasm.scratch();
  wasm.memory.grow(4);
  const width = wasm.float === "f32" ? 4 : 8;
  const end = wasm.memory.buffer.byteLength, start = end - (4 << 16);
  const out = start + (1 << 16);
  for (const o of [1, 3, 5, 14]) {
    for (const pad of pads.slice(0, 2)) {
      for (const stride of pairs.slice(0, 2)) {
        const s = resolve({ c: 3, h: 6, w: 7, o, kh: 3, kw: 3, pad, stride });
        // The operands in turn end where the memory ends: beyond is a trap.
        const at = (n: number) => end - n * width;
        const { x, weight, out: g } = s.sizes;
        // deno-fmt-ignore
        for (const [first, second, kernel] of [
          [at(x), start, "conv2d"], [start, at(weight), "conv2d"],
          [at(g), start, "conv2d_grad_input"], [start, at(weight), "conv2d_grad_input"],
          [at(x), start, "conv2d_grad_weight"], [start, at(g), "conv2d_grad_weight"],
        ] as const) {
          const bias = kernel === "conv2d" ? [0] : [];
          const range = kernel === "conv2d_grad_weight" ? [0, o] : [];
          // deno-fmt-ignore
          wasm.call(kernel, ...s.args, ...range, first, second, ...bias, out, scratch);
        }
      }
    }
  }
});

testEachBuild("conv2d and its gradients are adjoint", (wasm) => {
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>) => {
    let sum = 0;
    for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
    return sum;
  };
  const scratch = wasm.scratch();
  for (const stride of pairs) {
    for (const pad of pads) {
      // deno-fmt-ignore
      const s = resolve({ n: 2, c: 4, h: 9, w: 8, o: 6, kh: 3, kw: 2, stride, pad, groups: 2, dilation: [1, 2] });
      const x = wasm.floats(numbers(s.sizes.x, 1));
      const weight = wasm.floats(numbers(s.sizes.weight, 2));
      const g = wasm.floats(numbers(s.sizes.out, 3));
      const out = wasm.floats(numbers(s.sizes.out, 4));
      const gx = wasm.floats(numbers(s.sizes.x, 5));
      const gw = wasm.floats(numbers(s.sizes.weight, 6));
      // deno-fmt-ignore
      wasm.call("conv2d", ...s.args, x.pointer, weight.pointer, 0, out.pointer, scratch);
      // deno-fmt-ignore
      wasm.call("conv2d_grad_input", ...s.args, g.pointer, weight.pointer, gx.pointer, scratch);
      // deno-fmt-ignore
      wasm.call("conv2d_grad_weight", ...s.args, 0, s.o, x.pointer, g.pointer, gw.pointer, scratch);
      const expected = dot(out.values, g.values);
      const bound = 1e-11 * s.sizes.out;
      assert(Math.abs(dot(x.values, gx.values) - expected) < bound);
      assert(Math.abs(dot(weight.values, gw.values) - expected) < bound);
    }
  }
}, ["float64"]);

testEachBuild("gradients from a sparse gradient", (wasm) => {
  for (const c of [1, 2, 3, 4, 5, 8, 13]) {
    for (const [kh, kw] of [...kernels, [4, 7]] as [number, number][]) {
      for (const pad of pads) {
        checkSparse(wasm, { n: 2, c, h: 7, w: 9, o: 3, kh, kw, pad }, 5);
      }
    }
    const pad: [number, number] = [2, 1];
    checkSparse(wasm, { c, h: 1, w: 3, o: 2, kh: 3, kw: 3, pad }, 4);
    checkSparse(wasm, { n: 3, c, h: 14, w: 14, o: 1, kh: 5, kw: 5 }, 1);
    checkSparse(wasm, { n: 0, c, h: 4, w: 4, o: 2, kh: 3, kw: 3 }, 3);
    checkSparse(wasm, { n: 2, c, h: 4, w: 4, o: 2, kh: 3, kw: 3 }, 0);
  }
}, ["simd128", "relaxed"]);
