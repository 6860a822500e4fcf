import { assertEquals } from "@std/assert";
import { countTests } from "./list_long_tests.ts";

Deno.test("countTests() counts calls, not words", () => {
  const source = `
    import { testProgram } from "../program.ts";
    // Deno.test("no")
    Deno.test("one", () => {});
    Deno.test({ name: "two", fn() {} });
    testProgram("three and four", program);
  `;
  assertEquals(countTests(source), 4);
});
