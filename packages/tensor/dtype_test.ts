import { assertEquals, assertThrows } from "@std/assert";
import {
  type DType,
  dtypeOf,
  fitsInt32,
  isFloat,
  ITEM_BYTES,
  promote,
  requireComputing,
  requireFloat,
  typedArray,
} from "./dtype.ts";

const ALL = Object.keys(ITEM_BYTES) as DType[];

Deno.test("a typed array of every dtype has its width and reads back its kind", () => {
  for (const dtype of ALL) {
    const array = typedArray(dtype, 3);
    assertEquals(array.length, 3);
    assertEquals(array.BYTES_PER_ELEMENT, ITEM_BYTES[dtype], dtype);
  }
  const bytes = new ArrayBuffer(16);
  const part = typedArray("int32", 2, bytes, 8);
  part[0] = 7;
  assertEquals(new Int32Array(bytes)[2], 7);
});

Deno.test("dtypeOf() knows the typed arrays that carry values", () => {
  assertEquals(dtypeOf(new Float32Array(1)), "float32");
  assertEquals(dtypeOf(new Float64Array(1)), "float64");
  assertEquals(dtypeOf(new Int32Array(1)), "int32");
  assertEquals(dtypeOf(new Uint8Array(1)), "uint8");
  assertEquals(dtypeOf(new Uint8ClampedArray(1)), "uint8");
  assertEquals(dtypeOf(new Int8Array(1)), "int8");
  assertEquals(dtypeOf(new BigInt64Array(1)), "int64");
  for (
    const array of [
      new Uint16Array(1),
      new Uint32Array(1),
      new DataView(new ArrayBuffer(1)),
    ]
  ) {
    assertThrows(() => dtypeOf(array), TypeError, "Cannot make a tensor from");
  }
  assertThrows(
    () => dtypeOf(new Uint16Array(1)),
    TypeError,
    "Uint16Array: expected Float32Array",
  );
});

Deno.test("promote() goes from bool over int32 and float32 to float64", () => {
  const order: DType[] = ["bool", "int32", "float32", "float64"];
  order.forEach((a, i) =>
    order.forEach((b, j) =>
      assertEquals(promote("add", a, b), order[Math.max(i, j)])
    )
  );
  for (const dtype of ALL.filter((dtype) => !order.includes(dtype))) {
    assertThrows(
      () => promote("add", "float32", dtype),
      TypeError,
      `add() does not compute in ${dtype}, which only stores`,
    );
    assertThrows(() => requireComputing("mul", dtype), TypeError, "mul()");
  }
});

Deno.test("only float32 and float64 have gradients", () => {
  assertEquals(ALL.filter(isFloat), ["float32", "float64"]);
  requireFloat("exp", "float64");
  for (const dtype of ALL.filter((dtype) => !isFloat(dtype))) {
    assertThrows(
      () => requireFloat("exp", dtype),
      TypeError,
      `exp() expects float32 or float64, got ${dtype}`,
    );
  }
});

Deno.test("fitsInt32() knows its bounds", () => {
  assertEquals([-(2 ** 31), 2 ** 31 - 1, 0, -0].map(fitsInt32), [
    true,
    true,
    true,
    true,
  ]);
  assertEquals([2 ** 31, -(2 ** 31) - 1, 0.5, NaN, Infinity].map(fitsInt32), [
    false,
    false,
    false,
    false,
    false,
  ]);
});
