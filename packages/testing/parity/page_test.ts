import { run } from "@fdunn/testing";
import { assertEquals } from "@std/assert";

/** Runs a program that writes a page, to look only. */
async function check(program: string): Promise<void> {
  const { code, stderr } = await run("deno", [
    ...["run", "-q", "--no-prompt", "-P=parity"],
    `packages/testing/parity/${program}`,
    "--check",
  ]);
  assertEquals([stderr, code], ["", 0]);
}

Deno.test("all that is exported is compared with PyTorch, and docs/PARITY.md says how", () =>
  check("write_page.ts"));

Deno.test("each public name says what PyTorch calls it, and docs/FROM_PYTORCH.md lists them", () =>
  check("write_names.ts"));
