import { assertEquals, assertThrows } from "@std/assert";
import {
  assertClose,
  avgPool2d as averageReference,
  maxPool2d as maxReference,
  type Pool2dSizes,
} from "@fdunn/testing";
import {
  adaptiveAvgPool2d,
  avgPool2d,
  type DType,
  maxPool2d,
  ones,
  tensor,
  zeros,
} from "../mod.ts";
import {
  count,
  floats,
  layouts,
  numbers,
  onThreads,
  wholes,
} from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

const SIZES: Pool2dSizes[] = [
  { planes: 6, h: 8, w: 8, kh: 2, kw: 2 },
  { planes: 2, h: 7, w: 9, kh: 2, kw: 2 },
  { planes: 2, h: 28, w: 28, kh: 2, kw: 2 },
  { planes: 1, h: 2, w: 2, kh: 2, kw: 2 },
  { planes: 1, h: 1, w: 1, kh: 1, kw: 1 },
  { planes: 4, h: 9, w: 8, kh: 3, kw: 3, stride: [2, 2], padding: [1, 1] },
  { planes: 2, h: 6, w: 7, kh: 3, kw: 2, stride: [1, 2], padding: [1, 0] },
  { planes: 2, h: 5, w: 11, kh: 1, kw: 4, stride: [2, 3], padding: [0, 2] },
];
const DILATED: Pool2dSizes[] = [
  {
    planes: 2,
    h: 9,
    w: 9,
    kh: 2,
    kw: 3,
    stride: [1, 1],
    dilation: [2, 3],
    padding: [1, 1],
  },
  {
    planes: 1,
    h: 7,
    w: 8,
    kh: 3,
    kw: 3,
    stride: [2, 2],
    dilation: [2, 2],
    padding: [1, 1],
  },
];

function options(s: Pool2dSizes) {
  const { stride = [s.kh, s.kw] as const, padding = 0 } = s;
  return { stride, padding };
}

Deno.test("maxPool2d() and its gradient agree with a loop", () => {
  for (const dtype of ["float32", "float64"] as DType[]) {
    for (const s of [...SIZES, ...DILATED]) {
      const shape = [1, s.planes, s.h, s.w];
      // Few values, so that windows have ties: the first one counts.
      const x = tensor(wholes(count(shape), 3, -3, 4), {
        shape,
        dtype,
        requiresGrad: true,
      });
      const what = `${dtype} ${JSON.stringify(s)}`;
      const { dilation = 1 } = s;
      const y = maxPool2d(x, [s.kh, s.kw], { ...options(s), dilation });
      const { values, indices } = maxReference(floats(x), s);
      assertEquals(floats(y).map((v) => v + 0), Array.from(values), what);
      const g = numbers(y.size, 4);
      y.backward(tensor(g, { shape: y.shape, dtype }));
      const expected = new Float64Array(x.size);
      const perPlane = y.size / s.planes;
      indices.forEach((at, i) => {
        expected[Math.floor(i / perPlane) * s.h * s.w + at]! += g[i]!;
      });
      assertClose(floats(x.grad!), expected, { rtol: 1e-5, atol: 1e-6, what });
    }
  }
});

Deno.test("maxPool2d() lets NaN win and never chooses padding", () => {
  for (const dtype of ["float32", "float64"] as DType[]) {
    for (const size of [4, 8]) {
      const values = numbers(size * size, 2);
      values[5] = NaN;
      const x = tensor(values, { shape: [1, 1, size, size], dtype });
      const expected = maxReference(values, {
        planes: 1,
        h: size,
        w: size,
        kh: 2,
        kw: 2,
      });
      assertClose(floats(maxPool2d(x, 2)), expected.values, { rtol: 1e-6 });
    }
    const low = tensor(new Array(9).fill(-Infinity), {
      shape: [1, 1, 3, 3],
      dtype,
    });
    assertEquals(
      floats(maxPool2d(low, 2, { padding: 1 })),
      new Array(4).fill(-Infinity),
    );
    const below = ones([1, 1, 3, 3], { dtype }).mul(-5);
    assertEquals(floats(maxPool2d(below, 3, { padding: 1, stride: 2 })), [
      -5,
      -5,
      -5,
      -5,
    ]);
  }
});

Deno.test("avgPool2d() and its gradient agree with a loop", () => {
  for (const dtype of ["float32", "float64"] as DType[]) {
    for (const s of SIZES) {
      for (const countIncludePad of [true, false]) {
        const shape = [1, s.planes, s.h, s.w];
        const x = tensor(numbers(count(shape), 3), {
          shape,
          dtype,
          requiresGrad: true,
        });
        const what = `${dtype} ${countIncludePad} ${JSON.stringify(s)}`;
        const y = avgPool2d(x, [s.kh, s.kw], {
          ...options(s),
          countIncludePad,
        });
        const pool = (v: number[]) =>
          averageReference(v, s, { countIncludePad });
        const tol = { rtol: 1e-5, atol: 1e-6, what };
        assertClose(floats(y), pool(floats(x)), tol);
        // Linear: the gradient is the transposed map, column by column.
        const g = numbers(y.size, 4);
        y.backward(tensor(g, { shape: y.shape, dtype }));
        const probe = numbers(x.size, 5);
        const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
          Array.from(a, (v, i) => v * b[i]!).reduce((p, q) => p + q, 0);
        assertClose(dot(floats(x.grad!), probe), dot(pool(probe), g), {
          ...tol,
          atol: 1e-4,
        });
      }
    }
  }
});

