import { assert, assertLess } from "@std/assert";
import { fromFileUrl, join } from "@std/path";
import { gzipSync } from "node:zlib";
import { runOk, scratchFolder } from "./child.ts";

const program = fromFileUrl(
  new URL("./bundle.ts", import.meta.url),
);

/** What a page with all of tensor, nn and optim may download, by gzip. */
const LIMIT = 150_000;

Deno.test("tensor, nn and optim with all kernels are less than 150 KB", async () => {
  using folder = scratchFolder("size");
  const bundle = join(folder.path, "bundle.js");
  const flags = ["--quiet", "--no-lock", "--minify", "--platform", "browser"];
  await runOk("deno", ["bundle", ...flags, program, "-o", bundle]);
  const text = await Deno.readTextFile(bundle);
  for (const name of ["conv2d", "LayerNorm", "AdamW"]) {
    assert(text.includes(name), `${name} is not in the bundle`);
  }
  const bytes = (part: string) => gzipSync(part, { level: 9 }).length;
  const size = bytes(text);
  // Strings as long as this are the packed kernels only.
  const code = bytes(text.replace(/"[\w+/=]{5000,}"/, '""'));
  console.log(`${size} bytes by gzip, ${size - code} of them kernels`);
  assertLess(size, LIMIT);
});
