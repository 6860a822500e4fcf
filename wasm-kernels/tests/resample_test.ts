import { type Instance, numbers, testEachBuild } from "./instance.ts";
import { assertEquals } from "@std/assert";

type Shape = [
  outer: number,
  n: number,
  inner: number,
  k: number,
  taps: number,
];

const shapes: Shape[] = [
  [1, 5, 1, 7, 2],
  [3, 4, 1, 2, 4],
  [2, 3, 4, 5, 2],
  [2, 6, 33, 3, 4],
  [1, 2, 3, 5, 1],
  [2, 4, 0, 3, 2],
  [0, 4, 2, 3, 2],
  [1, 1, 5, 3, 2],
];

/** Index and weight of each tap. */
function tapsOf(k: Instance, [, n, , count, taps]: Shape) {
  const at = Array.from({ length: count * taps }, (_, i) => (i * i + i) % n);
  return { index: k.ints(at), weight: k.floats(numbers(count * taps, 5)) };
}

testEachBuild("resample sums weighted rows, its backward spreads them", (k) => {
  for (const shape of shapes) {
    const [outer, n, inner, count, taps] = shape;
    k.reset();
    const { index, weight } = tapsOf(k, shape);
    const x = k.floats(numbers(outer * n * inner, 1));
    const g = k.floats(numbers(outer * count * inner, 2));
    const y = k.floats(new Array(outer * count * inner).fill(NaN));
    const back = k.floats(new Array(outer * n * inner).fill(NaN));
    const [pi, pw] = [index.pointer, weight.pointer];
    k.call("resample", ...shape, x.pointer, pi, pw, y.pointer);
    k.call("resample_backward", ...shape, g.pointer, pi, pw, back.pointer);
    const forward = new Float64Array(outer * count * inner);
    const backward = new Float64Array(outer * n * inner);
    for (let o = 0; o < outer; o++) {
      for (let j = 0; j < count; j++) {
        for (let t = j * taps; t < (j + 1) * taps; t++) {
          for (let c = 0; c < inner; c++) {
            const from = (o * n + index.values[t]!) * inner + c;
            const to = (o * count + j) * inner + c;
            forward[to]! += weight.values[t]! * x.values[from]!;
            backward[from]! += weight.values[t]! * g.values[to]!;
          }
        }
      }
    }
    const off = (a: ArrayLike<number>, b: ArrayLike<number>) =>
      Array.from(a, (v, i) => Math.abs(v - b[i]!)).filter((e) => !(e < 1e-5));
    assertEquals(off(y.values, forward), [], `resample [${shape}]`);
    assertEquals(off(back.values, backward), [], `backward [${shape}]`);
    k.checkGuards();
  }
});
