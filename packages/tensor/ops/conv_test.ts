import { assertEquals, assertThrows } from "@std/assert";
import {
  assertClose,
  conv2d as reference,
  conv2dBackward,
  conv2dOutputSize,
  type Conv2dSizes,
} from "@fdunn/testing";
import {
  conv2d,
  type DType,
  ones,
  type Tensor,
  tensor,
  zeros,
} from "../mod.ts";
import { count, floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

/** Sizes that take different ways through the kernels. */
const SIZES: Conv2dSizes[] = [
  { n: 1, c: 1, h: 1, w: 1, o: 1, kh: 1, kw: 1 },
  { n: 2, c: 1, h: 9, w: 9, o: 4, kh: 3, kw: 3, padding: [1, 1] },
  { n: 2, c: 4, h: 7, w: 6, o: 8, kh: 3, kw: 3, padding: [1, 1] },
  { n: 1, c: 3, h: 8, w: 5, o: 5, kh: 3, kw: 2 },
  { n: 3, c: 2, h: 3, w: 4, o: 5, kh: 3, kw: 4 },
  { n: 3, c: 2, h: 5, w: 17, o: 3, kh: 1, kw: 1 },
  { n: 1, c: 17, h: 4, w: 4, o: 9, kh: 3, kw: 3, padding: [1, 1] },
  {
    n: 2,
    c: 3,
    h: 8,
    w: 9,
    o: 2,
    kh: 3,
    kw: 3,
    stride: [2, 2],
    padding: [1, 1],
  },
  {
    n: 1,
    c: 2,
    h: 9,
    w: 10,
    o: 3,
    kh: 2,
    kw: 3,
    stride: [3, 1],
    padding: [1, 2],
  },
  {
    n: 1,
    c: 2,
    h: 9,
    w: 11,
    o: 3,
    kh: 3,
    kw: 2,
    dilation: [2, 3],
    padding: [2, 1],
  },
  { n: 2, c: 4, h: 6, w: 6, o: 6, kh: 3, kw: 3, groups: 2, padding: [1, 1] },
  { n: 2, c: 5, h: 6, w: 7, o: 5, kh: 3, kw: 3, groups: 5, padding: [1, 1] },
  {
    n: 1,
    c: 3,
    h: 5,
    w: 5,
    o: 6,
    kh: 3,
    kw: 3,
    groups: 3,
    stride: [2, 1],
    dilation: [1, 2],
  },
  { n: 1, c: 1, h: 3, w: 3, o: 1, kh: 5, kw: 5, padding: [3, 3] },
  { n: 1, c: 2, h: 4, w: 4, o: 2, kh: 4, kw: 4 },
];

function shapes(s: Conv2dSizes) {
  const [oh, ow] = conv2dOutputSize(s);
  return {
    x: [s.n, s.c, s.h, s.w],
    weight: [s.o, s.c / (s.groups ?? 1), s.kh, s.kw],
    output: [s.n, s.o, oh, ow],
  };
}

function options(s: Conv2dSizes) {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = s;
  return { stride, padding, dilation, groups };
}

const make = (shape: number[], seed: number, dtype: DType): Tensor =>
  tensor(numbers(count(shape), seed), { shape, dtype });

Deno.test("conv2d() and its gradients agree with loops", () => {
  for (const dtype of ["float32", "float64"] as const) {
    const tol = dtype === "float32"
      ? { rtol: 1e-5, atol: 2e-5 }
      : { rtol: 1e-11, atol: 1e-12 };
    for (const s of SIZES) {
      const { x: xShape, weight: wShape, output } = shapes(s);
      const x = make(xShape, 1, dtype).requiresGrad_();
      const w = make(wShape, 2, dtype).requiresGrad_();
      const b = make([s.o], 3, dtype).requiresGrad_();
      const g = make(output, 4, dtype);
      const what = `${dtype} ${JSON.stringify(s)}`;
      const y = conv2d(x, w, b, options(s));
      assertEquals(y.shape, output, what);
      const [xs, ws, gs] = [floats(x), floats(w), floats(g)];
      assertClose(floats(y), reference(xs, ws, floats(b), s), { ...tol, what });
      const bare = conv2d(x.detach(), w.detach(), null, options(s));
      assertClose(floats(bare), reference(xs, ws, null, s), { ...tol, what });
      y.backward(g);
      const expected = conv2dBackward(xs, ws, gs, s);
      assertClose(floats(x.grad!), expected.x, {
        ...tol,
        what: `x of ${what}`,
      });
      assertClose(floats(w.grad!), expected.weight, {
        ...tol,
        what: `weight of ${what}`,
      });
      assertClose(floats(b.grad!), expected.bias, {
        ...tol,
        what: `bias of ${what}`,
      });
    }
  }
});

Deno.test("conv2d() reads every layout of its operands", () => {
  const s: Conv2dSizes = {
    n: 2,
    c: 2,
    h: 5,
    w: 6,
    o: 3,
    kh: 3,
    kw: 3,
    padding: [1, 1],
  };
  const { x: xShape, weight, output } = shapes(s);
  const g = make(output, 9, "float32").transpose(2, 3).contiguous().transpose(
    2,
    3,
  );
  for (const [how, x] of layouts(numbers(count(xShape), 1), xShape)) {
    for (const [what, w] of layouts(numbers(count(weight), 2), weight)) {
      const [a, b] = [x.detach().requiresGrad_(), w.detach().requiresGrad_()];
      const y = conv2d(a, b, null, options(s));
      const tol = { rtol: 1e-5, atol: 1e-5, what: `${how}, ${what}` };
      assertClose(floats(y), reference(floats(x), floats(w), null, s), tol);
      y.backward(g);
      const expected = conv2dBackward(floats(x), floats(w), floats(g), s);
      assertClose(floats(a.grad!), expected.x, tol);
      assertClose(floats(b.grad!), expected.weight, tol);
    }
  }
});

Deno.test("conv2d() takes one picture without a batch, and numbers for pairs", () => {
  const y = conv2d(ones([2, 4, 4]), ones([3, 2, 2, 2]), null, { stride: 2 });
  assertEquals(y.shape, [3, 2, 2]);
  assertEquals(floats(y), new Array(12).fill(8));
});

Deno.test("conv2d() of an empty batch has zero gradients", () => {
  const x = zeros([0, 2, 4, 4], { requiresGrad: true });
  const w = ones([3, 2, 2, 2], { requiresGrad: true });
  const b = ones([3], { requiresGrad: true });
  const y = conv2d(x, w, b);
  assertEquals(y.shape, [0, 3, 3, 3]);
  y.sum().backward();
  assertEquals(x.grad!.shape, [0, 2, 4, 4]);
  assertEquals(floats(w.grad!), new Array(24).fill(0));
  assertEquals(floats(b.grad!), [0, 0, 0]);
});

Deno.test("conv2d() keeps NaN where the window sees it", () => {
  const x = zeros([1, 1, 4, 4]);
  x.select(2, 0).select(2, 0).fill_(NaN);
  const y = floats(conv2d(x, ones([1, 1, 2, 2])));
  assertEquals(y, [NaN, 0, 0, 0, 0, 0, 0, 0, 0]);
});

Deno.test("conv2d() refuses with a sentence", () => {
  const [x, w] = [ones([1, 4, 5, 5]), ones([2, 4, 3, 3])];
  const refuse = (f: () => unknown, text: string) =>
    assertThrows(f, RangeError, text);
  refuse(
    () => conv2d(ones([4, 4]), w),
    "conv2d() got input [4, 4] and weight [2, 4, 3, 3], expected [N, C, H, W] and [O, C / groups, kH, kW]",
  );
  refuse(() => conv2d(x, ones([2, 4, 3])), "weight [2, 4, 3]");
  refuse(
    () => conv2d(x, ones([2, 3, 3, 3])),
    "the input's channels must be the weight's second size times groups",
  );
  refuse(() => conv2d(x, w, null, { groups: 2 }), "and groups 2");
  refuse(
    () => conv2d(x, ones([3, 2, 3, 3]), null, { groups: 2 }),
    "groups must divide",
  );
  refuse(() => conv2d(x, w, null, { groups: 0 }), "groups 0");
  refuse(() => conv2d(x, w, ones([3])), "conv2d() got bias [3], expected [2]");
  refuse(() => conv2d(x, w, ones([2, 1])), "conv2d() got bias [2, 1]");
  refuse(
    () => conv2d(x, ones([2, 4, 6, 3])),
    "conv2d() got a kernel that spans 6 over an axis of size 5 with padding 0: it must not be larger than 5",
  );
  refuse(() => conv2d(x, w, null, { dilation: 3 }), "a kernel that spans 7");
  refuse(
    () => conv2d(x, w, null, { stride: 0 }),
    "conv2d() got stride 0, expected a whole number of at least 1, or two of them",
  );
  refuse(
    () => conv2d(x, w, null, { stride: [1, 1.5] }),
    "conv2d() got stride [1, 1.5]",
  );
  refuse(() => conv2d(x, w, null, { padding: -1 }), "conv2d() got padding -1");
  refuse(
    () => conv2d(x, w, null, { dilation: [1, 0] }),
    "conv2d() got dilation [1, 0]",
  );
  const triple = [1, 1, 1] as unknown as [number, number];
  refuse(
    () => conv2d(x, w, null, { stride: triple }),
    "conv2d() got stride [1, 1, 1]",
  );
  refuse(
    () => conv2d(x, zeros([2, 4, 0, 3])),
    "conv2d() got weight [2, 4, 0, 3]",
  );
  assertThrows(
    () => conv2d(x, w.to("float64")),
    TypeError,
    "conv2d() got input float32, weight float64, which must be equal",
  );
  assertThrows(
    () => conv2d(x.to("int32"), w.to("int32")),
    TypeError,
    "conv2d() expects float32 or float64, got int32",
  );
});

testGradients("conv");
