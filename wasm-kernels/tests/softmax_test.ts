import { assert, assertEquals } from "@std/assert";
import { type Instance, numbers, testEachBuild } from "./instance.ts";

type Shape = [outer: number, n: number, inner: number];

const shapes: Shape[] = [
  ...[1, 2, 3, 4, 5, 7, 8, 10, 16, 17, 33, 1003].map((n): Shape => [3, n, 1]),
  [2, 3, 2],
  [2, 10, 3],
  [1, 5, 4],
  [2, 7, 9],
  [2, 70, 67],
  [1, 5, 64],
  [0, 3, 1],
  [2, 4, 0],
];

function eps(k: Instance): number {
  return k.float === "f32" ? 2 ** -24 : 2 ** -53;
}

/** Applies f to every column of the middle axis. */
function byColumn(
  arrays: ArrayLike<number>[],
  [outer, n, inner]: Shape,
  f: (columns: number[][]) => number[],
): number[] {
  const out = new Array<number>(outer * n * inner);
  for (let i = 0; i < outer * inner; i++) {
    const at = (r: number) =>
      (Math.floor(i / inner) * n + r) * inner + i % inner;
    const columns = arrays.map((x) =>
      Array.from({ length: n }, (_, r) => x[at(r)]!)
    );
    f(columns).forEach((v, r) => out[at(r)] = v);
  }
  return out;
}

function softmax(x: number[]): number[] {
  const max = Math.max(...x);
  const e = x.map((v) => Math.exp(v - max));
  const sum = e.reduce((s, v) => s + v, 0);
  return e.map((v) => v / sum);
}

function logSoftmax(x: number[]): number[] {
  const max = Math.max(...x);
  const log = Math.log(x.reduce((s, v) => s + Math.exp(v - max), 0));
  return x.map((v) => v - max - log);
}

function near(
  actual: ArrayLike<number>,
  expected: number[],
  tolerance: number,
  label: string,
): void {
  expected.forEach((e, i) => {
    const error = Math.abs(actual[i]! - e) / Math.max(1, Math.abs(e));
    assert(error <= tolerance, `${label}[${i}] is ${actual[i]}, not ${e}`);
  });
}

testEachBuild("softmax and log_softmax of every axis", (k) => {
  for (const shape of shapes) {
    const [outer, n, inner] = shape, size = outer * n * inner;
    for (const spread of [1, 30, 1000]) {
      k.reset();
      const x = k.floats(numbers(size, n).map((v) => v * spread), 1);
      const out = k.floats(new Array(size).fill(9), 3);
      k.call("softmax", outer, n, inner, x.pointer, out.pointer);
      const y = byColumn([x.values], shape, ([c]) => softmax(c!));
      near(out.values, y, 16 * eps(k), `softmax [${shape}]`);
      k.call("log_softmax", outer, n, inner, x.pointer, out.pointer);
      const z = byColumn([x.values], shape, ([c]) => logSoftmax(c!));
      near(out.values, z, 16 * eps(k), `log_softmax [${shape}]`);
      k.checkGuards();
    }
  }
});

testEachBuild("their gradients from the saved output", (k) => {
  for (const shape of shapes) {
    const [outer, n, inner] = shape, size = outer * n * inner;
    k.reset();
    const x = k.floats(numbers(size, n)), y = k.floats(numbers(size, n));
    const g = k.floats(numbers(size, n + 1), 1);
    const out = k.floats(new Array(size).fill(9), 3);
    k.call("softmax", outer, n, inner, x.pointer, y.pointer);
    const call = (name: string) =>
      k.call(name, outer, n, inner, y.pointer, g.pointer, out.pointer);
    call("softmax_backward");
    const first = byColumn([y.values, g.values], shape, ([y, g]) => {
      const dot = y!.reduce((s, v, i) => s + v * g![i]!, 0);
      return y!.map((v, i) => v * (g![i]! - dot));
    });
    near(out.values, first, 40 * eps(k), `softmax_backward [${shape}]`);
    k.call("log_softmax", outer, n, inner, x.pointer, y.pointer);
    call("log_softmax_backward");
    const second = byColumn([y.values, g.values], shape, ([y, g]) => {
      const sum = g!.reduce((s, v) => s + v, 0);
      return y!.map((v, i) => g![i]! - Math.exp(v) * sum);
    });
    near(out.values, second, 60 * eps(k), `log_softmax_backward [${shape}]`);
    k.checkGuards();
  }
});

