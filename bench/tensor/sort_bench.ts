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

/** The ten largest, the smallest of them first. */
function largest(): Float32Array {
  const best = new Float32Array(10).fill(-Infinity);
  for (const value of data) {
    if (value <= best[0]!) continue;
    let at = 1;
    for (; at < 10 && best[at]! < value; at++) best[at - 1] = best[at]!;
    best[at - 1] = value;
  }
  return best;
}

function runningSums(): Float32Array {
  const sums = new Float32Array(data.length);
  let sum = 0;
  for (let i = 0; i < data.length; i++) sums[i] = sum += data[i]!;
  return sums;
}

/** What a group is about, JavaScript's way and ours. */
const WORKS: Record<string, Record<string, () => unknown>> = {
  "argsort 1e6": { "JavaScript": positions, "fdunn": () => x.argsort() },
  "sort 1e6": {
    "JavaScript, values alone": () => data.slice().sort(),
    "fdunn": () => x.sort(),
  },
  "the 10 largest of 1e6": { "plain loop": largest, "fdunn": () => x.topk(10) },
  "cumsum 1e6": {
    "plain loop": runningSums,
    "a long row": () => x.cumsum(0),
    "rows": () => rows.cumsum(1),
    "columns": () => rows.cumsum(0),
  },
};

for (const [group, ways] of Object.entries(WORKS)) {
  const [first] = Object.keys(ways);
  for (const [name, way] of Object.entries(ways)) {
    Deno.bench(name, { group, baseline: name === first }, () => {
      way();
    });
  }
}
