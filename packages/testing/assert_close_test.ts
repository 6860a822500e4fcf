import { assertThrows } from "@std/assert";
import { assertClose } from "./assert_close.ts";

Deno.test("assertClose() accepts numbers, nested and typed arrays", () => {
  assertClose(1 + 1e-9, 1);
  assertClose([[1, 2], [3]], [[1, 2 + 1e-9], [3]]);
  assertClose(new Float32Array([0.1, 0.2]), [0.1, 0.2], { rtol: 1e-6 });
  assertClose(new BigInt64Array([3n]), [3]);
  assertClose([true, false], [1, 0]);
  assertClose([], []);
});

Deno.test("assertClose() takes NaN and infinities at their word", () => {
  assertClose([NaN, Infinity, -Infinity], [NaN, Infinity, -Infinity]);
  assertThrows(() => assertClose([1], [NaN]), Error, "expected NaN");
  assertThrows(() => assertClose([NaN], [1]), Error, "NaN, expected 1");
  assertThrows(() => assertClose([1e300], [Infinity]), Error, "[0]");
  assertThrows(() => assertClose([-Infinity], [Infinity]), Error, "[0]");
});

Deno.test("assertClose() names the worst place and counts the rest", () => {
  assertThrows(
    () => assertClose([[1, 2], [3, 5]], [[1, 2.1], [3, 4]], { what: "y" }),
    Error,
    "y: 2 of 4 values are not close; the worst is at [1][1]: 5, expected 4",
  );
});

Deno.test("assertClose() adds both tolerances", () => {
  assertClose(10.3, 10, { rtol: 0.02, atol: 0.11 });
  assertThrows(() => assertClose(10.32, 10, { rtol: 0.02, atol: 0.11 }));
  assertThrows(() => assertClose(1e-7, 0));
});

Deno.test("assertClose() refuses another form", () => {
  assertThrows(() => assertClose([1, 2], [1]), Error, "Expected 1, got 2");
  assertThrows(() => assertClose(1, [1]), Error, "Expected an array");
  assertThrows(() => assertClose([[1]], [1]), Error, "a number at [0]");
});
