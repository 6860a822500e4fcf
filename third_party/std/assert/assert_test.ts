// These tests import by name, so that they run on the real @std/assert too.
import * as std from "@std/assert";
import { assertEquals, assertThrows } from "@std/assert";

function passes(f: () => void): void {
  f();
}

function fails(f: () => void, includes = ""): void {
  assertThrows(f, std.AssertionError, includes);
}

Deno.test("assertEquals() compares deeply", () => {
  passes(() => assertEquals(NaN, NaN));
  passes(() => assertEquals(0, -0));
  passes(() => assertEquals([1, [2, { a: NaN }]], [1, [2, { a: NaN }]]));
  passes(() => assertEquals(Float32Array.of(1, NaN), Float32Array.of(1, NaN)));
  passes(() => assertEquals(new Set([{ a: 1 }, 2]), new Set([2, { a: 1 }])));
  passes(() =>
    assertEquals(new Map([[{ k: 1 }, [1]]]), new Map([[{ k: 1 }, [1]]]))
  );
  passes(() => assertEquals(new Date(5), new Date(5)));
  passes(() => assertEquals(/a/g, /a/g));
  passes(() => assertEquals(new URL("file:///a"), new URL("file:///a")));
  passes(() => assertEquals(new Uint8Array(4).buffer, new ArrayBuffer(4)));
  fails(() => assertEquals([1, 2], [1, 3]), "Values are not equal");
  fails(() => assertEquals([1], [1, 2]));
  fails(() => assertEquals<unknown>("1", 1));
  fails(() => assertEquals(Float32Array.of(1), Float32Array.of(2)));
  fails(() => assertEquals<unknown>(Float32Array.of(1), Float64Array.of(1)));
  fails(() => assertEquals<unknown>([1], { 0: 1 }));
  fails(() => assertEquals(new Set([1, 2]), new Set([1, 3])));
  fails(() => assertEquals(new Map([["a", 1]]), new Map([["a", 2]])));
  fails(() => assertEquals<unknown>({ a: undefined }, {}));
  fails(() => assertEquals(/a/g, /a/i));
  fails(() => assertEquals(new Date(5), new Date(6)));
  fails(() => assertEquals(1, 2, "why"), "Values are not equal: why");
  class A {
    x = 1;
  }
  class B {
    x = 1;
  }
  fails(() => assertEquals<unknown>(new A(), new B()));
});

Deno.test("assertEquals() survives cycles", () => {
  const a: Record<string, unknown> = { name: "x" };
  a.self = a;
  const b: Record<string, unknown> = { name: "x" };
  b.self = b;
  passes(() => assertEquals(a, b));
  b.name = "y";
  fails(() => assertEquals(a, b));
});

Deno.test("assertStrictEquals() and its opposite use Object.is", () => {
  passes(() => std.assertStrictEquals(NaN, NaN));
  fails(() => std.assertStrictEquals(0, -0));
  fails(() => std.assertStrictEquals([1], [1]), "not reference-equal");
  passes(() => std.assertNotStrictEquals([1], [1]));
  fails(() => std.assertNotStrictEquals(1, 1));
  passes(() => std.assertNotEquals([1], [2]));
  fails(() => std.assertNotEquals([1], [1]));
});

Deno.test("assertAlmostEquals() allows 1e-7 of the expected value", () => {
  passes(() => std.assertAlmostEquals(1 + 9e-8, 1));
  passes(() => std.assertAlmostEquals(NaN, NaN));
  passes(() => std.assertAlmostEquals(0.01, 0.02, 0.1));
  fails(() => std.assertAlmostEquals(1 + 2e-7, 1));
  fails(() => std.assertAlmostEquals(NaN, 1, 10));
  fails(() => std.assertAlmostEquals(1, Infinity, 10));
  fails(() => std.assertAlmostEquals(1e-8, 1e-9));
});

Deno.test("assert() and its kin narrow and throw", () => {
  passes(() => std.assert("x"));
  fails(() => std.assert(0, "zero"), "zero");
  passes(() => std.assertFalse(""));
  fails(() => std.assertFalse(1));
  passes(() => std.assertExists(0));
  fails(() => std.assertExists(null), "null or undefined");
  passes(() => std.assertInstanceOf(new RangeError("x"), Error));
  fails(() => std.assertInstanceOf("x", Error), "Error");
  passes(() => std.assertMatch("abc", /b/));
  fails(() => std.assertMatch("abc", /d/), "to match");
  passes(() => std.assertStringIncludes("abc", "bc"));
  fails(() => std.assertStringIncludes("abc", "d"), "to contain");
  fails(() => std.fail("no"), "Failed assertion: no");
  fails(() => std.unreachable());
});

Deno.test("the order assertions compare with operators", () => {
  passes(() => std.assertGreater(2, 1));
  fails(() => std.assertGreater(1, 1), "Expect 1 > 1");
  passes(() => std.assertGreaterOrEqual(1, 1));
  fails(() => std.assertGreaterOrEqual(NaN, 1));
  passes(() => std.assertLess(1n, 2n));
  fails(() => std.assertLess(1, 1));
  passes(() => std.assertLessOrEqual(1, 1));
  fails(() => std.assertLessOrEqual(2, 1));
});

Deno.test("assertThrows() checks class and message, and returns the error", () => {
  const bad = () => {
    throw new RangeError("too far");
  };
  const error: RangeError = assertThrows(bad, RangeError, "far");
  assertEquals(error.message, "too far");
  passes(() => assertThrows(bad));
  passes(() => assertThrows(bad, Error));
  fails(() => assertThrows(bad, TypeError), `instance of "TypeError"`);
  fails(() => assertThrows(bad, RangeError, "near"), `include "near"`);
  fails(() => assertThrows(() => {}), "Expected function to throw");
  const odd = () => {
    const text: unknown = "text";
    throw text;
  };
  assertEquals(assertThrows(odd), "text");
  fails(() => assertThrows(odd, Error), "non-Error");
});

Deno.test("assertRejects() does the same for promises", async () => {
  const bad = () => Promise.reject(new RangeError("too far"));
  const error: RangeError = await std.assertRejects(bad, RangeError, "far");
  assertEquals(error.message, "too far");
  await std.assertRejects(bad);
  await std.assertRejects(
    () => std.assertRejects(() => Promise.resolve()),
    std.AssertionError,
    "Expected function to reject",
  );
  const early = (): Promise<void> => {
    throw new RangeError("now");
  };
  await std.assertRejects(
    () => std.assertRejects(early, RangeError),
    std.AssertionError,
    "Function throws when expected to reject",
  );
});
