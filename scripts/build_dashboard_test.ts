import { assertEquals } from "@std/assert";
import { hashPageSources } from "./build_dashboard.ts";

Deno.test("the dashboard's page was bundled from the present sources", async () => {
  const bundle = "../packages/train/dashboard/page_files.ts";
  const text = Deno.readTextFileSync(new URL(bundle, import.meta.url));
  const [, hash] = /^\/\/ Sources: (\w+)$/m.exec(text) ?? [];
  // `deno task dashboard:build` makes it again.
  assertEquals(hash, await hashPageSources());
});
