import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import {
  arange,
  ones,
  type Shape,
  type Tensor,
  tensor,
  zeros,
} from "../mod.ts";
import { count, floats, layouts, numbers } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

/** Elements at coordinates that `place` gives for each of the result's. */
function picked(
  x: Tensor,
  shape: Shape,
  place: (at: number[]) => number[],
): number[] {
  const flat = floats(x);
  return Array.from({ length: count(shape) }, (_, i) => {
    const at: number[] = [];
    let rest = i;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at.unshift(rest % shape[axis]!);
      rest = Math.floor(rest / shape[axis]!);
    }
    const index = place(at).reduce((p, c, axis) => p * x.shape[axis]! + c, 0);
    return flat[index]!;
  });
}

function sameBytes(a: Tensor, b: Tensor): boolean {
  return a.array.storage === b.array.storage;
}

const X = () => layouts(numbers(24), [2, 3, 4]);

Deno.test("reshape() keeps the row-major order in every layout", () => {
  for (const [how, x] of X()) {
    for (
      const shape of [[24], [6, 4], [4, 6], [2, 12], [1, 2, 1, 3, 4], [3, 8], [
        2,
        2,
        3,
        2,
      ]]
    ) {
      const y = x.reshape(shape);
      assertEquals(y.shape, shape);
      assertEquals(floats(y), floats(x), `${how} to [${shape}]`);
      if (x.isContiguous()) assert(sameBytes(x, y), how);
    }
  }
});

Deno.test("reshape() infers one size of -1", () => {
  const x = ones([2, 3, 4]);
  assertEquals(x.reshape([-1]).shape, [24]);
  assertEquals(x.reshape([4, -1]).shape, [4, 6]);
  assertEquals(x.reshape([-1, 24]).shape, [1, 24]);
  assertEquals(zeros([0, 3]).reshape([-1, 3]).shape, [0, 3]);
  assertEquals(tensor(5).reshape([-1]).shape, [1]);
  assertEquals(ones([1, 1]).reshape([]).shape, []);
});

Deno.test("reshape() refuses what does not fit with a sentence", () => {
  const x = ones([2, 3]);
  assertThrows(
    () => x.reshape([4, 2]),
    RangeError,
    "reshape() cannot turn [2, 3] (6 elements) into [4, 2]",
  );
  for (
    const shape of [[-1, 4], [-1, -1], [-2, -3], [6.5], [NaN], [-1, 0], []]
  ) {
    assertThrows(() => x.reshape(shape), RangeError, "reshape() cannot");
  }
  assertThrows(
    () => zeros([0]).reshape([0, -1]),
    RangeError,
    "reshape() cannot infer -1 in [0, -1]: beside a size of 0 it could be any",
  );
});

Deno.test("view() never copies, and says when it would have to", () => {
  const x = arange(24).reshape([2, 3, 4]);
  assert(sameBytes(x, x.view([6, 4])));
  const turned = x.transpose(0, 1);
  assertThrows(
    () => turned.view([6, 4]),
    RangeError,
    "view() cannot see a tensor of shape [3, 2, 4] and strides [4, 12, 1] as [6, 4] without a copy: use reshape()",
  );
  // Cutting an axis anew needs no copy even there.
  const cut = turned.view([3, 2, 2, 2]);
  assert(sameBytes(x, cut));
  assertEquals(floats(cut), floats(turned));
  const rows = x.slice(2, 0, 4, 2).view([6, 2]);
  assert(sameBytes(x, rows));
  assertEquals(floats(rows), floats(x.slice(2, 0, 4, 2)));
  const stretched = tensor([1, 2]).reshape([2, 1]).expand([2, 6]).view([
    2,
    2,
    3,
  ]);
  assertEquals(floats(stretched), [...Array(6).fill(1), ...Array(6).fill(2)]);
  assertThrows(() => x.view([5]), RangeError, "view() cannot turn");
});

Deno.test("permute() and transpose() move axes without a copy", () => {
  for (const [how, x] of X()) {
    for (const order of [[2, 0, 1], [0, 2, 1], [-1, -2, -3], [0, 1, 2]]) {
      const y = x.permute(order);
      const axes = order.map((i) => i < 0 ? i + 3 : i);
      assertEquals(y.shape, axes.map((i) => x.shape[i]!));
      const place = (at: number[]) =>
        [0, 1, 2].map((axis) => at[axes.indexOf(axis)]!);
      assertEquals(floats(y), picked(x, y.shape, place), how);
      assert(sameBytes(x, y));
    }
    const y = x.transpose(0, -1);
    assertEquals(floats(y), floats(x.permute([2, 1, 0])));
  }
  assertEquals(tensor([[1, 2]]).t().toArray(), [[1], [2]]);
  const row = tensor([1]);
  assertStrictEquals(row.t(), row);
});

