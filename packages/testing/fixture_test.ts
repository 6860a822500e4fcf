import { assertEquals, assertGreater, assertThrows } from "@std/assert";
import { fixtureValues, loadFixture } from "./fixture.ts";

Deno.test("loadFixture() reads the cases that PyTorch made", () => {
  const fixture = loadFixture("ops");
  assertGreater(fixture.cases.length, 100);
  for (const { name, outputs } of fixture.cases) {
    for (const output of outputs) {
      const size = output.shape.reduce((a, b) => a * b, 1);
      assertEquals(fixtureValues(output).length, size, name);
    }
  }
});

Deno.test("fixtureValues() reads what JSON cannot say", () => {
  const values = fixtureValues({
    dtype: "float32",
    shape: [4],
    data: ["NaN", "Infinity", "-Infinity", 0.1],
  });
  const expected = [NaN, Infinity, -Infinity, 0.1];
  assertEquals(values, Float32Array.from(expected));
});

Deno.test("fixtureValues() follows formulas and dtypes", () => {
  const sine = fixtureValues({ shape: [2, 2], sin: [2, 0.5, 1] });
  assertEquals(sine[3], Math.fround(2 * Math.sin(0.5 * 3 + 1)));
  const labels = fixtureValues({ dtype: "int32", shape: [1], data: [7] });
  assertEquals(labels, Int32Array.of(7));
  const mask = fixtureValues({ dtype: "bool", shape: [2], data: [1, 0] });
  assertEquals(mask, Uint8Array.of(1, 0));
  assertThrows(
    () => fixtureValues({ dtype: "complex64", shape: [], data: [1] }),
    TypeError,
    "complex64",
  );
});
