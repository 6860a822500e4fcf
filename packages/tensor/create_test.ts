import { assertEquals, assertThrows } from "@std/assert";
import { assertClose } from "@fdunn/testing";
import {
  arange,
  type DType,
  eye,
  full,
  fullLike,
  linspace,
  ones,
  onesLike,
  tensor,
  type TensorData,
  zeros,
  zerosLike,
} from "./mod.ts";
import { floats } from "./samples_test.ts";

Deno.test("tensor() takes values, nested arrays and flat data with a shape", () => {
  const cases: [TensorData, number[], DType][] = [
    [5, [], "float32"],
    [true, [], "bool"],
    [[], [0], "float32"],
    [[[], []], [2, 0], "float32"],
    [[1, 2, 3], [3], "float32"],
    [[[true], [false]], [2, 1], "bool"],
    [[[[1, 2]], [[3, 4]]], [2, 1, 2], "float32"],
    [[true, 2], [2], "float32"],
  ];
  for (const [data, shape, dtype] of cases) {
    const x = tensor(data);
    assertEquals([x.shape, x.dtype], [shape, dtype]);
    if (shape.length > 0 && typeof data === "object" && dtype !== "float32") {
      assertEquals(x.toArray(), data as boolean[]);
    }
  }
  assertEquals(tensor([[1, 2], [3, 4]]).toArray(), [[1, 2], [3, 4]]);
  assertEquals(tensor([1, 2, 3, 4], { shape: [2, 2] }).toArray(), [[1, 2], [
    3,
    4,
  ]]);
  assertEquals(tensor([7], { shape: [] }).item(), 7);
});

Deno.test("tensor() keeps a typed array's type and copies its values", () => {
  const arrays: [ArrayBufferView & { [i: number]: unknown }, DType][] = [
    [new Float32Array([1, 2]), "float32"],
    [new Float64Array([1, 2]), "float64"],
    [new Int32Array([1, 2]), "int32"],
    [new Uint8Array([1, 2]), "uint8"],
    [new Uint8ClampedArray([1, 2]), "uint8"],
    [new Int8Array([1, 2]), "int8"],
    [new BigInt64Array([1n, 2n]), "int64"],
  ];
  for (const [array, dtype] of arrays) {
    const x = tensor(array);
    array[0] = dtype === "int64" ? 9n : 9;
    assertEquals(x.dtype, dtype);
    assertEquals(floats(x), [1, 2], dtype);
  }
  const middle = new Float32Array([1, 2, 3, 4]).subarray(1, 3);
  assertEquals(floats(tensor(middle)), [2, 3]);
  const large = new Float32Array(10_000).fill(3);
  const x = tensor(large);
  large.fill(4);
  assertEquals(x.sum().item(), 30_000);
});

Deno.test("tensor() converts to the dtype asked for", () => {
  assertEquals(
    tensor(new Uint8Array([0, 5, 255]), { dtype: "bool" }).data(),
    new Uint8Array([0, 1, 1]),
  );
  assertEquals(floats(tensor(new Uint8Array([0, 5]), { dtype: "float32" })), [
    0,
    5,
  ]);
  assertEquals(floats(tensor(new BigInt64Array([-5n]), { dtype: "int32" })), [
    -5,
  ]);
  assertEquals(tensor([NaN, 0], { dtype: "bool" }).toArray(), [true, false]);
  assertEquals(
    tensor([1, -2], { dtype: "int64" }).data<BigInt64Array>(),
    new BigInt64Array([1n, -2n]),
  );
  assertEquals(tensor([0.1], { dtype: "float64" }).item(), 0.1);
  assertEquals(tensor([0.1]).item(), Math.fround(0.1));
  const bits = new Uint16Array([0x3c00, 0xc000]);
  assertEquals(tensor(bits, { dtype: "float16" }).toArray(), [1, -2]);
  assertEquals(tensor(bits, { dtype: "bfloat16" }).data(), bits);
});

