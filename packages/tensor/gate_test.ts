import { assertEquals } from "@std/assert";
import { arange, grad, maxPool2d, type Tensor } from "./mod.ts";
import { gates } from "./gate.ts";

/** Distinct numbers, half of them negative, with a zero. */
function image(): Tensor {
  const x = arange(36, { dtype: "float32" }).mul(7).remainder(36).sub(20);
  return x.reshape([1, 1, 6, 6]).detach().requiresGrad_();
}

/** The gradient of `loss(relu(x))`, by one pass with gates and one without. */
function check(loss: (y: Tensor) => Tensor, opened: number): void {
  const [x, plain] = [image(), image()];
  const before = gates.opened;
  loss(x.relu()).backward();
  assertEquals(gates.opened - before, opened);
  const y = plain.relu();
  y.retainGrad(); // who looks at y's gradient sees all of it
  loss(y).backward();
  assertEquals(gates.opened - before, opened);
  assertEquals(x.grad!.toArray(), plain.grad!.toArray());
  const [[values], [below]] = [plain.toArray(), plain.grad!.toArray()] as [
    number[][][][],
    number[][][][],
  ];
  values![0]!.forEach((row, i) =>
    row.forEach((value, j) => {
      if (value <= 0) assertEquals(below![0]![i]![j], 0);
    })
  );
}

Deno.test("max pooling's backward does relu's work", () => {
  check((y) => maxPool2d(y, 2).mul(arange(9).reshape([3, 3])).sum(), 1);
  check((y) => maxPool2d(y, 3, { stride: 1, padding: 1 }).sum(), 1);
});

Deno.test("a gradient that others add to goes through the gate again", () => {
  check((y) => maxPool2d(y, 2).sum().add(y.mul(3).sum()), 0);
  check((y) => y.mul(3).sum().add(maxPool2d(y, 2).sum()), 0);
  check((y) => maxPool2d(y, 2).sum().add(maxPool2d(y, 3).sum()), 0);
});

Deno.test("a hook and grad() see the gradient before the gate", () => {
  const x = image();
  const y = x.relu();
  let seen: unknown;
  y.registerHook((g) => {
    seen = g.toArray();
  });
  const pooled = maxPool2d(y, 6).mul(0).add(maxPool2d(y.neg(), 6).neg()).sum();
  pooled.backward();
  const z = image().relu();
  const low = maxPool2d(z, 6).mul(0).add(maxPool2d(z.neg(), 6).neg()).sum();
  assertEquals(seen, grad(low, [z])[0]!.toArray());
  assertEquals((seen as number[][][][]).flat(3).reduce((a, b) => a + b), 1);
  assertEquals(x.grad!.sum().item(), 0);
});

Deno.test("a NaN lets its gradient through, as relu's backward does", () => {
  const x = arange(4).reshape([1, 1, 2, 2]).mul(NaN).detach().requiresGrad_();
  maxPool2d(x.relu(), 2).sum().backward();
  assertEquals(x.grad!.toArray(), [[[[0, 0], [0, 1]]]]);
});
