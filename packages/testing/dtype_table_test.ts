import { assertEquals } from "@std/assert";
import { dtypeTable } from "./dtype_table.ts";

/** Without line breaks, which are `deno fmt`'s business. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

Deno.test("docs/DTYPES.md says what the ops do: `deno task dtypes` writes it", () => {
  const url = new URL("../../docs/DTYPES.md", import.meta.url);
  assertEquals(plain(Deno.readTextFileSync(url)), plain(dtypeTable()));
});
