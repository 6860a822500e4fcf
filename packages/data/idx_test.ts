import { readIdx } from "@fdunn/data";
import { assertEquals, assertThrows } from "@std/assert";

/** An IDX file: magic number, sizes, elements. */
function idx(
  type: number,
  shape: number[],
  elements: ArrayLike<number>,
): Uint8Array {
  const header = new DataView(new ArrayBuffer(4 + 4 * shape.length));
  header.setUint32(0, (type << 8) | shape.length);
  shape.forEach((size, i) => header.setUint32(4 + 4 * i, size));
  return Uint8Array.of(
    ...new Uint8Array(header.buffer),
    ...Array.from(elements),
  );
}

/** Elements with the high byte first. */
function bigEndian(
  bytes: number,
  values: number[],
  set: "setInt16" | "setInt32" | "setFloat32" | "setFloat64",
): Uint8Array {
  const view = new DataView(new ArrayBuffer(bytes * values.length));
  values.forEach((value, i) => view[set](i * bytes, value));
  return new Uint8Array(view.buffer);
}

Deno.test("readIdx() reads unsigned bytes of any rank", () => {
  const cube = readIdx(idx(0x08, [2, 1, 3], [0, 1, 2, 253, 254, 255]));
  assertEquals(cube.dtype, "uint8");
  assertEquals(cube.toArray(), [[[0, 1, 2]], [[253, 254, 255]]]);
  assertEquals(readIdx(idx(0x08, [0, 28], [])).shape, [0, 28]);
  assertEquals(readIdx(idx(0x08, [], [7])).item(), 7);
});

Deno.test("readIdx() reads every other element type", () => {
  const signed = readIdx(idx(0x09, [3], [128, 255, 127]));
  assertEquals(signed.dtype, "int8");
  assertEquals(signed.toArray(), [-128, -1, 127]);

  const short = bigEndian(2, [-32768, 258, 32767], "setInt16");
  assertEquals(readIdx(idx(0x0b, [3], short)).dtype, "int32");
  assertEquals(readIdx(idx(0x0b, [3], short)).toArray(), [-32768, 258, 32767]);

  const int = bigEndian(4, [-(2 ** 31), 16909060], "setInt32");
  assertEquals(readIdx(idx(0x0c, [2], int)).dtype, "int32");
  assertEquals(readIdx(idx(0x0c, [2], int)).toArray(), [-(2 ** 31), 16909060]);

  const float = bigEndian(4, [1.5, -0.25], "setFloat32");
  assertEquals(readIdx(idx(0x0d, [1, 2], float)).dtype, "float32");
  assertEquals(readIdx(idx(0x0d, [1, 2], float)).toArray(), [[1.5, -0.25]]);

  const double = bigEndian(8, [Math.PI, -1e300], "setFloat64");
  assertEquals(readIdx(idx(0x0e, [2], double)).dtype, "float64");
  assertEquals(readIdx(idx(0x0e, [2], double)).toArray(), [Math.PI, -1e300]);
});

Deno.test("readIdx() reads from the middle of a buffer and copies", () => {
  const bytes = Uint8Array.of(9, 9, 9, ...idx(0x08, [2], [5, 6]), 9);
  const inner = bytes.subarray(3, bytes.length - 1);
  const x = readIdx(inner);
  inner.fill(0);
  assertEquals(x.toArray(), [5, 6]);
});

Deno.test("readIdx() says what is wrong with a file", () => {
  const good = idx(0x08, [2, 3], [1, 2, 3, 4, 5, 6]);
  const cases: [Uint8Array, string][] = [
    [
      new Uint8Array(3),
      "digits has 3 bytes, expected an IDX file, which has at least 4",
    ],
    [
      new TextEncoder().encode("<!DOCTYPE html>"),
      "digits begins with 0x3c21444f, expected the magic number of an IDX file, which begins with 0x0000",
    ],
    [
      idx(0x0a, [1], [1]),
      "digits has elements of type 0x0a, expected an IDX type: 0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e",
    ],
    [
      good.subarray(0, 9),
      "digits is truncated: 2 sizes need 12 bytes, and it has 9",
    ],
    [
      good.subarray(0, 17),
      "digits is truncated: [2, 3] uint8 need 18 bytes, and it has 17",
    ],
    [
      Uint8Array.of(...good, 0),
      "digits has trailing bytes: [2, 3] uint8 need 18 bytes, and it has 19",
    ],
  ];
  for (const [bytes, message] of cases) {
    assertThrows(() => readIdx(bytes, "digits"), RangeError, message);
  }
});