Deno.test("pooling reads every layout, and pictures without a batch", () => {
  for (const [how, x] of layouts(numbers(96, 1), [2, 2, 4, 6])) {
    const s: Pool2dSizes = { planes: 4, h: 4, w: 6, kh: 2, kw: 2 };
    assertClose(floats(maxPool2d(x, 2)), maxReference(floats(x), s).values, {
      what: how,
    });
    const average = averageReference(floats(x), s);
    assertClose(floats(avgPool2d(x, 2)), average, {
      rtol: 1e-5,
      atol: 1e-6,
      what: how,
    });
    assertEquals(
      floats(maxPool2d(x.select(0, 1), 2)),
      floats(maxPool2d(x, 2).select(0, 1)),
    );
  }
  assertEquals(maxPool2d(ones([3, 4, 4]), 2).shape, [3, 2, 2]);
  assertEquals(avgPool2d(ones([3, 4, 4]), [4, 2], { stride: 1 }).shape, [
    3,
    1,
    3,
  ]);
});

Deno.test("adaptiveAvgPool2d() covers images with overlapping windows", () => {
  for (const dtype of ["float32", "float64"] as DType[]) {
    const x = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], {
      shape: [1, 2, 1, 5],
      dtype,
    });
    assertEquals(adaptiveAvgPool2d(x, [1, 2]).toArray(), [
      [[[2, 4]], [[7, 9]]],
    ]);
    assertEquals(adaptiveAvgPool2d(x, [2, 1]).toArray(), [
      [[[3], [3]], [[8], [8]]],
    ]);
    assertEquals(adaptiveAvgPool2d(x, [null, null]).toArray(), x.toArray());
  }
  const [name, ...rest] = layouts(numbers(48), [2, 2, 4, 3])
    .map(([, x]) => floats(adaptiveAvgPool2d(x, [3, 2])));
  for (const other of rest) assertEquals(other, name);
  assertEquals(adaptiveAvgPool2d(ones([3, 8, 8]), 1).shape, [3, 1, 1]);
  assertEquals(adaptiveAvgPool2d(zeros([0, 2, 5, 5]), 3).shape, [0, 2, 3, 3]);
  assertThrows(
    () => adaptiveAvgPool2d(ones([2, 2]), 1),
    RangeError,
    "adaptiveAvgPool2d() got input [2, 2], expected [N, C, H, W]",
  );
  assertThrows(
    () => adaptiveAvgPool2d(ones([1, 2, 2]), [0, 1]),
    RangeError,
    "outputSize [0, 1]",
  );
  assertThrows(
    () => adaptiveAvgPool2d(ones([1, 3, 3], { dtype: "int32" }), 2),
    TypeError,
    "int32",
  );
});

Deno.test("pooling takes an empty batch", () => {
  for (const pool of [maxPool2d, avgPool2d]) {
    const x = zeros([0, 2, 4, 4], { requiresGrad: true });
    const y = pool(x, 2);
    assertEquals(y.shape, [0, 2, 2, 2]);
    y.sum().backward();
    assertEquals(x.grad!.shape, [0, 2, 4, 4]);
  }
});

Deno.test("maxPool2d() gives the same bits for any number of threads", async () => {
  const values = numbers(70 * 48 * 48, 3);
  const [one, two, three] = await onThreads(() => {
    const x = tensor(values, { shape: [2, 35, 48, 48], requiresGrad: true });
    const y = maxPool2d(x, 3, { stride: 2, padding: 1 });
    y.square().sum().backward();
    return [y, x.grad!].map(floats);
  });
  assertEquals(two, one);
  assertEquals(three, one);
});

for (const [name, pool] of Object.entries({ maxPool2d, avgPool2d })) {
  Deno.test(`${name}() refuses with a sentence`, () => {
    const x = ones([1, 1, 4, 4]);
    const refuse = (f: () => unknown, text: string) =>
      assertThrows(f, RangeError, `${name}() got ${text}`);
    refuse(
      () => pool(ones([4, 4]), 2),
      "input [4, 4], expected [N, C, H, W] or [C, H, W]",
    );
    refuse(
      () => pool(x, 5),
      "a kernel that spans 5 over an axis of size 4 with padding 0",
    );
    refuse(
      () => pool(x, 0),
      "kernelSize 0, expected a whole number of at least 1",
    );
    refuse(() => pool(x, [2, 1.5]), "kernelSize [2, 1.5]");
    refuse(() => pool(x, 2, { stride: 0 }), "stride 0");
    refuse(() => pool(x, 2, { padding: -1 }), "padding -1");
    refuse(
      () => pool(x, 2, { padding: 2 }),
      "padding [2, 2] and kernelSize [2, 2]: padding must be at most half of the kernel",
    );
    assertThrows(
      () => pool(x.to("int32"), 2),
      TypeError,
      `${name}() expects float32 or float64, got int32`,
    );
  });
}

testGradients("pool");
