/** A million numbers in order, running sums: beside JavaScript's own sort. */

import { manualSeed, randn } from "@fdunn/tensor";

manualSeed(0);
const x = randn([1_000_000]);
const data = x.data() as Float32Array;
const rows = randn([1000, 1000]);

/** Positions by one sort of float64: the key's bits above, the position below. */
function positions(): Int32Array {
  const bits = new Uint32Array(data.buffer);
  const keys = new Float64Array(data.length);
  for (let i = 0; i < keys.length; i++) {
    const b = bits[i]!;
    const key = b >>> 31 ? ~b >>> 0 : (b | 0x80000000) >>> 0;
    keys[i] = key * 2 ** 21 + i;
  }
  return Int32Array.from(keys.sort(), (key) => key % 2 ** 21);
}

Deno.bench("fdunn", { group: "argsort 1e6", baseline: true }, () => {
  x.argsort();
});
Deno.bench("JavaScript", { group: "argsort 1e6" }, () => {
  positions();
});
Deno.bench("fdunn", { group: "sort 1e6", baseline: true }, () => {
  x.sort();
});
Deno.bench("JavaScript, values alone", { group: "sort 1e6" }, () => {
  data.slice().sort();
});
Deno.bench("the 10 largest of 1e6", { group: "topk" }, () => {
  x.topk(10);
});
Deno.bench("a long row", { group: "cumsum 1e6" }, () => {
  x.cumsum(0);
});
Deno.bench("rows", { group: "cumsum 1e6" }, () => {
  rows.cumsum(1);
});
Deno.bench("columns", { group: "cumsum 1e6" }, () => {
  rows.cumsum(0);
});
