import { assertEquals, assertThrows } from "@std/assert";
import { type ScatterReduction, tensor, zeros } from "../mod.ts";
import { floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

const int = (values: number[], shape = [values.length]) =>
  tensor(values, { shape, dtype: "int32" });

Deno.test("scatterReduce() reduces what meets, in every layout", () => {
  const at = int([2, 2, 0, 1, 1, 1], [2, 3]);
  const source = tensor([1, 5, 3, -2, 4, 0.5], { shape: [2, 3] });
  const [a, b] = [[1, 5, 3], [-2, 4, 0.5]];
  for (const [how, x] of layouts(numbers(6), [2, 3])) {
    const own = floats(x);
    const expected: Record<ScatterReduction, number[]> = {
      sum: [
        own[0]! + a[2]!,
        own[1]!,
        own[2]! + 6,
        own[3]!,
        own[4]! + 2.5,
        own[5]!,
      ],
      mean: [
        (own[0]! + 3) / 2,
        own[1]!,
        (own[2]! + 6) / 3,
        own[3]!,
        (own[4]! + 2.5) / 4,
        own[5]!,
      ],
      prod: [
        own[0]! * 3,
        own[1]!,
        own[2]! * 5,
        own[3]!,
        own[4]! * b[0]! * b[1]! * b[2]!,
        own[5]!,
      ],
      amax: [
        Math.max(own[0]!, 3),
        own[1]!,
        Math.max(own[2]!, 5),
        own[3]!,
        Math.max(own[4]!, 4),
        own[5]!,
      ],
      amin: [
        Math.min(own[0]!, 3),
        own[1]!,
        Math.min(own[2]!, 1),
        own[3]!,
        Math.min(own[4]!, -2),
        own[5]!,
      ],
    };
    for (const [reduce, values] of Object.entries(expected)) {
      const y = x.scatterReduce(1, at, source, reduce as ScatterReduction);
      const off = floats(y).map((v, i) => Math.abs(v - values[i]!));
      assertEquals(off.filter((e) => !(e < 1e-5)), [], `${reduce}, ${how}`);
    }
  }
});

Deno.test("scatterReduce() without what was there keeps what nothing reaches", () => {
  const x = tensor([7, 8, 9]);
  const [at, source] = [int([0, 0]), tensor([2, 4])];
  const of = (reduce: ScatterReduction) =>
    x.scatterReduce(0, at, source, reduce, { includeSelf: false }).toArray();
  assertEquals(of("mean"), [3, 8, 9]);
  assertEquals(of("amin"), [2, 8, 9]);
  assertEquals(of("prod"), [8, 8, 9]);
  const nan = x.scatterReduce(0, at, tensor([NaN, 1]), "amax");
  assertEquals(nan.toArray(), [NaN, 8, 9]);
});

Deno.test("scatterReduce() names what came and what was expected", () => {
  const x = zeros([2, 3]);
  const at = int([0], [1, 1]);
  const bad: [() => unknown, string][] = [
    [
      () => x.scatterReduce(0, at, zeros([1, 1]), "max" as "amax"),
      'scatterReduce() got reduce "max", expected sum, prod, mean, amax or amin',
    ],
    [
      () => x.scatterReduce(0, at.add(2), zeros([1, 1]), "amax"),
      "scatterReduce() got index 2 at position 0, but dim 0 of [2, 3] has size 2",
    ],
    [
      () => x.scatterReduce(0, int([0]), zeros([1]), "sum"),
      "scatterReduce() on dim 0 of [2, 3] got an index of shape [1]",
    ],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
  const whole = x.to("int32");
  assertThrows(
    () => whole.scatterReduce(0, at, whole.narrow(0, 0, 1), "amax"),
    TypeError,
    "scatterReduce() expects float32 or float64, got int32",
  );
});

testGradients("scatter_reduce");
