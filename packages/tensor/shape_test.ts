import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  broadcastShapes,
  checkAxes,
  checkAxis,
  checkShape,
  contiguousStrides,
  formatShape,
  reducedShape,
  sameShape,
  sizeOf,
} from "./shape.ts";

Deno.test("sizeOf() multiplies, and a scalar has one element", () => {
  assertEquals(
    [sizeOf([]), sizeOf([3]), sizeOf([2, 3, 4]), sizeOf([2, 0, 4])],
    [1, 3, 24, 0],
  );
});

Deno.test("formatShape() and sameShape() treat shapes as lists", () => {
  assertEquals([formatShape([]), formatShape([2, 3])], ["[]", "[2, 3]"]);
  assertEquals(sameShape([2, 3], [2, 3]), true);
  assertEquals([sameShape([2], [2, 1]), sameShape([2, 3], [3, 2])], [
    false,
    false,
  ]);
});

Deno.test("checkShape() takes whole numbers of at least 0", () => {
  checkShape("zeros", []);
  checkShape("zeros", [0, 3]);
  for (const shape of [[-1], [1.5], [NaN], [Infinity], [2, -3]]) {
    assertThrows(
      () => checkShape("zeros", shape),
      RangeError,
      `zeros() got shape ${
        formatShape(shape)
      }: sizes must be whole numbers of at least 0`,
    );
  }
});

Deno.test("checkAxis() counts from both ends", () => {
  assertEquals([0, 2, -1, -3].map((axis) => checkAxis("sum", axis, 3)), [
    0,
    2,
    2,
    0,
  ]);
  assertThrows(
    () => checkAxis("sum", 3, 3),
    RangeError,
    "sum() got dim 3, expected -3 to 2",
  );
  assertThrows(() => checkAxis("sum", -4, 3), RangeError, "sum() got dim -4");
  assertThrows(() => checkAxis("sum", 0.5, 3), RangeError, "sum() got dim 0.5");
  assertThrows(() => checkAxis("sum", NaN, 3), RangeError, "sum() got dim NaN");
  assertThrows(
    () => checkAxis("sum", 0, 0),
    RangeError,
    "sum() got dim 0, but a scalar has no dims",
  );
});

Deno.test("checkAxes() sorts, and means all by none", () => {
  assertEquals(checkAxes("sum", null, 3), [0, 1, 2]);
  assertEquals(checkAxes("sum", undefined, 2), [0, 1]);
  assertEquals(checkAxes("sum", [], 2), [0, 1]);
  assertEquals(checkAxes("sum", [2, -3], 3), [0, 2]);
  assertEquals(checkAxes("sum", -1, 3), [2]);
  assertEquals([checkAxes("sum", 0, 0), checkAxes("sum", -1, 0)], [[], []]);
  assertThrows(
    () => checkAxes("sum", 1, 0),
    RangeError,
    "a scalar has no dims",
  );
  assertThrows(
    () => checkAxes("sum", [1, -1], 2),
    RangeError,
    "sum() got dim 1 more than once",
  );
});

Deno.test("broadcastShapes() stretches sizes of 1, from the last axis on", () => {
  const cases: [number[], number[], number[]][] = [
    [[], [], []],
    [[], [2, 3], [2, 3]],
    [[3], [2, 1], [2, 3]],
    [[4, 1, 3], [2, 1], [4, 2, 3]],
    [[1], [0], [0]],
    [[0, 1], [1, 5], [0, 5]],
  ];
  for (const [a, b, expected] of cases) {
    assertEquals(broadcastShapes("add", a, b), expected);
    assertEquals(broadcastShapes("add", b, a), expected);
  }
  const shape = [2, 3];
  assertStrictEquals(broadcastShapes("add", shape, [2, 3]), shape);
  assertThrows(
    () => broadcastShapes("add", [2, 3], [4, 1, 5]),
    RangeError,
    "Cannot broadcast [2, 3] with [4, 1, 5] in add(): sizes 3 and 5 at dim -1 must be equal, or one of them 1",
  );
  assertThrows(
    () => broadcastShapes("add", [0], [2]),
    RangeError,
    "sizes 0 and 2",
  );
});

Deno.test("strides are row-major, reduced shapes drop or keep axes", () => {
  assertEquals(contiguousStrides([2, 3, 4]), [12, 4, 1]);
  assertEquals(contiguousStrides([]), []);
  assertEquals(reducedShape([2, 3, 4], [0, 2], false), [3]);
  assertEquals(reducedShape([2, 3, 4], [0, 2], true), [1, 3, 1]);
});
