import { assert, assertEquals, assertThrows } from "@std/assert";
import { type DType, pad, type PadMode, tensor, zeros } from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

/** The element of `[2, 3, 4]` that stands for one at `i` of an axis of n. */
const PLACES: Record<string, (i: number, n: number) => number> = {
  reflect: (i, n) => i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i,
  replicate: (i, n) => Math.max(0, Math.min(n - 1, i)),
  circular: (i, n) => (i + n) % n,
  constant: (i, n) => i < 0 || i >= n ? NaN : i,
};

Deno.test("pad() frames in every mode and layout", () => {
  for (const [mode, place] of Object.entries(PLACES)) {
    for (const [how, x] of layouts(numbers(24), [2, 3, 4])) {
      const flat = floats(x);
      const y = pad(x, [2, 1, 0, 2], { mode: mode as PadMode, value: 9 });
      assertEquals(y.shape, [2, 5, 7]);
      const expected = Array.from({ length: 70 }, (_, i) => {
        const row = place(Math.floor(i / 7) % 5, 3);
        const column = place(i % 7 - 2, 4);
        return flat[(Math.floor(i / 35) * 3 + row) * 4 + column] ?? 9;
      });
      assertEquals(floats(y), expected, `${mode}, ${how}`);
    }
  }
});

Deno.test("pad() takes every dtype that the value fits", () => {
  const dtypes: DType[] = ["float64", "int32", "bool", "uint8", "int8"];
  for (const dtype of dtypes) {
    const x = tensor([1, 0, 1]).to(dtype);
    const y = pad(x, [1, 0], { value: 1 });
    assertEquals(y.dtype, dtype);
    assertEquals(y.to("float32").toArray(), [1, 1, 0, 1]);
    const z = pad(x, [1, 1], { mode: "reflect" }).to("float32");
    assertEquals(z.toArray(), [0, 1, 0, 1, 0]);
  }
  const half = pad(tensor([1, 2]).to("float16"), [0, 1]);
  assertEquals(half.to("float32").toArray(), [1, 2, 0]);
});

Deno.test("pad() crops, and copies where there is nothing to do", () => {
  const x = tensor([[1, 2, 3], [4, 5, 6]]);
  assertEquals(pad(x, [-1, -1]).toArray(), [[2], [5]]);
  assertEquals(pad(x, [-2, 1, 1, -2]).toArray(), [[0, 0]]);
  assertEquals(pad(x, [-2, -1]).shape, [2, 0]);
  for (const y of [pad(x, []), pad(x, [0, 0]), pad(x, [-1, 0])]) {
    assert(y.array.storage !== x.array.storage);
  }
  assertEquals(pad(zeros([0, 2]), [1, 0, 0, 0]).shape, [0, 3]);
});

Deno.test("pad() names what came and what was expected", () => {
  const x = zeros([2, 3]);
  const bad: [() => unknown, string][] = [
    [
      () => pad(x, [1]),
      "pad() got pads [1] for a tensor of shape [2, 3], expected two whole numbers for each of at most 2 axes",
    ],
    [() => pad(x, [1, 1, 1, 1, 1, 1]), "at most 2 axes"],
    [() => pad(x, [0.5, 1]), "expected two whole numbers"],
    [
      () => pad(x, [-2, -2]),
      "pad() got pads -2 and -2 for dim 1 of [2, 3], which take away more than its size of 3",
    ],
    [
      () => pad(x, [3, 0], { mode: "reflect" }),
      "pad() got reflect pads 3 and 0 for dim 1 of [2, 3], which leaves room for 2 on each side",
    ],
    [
      () => pad(x, [0, 4], { mode: "circular" }),
      "leaves room for 3 on each side",
    ],
    [
      () => pad(zeros([0]), [1, 0], { mode: "replicate" }),
      "leaves room for 0 on each side",
    ],
    [
      () => pad(x, [1, 1], { mode: "mirror" as "reflect" }),
      'pad() got mode "mirror", expected constant, reflect, replicate or circular',
    ],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
  assertThrows(
    () => pad(x.to("float16"), [1, 0], { value: 2 }),
    TypeError,
    "Cannot fill a float16 tensor",
  );
});

testGradients("pad");
