import { assertEquals, assertThrows } from "@std/assert";
import {
  arange,
  type IndexItem,
  noGrad,
  ones,
  type Tensor,
  tensor,
  zeros,
} from "../mod.ts";
import { floats, layouts, wholes } from "../samples_test.ts";

const int = (values: number[], shape = [values.length]) =>
  tensor(values, { shape, dtype: "int32" });

const mask = tensor([[true, false, true], [false, true, true]]);
const source = tensor(wholes(24, 7), { shape: [2, 3, 4] });
const half = tensor(wholes(8, 7), { shape: [2, 4] });

/** Out-of-place and in-place forms by name, over `[2, 3, 4]`. */
const FORMS: Record<string, [(x: Tensor) => Tensor, (x: Tensor) => Tensor]> = {
  "indexPut rows": [
    (x) => x.indexPut([int([1])], source.select(0, 0)),
    (x) => x.indexPut_([int([1])], source.select(0, 0)),
  ],
  "indexPut apart": [
    (x) => x.indexPut([int([1, 0]), null, int([3, 0])], 5),
    (x) => x.indexPut_([int([1, 0]), null, int([3, 0])], 5),
  ],
  "indexPut apart behind a whole axis": [
    (x) => x.unsqueeze(0).indexPut(behind, values).squeeze(0),
    (x) => x.unsqueeze(0).indexPut_(behind, values).squeeze(0),
  ],
  "indexPut by a mask": [
    (x) => x.indexPut([mask], half.select(0, 1)),
    (x) => x.indexPut_([mask], half.select(0, 1)),
  ],
  "indexPut, added up": [
    (x) => x.indexPut([1, int([2, 2])], half, { accumulate: true }),
    (x) => x.indexPut_([1, int([2, 2])], half, { accumulate: true }),
  ],
  "indexPut by numbers": [
    (x) => x.indexPut([1, null, -1], 3, { accumulate: true }),
    (x) => x.indexPut_([1, null, -1], 3, { accumulate: true }),
  ],
  indexAdd: [
    (x) => x.indexAdd(1, int([2, 2, 0]), source, { alpha: 3 }),
    (x) => x.indexAdd_(1, int([2, 2, 0]), source, { alpha: 3 }),
  ],
  indexCopy: [
    (x) => x.indexCopy(1, int([2, 1, 0]), source),
    (x) => x.indexCopy_(1, int([2, 1, 0]), source),
  ],
  indexFill: [
    (x) => x.indexFill(2, int([3, 0]), -7),
    (x) => x.indexFill_(2, int([3, 0]), -7),
  ],
  scatter: [
    (x) => x.scatter(1, int(wholes(24, 3, 0, 3), [2, 3, 4]), source),
    (x) => x.scatter_(1, int(wholes(24, 3, 0, 3), [2, 3, 4]), source),
  ],
  "scatter less": [
    (x) => x.scatter(2, int(wholes(4, 3, 0, 4), [1, 2, 2]), 4),
    (x) => x.scatter_(2, int(wholes(4, 3, 0, 4), [1, 2, 2]), 4),
  ],
  scatterAdd: [
    (x) => x.scatterAdd(0, int(wholes(24, 3, 0, 2), [2, 3, 4]), source),
    (x) => x.scatterAdd_(0, int(wholes(24, 3, 0, 2), [2, 3, 4]), source),
  ],
};
const behind: IndexItem[] = [null, int([1, 0]), null, int([3, 0])];
const values = tensor(wholes(6, 9), { shape: [2, 1, 3] });

Deno.test("writing in place gives what the out-of-place form gives, in every layout", () => {
  for (const [name, [apart, inPlace]] of Object.entries(FORMS)) {
    for (const [how, x] of layouts(wholes(24), [2, 3, 4])) {
      const expected = floats(apart(x));
      const version = x.array.storage.version;
      const y = inPlace(x);
      assertEquals(floats(x), expected, `${name}, ${how}`);
      assertEquals(floats(y), expected, `${name}, ${how}`);
      assertEquals(x.array.storage.version > version, true, name);
    }
  }
});

Deno.test("writing in place leaves what lies between a view's elements", () => {
  const x = zeros([2, 4]);
  x.slice(1, 0, 4, 2).indexPut_([int([1])], 5);
  assertEquals(x.toArray(), [[0, 0, 0, 0], [5, 0, 5, 0]]);
  const flags = zeros([3], { dtype: "bool" });
  flags.scatter_(0, int([1]), 1);
  assertEquals(flags.toArray(), [false, true, false]);
});

Deno.test("a tensor may be written with its own elements", () => {
  const x = arange(4);
  x.indexCopy_(0, int([1, 2, 3]), x.narrow(0, 0, 3));
  assertEquals(x.toArray(), [0, 0, 1, 2]);
  const y = arange(3);
  assertEquals(y.indexAdd_(0, int([1, 2, 0]), y).toArray(), [2, 1, 3]);
});

Deno.test("writing in place refuses what autograd would need", () => {
  const w = ones([2], { requiresGrad: true });
  assertThrows(
    () => w.indexPut_([int([0])], 1),
    Error,
    "indexPut_() writes in place into Tensor [2]",
  );
  assertThrows(
    () => zeros([2]).indexCopy_(0, int([0]), w.narrow(0, 0, 1)),
    Error,
    "indexCopy_() writes Tensor [1] from slice(), which requires grad",
  );
  noGrad(() => w.indexFill_(0, int([1]), 3));
  assertEquals(w.toArray(), [1, 3]);
  const x = tensor([1, 2], { requiresGrad: true });
  const y = x.mul(tensor([3, 4]));
  const z = y.mul(y);
  noGrad(() => y.scatter_(0, int([0]), 9));
  assertThrows(() => z.sum().backward(), Error, "modified by an inplace");
});

Deno.test("writing in place names the op, what came and what was expected", () => {
  const x = zeros([2, 3]);
  const bad: [() => unknown, string][] = [
    [() => x.indexPut_([int([2])], 1), "indexPut_() got index 2 at position 0"],
    [
      () => x.indexPut_([int([0])], zeros([2])),
      "Cannot broadcast [2] with [1, 3] in indexPut_()",
    ],
    [() => x.scatter_(0, int([5, 0, 0], [1, 3]), 1), "scatter_() got index 5"],
    [() => x.scatterAdd_(0, int([5], [1, 1]), x), "scatterAdd_() got index 5"],
    [() => x.indexAdd_(0, int([2]), zeros([1, 3])), "indexAdd_() got index 2"],
    [() => x.indexCopy_(0, int([1]), x), "indexCopy_() of 1 indices on dim 0"],
    [() => x.indexFill_(1, int([3]), 0), "indexFill_() got index 3"],
  ];
  for (const [f, message] of bad) assertThrows(f, RangeError, message);
  assertEquals(x.sum().item(), 0);
  assertThrows(
    () => x.indexPut_([int([0])], int([1])),
    TypeError,
    "indexPut_() got values of int32",
  );
});
