import { assertEquals, assertThrows } from "@std/assert";
import {
  interpolate,
  type InterpolateMode,
  type InterpolateOptions,
  tensor,
  zeros,
} from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("interpolate() does the same in every layout", () => {
  const modes: InterpolateMode[] = [
    ...["nearest", "nearest-exact", "bilinear", "bicubic", "area"] as const,
  ];
  for (const mode of modes) {
    const options = { size: [5, 2], mode };
    const [first, ...rest] = layouts(numbers(24), [1, 2, 3, 4]);
    const expected = floats(interpolate(first![1], options));
    for (const [how, x] of rest) {
      assertEquals(floats(interpolate(x, options)), expected, how);
    }
  }
});

Deno.test("interpolate() keeps a plane a plane, and labels labels", () => {
  const x = tensor([[0, 1, 2], [10, 11, 12]]).reshape([1, 1, 2, 3]);
  const y = interpolate(x, {
    size: [3, 5],
    mode: "bilinear",
    alignCorners: true,
  });
  assertEquals(y.reshape([3, 5]).toArray(), [
    [0, 0.5, 1, 1.5, 2],
    [5, 5.5, 6, 6.5, 7],
    [10, 10.5, 11, 11.5, 12],
  ]);
  const labels = tensor([[[3, 8]]], { dtype: "int32" });
  const fine = interpolate(labels, { scaleFactor: 2 });
  assertEquals([fine.dtype, floats(fine)], ["int32", [3, 3, 8, 8]]);
  const edge = tensor([[[1, Infinity, 2, 2]]]);
  const wide = interpolate(edge, { size: 8, mode: "linear" });
  // What does not lie beside an infinity stays finite.
  assertEquals(floats(wide).slice(5), [2, 2, 2]);
});

Deno.test("interpolate() of the same size copies", () => {
  const x = zeros([1, 1, 3]);
  for (const mode of ["nearest", "linear"] as const) {
    const y = interpolate(x, { size: 3, mode });
    assertEquals(y.array.storage === x.array.storage, false);
  }
});

Deno.test("interpolate() names what came and what was expected", () => {
  const image = zeros([1, 1, 2, 2]);
  const bad: [InterpolateOptions, string][] = [
    [{}, "interpolate() needs either size or scaleFactor"],
    [{ size: 2, scaleFactor: 2 }, "either size or scaleFactor, and not both"],
    [
      { size: 2, mode: "linear" },
      'interpolate() got input [1, 1, 2, 2] for mode "linear", expected 3 axes: [N, C, ...]',
    ],
    [
      { size: [2, 2, 2] },
      "interpolate() got 3 sizes or factors for 2 axes of [1, 1, 2, 2]",
    ],
    [{ size: 0 }, "interpolate() cannot make 0 elements of 2 along dim 2"],
    [{ scaleFactor: 0.4 }, "interpolate() cannot make 0 elements of 2"],
    [{ size: 2.5 }, "interpolate() cannot make 2.5 elements of 2"],
    [
      { size: 3, alignCorners: true },
      'interpolate() got alignCorners for mode "nearest", which has no such choice',
    ],
    [
      { size: 3, mode: "cubic" as "bicubic" },
      'interpolate() got mode "cubic", expected nearest',
    ],
  ];
  for (const [options, message] of bad) {
    assertThrows(() => interpolate(image, options), RangeError, message);
  }
  assertThrows(
    () => interpolate(zeros([2, 2]), { size: 2 }),
    RangeError,
    "expected [N, C, ...] with one to three axes more",
  );
  assertThrows(
    () => interpolate(image.to("int32"), { size: 3, mode: "bilinear" }),
    TypeError,
    "interpolate() expects float32 or float64, got int32",
  );
});

testGradients("interpolate");