Deno.test("tensor() refuses values that the dtype cannot hold", () => {
  const cases: [TensorData, DType, string][] = [
    [
      [1, 2.5],
      "int32",
      "tensor() got 2.5 at position 1 for dtype int32, which holds whole numbers",
    ],
    [
      [2 ** 31],
      "int32",
      "tensor() got 2147483648 at position 0, outside of int32",
    ],
    [[NaN], "int32", "tensor() got NaN at position 0"],
    [[-1], "uint8", "tensor() got -1 at position 0, outside of uint8"],
    [[256], "uint8", "outside of uint8"],
    [[-129], "int8", "outside of int8"],
    [[0.5], "int64", "for dtype int64, which holds whole numbers"],
    [[2 ** 63], "int64", "outside of int64"],
    [[Infinity], "int64", "got Infinity"],
    [new BigInt64Array([2n ** 40n]), "int32", "outside of int32"],
  ];
  for (const [data, dtype, text] of cases) {
    assertThrows(() => tensor(data, { dtype }), RangeError, text);
  }
  assertThrows(
    () => tensor([1, 2], { dtype: "float16" }),
    TypeError,
    'tensor() takes float16 as a Uint16Array of bit patterns: make a float32 tensor and convert it with to("float16")',
  );
});

Deno.test("tensor() refuses ragged nesting, other shapes and other things", () => {
  const ragged: unknown[] = [[[1], [2, 3]], [1, [2]], [[1], 2], [[], [1]], [[[
    1,
  ]], [1]], [[[]], []]];
  for (const data of ragged) {
    assertThrows(
      () => tensor(data as TensorData),
      RangeError,
      "tensor() got ragged arrays",
    );
  }
  assertThrows(
    () => tensor([[1, 2], [3]]),
    RangeError,
    "tensor() got ragged arrays: lengths 2 and 1 at depth 1",
  );
  assertThrows(
    () => tensor([1, 2, 3], { shape: [2, 2] }),
    RangeError,
    "tensor() got 3 elements for shape [2, 2]",
  );
  assertThrows(
    () => tensor([1], { shape: [-1] }),
    RangeError,
    "tensor() got shape [-1]",
  );
  const strange: unknown[] = [null, undefined, "7", [null], ["7"], [[{}]], {}];
  for (const data of strange) {
    assertThrows(
      () => tensor(data as TensorData),
      TypeError,
      "expected numbers or booleans",
    );
  }
  assertThrows(
    () => tensor(new Uint16Array(1)),
    TypeError,
    "Cannot make a tensor from Uint16Array",
  );
});

Deno.test("zeros(), ones(), full() and eye() fill any shape and dtype", () => {
  for (
    const dtype of [
      "float32",
      "float64",
      "int32",
      "bool",
      "int8",
      "uint8",
    ] as DType[]
  ) {
    assertEquals(floats(zeros([2, 2], { dtype })), [0, 0, 0, 0]);
    assertEquals(floats(ones([3], { dtype })), [1, 1, 1]);
    assertEquals(full([], 1, { dtype }).dtype, dtype);
  }
  assertEquals(full([2], -2.5).toArray(), [-2.5, -2.5]);
  assertEquals(zeros([0, 3]).shape, [0, 3]);
  assertEquals(eye(2).toArray(), [[1, 0], [0, 1]]);
  assertEquals(eye(2, 3, { dtype: "int32" }).toArray(), [[1, 0, 0], [0, 1, 0]]);
  assertEquals(eye(0).shape, [0, 0]);
  for (const make of [zeros, ones]) {
    assertThrows(
      () => make([2, -1]),
      RangeError,
      "full() got shape [2, -1]: sizes must be",
    );
  }
  assertThrows(() => eye(-1), RangeError, "eye() got shape [-1, -1]");
  assertThrows(() => zeros([2 ** 20, 2 ** 20]), RangeError);
  assertThrows(() => zeros([2 ** 40, 2 ** 40]), RangeError);
});

Deno.test("a name that is no dtype is refused", () => {
  const dtype = "float12" as DType;
  const text = '() got dtype "float12", expected one of float32';
  assertThrows(() => zeros([2], { dtype }), TypeError, `full${text}`);
  assertThrows(() => tensor([2], { dtype }), TypeError, `tensor${text}`);
  assertThrows(() => arange(2, { dtype }), TypeError, "arange()");
});

