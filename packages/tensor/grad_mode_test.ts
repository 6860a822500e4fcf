import { assertEquals, assertThrows } from "@std/assert";
import { tensor } from "./create.ts";
import { enableGrad, isGradEnabled, noGrad } from "./grad_mode.ts";

Deno.test("noGrad() stops recording and restores the mode", () => {
  const w = tensor([1], { requiresGrad: true });
  assertEquals(noGrad(() => w.mul(2).requiresGrad), false);
  assertEquals(w.mul(2).requiresGrad, true);
  assertThrows(() =>
    noGrad(() => {
      throw new Error("inside");
    })
  );
  assertEquals(isGradEnabled(), true);
});

Deno.test("enableGrad() records inside noGrad()", () => {
  const w = tensor([1], { requiresGrad: true });
  noGrad(() => {
    assertEquals(enableGrad(() => w.mul(2).requiresGrad), true);
    assertEquals(isGradEnabled(), false);
  });
});

Deno.test("guards hold for their block", () => {
  const w = tensor([1], { requiresGrad: true });
  {
    using _ = noGrad();
    assertEquals(w.mul(2).requiresGrad, false);
    {
      using _ = enableGrad();
      assertEquals(w.mul(2).requiresGrad, true);
    }
    assertEquals(w.mul(2).requiresGrad, false);
  }
  assertEquals(isGradEnabled(), true);
});

Deno.test("a guard closed out of order throws", () => {
  const outer = noGrad();
  const inner = enableGrad();
  assertThrows(() => outer[Symbol.dispose](), Error, "out of order");
  inner[Symbol.dispose]();
  outer[Symbol.dispose]();
  assertEquals(isGradEnabled(), true);
});
