import { assertEquals, assertThrows } from "@std/assert";
import { type DType, ones, tensor } from "../mod.ts";
import { floats, layouts } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

const VALUES = [NaN, Infinity, -Infinity, 0, -1.5, 3e38];

Deno.test("isnan(), isinf() and isfinite() tell numbers from others", () => {
  for (const dtype of ["float32", "float64"] as const) {
    for (const [how, x] of layouts(VALUES, [2, 3], dtype)) {
      assertEquals(floats(x.isnan()), [1, 0, 0, 0, 0, 0], how);
      assertEquals(floats(x.isinf()), [0, 1, 1, 0, 0, 0], how);
      assertEquals(floats(x.isfinite()), [0, 0, 0, 1, 1, 1], how);
      assertEquals(x.isnan().dtype, "bool");
    }
  }
  for (const dtype of ["int32", "bool"] as DType[]) {
    const x = tensor([0, 1], { dtype });
    assertEquals(x.isnan().toArray(), [false, false]);
    assertEquals(x.isinf().toArray(), [false, false]);
    assertEquals(x.isfinite().toArray(), [true, true]);
  }
  const half = ones([1]).to("float16");
  for (const name of ["isnan", "isinf", "isfinite", "nanToNum"] as const) {
    assertThrows(
      () => half[name](),
      TypeError,
      `${name}() does not compute in float16`,
    );
  }
});

Deno.test("nanToNum() puts the dtype's own limits, or what it is told", () => {
  const single = (2 - 2 ** -23) * 2 ** 127;
  for (
    const [dtype, most] of [["float32", single], [
      "float64",
      Number.MAX_VALUE,
    ]] as [DType, number][]
  ) {
    const y = tensor(VALUES.slice(0, 5), { dtype }).nanToNum();
    assertEquals(floats(y), [0, most, -most, 0, -1.5]);
  }
  const told = tensor(VALUES.slice(0, 5))
    .nanToNum({ nan: 7, posinf: 8, neginf: Infinity });
  // A replacement is not replaced again.
  assertEquals(floats(told), [7, 8, Infinity, 0, -1.5]);
  const whole = tensor([1, 2], { dtype: "int32" });
  assertEquals(whole.nanToNum().toArray(), [1, 2]);
  const x = tensor([NaN, Infinity, 2], { requiresGrad: true });
  x.nanToNum().mul(3).sum().backward();
  assertEquals(x.grad!.toArray(), [0, 0, 3]);
});

Deno.test("isclose() and allclose() tolerate what PyTorch tolerates", () => {
  const a = tensor([1, 1, 1e10, 0, NaN, Infinity, Infinity, Infinity, -5]);
  const b = tensor([
    1,
    1.000009,
    1.00002e10,
    1e-8,
    NaN,
    Infinity,
    -Infinity,
    1,
    5,
  ]);
  const close = [true, true, false, true, false, true, false, false, false];
  assertEquals(a.isclose(b).toArray(), close);
  close[4] = true;
  assertEquals(a.isclose(b, { equalNan: true }).toArray(), close);
  assertEquals(a.isclose(b, { rtol: 1e-4 }).toArray()[2 as never], true);
  assertEquals(tensor([1, 2]).allclose(tensor([1, 2.00001])), true);
  assertEquals(tensor([1, 2]).allclose(tensor([1, 2.1])), false);
  assertEquals(tensor([1, 2]).allclose(tensor(1), { atol: 1 }), true);
  const whole = tensor([100, 3], { dtype: "int32" });
  assertEquals(whole.isclose(tensor([100.0001, 4])).toArray(), [true, false]);
  assertThrows(
    () => a.isclose(b, { atol: -1 }),
    RangeError,
    "isclose() got rtol 0.00001 and atol -1, expected at least 0",
  );
});

Deno.test("equal() compares shapes and all elements", () => {
  const x = tensor([[1, 2], [3, 4]]);
  assertEquals(x.equal(tensor([[1, 2], [3, 4]])), true);
  assertEquals(x.equal(x.t()), false);
  assertEquals(x.equal(tensor([1, 2])), false);
  assertEquals(x.equal(x.to("int32")), true);
  assertEquals(tensor([NaN]).equal(tensor([NaN])), false);
  assertEquals(ones([0]).equal(ones([0])), true);
});

testGradients("classify");
