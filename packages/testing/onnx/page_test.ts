import { run } from "@fdunn/testing";
import { assertEquals } from "@std/assert";

Deno.test("all that is public has an ONNX file or a reason, and docs/ONNX.md says which", async () => {
  const { code, stderr } = await run("deno", [
    ...["run", "-q", "--no-prompt", "-P=parity"],
    "packages/testing/onnx/write_page.ts",
    "--check",
  ]);
  assertEquals([stderr, code], ["", 0]);
});
