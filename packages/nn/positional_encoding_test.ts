import { randn, type Tensor, zeros } from "@fdunn/tensor";
import { checkGrad } from "@fdunn/tensor/op";
import {
  LearnedPositionalEncoding,
  rotaryEmbedding,
  SinusoidalPositionalEncoding,
} from "@fdunn/nn";
import { assert, assertEquals, assertThrows } from "@std/assert";

const near = (a: Tensor, b: Tensor, tolerance = 1e-5) => {
  assertEquals(a.shape, b.shape);
  const difference = a.sub(b).abs().amax().item();
  assert(difference < tolerance, `${difference}`);
};

Deno.test("SinusoidalPositionalEncoding adds the paper's waves", () => {
  const encoding = new SinusoidalPositionalEncoding(5, { maxLen: 50 });
  const y = encoding.forward(zeros([50, 5]));
  for (const [p, column] of [[0, 0], [3, 1], [7, 2], [49, 3], [20, 4]]) {
    const angle = p! / 10000 ** ((column! - column! % 2) / 5);
    const wave = column! % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
    const value = y.select(0, p!).select(0, column!).item();
    assert(Math.abs(value - wave) < 1e-6, `${p} ${column}`);
  }
  assertEquals(encoding.stateDict(), {});
  assertEquals(encoding.parameters(), []);
  assertEquals(
    encoding.to("float64").forward(
      zeros([2, 5], { dtype: "float64" }),
    ).dtype,
    "float64",
  );
});

Deno.test("positional encodings take the batch on either side, and go on", () => {
  for (
    const Encoding of [SinusoidalPositionalEncoding, LearnedPositionalEncoding]
  ) {
    const encoding = new Encoding(4, { maxLen: 10 });
    const x = randn([6, 2, 4]);
    const y = encoding.forward(x);
    const rows = encoding.forward(zeros([6, 4]));
    near(y.sub(x).select(1, 1), rows);
    near(encoding.forward(zeros([2, 4]), 4), rows.narrow(0, 4, 2));
    const turned = new Encoding(4, { maxLen: 10, batchFirst: true });
    turned.loadStateDict(encoding.stateDict());
    near(turned.forward(x.transpose(0, 1)).transpose(0, 1), y);
    assertThrows(
      () => encoding.forward(zeros([11, 4])),
      RangeError,
      `${Encoding.name} got 11 positions from 0 on, expected at most maxLen 10`,
    );
    assertThrows(() => encoding.forward(zeros([2, 4]), 9), RangeError);
    assertThrows(
      () => encoding.forward(zeros([2, 3])),
      RangeError,
      "got input [2, 3], expected [L, N, 4]",
    );
    assertThrows(() => new Encoding(0), RangeError, "dModel 0");
  }
});

Deno.test("LearnedPositionalEncoding learns the rows it used", () => {
  const encoding = new LearnedPositionalEncoding(3, { maxLen: 4 });
  assertEquals(Object.keys(encoding.stateDict()), ["weight"]);
  encoding.forward(zeros([2, 5, 3]), 1).sum().backward();
  assertEquals(encoding.weight.grad!.toArray(), [
    [0, 0, 0],
    [5, 5, 5],
    [5, 5, 5],
    [0, 0, 0],
  ]);
});

Deno.test("rotaryEmbedding() turns by position: scores see distances only", () => {
  const [q, k] = [randn([1, 8]), randn([1, 8])];
  const score = (at: number, to: number) =>
    rotaryEmbedding(q, { start: at })
      .mul(rotaryEmbedding(k, { start: to })).sum().item();
  assert(Math.abs(score(3, 1) - score(12, 10)) < 1e-5);
  assert(Math.abs(score(3, 1) - score(3, 2)) > 1e-4);
  near(rotaryEmbedding(q), q);
  const x = randn([2, 3, 5, 8]);
  const y = rotaryEmbedding(x);
  near(y.square().sum(-1), x.square().sum(-1)); // lengths stay
  near(rotaryEmbedding(x.narrow(2, 2, 3), { start: 2 }), y.narrow(2, 2, 3));
  // Column 0 and column 4 of position 1 turn by one radian.
  const [a, b] = [0, 4].map((c) => x.select(2, 1).select(2, c));
  near(
    y.select(2, 1).select(2, 0),
    a!.mul(Math.cos(1)).sub(b!.mul(Math.sin(1))),
  );
  checkGrad((x) => rotaryEmbedding(x!).square(), [
    randn([3, 4], { dtype: "float64", requiresGrad: true }),
  ]);
  assertThrows(
    () => rotaryEmbedding(zeros([2, 3])),
    RangeError,
    "rotaryEmbedding() got [2, 3], expected [..., L, E] with an even E",
  );
});
