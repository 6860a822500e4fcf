import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import { type DType, ones, tensor, zeros } from "../mod.ts";
import { floats, layouts, wholes } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

const ALL: DType[] = [
  "float32",
  "float64",
  "int32",
  "bool",
  "float16",
  "bfloat16",
  "int64",
  "int8",
  "uint8",
];

Deno.test("to() carries 0 and 1 from every dtype to every other", () => {
  for (const from of ALL) {
    const x = tensor([0, 1, 1, 0, 1], { dtype: "int32" }).to(from);
    assertEquals(x.dtype, from);
    for (const dtype of ALL) {
      const y = x.to(dtype);
      assertEquals(y.dtype, dtype);
      assertEquals(y.shape, [5]);
      const back = y.to("float32");
      assertEquals(floats(back), [0, 1, 1, 0, 1], `${from} to ${dtype}`);
      assertEquals(zeros([0, 2], { dtype: "int32" }).to(from).to(dtype).shape, [
        0,
        2,
      ]);
    }
  }
});

Deno.test("to() the tensor's own dtype is the tensor", () => {
  const x = ones([2]);
  assertStrictEquals(x.to("float32"), x);
});

Deno.test("to() refuses a name that is no dtype", () => {
  for (const name of ["float12", "toString", ""]) {
    assertThrows(
      () => ones([2]).to(name as DType),
      TypeError,
      `to() got dtype "${name}", expected one of float32, float64, int32, bool`,
    );
  }
});

Deno.test("to() reads every layout", () => {
  for (const [how, x] of layouts(wholes(24, 2), [2, 3, 4])) {
    assertEquals(floats(x.to("int32")), floats(x), how);
    assertEquals(floats(x.to("float64")), floats(x), how);
    assertEquals(floats(x.to("int8")), floats(x), how);
  }
});

Deno.test("float32 becomes int32 by cutting off the fraction", () => {
  const x = tensor([1.9, -1.9, 0.5, -0.5, 2147483520, -2147483648]);
  assertEquals(
    floats(x.to("int32")).map((v) => v + 0),
    [1, -1, 0, 0, 2147483520, -2147483648],
  );
  const y = tensor([1.9, -1.9, 2147483647, 4.5], { dtype: "float64" });
  assertEquals(floats(y.to("int32")), [1, -1, 2147483647, 4]);
});

Deno.test("bool is whether a value is not zero, NaN included", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const x = tensor([0, -0, 1e-30, -3, NaN, Infinity], { dtype });
    assertEquals(x.to("bool").toArray(), [
      false,
      false,
      true,
      true,
      true,
      true,
    ]);
  }
  const tiny = tensor([1e-300], { dtype: "float64" });
  assertEquals(tiny.to("bool").item(), 1);
  for (const dtype of ["int32", "int8", "uint8"] as const) {
    const x = tensor([0, 7, 100], { dtype });
    assertEquals(x.to("bool").toArray(), [false, true, true], dtype);
  }
});

Deno.test("16-bit floats round to nearest even and keep special values", () => {
  const x = tensor([
    1,
    -2.5,
    65504,
    65520,
    1e-8,
    5.96e-8,
    NaN,
    Infinity,
    1 + 2 ** -11,
    1 + 3 * 2 ** -11,
  ]);
  assertEquals(x.to("float16").toArray(), [
    1,
    -2.5,
    65504,
    Infinity,
    0,
    2 ** -24,
    NaN,
    Infinity,
    1,
    1 + 2 ** -9,
  ]);
  const y = tensor([1, 1 + 2 ** -8, 1 + 3 * 2 ** -8, 3e38, NaN, -Infinity]);
  assertEquals(
    y.to("bfloat16").toArray().toString(),
    [
      1,
      1,
      1 + 2 ** -6,
      3.00405527047391e38,
      NaN,
      -Infinity,
    ].toString(),
  );
  for (const dtype of ["float16", "bfloat16"] as const) {
    const half = tensor([0.5, -3, 12, 0]).to(dtype);
    assertEquals(floats(half.to("float32")), [0.5, -3, 12, 0]);
    assertEquals(floats(half.to("float64")), [0.5, -3, 12, 0]);
    assertEquals(
      half.to("int64").data<BigInt64Array>(),
      new BigInt64Array([0n, -3n, 12n, 0n]),
    );
  }
});

Deno.test("int64 becomes int32 only where it fits", () => {
  const x = tensor(new BigInt64Array([-(2n ** 31n), 2n ** 31n - 1n, 0n]));
  assertEquals(floats(x.to("int32")), [-(2 ** 31), 2 ** 31 - 1, 0]);
  assertEquals(x.to("int32").to("int64").data(), x.data());
  for (const bad of [2n ** 31n, -(2n ** 31n) - 1n, 2n ** 62n]) {
    assertThrows(
      () => tensor(new BigInt64Array([1n, bad])).to("int32"),
      RangeError,
      "at position 1 of int64",
    );
    assertThrows(
      () => tensor(new BigInt64Array([bad])).to("float32"),
      RangeError,
    );
  }
});

Deno.test("to() lets gradients through between floats only", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.to("float64");
  y.mul(tensor([3, 4], { dtype: "float64" })).sum().backward();
  assertEquals(x.grad!.dtype, "float32");
  assertEquals(x.grad!.toArray(), [3, 4]);
  assertEquals(x.to("int32").requiresGrad, false);
  assertEquals(x.to("float16").requiresGrad, false);
});

testGradients("cast");
