import { tensor } from "@fdunn/tensor";
import * as nn from "@fdunn/nn";
import { assertEquals, assertThrows } from "@std/assert";

Deno.test("hard activations compute as their functions do", () => {
  const x = tensor([[-4, -1, -0.3], [0, 0.5, 3]]);
  const pairs = [
    [new nn.Hardtanh(-2, 0.25).forward(x), nn.hardtanh(x, -2, 0.25)],
    [new nn.Hardsigmoid().forward(x), nn.hardsigmoid(x)],
    [new nn.Hardswish().forward(x), nn.hardswish(x)],
    [new nn.Hardshrink(0.4).forward(x), nn.hardshrink(x, 0.4)],
    [new nn.Softshrink(0.4).forward(x), nn.softshrink(x, 0.4)],
  ] as const;
  for (const [layer, f] of pairs) assertEquals(layer.toArray(), f.toArray());
});

Deno.test("hard activations say their parameters, and refuse wrong ones", () => {
  assertEquals(`${new nn.Hardtanh()}`, "Hardtanh(minVal=-1, maxVal=1)");
  assertEquals(`${new nn.Hardswish()}`, "Hardswish()");
  assertEquals(`${new nn.Hardshrink()}`, "Hardshrink(lambda=0.5)");
  assertEquals(`${new nn.Softshrink(1)}`, "Softshrink(lambda=1)");
  assertThrows(
    () => new nn.Hardtanh(2, 1),
    RangeError,
    "Hardtanh got bounds 2 and 1: the first must not be above the second",
  );
  assertThrows(
    () => new nn.Softshrink(-1),
    RangeError,
    "Softshrink got lambda -1, expected at least 0",
  );
});
