import { assert, assertEquals, assertThrows } from "@std/assert";
import { Generator, ones, randn, zeros } from "@fdunn/tensor";
import { Conv2d, init, Parameter } from "./mod.ts";

Deno.test("init.eye_() makes the identity, also of parameters", () => {
  const w = new Parameter(ones([2, 3]));
  assertEquals(init.eye_(w).toArray(), [[1, 0, 0], [0, 1, 0]]);
  assertThrows(
    () => init.eye_(zeros([2])),
    RangeError,
    "eye_() is for two dims, got [2]",
  );
});

Deno.test("init.dirac_() makes a convolution hand on its input", () => {
  const layer = new Conv2d(3, 3, 3, { padding: 1, bias: false });
  init.dirac_(layer.weight);
  const x = randn([2, 3, 5, 4]);
  assertEquals(layer.forward(x).toArray(), x.toArray());
  const grouped = init.dirac_(zeros([4, 2, 1]), { groups: 2 });
  assertEquals(grouped.squeeze(2).toArray(), [[1, 0], [0, 1], [1, 0], [0, 1]]);
  const even = init.dirac_(ones([1, 1, 2, 4]));
  assertEquals(even.nonzero().toArray(), [[0, 0, 1, 2]]);
  assertThrows(
    () => init.dirac_(zeros([2, 2])),
    RangeError,
    "dirac_() got [2, 2] in 1 groups, expected three to five dims",
  );
  assertThrows(
    () => init.dirac_(zeros([3, 2, 1]), { groups: 2 }),
    RangeError,
    "groups that divide the first",
  );
});

Deno.test("init.sparse_() zeroes a part of each column", () => {
  const generator = new Generator(1);
  const w = init.sparse_(zeros([40, 300]), 0.333, { std: 2, generator });
  assertEquals(w.eq(0).sum(0).toArray(), new Array(300).fill(14));
  const rows = w.eq(0).to("float32").mean(1);
  assert(rows.sub(14 / 40).abs().max().item() < 0.15, "rows are alike");
  const deviation = Math.sqrt(w.square().sum().item() / (300 * 26));
  assert(Math.abs(deviation - 2) < 0.1, `${deviation}`);
  const again = init.sparse_(zeros([40, 300]), 0.333, {
    std: 2,
    generator: new Generator(1),
  });
  assertEquals(again.toArray(), w.toArray());
  assertThrows(
    () => init.sparse_(zeros([2, 2]), 1.5),
    RangeError,
    "sparse_() got [2, 2] and sparsity 1.5",
  );
});

Deno.test("init.calculateGain() is 1 for linear layers", () => {
  const layers: init.Nonlinearity[] = ["linear", "conv2d", "convTranspose1d"];
  assertEquals(layers.map((name) => init.calculateGain(name)), [1, 1, 1]);
});
