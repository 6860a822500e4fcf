import { assert, assertEquals, assertThrows } from "@std/assert";
import { grad, noGrad, type Tensor, tensor, where } from "./mod.ts";
import {
  detectAnomaly,
  isAnomalyEnabled,
  setDetectAnomaly,
} from "./anomaly.ts";
import { apply, contiguous, type Op } from "./custom_op.ts";

/** The error that detectAnomaly throws for a function. */
function anomalyOf(f: () => unknown): Error {
  try {
    detectAnomaly(f);
  } catch (error) {
    assert(error instanceof Error);
    return error;
  }
  throw new Error("Expected an anomaly, but nothing was thrown");
}

const leaf = (values: number[] | number[][]) =>
  tensor(values, { requiresGrad: true });

Deno.test("detectAnomaly() finds what an op makes of finite numbers", () => {
  const found: [() => Tensor, string][] = [
    [() => leaf([1, 0]).log(), "log() gave -Infinity at [1] of its result [2]"],
    [() => leaf([0, -1]).sqrt(), "sqrt() gave NaN at [1] of its result [2]"],
    [() => tensor([100]).exp(), "exp() gave Infinity at [0]"],
    [() => tensor([1]).div(0), "div() gave Infinity"],
    [() => tensor([0]).div(tensor([0])), "div() gave NaN"],
    [() => tensor([[1, 2], [0, 4]]).pow(-1), "at [1, 0] of its result [2, 2]"],
    [() => tensor([1e30]).mul(1e30), "mul() gave Infinity"],
  ];
  for (const [f, message] of found) {
    const error = anomalyOf(f);
    assert(error.message.includes(message), error.message);
    assert(error.message.includes("its inputs held no"), error.message);
    f(); // nothing outside of it
  }
  const double = anomalyOf(() => tensor([0], { dtype: "float64" }).log());
  assert(double.message.includes("log() gave -Infinity"));
  const turned = anomalyOf(() => tensor([[1, 2], [0, 4]]).t().log());
  assert(turned.message.includes("at [0, 1]"), turned.message);
});

Deno.test("detectAnomaly() names the line that called", () => {
  const error = anomalyOf(() => {
    const x = leaf([0]);
    return x.add(0).log();
  });
  const at = /\. It was called at (\S+anomaly_test\.ts:\d+:\d+)$/
    .exec(error.message);
  assert(at !== null, error.message);
  const line = Number(at[1]!.split(":").at(-2));
  const source = Deno.readTextFileSync(new URL(import.meta.url)).split("\n");
  assert(source[line - 1]!.includes("x.add(0).log()"), at[1]);
});

Deno.test("detectAnomaly() finds what a backward makes of finite numbers", () => {
  const root = anomalyOf(() => leaf([4, 0]).sqrt().sum().backward());
  assert(
    root.message.startsWith(
      "The backward of sqrt() gave Infinity at [1] of the gradient of its input 0 [2]",
    ),
    root.message,
  );
  assert(/sqrt\(\) was called at \S+anomaly_test\.ts:/.test(root.message));
  assert(root.cause instanceof Error);
  assert(root.cause.stack!.includes("anomaly_test.ts"));
  // The well-known trap: where() hides a value, not its slope.
  const trap = anomalyOf(() => {
    const x = leaf([1, 0]);
    const safe = x.sqrt().mul(tensor([1, 0]));
    safe.sum().backward();
  });
  assert(trap.message.includes("The backward of sqrt() gave NaN at [1]"));
  const asked = anomalyOf(() => {
    const x = leaf([0]);
    return grad(x.sqrt(), [x], { createGraph: true });
  });
  assert(asked.message.includes("The backward of sqrt() gave Infinity"));
  leaf([0]).sqrt().sum().backward(); // nothing outside of it
});

Deno.test("detectAnomaly() says where NaN came in, and what came late", () => {
  const came = anomalyOf(() => tensor([1, 2]).mul(tensor([NaN, 1])));
  assert(
    came.message.includes(
      "mul() gave NaN at [0] of its result [2]: its input 1 [2] held NaN already",
    ),
    came.message,
  );
  const y = leaf([0]).sqrt();
  const late = anomalyOf(() => y.sum().backward());
  assert(late.message.includes("ran before anomalies were detected"));
  const x = leaf([1]);
  const seed = anomalyOf(() => x.mul(2).backward(tensor([NaN])));
  assert(
    seed.message.includes("the gradient that came to it held NaN already"),
    seed.message,
  );
});

Deno.test("detectAnomaly() lets masks of infinity be", () => {
  detectAnomaly(() => {
    const x = leaf([[1, 2, 3], [4, 5, 6]]);
    const later = tensor([[0, 1, 1], [0, 0, 1]]).to("bool");
    const filled = where(later, -Infinity, x);
    filled.softmax(1).sum().backward();
    const mask = where(later, -Infinity, tensor(0));
    x.add(mask).softmax(1).square().sum().backward();
    x.add(mask).logSoftmax(1).exp().sum().backward();
    x.clamp(0, Infinity).sum().backward(); // told so
    x.minimum(Infinity).sum().backward();
    tensor([1, 2], { dtype: "int32" }).div(1);
    tensor([1, 0], { dtype: "int32" }).mul(2147483647);
    x.narrow(0, 0, 0).amax(1);
  });
  // A row with nothing left is not among them.
  const blind = anomalyOf(() =>
    where(tensor([1, 1]).to("bool"), -Infinity, leaf([1, 2])).softmax(0)
  );
  assert(blind.message.includes("softmax() gave NaN"), blind.message);
});

Deno.test("detectAnomaly() looks at what is written in place for NaN", () => {
  const x = tensor([1, 2]);
  const error = anomalyOf(() => x.sub_(tensor([NaN, 0])));
  assert(error.message.includes("sub_() left NaN at [0] of [2]"));
  detectAnomaly(() => tensor([1, 2]).fill_(-Infinity));
});

Deno.test("detectAnomaly() looks at ops of one's own, forward and backward", () => {
  const BAD: Op = {
    name: "bad",
    saves: "none",
    forward: (_, x) => contiguous(x),
    backward: (_, g) => [g.mul(NaN)],
  };
  const error = anomalyOf(() =>
    apply(BAD, [leaf([1]).mul(2)], undefined).sum().backward()
  );
  assert(error.message.startsWith("The backward of bad() gave NaN at [0]"));
});

Deno.test("setDetectAnomaly() lasts until it is taken back", () => {
  assertEquals(isAnomalyEnabled(), false);
  setDetectAnomaly(true);
  try {
    assert(isAnomalyEnabled());
    assertThrows(() => noGrad(() => tensor([0]).log()), Error, "-Infinity");
    detectAnomaly(() => {});
    assert(isAnomalyEnabled(), "an inner one leaves the outer one on");
  } finally {
    setDetectAnomaly(false);
  }
  assertEquals(isAnomalyEnabled(), false);
  assertThrows(() => detectAnomaly(() => tensor([0]).log()), Error);
  assertEquals(isAnomalyEnabled(), false);
  assertEquals(tensor([0]).log().item(), -Infinity);
  assertThrows(
    () => detectAnomaly(() => Promise.resolve()),
    TypeError,
    "detectAnomaly() got a function that returns a promise",
  );
});

Deno.test("a pass that stops at an anomaly leaves gradients as they were", () => {
  const [x, w] = [leaf([0]), leaf([1])];
  const y = () => x.sqrt().add(w).sum();
  anomalyOf(() => y().backward());
  assertEquals([x.grad, w.grad], [null, null]);
  y().backward();
  assertEquals(w.grad!.toArray(), [1]);
});