Deno.test("permute() and transpose() refuse with a sentence", () => {
  const x = ones([2, 3, 4]);
  assertThrows(
    () => x.permute([0, 1]),
    RangeError,
    "permute() of a tensor of shape [2, 3, 4] needs each of its 3 dims once, got [0, 1]",
  );
  assertThrows(
    () => x.permute([0, 1, 1]),
    RangeError,
    "each of its 3 dims once",
  );
  assertThrows(
    () => x.permute([0, 1, 3]),
    RangeError,
    "permute() got dim 3, expected -3 to 2",
  );
  assertThrows(() => x.transpose(0, 3), RangeError, "transpose() got dim 3");
  assertThrows(
    () => x.t(),
    RangeError,
    "t() is for at most two dims, got [2, 3, 4]",
  );
});

Deno.test("expand() stretches sizes of 1 and adds axes", () => {
  for (const [how, x] of layouts(numbers(6), [2, 1, 3])) {
    const y = x.expand([5, -1, 4, 3]);
    assertEquals(y.shape, [5, 2, 4, 3]);
    assertEquals(
      floats(y),
      picked(x, y.shape, ([, a, , b]) => [a!, 0, b!]),
      how,
    );
    assert(sameBytes(x, y));
  }
  assertEquals(tensor(7).expand([2, 2]).toArray(), [[7, 7], [7, 7]]);
  assertEquals(ones([1]).expand([0]).shape, [0]);
  const x = ones([2, 3]);
  assertThrows(
    () => x.expand([4, 3]),
    RangeError,
    "sizes 2 and 4 at dim -2 must be equal, or one of them 1",
  );
  assertThrows(
    () => x.expand([2, 1]),
    RangeError,
    "expand() cannot stretch [2, 3] to [2, 1]",
  );
  assertThrows(() => x.expand([3]), RangeError, "expand() cannot stretch");
  assertThrows(
    () => x.expand([-1, 2, 3]),
    RangeError,
    "expand() got shape [-1, 2, 3]",
  );
  assertThrows(() => ones([1]).expand([-5]), RangeError, "expand()");
  assertThrows(() => ones([1]).expand([1.5]), RangeError, "expand()");
});

Deno.test("slice() clamps its bounds like Python and steps", () => {
  const bounds: [number, number, number][] = [
    [0, Infinity, 1],
    [1, 4, 1],
    [0, 5, 2],
    [1, 5, 3],
    [-3, -1, 1],
    [-99, 99, 1],
    [4, 2, 1],
    [5, 9, 1],
    [2, 2, 1],
    [0, 5, 7],
  ];
  for (const [how, x] of layouts(numbers(30), [2, 5, 3])) {
    for (const [start, end, step] of bounds) {
      const all = [0, 1, 2, 3, 4];
      const kept = all.slice(start, end).filter((_, i) => i % step === 0);
      for (const dim of [1, -2]) {
        const y = x.slice(dim, start, end, step);
        assertEquals(y.shape, [2, kept.length, 3]);
        const place = ([a, b, c]: number[]) => [a!, kept[b!]!, c!];
        assertEquals(
          floats(y),
          picked(x, y.shape, place),
          `${how} ${start}:${end}:${step}`,
        );
      }
    }
    const twice = x.slice(2, 0, 3, 2).slice(1, 1, 5, 2).transpose(0, 2);
    const place = ([c, b, a]: number[]) => [a!, 1 + 2 * b!, 2 * c!];
    assertEquals(floats(twice), picked(x, [2, 2, 2], place), how);
  }
  const x = ones([3]);
  assertThrows(() => x.slice(0, 0, 3, 0), RangeError, "slice() got step 0");
  assertThrows(() => x.slice(0, 0, 3, -1), RangeError, "slice() got step -1");
  assertThrows(
    () => x.slice(0, 0.5),
    RangeError,
    "slice() got start 0.5 and end Infinity",
  );
  assertThrows(() => x.slice(0, 0, NaN), RangeError, "expected whole numbers");
  assertThrows(() => x.slice(1), RangeError, "slice() got dim 1");
});

