import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  allocate,
  contiguous,
  copyInto,
  copyOf,
  fromBytes,
  heap,
  mergeAxes,
  mergedStride,
  type NdArray,
  readScalar,
  toTypedArray,
  viewOf,
  writable,
} from "./nd_array.ts";
import { beginOp } from "./storage.ts";

function counted(shape: number[]): NdArray {
  beginOp("test");
  const array = allocate(shape, "float32");
  const at = writable(array) >>> 2;
  for (let i = 0; i < array.size; i++) heap.f32[at + i] = i;
  return array;
}

Deno.test("allocate() makes row-major arrays, also without elements", () => {
  const x = counted([2, 3]);
  assertEquals([x.shape, x.size, x.offset, x.steps], [[2, 3], 6, 0, null]);
  assertEquals(x.strides, [3, 1]);
  assertEquals([...toTypedArray(x)], [0, 1, 2, 3, 4, 5]);
  assertEquals(toTypedArray(counted([0, 3])).length, 0);
  assertEquals([...toTypedArray(counted([]))], [0]);
});

Deno.test("viewOf() notices row-major strides, sizes of 1 aside", () => {
  const x = counted([4, 3]);
  assertEquals(viewOf(x, [2, 3], [3, 1], 3).steps, null);
  assertEquals(viewOf(x, [1, 3], [99, 1], 0).steps, null);
  assertEquals(viewOf(x, [0, 3], [7, 7], 0).steps, null);
  assertEquals(viewOf(x, [3, 4], [1, 3], 0).steps, [1, 3]);
  assertEquals([...toTypedArray(viewOf(x, [2, 3], null, 6))], [
    6,
    7,
    8,
    9,
    10,
    11,
  ]);
});

Deno.test("contiguous() copies strided arrays and no others", () => {
  const x = counted([2, 3]);
  assert(contiguous(x) === x);
  const turned = viewOf(x, [3, 2], [1, 3], 0);
  beginOp("test");
  const copy = contiguous(turned);
  assert(copy.storage !== x.storage);
  assertEquals([...toTypedArray(copy)], [0, 3, 1, 4, 2, 5]);
  assertEquals([...toTypedArray(turned)], [0, 3, 1, 4, 2, 5]);
  assertEquals([...toTypedArray(copyOf(x))], [0, 1, 2, 3, 4, 5]);
});

Deno.test("copyInto() writes through strides and touches nothing between", () => {
  const x = counted([2, 2]);
  const out = counted([3, 4]);
  copyInto(x, viewOf(out, [2, 2], [4, 2], 5));
  assertEquals([...toTypedArray(out)], [0, 1, 2, 3, 4, 0, 6, 1, 8, 2, 10, 3]);
  const [none, target] = [counted([0]), counted([2])];
  copyInto(none, viewOf(target, [0], [1], 2));
  assertEquals([...toTypedArray(target)], [0, 1]);
});

Deno.test("mergeAxes() joins axes that one stride spans, for both operands", () => {
  assertEquals(mergeAxes([2, 3, 4], [12, 4, 1], [12, 4, 1]), 1);
  assertEquals([mergedStride("a"), mergedStride("b")], [1, 1]);
  assertEquals(mergeAxes([2, 3, 4], [12, 4, 1], [0, 0, 0]), 1);
  assertEquals(mergedStride("b"), 0);
  assertEquals(mergeAxes([2, 3, 4], [12, 4, 1], [0, 4, 1]), 2);
  assertEquals(mergeAxes([2, 3], [1, 2], [3, 1]), 2);
  assertEquals(mergeAxes([1, 5, 1], [9, 2, 9], [7, 1, 7]), 1);
  assertEquals([mergedStride("a"), mergedStride("b")], [2, 1]);
  assertEquals(mergeAxes([], [], []), 1);
  assertEquals(mergeAxes([1, 1], [1, 1], [1, 1]), 1);
});

Deno.test("mergeAxes() refuses more dims than the kernels take", () => {
  const sizes = (rank: number) => new Array<number>(rank).fill(2);
  const apart = (rank: number) =>
    sizes(rank).map((_, i) => i % 2 === 0 ? 1 : 5);
  assertEquals(mergeAxes(sizes(16), apart(16), apart(16)), 16);
  assertThrows(
    () => mergeAxes(sizes(17), apart(17), apart(17)),
    RangeError,
    "A strided tensor has more than 16 dims",
  );
  // What counts is what is left after merging.
  assertEquals(mergeAxes(sizes(20), sizes(20).fill(0), sizes(20).fill(0)), 1);
});

Deno.test("readScalar() reads one element of any dtype, at any offset", () => {
  const bytes = new Uint8Array(16);
  bytes[8] = 5;
  for (const dtype of ["int32", "uint8", "int64", "bool", "int8"] as const) {
    const width = { int32: 4, uint8: 1, int64: 8, bool: 1, int8: 1 }[dtype];
    beginOp("test");
    const array = fromBytes(bytes.slice(), [16 / width], dtype);
    const one = viewOf(array, [], null, 8 / width);
    assertEquals(Number(readScalar(one)), 5, dtype);
  }
});
