import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  arange,
  type DType,
  noGrad,
  ones,
  Tensor,
  tensor,
  zeros,
} from "./mod.ts";

Deno.test("a tensor knows its shape, dtype, size and rank", () => {
  const x = zeros([2, 3, 4], { dtype: "float64" });
  assertEquals([x.shape, x.dtype, x.size, x.ndim, x.itemBytes], [
    [2, 3, 4],
    "float64",
    24,
    3,
    8,
  ]);
  assertEquals([tensor(1).shape, tensor(1).size, tensor(1).ndim], [[], 1, 0]);
  assert(x instanceof Tensor);
});

Deno.test("item() reads the one element of any dtype", () => {
  for (
    const dtype of [
      "float32",
      "float64",
      "int32",
      "bool",
      "uint8",
      "int8",
    ] as DType[]
  ) {
    assertEquals(tensor([[1]], { dtype }).item(), 1, dtype);
  }
  assertEquals(tensor(new BigInt64Array([5n])).item(), 5);
  assertEquals(arange(5).select(0, 3).item(), 3);
  assertEquals(arange(6).reshape([2, 3]).t().slice(0, 2).slice(1, 1).item(), 5);
  assertThrows(
    () => zeros([2]).item(),
    RangeError,
    "item() is for tensors of one element, got shape [2]",
  );
  assertThrows(() => zeros([0]).item(), RangeError, "got shape [0]");
});

Deno.test("data() copies, toArray() nests", () => {
  const x = tensor([[1, 2], [3, 4]]);
  const data = x.data();
  data[0] = 99;
  assertEquals(x.toArray(), [[1, 2], [3, 4]]);
  assertEquals(x.t().data(), new Float32Array([1, 3, 2, 4]));
  assertEquals(tensor([true]).data(), new Uint8Array([1]));
});

Deno.test("clone() has the same history and its own bytes, detach() the reverse", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  const copy = x.clone();
  copy.sum().backward();
  assertEquals(x.grad!.toArray(), [1, 1]);
  const same = x.detach();
  assertEquals([same.requiresGrad, same.isLeaf], [false, true]);
  same.fill_(7);
  assertEquals(x.toArray(), [7, 7]);
  assertEquals(copy.toArray(), [1, 2]);
});

Deno.test("requiresGrad_() is for leaves of floats", () => {
  const x = ones([2]);
  assertStrictEquals(x.requiresGrad_(), x);
  assertEquals([x.requiresGrad, x.isLeaf, x.gradFn], [true, true, null]);
  assertEquals(x.requiresGrad_(false).requiresGrad, false);
  assertThrows(
    () => ones([2], { dtype: "int32" }).requiresGrad_(),
    TypeError,
    "requiresGrad_() is for float32 and float64, got int32",
  );
  ones([1], { dtype: "bool" }).requiresGrad_(false);
  const y = x.requiresGrad_().mul(2);
  assertEquals([y.isLeaf, y.gradFn], [false, "mul"]);
  assertThrows(
    () => y.requiresGrad_(false),
    Error,
    "requiresGrad_(false) is for leaves: use detach() on a computed tensor",
  );
});

Deno.test("grad can be set and cleared", () => {
  const x = ones([2], { requiresGrad: true });
  assertEquals(x.grad, null);
  x.grad = tensor([5, 6]);
  x.sum().backward();
  assertEquals(x.grad!.toArray(), [6, 7]);
  x.grad = null;
  assertEquals(x.grad, null);
});

Deno.test("retainGrad() and registerHook() are for tensors that require grad", () => {
  const x = ones([2], { requiresGrad: true });
  const y = x.mul(2);
  y.retainGrad();
  const remove = y.registerHook((g) => g.mul(10));
  y.sum().backward();
  assertEquals(x.grad!.toArray(), [20, 20]);
  assertEquals(y.grad!.toArray(), [10, 10]);
  remove();
  assertThrows(
    () => ones([1]).retainGrad(),
    Error,
    "retainGrad() is for tensors that require grad",
  );
  assertThrows(
    () => ones([1]).registerHook(() => {}),
    Error,
    "registerHook() is for tensors",
  );
});

Deno.test("backward() of more than one element needs a gradient of its shape", () => {
  const x = ones([2], { requiresGrad: true });
  const y = x.mul(2);
  assertThrows(() => y.backward(), Error);
  assertThrows(() => y.backward(ones([3])), RangeError, "[3]");
  y.backward(tensor([1, 10]));
  assertEquals(x.grad!.toArray(), [2, 20]);
  assertThrows(() => ones([1]).backward(), Error);
});

Deno.test("a tensor that was disposed of says so, and twice is once", () => {
  const x = tensor([1, 2]);
  x.dispose();
  x.dispose();
  assertEquals(x.disposed, true);
  assertThrows(() => x.item(), RangeError);
  assertThrows(() => x.data(), Error, "disposed of");
  assertThrows(
    () => x.add(1),
    Error,
    "was disposed of before it was used in add()",
  );
  assertThrows(() => x.add_(1), Error, "disposed of");
  assertThrows(() => x.detach(), Error, "disposed of");
});

Deno.test("a view keeps the bytes when the first handle goes", () => {
  const x = tensor([1, 2, 3]);
  const y = x.slice(0, 1);
  x.dispose();
  assertEquals(y.toArray(), [2, 3]);
  y.dispose();
});

Deno.test("using ends a handle with its block", () => {
  let outer: Tensor;
  {
    using x = tensor([1]);
    outer = x;
    assertEquals(x.item(), 1);
  }
  assertEquals(outer.disposed, true);
});

Deno.test("methods chain over views of views", () => {
  const x = arange(24).reshape([2, 3, 4]);
  const y = x.permute([2, 0, 1]).slice(0, 1, 4, 2).select(1, 1).mul(2).sum(0);
  assertEquals(y.toArray(), [2 * (13 + 15), 2 * (17 + 19), 2 * (21 + 23)]);
});

Deno.test("contiguous() and isContiguous() tell row-major from strided", () => {
  const x = arange(6).reshape([2, 3]);
  assertEquals(
    [x, x.t(), x.select(0, 1), x.select(1, 1)].map((t) => t.isContiguous()),
    [
      true,
      false,
      true,
      false,
    ],
  );
  assertStrictEquals(x.contiguous(), x);
  assertEquals(zeros([0, 3]).t().isContiguous(), true);
});

Deno.test("scalarLike() has the dtype, zero dims, and checks its range", () => {
  for (const dtype of ["float32", "float64", "int32"] as DType[]) {
    const s = ones([3], { dtype }).scalarLike(2);
    assertEquals([s.shape, s.dtype, s.item()], [[], dtype, 2]);
  }
  assertThrows(
    () => ones([1], { dtype: "int32" }).scalarLike(2 ** 40),
    RangeError,
  );
});

Deno.test("nothing inside noGrad() requires grad", () => {
  const x = ones([2], { requiresGrad: true });
  const y = noGrad(() => x.mul(2).exp());
  assertEquals([y.requiresGrad, y.isLeaf], [false, true]);
});