Deno.test("the Like forms take shape and dtype from a tensor", () => {
  const like = tensor([[1, 2]], { dtype: "int32" });
  for (const x of [zerosLike(like), onesLike(like), fullLike(like, 7)]) {
    assertEquals([x.shape, x.dtype], [[1, 2], "int32"]);
  }
  assertEquals(fullLike(like, 7).toArray(), [[7, 7]]);
  assertEquals(onesLike(like, { dtype: "float64" }).dtype, "float64");
  const leaf = zerosLike(ones([2]), { requiresGrad: true });
  assertEquals([leaf.requiresGrad, leaf.isLeaf], [true, true]);
  assertEquals(like.zerosLike().dtype, "int32");
  assertEquals(like.onesLike().toArray(), [[1, 1]]);
});

Deno.test("arange() counts like PyTorch's", () => {
  assertEquals(arange(4).toArray(), [0, 1, 2, 3]);
  assertEquals(arange(1, 4).toArray(), [1, 2, 3]);
  assertEquals(arange(1, 2, 0.25).toArray(), [1, 1.25, 1.5, 1.75]);
  assertEquals(arange(3, 0, -1).toArray(), [3, 2, 1]);
  assertEquals(arange(0).shape, [0]);
  assertEquals(arange(3, 1).shape, [0]);
  const whole = arange(1, 4, { dtype: "int32" });
  assertEquals(whole.data(), Int32Array.of(1, 2, 3));
  assertEquals(arange(2, { dtype: "int32" }).dtype, "int32");
  assertEquals(arange(0, 4, 2, { dtype: "int32" }).data(), Int32Array.of(0, 2));
  assertEquals(arange(-3).shape, [0]);
  assertEquals(arange(2.5).toArray(), [0, 1, 2]);
  assertEquals(arange(3, { dtype: "int32" }).dtype, "int32");
  assertEquals(arange(0, 3, 1, { dtype: "float64" }).dtype, "float64");
  assertEquals(arange(3, { requiresGrad: true }).requiresGrad, true);
  assertThrows(
    () => arange(0, 1, 0),
    RangeError,
    "arange() got start 0, end 1 and step 0, which do not make a range",
  );
  assertThrows(() => arange(Infinity), RangeError, "arange()");
  assertThrows(() => arange(0, NaN), RangeError, "arange()");
  assertThrows(
    () => arange(2, { dtype: "bool" }),
    TypeError,
    "arange() makes numbers, got dtype bool",
  );
  assertThrows(
    () => arange(2, { dtype: "int64" }),
    TypeError,
    "arange() does not compute in int64",
  );
  assertThrows(
    () => arange(2 ** 31, 2 ** 31 + 2, 1, { dtype: "int32" }),
    RangeError,
    "arange() reaches 2147483648, outside of int32",
  );
});

Deno.test("linspace() has both ends exactly", () => {
  assertEquals(linspace(0, 1, 5).toArray(), [0, 0.25, 0.5, 0.75, 1]);
  assertEquals(linspace(3, 7, 1).toArray(), [3]);
  assertEquals(linspace(3, 7, 0).shape, [0]);
  assertEquals(linspace(1, -1, 3).toArray(), [1, 0, -1]);
  const x = linspace(0.1, 0.7, 1001, { dtype: "float64" });
  assertEquals([x.select(0, 0).item(), x.select(0, -1).item()], [0.1, 0.7]);
  assertClose(x.select(0, 500).item(), 0.4, { rtol: 1e-15 });
  assertThrows(
    () => linspace(0, 1, -1),
    RangeError,
    "linspace() got shape [-1]",
  );
  assertThrows(
    () => linspace(0, 1, 2, { dtype: "int64" }),
    TypeError,
    "linspace()",
  );
});

Deno.test("requiresGrad makes a leaf of floats, and of nothing else", () => {
  for (
    const x of [
      tensor([1], { requiresGrad: true }),
      eye(2, 2, { requiresGrad: true }),
      linspace(0, 1, 2, { requiresGrad: true }),
    ]
  ) {
    assertEquals([x.requiresGrad, x.isLeaf, x.grad], [true, true, null]);
  }
  assertThrows(
    () => zeros([1], { dtype: "int32", requiresGrad: true }),
    TypeError,
    "requiresGrad_() is for float32 and float64, got int32",
  );
});
