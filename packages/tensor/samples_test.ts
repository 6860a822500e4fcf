/** Operands that hurt, for the tests of this package: no tests of its own. */

import { assertEquals } from "@std/assert";
import { broadcastTo } from "@fdunn/testing";
import {
  type DType,
  getNumThreads,
  setDeterministic,
  setNumThreads,
  type Shape,
  type Tensor,
  tensor,
} from "./mod.ts";

/** Numbers in [low, high), the same for the same seed. */
export function numbers(
  n: number,
  seed = 1,
  low = -2,
  high = 2,
): number[] {
  let state = (seed * 2654435761) >>> 0;
  return Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return low + (high - low) * (state >>> 8) / 2 ** 24;
  });
}

/** Whole numbers in [low, high). */
export function wholes(n: number, seed = 1, low = -9, high = 10): number[] {
  return numbers(n, seed, low, high).map(Math.floor);
}

/** The number of elements of a shape. */
export function count(shape: Shape): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** What lies between the elements of a strided operand: never to be read. */
function junk(dtype: DType): number {
  return dtype === "float32" || dtype === "float64" ? NaN : 1;
}

/** The same elements lying in memory in every way a view can bring about. */
export function layouts(
  values: readonly number[],
  shape: Shape,
  dtype: DType = "float32",
): [string, Tensor][] {
  const plain = tensor(values, { shape, dtype });
  const all: [string, Tensor][] = [["row-major", plain]];
  if (shape.length === 0) {
    const row = tensor([junk(dtype), values[0]!, junk(dtype)], { dtype });
    return [...all, ["selected", row.select(0, 1)]];
  }
  if (count(shape) === 0) return all;
  const last = shape[shape.length - 1]!;
  const wide = values.flatMap((value) => [value, junk(dtype)]);
  const stepped = tensor(wide, {
    shape: [...shape.slice(0, -1), 2 * last],
    dtype,
  });
  all.push(["stepped", stepped.slice(-1, 0, 2 * last, 2)]);
  const row = values.length / shape[0]!;
  const before = new Array<number>(row).fill(junk(dtype));
  const longer = [shape[0]! + 1, ...shape.slice(1)];
  const offset = tensor([...before, ...values], { shape: longer, dtype });
  all.push(["offset", offset.narrow(0, 1, shape[0]!)]);
  if (shape.length > 1) {
    const back = shape.map((_, i) => shape.length - 1 - i);
    const turned = tensor(plain.permute(back).data(), {
      shape: back.map((i) => shape[i]!),
      dtype,
    });
    all.push(["transposed", turned.permute(back)]);
  }
  return all;
}

/** `f` over two broadcast operands, element by element in float64. */
export function pairwise(
  a: Tensor,
  b: Tensor,
  shape: Shape,
  f: (x: number, y: number) => number,
): number[] {
  const x = broadcastTo(floats(a), [...a.shape], [...shape]);
  const y = broadcastTo(floats(b), [...b.shape], [...shape]);
  return Array.from(x, (value, i) => f(value, y[i]!));
}

/** A tensor's elements as float64. */
export function floats(x: Tensor): number[] {
  return Array.from(x.data() as ArrayLike<number | bigint>, Number);
}

/** Shapes at which kernels change their path: empty, one, around a tile. */
export const LENGTHS: readonly number[] = [
  0,
  1,
  2,
  3,
  4,
  5,
  7,
  8,
  15,
  16,
  17,
  33,
  64,
  65,
];

/**
 * What `f` returns on one, two and three threads: workers start when work is
 * large enough, and the program waits for them.
 */
export async function onThreads<T>(f: () => T): Promise<[T, T, T]> {
  const threads = getNumThreads();
  const results: T[] = [];
  try {
    for (const count of [1, 2, 3]) {
      setNumThreads(count);
      for (let i = 0; i < (count - 1) * 6; i++) {
        f();
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
      results.push(f());
    }
  } finally {
    setNumThreads(threads);
  }
  return results as [T, T, T];
}

/** Waits for workers to start; work that is large enough starts them. */
async function warmUp(run: () => unknown): Promise<void> {
  for (let i = 0; i < 8; i++) {
    run();
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** Runs `f` with 1 to 4 threads and in both builds; bits must be equal. */
export async function sameBits(f: () => Tensor[]): Promise<void> {
  const threads = getNumThreads();
  try {
    for (const deterministic of [false, true]) {
      setDeterministic(deterministic);
      let expected: Uint32Array[] | undefined;
      for (const count of [1, 2, 3, 4]) {
        setNumThreads(count);
        if (count > 1) await warmUp(f);
        const bits = f().map((t) => new Uint32Array(t.data().buffer));
        expected ??= bits;
        bits.forEach((words, i) => {
          // assertEquals() takes seconds for a million words.
          const at = words.findIndex((word, j) => word !== expected![i]![j]);
          assertEquals(at, -1, `${count} threads, result ${i}`);
        });
      }
    }
  } finally {
    setNumThreads(threads);
    setDeterministic(false);
  }
}