Deno.test("narrow() and select() check their bounds", () => {
  for (const [how, x] of X()) {
    const y = x.narrow(1, -2, 2);
    assertEquals(floats(y), floats(x.slice(1, 1, 3)), how);
    assertEquals(x.narrow(2, 4, 0).shape, [2, 3, 0]);
    const z = x.select(1, -1);
    assertEquals(z.shape, [2, 4]);
    assertEquals(floats(z), picked(x, [2, 4], ([a, b]) => [a!, 2, b!]), how);
    assert(sameBytes(x, z));
  }
  const x = ones([2, 3]);
  assertThrows(
    () => x.narrow(1, 2, 2),
    RangeError,
    "narrow() got start 2 and length 2 on dim 1, which has size 3",
  );
  assertThrows(() => x.narrow(1, 0, -1), RangeError, "narrow()");
  assertThrows(() => x.narrow(1, 0.5, 1), RangeError, "narrow()");
  assertThrows(() => x.narrow(2, 0, 1), RangeError, "narrow() got dim 2");
  assertThrows(
    () => x.select(0, 2),
    RangeError,
    "select() got index 2 on dim 0, which has size 2",
  );
  assertThrows(() => x.select(0, -3), RangeError, "select() got index -3");
  assertThrows(
    () => tensor(1).select(0, 0),
    RangeError,
    "a scalar has no dims",
  );
});

Deno.test("flatten(), squeeze() and unsqueeze() change only the shape", () => {
  const x = arange(24).reshape([2, 3, 4]);
  assertEquals(x.flatten().shape, [24]);
  assertEquals(x.flatten(1).shape, [2, 12]);
  assertEquals(x.flatten(0, -2).shape, [6, 4]);
  assertStrictEquals(x.flatten(1, 1), x);
  assertEquals(tensor(1).flatten().shape, [1]);
  const y = ones([1, 3, 1]);
  assertEquals(y.squeeze().shape, [3]);
  assertEquals(y.squeeze(-1).shape, [1, 3]);
  assertStrictEquals(y.squeeze(1), y);
  assertEquals(y.unsqueeze(0).shape, [1, 1, 3, 1]);
  assertEquals(y.unsqueeze(-1).shape, [1, 3, 1, 1]);
  assertEquals(tensor(1).unsqueeze(0).shape, [1]);
  assertThrows(
    () => x.flatten(2, 1),
    RangeError,
    "flatten() got startDim 2 behind endDim 1",
  );
  assertThrows(() => x.flatten(3), RangeError, "flatten() got dim 3");
  assertThrows(() => x.squeeze(3), RangeError, "squeeze() got dim 3");
  assertThrows(
    () => x.unsqueeze(4),
    RangeError,
    "unsqueeze() got dim 4, expected -4 to 3",
  );
  for (const [how, z] of X()) {
    assert(sameBytes(z.unsqueeze(1), z), how);
    assertEquals(floats(z.unsqueeze(1).squeeze(1)), floats(z), how);
  }
});

Deno.test("split() and chunk() cut an axis into views", () => {
  const x = arange(10).reshape([2, 5]);
  const sizes = (parts: Tensor[]) => parts.map((part) => part.shape[1]);
  assertEquals(sizes(x.split(2, 1)), [2, 2, 1]);
  assertEquals(sizes(x.split([1, 0, 4], -1)), [1, 0, 4]);
  assertEquals(sizes(x.chunk(2, 1)), [3, 2]);
  assertEquals(sizes(x.chunk(4, 1)), [2, 2, 1]);
  assertEquals(x.split(2, 1)[2]!.toArray(), [[4], [9]]);
  assertEquals(zeros([0]).split(3).length, 1);
  assertEquals(zeros([0]).chunk(3).length, 1);
  assertThrows(
    () => x.split([2, 2], 1),
    RangeError,
    "split() got sizes [2, 2] for dim 1, which has size 5",
  );
  assertThrows(() => x.split(0), RangeError, "split() got size 0");
  assertThrows(() => x.split([6, -1], 1), RangeError, "narrow() got");
  assertThrows(() => x.chunk(0), RangeError, "chunk() got count 0");
  assertThrows(() => x.chunk(2, 2), RangeError, "chunk() got dim 2");
});

Deno.test("views keep types that only store", () => {
  const half = tensor(new Uint16Array([1, 2, 3, 4]), {
    dtype: "float16",
    shape: [2, 2],
  });
  assertEquals([...half.t().contiguous().data()], [1, 3, 2, 4]);
  const wide = tensor(new BigInt64Array([1n, 2n, 3n, 4n]), { shape: [2, 2] });
  assertEquals([...wide.t().reshape([4]).data()], [1n, 3n, 2n, 4n]);
  const bytes = tensor(new Int8Array([1, -2, 3, -4]), { shape: [2, 2] });
  assertEquals([...bytes.slice(1, 1).data()], [-2, -4]);
});

testGradients("view");
