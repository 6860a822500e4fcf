import { tensor } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { assertAlmostEquals, assertEquals } from "@std/assert";

const x = tensor([[-30, -2, -0.5], [0, 0.5, 30]]);

Deno.test("smooth activations compute as their functions do", () => {
  const tanh = { approximate: "tanh" } as const;
  const pairs = [
    [new nn.GELU().forward(x), nn.gelu(x)],
    [new nn.GELU(tanh).forward(x), nn.gelu(x, tanh)],
    [new nn.SiLU().forward(x), nn.silu(x)],
    [new nn.Mish().forward(x), nn.mish(x)],
    [new nn.Softplus(2, 1).forward(x), nn.softplus(x, 2, 1)],
    [new nn.LogSigmoid().forward(x), nn.logSigmoid(x)],
    [new nn.Softsign().forward(x), nn.softsign(x)],
    [new nn.Tanhshrink().forward(x), nn.tanhshrink(x)],
  ] as const;
  for (const [layer, f] of pairs) assertEquals(layer.toArray(), f.toArray());
});

Deno.test("softsign and tanhshrink agree with their formulas", () => {
  const values = [...x.data()].map(Number);
  const [signs, shrunk] = [nn.softsign(x).data(), nn.tanhshrink(x).data()];
  values.forEach((v, i) => {
    assertAlmostEquals(Number(signs[i]), v / (1 + Math.abs(v)), 1e-6);
    assertAlmostEquals(Number(shrunk[i]), v - Math.tanh(v), 1e-6);
  });
});

Deno.test("smooth activations say their parameters", () => {
  assertEquals(`${new nn.GELU()}`, "GELU(approximate=none)");
  assertEquals(`${new nn.Softplus()}`, "Softplus(beta=1, threshold=20)");
  assertEquals(`${new nn.SiLU()}`, "SiLU()");
});

Deno.test("logSigmoid and softplus agree with what they are made of", () => {
  const y = tensor([-3, 0.5, 3]);
  const near = nn.logSigmoid(y).sub(y.sigmoid().log()).abs().amax().item();
  assertAlmostEquals(near, 0, 1e-6);
  const sum = nn.softplus(y).sub(nn.softplus(y.neg())).sub(y).abs().amax();
  assertAlmostEquals(sum.item(), 0, 1e-6);
});
