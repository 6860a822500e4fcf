import { assertEquals } from "@std/assert";
import { arange, full, noGrad, type Tensor, tensor, zeros } from "./mod.ts";

/** The values' part, as PyTorch 2 prints it. */
function values(x: Tensor): string {
  return x.toString().replace(/,\s+shape=[\s\S]*$/, ")");
}

Deno.test("whole floats carry a point, others four decimals", () => {
  assertEquals(values(tensor([1, 2, 3])), "tensor([1., 2., 3.])");
  assertEquals(values(tensor([1, -20])), "tensor([  1., -20.])");
  assertEquals(values(tensor([1.5, 2])), "tensor([1.5000, 2.0000])");
  assertEquals(values(tensor([-0.25, 10.125])), "tensor([-0.2500, 10.1250])");
  assertEquals(values(tensor(3.14159)), "tensor(3.1416)");
  assertEquals(values(tensor(5)), "tensor(5.)");
  assertEquals(values(tensor([0, -0])), "tensor([0., -0.])");
  assertEquals(values(tensor([-0, 0.5])), "tensor([-0.0000, 0.5000])");
  assertEquals(values(tensor([100000])), "tensor([100000.])");
});

Deno.test("ties of the fourth decimal go to the even digit", () => {
  assertEquals(values(tensor([0.03125])), "tensor([0.0312])");
  assertEquals(
    values(tensor([0.09375, -0.03125])),
    "tensor([ 0.0938, -0.0312])",
  );
});

Deno.test("a wide range is written with powers of ten", () => {
  assertEquals(values(tensor([1e-5, 1])), "tensor([1.0000e-05, 1.0000e+00])");
  assertEquals(values(tensor([0, 1e10])), "tensor([0.0000e+00, 1.0000e+10])");
  assertEquals(values(tensor([1, 2000])), "tensor([1.0000e+00, 2.0000e+03])");
  assertEquals(values(tensor([1, 1000])), "tensor([   1., 1000.])");
  assertEquals(
    values(tensor([0.5, 900.5])),
    "tensor([5.0000e-01, 9.0050e+02])",
  );
  assertEquals(values(tensor([1e-5])), "tensor([1.0000e-05])");
  const tiny = tensor([1e-300, -1], { dtype: "float64" });
  assertEquals(values(tiny), "tensor([1.0000e-300, -1.0000e+00])");
});

Deno.test("NaN and infinities are padded but do not decide the notation", () => {
  assertEquals(values(tensor([1, NaN])), "tensor([1., nan])");
  assertEquals(
    values(tensor([-1.5, NaN, Infinity])),
    "tensor([-1.5000,     nan,     inf])",
  );
  assertEquals(values(tensor([-Infinity, 0])), "tensor([-inf, 0.])");
  assertEquals(values(tensor([NaN])), "tensor([nan])");
});

Deno.test("integers and bools are aligned, 16-bit floats decoded", () => {
  assertEquals(
    values(tensor([1, -20], { dtype: "int32" })),
    "tensor([  1, -20])",
  );
  assertEquals(values(tensor([true, false])), "tensor([ true, false])");
  assertEquals(
    values(tensor(new BigInt64Array([2n ** 60n]))),
    "tensor([1152921504606846976])",
  );
  assertEquals(
    values(tensor([1.5, -2]).to("float16")),
    "tensor([ 1.5000, -2.0000])",
  );
  assertEquals(values(tensor([1, 3]).to("bfloat16")), "tensor([1., 3.])");
});

Deno.test("rows line up, and blocks stand apart", () => {
  assertEquals(
    values(tensor([[1, 2], [30, 4]])),
    "tensor([[ 1.,  2.],\n        [30.,  4.]])",
  );
  assertEquals(
    values(arange(8).reshape([2, 2, 2])),
    "tensor([[[0., 1.],\n         [2., 3.]],\n\n        [[4., 5.],\n         [6., 7.]]])",
  );
});

