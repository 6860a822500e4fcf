import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  cat,
  type DType,
  hstack,
  ones,
  stack,
  tensor,
  vstack,
  zeros,
} from "../mod.ts";
import { floats, layouts, wholes } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

Deno.test("cat() joins along every axis, in every layout and dtype", () => {
  const dtypes: DType[] = [
    "float32",
    "float64",
    "int32",
    "bool",
    "int8",
    "float16",
    "int64",
  ];
  for (const dtype of dtypes) {
    for (const [how, a] of layouts(wholes(12, 1, 0, 2), [2, 2, 3], "int32")) {
      for (const dim of [0, 1, 2, -1]) {
        const b = tensor(wholes(12, 2, 0, 2), {
          shape: [2, 2, 3],
          dtype: "int32",
        }).to(dtype);
        const y = cat([a.to(dtype), b, a.to(dtype)], dim);
        const axis = dim < 0 ? dim + 3 : dim;
        assertEquals(y.dtype, dtype);
        assertEquals(y.shape, [2, 2, 3].map((n, i) => i === axis ? 3 * n : n));
        y.chunk(3, dim).forEach((part, i) => {
          const expected = i === 1 ? b : a;
          assertEquals(
            floats(part),
            floats(expected.to(dtype)),
            `${dtype} ${how}, ${dim}`,
          );
        });
      }
    }
  }
});

Deno.test("cat() takes different lengths, empty parts, one tensor, many", () => {
  const y = cat([ones([2, 1]), zeros([2, 0]), ones([2, 3]).mul(2)], 1);
  assertEquals(y.toArray(), [[1, 2, 2, 2], [1, 2, 2, 2]]);
  assertEquals(cat([ones([2])]).toArray(), [1, 1]);
  const many = Array.from({ length: 100 }, (_, i) => tensor([i]));
  assertEquals(floats(cat(many)), many.map((_, i) => i));
  assertEquals(cat([zeros([0, 2]), zeros([0, 2])]).shape, [0, 2]);
});

Deno.test("cat() and stack() promote dtypes", () => {
  const int = tensor([1], { dtype: "int32" });
  assertEquals(cat([int, tensor([0.5])]).toArray(), [1, 0.5]);
  assertEquals(stack([tensor([true]), int]).dtype, "int32");
  assertEquals(
    cat([int, tensor([0.5]), tensor([2], { dtype: "float64" })]).dtype,
    "float64",
  );
  assertThrows(
    () => cat([int, tensor(new Int8Array([1]))]),
    TypeError,
    "cat() does not compute in int8",
  );
});

Deno.test("cat() sends each part its section of the gradient", () => {
  const a = tensor([[1], [2]], { requiresGrad: true });
  const b = tensor([[3, 4], [5, 6]], { requiresGrad: true });
  cat([a, b, a], 1).backward(tensor([[1, 2, 3, 4], [5, 6, 7, 8]]));
  assertEquals(a.grad!.toArray(), [[5], [13]]);
  assertEquals(b.grad!.toArray(), [[2, 3], [6, 7]]);
});

Deno.test("cat() and stack() refuse with a sentence", () => {
  assertThrows(() => cat([]), RangeError, "cat() got no tensors");
  assertThrows(
    () => cat([tensor(1), tensor(2)]),
    RangeError,
    "cat() cannot join scalars: use stack()",
  );
  assertThrows(
    () => cat([ones([2, 3]), ones([2, 4])]),
    RangeError,
    "cat() cannot join [2, 3] and [2, 4] along dim 0: all other sizes must be equal",
  );
  assertThrows(
    () => cat([ones([2, 3]), ones([2])], 1),
    RangeError,
    "[2, 3] and [2]",
  );
  assertThrows(() => cat([ones([2])], 1), RangeError, "cat() got dim 1");
  assertThrows(() => stack([]), RangeError, "stack() got no tensors");
  assertThrows(
    () => stack([ones([2]), ones([3])]),
    RangeError,
    "stack() got shapes [2] and [3], which must be equal",
  );
  assertThrows(
    () => stack([ones([2])], 2),
    RangeError,
    "stack() got dim 2, expected -2 to 1",
  );
});

Deno.test("stack() makes a new axis anywhere", () => {
  const [a, b] = [tensor([1, 2]), tensor([3, 4])];
  assertEquals(stack([a, b]).toArray(), [[1, 2], [3, 4]]);
  assertEquals(stack([a, b], 1).toArray(), [[1, 3], [2, 4]]);
  assertEquals(stack([a, b], -1).toArray(), [[1, 3], [2, 4]]);
  assertEquals(stack([tensor(1), tensor(2)]).toArray(), [1, 2]);
  for (const [how, x] of layouts(wholes(12, 3), [3, 4])) {
    assertEquals(floats(stack([x, x], 1).select(1, 0)), floats(x), how);
  }
});

Deno.test("clone() copies, contiguous() only where it must", () => {
  const x = tensor([[1, 2], [3, 4]]);
  const copy = x.clone();
  x.zero_();
  assertEquals(copy.toArray(), [[1, 2], [3, 4]]);
  assertStrictEquals(copy.contiguous(), copy);
  const turned = copy.t();
  assertEquals([turned.isContiguous(), turned.contiguous().isContiguous()], [
    false,
    true,
  ]);
  assertEquals(turned.contiguous().toArray(), [[1, 3], [2, 4]]);
  for (
    const dtype of [
      "float64",
      "int32",
      "bool",
      "uint8",
      "bfloat16",
      "int64",
    ] as DType[]
  ) {
    const y = tensor(wholes(12, 5, 0, 2), { shape: [3, 4], dtype: "int32" }).to(
      dtype,
    ).t();
    assert(y.clone().isContiguous());
    assertEquals(y.clone().toArray(), y.toArray(), dtype);
  }
  // Transposed tiles, and what is left beside them.
  for (const shape of [[5, 7], [8, 8], [17, 33], [1, 9], [64, 3]]) {
    const values = Array.from({ length: shape[0]! * shape[1]! }, (_, i) => i);
    const y = tensor(values, { shape }).t().contiguous();
    const expected = values.map((_, i) =>
      Math.floor(i / shape[0]!) + (i % shape[0]!) * shape[1]!
    );
    assertEquals(floats(y), expected, `[${shape}]`);
  }
});

Deno.test("hstack() and vstack() make scalars rows, and refuse what cat() does", () => {
  const row = tensor([1, 2]);
  assertEquals(hstack([tensor(0), row]).toArray(), [0, 1, 2]);
  assertEquals(vstack([tensor(0), tensor([1])]).toArray(), [[0], [1]]);
  assertEquals(hstack([row, row.to("int32")]).dtype, "float32");
  assertThrows(() => hstack([]), RangeError, "hstack() got no tensors");
  assertThrows(() => vstack([]), RangeError, "vstack() got no tensors");
  assertThrows(
    () => hstack([zeros([2, 3]), zeros([3, 3])]),
    RangeError,
    "cat() cannot join [2, 3] and [3, 3] along dim 1",
  );
  assertThrows(
    () => vstack([row, zeros([1, 3])]),
    RangeError,
    "cat() cannot join [1, 2] and [1, 3] along dim 0",
  );
});

testGradients("join");
