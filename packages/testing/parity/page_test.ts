import { run } from "@fdunn/testing";
import { assertEquals } from "@std/assert";

Deno.test("all that is exported is compared with PyTorch, and docs/PARITY.md says how", async () => {
  const { code, stderr } = await run("deno", [
    ...["run", "-q", "--no-prompt", "-P=parity"],
    "packages/testing/parity/write_page.ts",
    "--check",
  ]);
  assertEquals([stderr, code], ["", 0]);
});
