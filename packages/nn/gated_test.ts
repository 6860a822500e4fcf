import { randn, tensor, zeros } from "@fdunn/tensor";
import { checkGrad } from "@fdunn/tensor/op";
import * as nn from "@fdunn/nn";
import { assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";

Deno.test("glu and swiglu open one half of an axis by the other", () => {
  const x = randn([3, 4, 6]);
  for (const dim of [-1, 2, 1]) {
    const [a, b] = x.chunk(2, dim);
    const pairs = [
      [nn.glu(x, dim), a!.mul(b!.sigmoid()), new nn.GLU(dim)],
      [nn.swiglu(x, dim), a!.mul(a!.sigmoid()).mul(b!), new nn.SwiGLU(dim)],
    ] as const;
    for (const [y, expected, layer] of pairs) {
      assertEquals(y.shape, expected.shape);
      assertAlmostEquals(y.sub(expected).abs().amax().item(), 0, 1e-6);
      assertEquals(layer.forward(x).toArray(), y.toArray());
      assertEquals(`${layer}`, `${layer.constructor.name}(dim=${dim})`);
    }
  }
  assertEquals(nn.glu(zeros([2, 0])).shape, [2, 0]);
});

Deno.test("gradients of glu and swiglu go into both halves", () => {
  for (const f of [nn.glu, nn.swiglu]) {
    checkGrad((x) => f(x), [randn([3, 4], { requiresGrad: true })]);
    checkGrad((x) => f(x, 0), [randn([2, 3], { requiresGrad: true })]);
  }
});

Deno.test("gated units refuse an axis without halves", () => {
  assertThrows(
    () => nn.glu(zeros([2, 3])),
    RangeError,
    "glu() got input [2, 3] and dim -1, expected an axis of even size",
  );
  assertThrows(() => nn.swiglu(zeros([2]), 1), RangeError, "and dim 1");
  assertThrows(() => new nn.GLU().forward(tensor(1)), RangeError, "input []");
});