testEachBuild("cross entropy, its reductions and its gradient", (k) => {
  const sizes: Shape[] = [[1, 2, 1], [3, 10, 1], [16, 3, 1], [5, 1, 1]];
  sizes.push([4, 1003, 1], [1, 2, 3], [2, 5, 4], [3, 4, 65], [2, 40, 130]);
  for (const [o, c, inner] of sizes) {
    const r = o * inner, size = r * c;
    for (const reduction of [0, 1, 2]) {
      k.reset();
      const x = k.floats(numbers(size, c).map((v) => v * 9), 1);
      const labels = Array.from({ length: r }, (_, i) => (i * 7) % c);
      const target = k.ints(labels);
      const probs = k.floats(new Array(size).fill(9), 3);
      const loss = k.floats(new Array(reduction === 0 ? r : 1).fill(9), 1);
      const outputs = [probs.pointer, loss.pointer];
      const inputs = [o, c, inner, reduction, -100, x.pointer, target.pointer];
      assertEquals(k.call("cross_entropy", ...inputs, ...outputs), -1);
      const logs = byColumn(
        [x.values],
        [o, c, inner],
        ([row]) => logSoftmax(row!),
      );
      near(probs.values, logs.map(Math.exp), 16 * eps(k), "probs");
      // Of element i of the logits: its label's position, and its class.
      const place = (i: number) =>
        Math.floor(i / (c * inner)) * inner + i % inner;
      const classOf = (i: number) => Math.floor(i / inner) % c;
      const each = new Array<number>(r);
      logs.forEach((log, i) => {
        if (labels[place(i)] === classOf(i)) each[place(i)] = -log;
      });
      const total = each.reduce((s, v) => s + v, 0);
      const expected = [each, [total / r], [total]][reduction]!;
      near(loss.values, expected, 32 * eps(k), "loss");

      const g = k.floats(each.map((_, i) => 1 + i / 4));
      const out = k.floats(new Array(size).fill(9), 1);
      for (const stride of [0, 1]) {
        const from = [probs, target, g].map((block) => block.pointer);
        const name = "cross_entropy_backward";
        k.call(name, o, c, inner, stride, -100, ...from, stride, out.pointer);
        const gradient = logs.map((log, i) => {
          const hit = labels[place(i)] === classOf(i) ? 1 : 0;
          const by = stride === 1 ? 1 / r : 1;
          return (Math.exp(log) - hit) * g.values[place(i) * stride]! * by;
        });
        near(out.values, gradient, 32 * eps(k), "gradient");
      }
      k.checkGuards();
    }
  }
});

testEachBuild("cross entropy names the first row with a bad label", (k) => {
  const x = k.floats(numbers(12)), probs = k.floats(numbers(12));
  const loss = k.floats([9]);
  for (const bad of [-1, 3, 2 ** 31 - 1]) {
    const target = k.ints([0, 2, bad, bad]);
    const code = k.call(
      "cross_entropy",
      4,
      3,
      1,
      1,
      -100,
      x.pointer,
      target.pointer,
      probs.pointer,
      loss.pointer,
    );
    assertEquals(code, 2);
  }
  assertEquals(loss.values[0], 9);
});

testEachBuild("a huge loss stays finite and exact", (k) => {
  const x = k.floats([1e4, -1e4, 0]), probs = k.floats([9, 9, 9]);
  const loss = k.floats([9]), target = k.ints([1]);
  k.call(
    "cross_entropy",
    1,
    3,
    1,
    1,
    -100,
    x.pointer,
    target.pointer,
    probs.pointer,
    loss.pointer,
  );
  assertEquals(loss.values[0], 20_000);
  assertEquals([...probs.values], [1, 0, 0]);
});

testEachBuild("what has the ignored label counts nowhere", (k) => {
  const [rows, classes] = [5, 3];
  // As rows, and as the columns of one sample.
  const ways: [outer: number, inner: number, ignore: number][] = [-100, 1, 99]
    .flatMap((ignore) => [[5, 1, ignore], [1, 5, ignore]]);
  for (const [outer, inner, ignore] of ways) {
    const labels = [0, ignore, 2, ignore, 2];
    const kept = [0, 2, 4];
    for (const reduction of [0, 1, 2]) {
      k.reset();
      const values = numbers(rows * classes, 4);
      const x = k.floats(values), target = k.ints(labels);
      const probs = k.floats(new Array(rows * classes).fill(9));
      const loss = k.floats(new Array(reduction === 0 ? rows : 1).fill(9));
      const pointers = [x, target, probs, loss].map((block) => block.pointer);
      const sizes = [outer, classes, inner, reduction, ignore] as const;
      assertEquals(k.call("cross_entropy", ...sizes, ...pointers), -1);
      const logs = byColumn(
        [x.values],
        [outer, classes, inner],
        ([row]) => logSoftmax(row!),
      );
      const [row, step] = inner === 1 ? [classes, 1] : [1, inner];
      const each = labels.map((label, i) =>
        kept.includes(i) ? -logs[i * row + label * step]! : 0
      );
      const total = each.reduce((s, v) => s + v, 0);
      const expected = [each, [total / kept.length], [total]][reduction]!;
      near(loss.values, expected, 32 * eps(k), "loss");
      const g = k.floats([2, 2, 2, 2, 2]);
      const out = k.floats(new Array(rows * classes).fill(9));
      const mean = reduction === 1 ? 1 : 0;
      const inputs = [probs, target, g].map((block) => block.pointer);
      const name = "cross_entropy_backward";
      const shape = [outer, classes, inner] as const;
      k.call(name, ...shape, mean, ignore, ...inputs, 1, out.pointer);
      const gradient = logs.map((log, i) => {
        const place = Math.floor(i / row) % rows;
        if (!kept.includes(place)) return 0;
        const hit = labels[place] === Math.floor(i / step) % classes ? 1 : 0;
        return (Math.exp(log) - hit) * 2 / (mean === 1 ? kept.length : 1);
      });
      near(out.values, gradient, 32 * eps(k), "gradient");
    }
  }
});
