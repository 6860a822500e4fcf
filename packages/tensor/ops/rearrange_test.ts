import { assert, assertEquals, assertThrows } from "@std/assert";
import { arange, type DType, type Tensor, tensor, zeros } from "../mod.ts";
import { floats, layouts, numbers, wholes } from "../samples_test.ts";
import { testGradients } from "./grad_cases_test.ts";

const sameBytes = (a: Tensor, b: Tensor) => a.array.storage === b.array.storage;

const X = () => layouts(numbers(24), [2, 3, 4]);

Deno.test("unflatten(), movedim(), swapaxes(), expandAs(), broadcastTo(), unbind() are views", () => {
  const x = arange(24).reshape([2, 3, 4]);
  assert(sameBytes(x, x.unflatten(2, [2, -1])));
  assert(sameBytes(x, x.movedim([0, 1], [1, 2])));
  assert(sameBytes(x, x.swapaxes(0, 2)));
  assert(sameBytes(x, x.expandAs(zeros([5, 2, 3, 4]))));
  assert(sameBytes(x, x.broadcastTo([5, 2, 3, 4])));
  for (const part of x.unbind(1)) assert(sameBytes(x, part));
  assertEquals(x.unbind(1).map((part) => part.shape), [[2, 4], [2, 4], [2, 4]]);
  assertEquals(zeros([0, 3]).unbind(), []);
});

Deno.test("repeat(), flip(), roll() and rot90() share no bytes with the tensor", () => {
  const x = arange(6).reshape([2, 3]);
  const copies = [
    ...[x.repeat([1, 1]), x.repeat([1, 1, 1]), x.tile([1]), x.flip([])],
    ...[x.roll(0, 0), x.roll(6), x.rot90(0), x.repeatInterleave(1, 0)],
  ];
  for (const y of copies) {
    assert(!sameBytes(x, y));
    assert(y.isContiguous());
  }
  const row = tensor([5]).repeat([3]);
  row.add_(tensor([1, 2, 3]));
  assertEquals(row.toArray(), [6, 7, 8]);
});

Deno.test("movement does the same in every layout", () => {
  const functions: Record<string, (x: Tensor) => Tensor> = {
    unflatten: (x) => x.unflatten(2, [2, 2]),
    movedim: (x) => x.movedim(2, 0),
    repeat: (x) => x.repeat([2, 1, 2]),
    repeatInterleave: (x) => x.repeatInterleave(2, 1),
    flip: (x) => x.flip([0, 2]),
    roll: (x) => x.roll(5),
    rot90: (x) => x.rot90(1, [1, 2]),
    unbind: (x) => x.unbind(2)[3]!,
  };
  for (const [name, f] of Object.entries(functions)) {
    const [first, ...rest] = X();
    const expected = floats(f(first![1]));
    for (const [how, x] of rest) {
      assertEquals(floats(f(x)), expected, `${name}, ${how}`);
    }
  }
});

Deno.test("movement takes every dtype", () => {
  const dtypes: DType[] = [
    ...["float32", "float64", "int32", "bool", "float16", "bfloat16"] as const,
    ...["int64", "int8", "uint8"] as const,
  ];
  const values = wholes(6, 1, 0, 2);
  const [a, b, c, d, e, f] = values as [
    ...[number, number, number, number, number, number],
  ];
  for (const dtype of dtypes) {
    const x = tensor(values, { shape: [2, 3] }).to(dtype);
    const read = (y: Tensor) => {
      assertEquals(y.dtype, dtype);
      return floats(y.to("float32"));
    };
    assertEquals(read(x.flip(1)), [c, b, a, f, e, d], dtype);
    assertEquals(read(x.roll(1, 0)), [d, e, f, a, b, c], dtype);
    assertEquals(read(x.rot90()), [c, f, b, e, a, d], dtype);
    assertEquals(read(x.repeat([2, 1])), [...values, ...values], dtype);
    assertEquals(
      read(x.repeatInterleave(2, 0)),
      [a, b, c, a, b, c, d, e, f, d, e, f],
      dtype,
    );
  }
});

Deno.test("movement names the op, what came and what was expected", () => {
  const x = zeros([2, 3]);
  const fails: [() => unknown, string][] = [
    [
      () => x.unflatten(1, [2, 2]),
      "unflatten() cannot cut dim 1, which has size 3, into [2, 2]",
    ],
    [() => x.unflatten(1, [-1, -1]), "into [-1, -1]"],
    [() => x.unflatten(1, [-1, 0]), "into [-1, 0]"],
    [() => x.unflatten(1, []), "into []"],
    [() => x.movedim(0, [0, 1]), "got 1 dims to move to 2 places"],
    [() => x.movedim([0, 0], [0, 1]), "movedim() got dim 0 more than once"],
    [() => x.movedim(2, 0), "movedim() got dim 2, expected -2 to 1"],
    [
      () => x.repeat([2]),
      "repeat() of a tensor of shape [2, 3] needs a count for each of its dims, got [2]",
    ],
    [() => x.repeat([2, -1]), "repeat() got count -1"],
    [() => x.repeatInterleave(1.5, 0), "repeatInterleave() got count 1.5"],
    [
      () => x.repeatInterleave(tensor([1, 2], { dtype: "int32" }), 1),
      "got repeats of shape [2] for dim 1, which has size 3",
    ],
    [
      () => x.repeatInterleave(tensor([1, -2], { dtype: "int32" }), 0),
      "repeatInterleave() got count -2",
    ],
    [() => x.flip([0, -2]), "flip() got dim 0 more than once"],
    [() => x.roll([1, 2], 0), "roll() got 2 shifts for 1 dims"],
    [() => x.roll([1, 2]), "roll() got 2 shifts without dims"],
    [() => x.roll(0.5, 0), "roll() got shift 0.5"],
    [() => x.rot90(1, [0, 0]), "rot90() got dim 0 more than once"],
    [() => x.rot90(0.5), "rot90() got k 0.5"],
    [() => x.unbind(2), "unbind() got dim 2, expected -2 to 1"],
    [() => x.squeeze([0, 0]), "squeeze() got dim 0 more than once"],
    [() => x.expandAs(zeros([3, 2])), "Cannot broadcast [2, 3] with [3, 2]"],
  ];
  for (const [f, message] of fails) assertThrows(f, RangeError, message);
  assertThrows(
    () => x.repeatInterleave(tensor([1, 2]), 0),
    TypeError,
    "repeatInterleave() expects int32 repeats, got float32",
  );
});

testGradients("rearrange");
