import { assertEquals, assertThrows } from "@std/assert";
import { conv3d, tensor, zeros } from "../mod.ts";
import { floats, layouts, wholes } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

/** conv3d of one volume and one kernel, as a loop. */
function correlate(
  x: readonly number[],
  [d, h, w]: readonly [number, number, number],
  k: readonly number[],
  [kd, kh, kw]: readonly [number, number, number],
): number[] {
  const out: number[] = [];
  for (let z = 0; z + kd <= d; z++) {
    for (let y = 0; y + kh <= h; y++) {
      for (let i = 0; i + kw <= w; i++) {
        let sum = 0;
        for (let a = 0; a < kd; a++) {
          for (let b = 0; b < kh; b++) {
            for (let c = 0; c < kw; c++) {
              sum += x[((z + a) * h + y + b) * w + i + c]! *
                k[(a * kh + b) * kw + c]!;
            }
          }
        }
        out.push(sum);
      }
    }
  }
  return out;
}

Deno.test("conv3d() is a loop over volume and kernel, in every layout", () => {
  const weight = tensor(wholes(12, 3), { shape: [1, 1, 2, 2, 3] });
  const sizes = [3, 4, 5] as const;
  for (const [how, x] of layouts(wholes(60), [1, ...sizes])) {
    const y = conv3d(x, weight);
    assertEquals(y.shape, [1, 2, 3, 3]);
    const expected = correlate(floats(x), sizes, floats(weight), [2, 2, 3]);
    assertEquals(floats(y), expected, how);
    assertEquals(y.isContiguous(), true);
  }
});

Deno.test("conv3d() takes an empty batch and float64", () => {
  const weight = zeros([2, 1, 2, 2, 2], { dtype: "float64" });
  const x = zeros([0, 1, 3, 3, 3], { dtype: "float64" });
  const y = conv3d(x, weight);
  assertEquals([y.dtype, y.shape], ["float64", [0, 2, 2, 2, 2]]);
});

Deno.test("conv3d() names what came and what was expected", () => {
  const [x, w] = [zeros([1, 2, 3, 3, 3]), zeros([4, 2, 2, 2, 2])];
  const bad: [() => unknown, string][] = [
    [
      () => conv3d(zeros([3, 3, 3]), w),
      "conv3d() got input [3, 3, 3] and weight [4, 2, 2, 2, 2], expected [N, C, D, H, W]",
    ],
    [() => conv3d(x, zeros([4, 2, 0, 2, 2])), "conv3d() got input"],
    [
      () => conv3d(x, zeros([4, 3, 2, 2, 2])),
      "conv3d() got input [1, 2, 3, 3, 3], weight [4, 3, 2, 2, 2] and groups 1",
    ],
    [() => conv3d(x, w, zeros([3])), "conv3d() got bias [3], expected [4]"],
    [
      () => conv3d(x, w, null, { stride: [1, 0, 1] }),
      "conv3d() got stride [1, 0, 1], expected a whole number of at least 1, or three of them",
    ],
    [() => conv3d(x, w, null, { padding: -1 }), "conv3d() got padding -1"],
    [
      () => conv3d(x, w, null, { dilation: [3, 1, 1] }),
      "conv3d() got a kernel that spans 4 over an axis of size 3",
    ],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
  assertThrows(
    () => conv3d(x, w.to("float64")),
    TypeError,
    "conv3d() got input float32, weight float64",
  );
});

testGradients("conv3d");
