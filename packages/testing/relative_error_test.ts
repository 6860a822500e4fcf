import { assertEquals, assertThrows } from "@std/assert";
import { assertNear, relativeError } from "./relative_error.ts";

Deno.test("relativeError() is relative to the largest reference value", () => {
  assertEquals(relativeError([101, 0], [100, 1]), 0.01);
  assertEquals(relativeError([1e-3, 0], [0, 0]), 1);
  assertEquals(relativeError([], []), 0);
});

Deno.test("relativeError() is infinite for what cannot be compared", () => {
  assertEquals(relativeError([1], [1, 1]), Infinity);
  assertEquals(relativeError([NaN, 1], [1, 1]), Infinity);
  assertEquals(relativeError([1, 1], [NaN, 1]), Infinity);
  assertEquals(relativeError([Infinity], [-Infinity]), Infinity);
  assertEquals(relativeError([NaN, -Infinity], [NaN, -Infinity]), 0);
});

Deno.test("assertNear() names the element that is furthest off", () => {
  assertNear([1, 2.00001], [1, 2], 1e-5);
  assertThrows(
    () => assertNear([1, 2, 3.5], [1, 2.1, 3], 1e-5, "weights"),
    Error,
    "weights: relative error 1.67e-1 exceeds 0.00001, element 2 is 3.5, expected 3",
  );
  assertThrows(() => assertNear([1], [1, 2]), Error, "1 elements, not 2");
  assertThrows(() => assertNear([0, NaN], [0, 1]), Error, "element 1 is NaN");
});
