import { assert, assertEquals } from "@std/assert";
import { callSite, userFrame } from "./call_site.ts";

Deno.test("callSite() is the line that called", () => {
  const site = callSite();
  assert(/call_site_test\.ts:\d+:\d+$/.test(site!), `${site}`);
});

Deno.test("frames of fdunn's packages are passed over", () => {
  const own = "https://jsr.io/@fdunn/tensor/0.1.0/call_site.ts";
  const lines = [
    "Error",
    "    at callSite (https://jsr.io/@fdunn/tensor/0.1.0/call_site.ts:20:17)",
    "    at Loss.forward (https://jsr.io/@fdunn/nn/0.1.0/loss.ts:41:12)",
    "    at train (file:///home/me/train.ts:12:9)",
    "    at file:///home/me/main.ts:3:1",
  ];
  assertEquals(userFrame(lines, own), "file:///home/me/train.ts:12:9");
  const folders = lines.map((line) =>
    line.replace(/jsr\.io\/@fdunn\/(\w+)\/0\.1\.0/, "x.org/@jsr/fdunn__$1")
  );
  const packed = "https://x.org/@jsr/fdunn__tensor/call_site.js";
  assertEquals(userFrame(folders, packed), "file:///home/me/train.ts:12:9");
});

Deno.test("a bundle and a silent engine have no user's line", () => {
  const lines = ["    at f (file:///home/me/bundle.js:1:9)"];
  assertEquals(userFrame(lines, "file:///home/me/bundle.js"), null);
  assertEquals(userFrame([], "file:///x/tensor/call_site.ts"), null);
});