Deno.test("long rows break at 80 columns", () => {
  assertEquals(
    values(arange(30)),
    "tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 13.,\n" +
      "        14., 15., 16., 17., 18., 19., 20., 21., 22., 23., 24., 25., 26., 27.,\n" +
      "        28., 29.])",
  );
  for (const line of full([3, 40], 0.125).toString().split("\n")) {
    assertEquals(line.length <= 80, true, line);
  }
});

Deno.test("beyond a thousand elements only the edges are shown", () => {
  assertEquals(
    values(arange(1001)),
    "tensor([   0.,    1.,    2.,  ...,  998.,  999., 1000.])",
  );
  const lines = values(zeros([100, 20])).split("\n");
  assertEquals(lines[0], "tensor([[0., 0., 0.,  ..., 0., 0., 0.],");
  assertEquals(lines[3], "        ...,");
  assertEquals(lines.length, 7);
  assertEquals(values(arange(1000)).includes("..."), false);
  // What is not shown does not decide the notation.
  const x = zeros([2000]);
  x.select(0, 1000).fill_(1e20);
  assertEquals(values(x), "tensor([0., 0., 0.,  ..., 0., 0., 0.])");
});

Deno.test("without elements there is nothing to count, however long the axes", () => {
  const empty = zeros([0, 2 ** 40]);
  assertEquals(
    `${empty}`,
    "tensor([], shape=[0, 1099511627776], dtype=float32)",
  );
});

Deno.test("shape, dtype and history follow the values", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  assertEquals(
    x.toString(),
    "tensor([1., 2.], shape=[2], dtype=float32, requiresGrad=true)",
  );
  assertEquals(
    x.mul(2).toString(),
    "tensor([2., 4.], shape=[2], dtype=float32, gradFn=mul)",
  );
  assertEquals(
    noGrad(() => x.mul(2)).toString(),
    "tensor([2., 4.], shape=[2], dtype=float32)",
  );
  assertEquals(
    zeros([2, 0]).toString(),
    "tensor([], shape=[2, 0], dtype=float32)",
  );
  assertEquals(
    tensor(1, { dtype: "int32" }).toString(),
    "tensor(1, shape=[], dtype=int32)",
  );
  const long = full([1, 8], 0.5).toString();
  assertEquals(
    long,
    "tensor([[0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000, 0.5000]],\n" +
      "       shape=[1, 8], dtype=float32)",
  );
});

Deno.test("strided tensors print what they show", () => {
  assertEquals(
    values(arange(6).reshape([2, 3]).t().slice(0, 0, 3, 2)),
    "tensor([[0., 3.],\n        [2., 5.]])",
  );
});

Deno.test("console.log() prints a tensor, also one that is gone", () => {
  const x = tensor([1, 2]);
  assertEquals(Deno.inspect(x), "tensor([1., 2.], shape=[2], dtype=float32)");
  assertEquals(`${x}`, x.toString());
  x.dispose();
  assertEquals(Deno.inspect(x), "tensor(released, shape=[2], dtype=float32)");
});

Deno.test("toArray() nests along the shape", () => {
  assertEquals(arange(4).reshape([2, 1, 2]).toArray(), [[[0, 1]], [[2, 3]]]);
  assertEquals(tensor(7).toArray(), 7);
  assertEquals(tensor(true).toArray(), true);
  assertEquals(zeros([2, 0]).toArray(), [[], []]);
  assertEquals(zeros([0, 2]).toArray(), []);
  assertEquals(tensor(new BigInt64Array([1n])).toArray(), [1n]);
  const halves = [0x0001, 0x8000, 0x7bff, 0x7c00, 0xfc00, 0x7e00];
  assertEquals(
    tensor(new Uint16Array(halves), { dtype: "float16" }).toArray(),
    [2 ** -24, -0, 65504, Infinity, -Infinity, NaN],
  );
});
