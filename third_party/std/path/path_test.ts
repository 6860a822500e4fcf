// These tests import by name, so that they run on the real @std/path too.
import { assertEquals, assertThrows } from "@std/assert";
import * as path from "@std/path";

const windows = path.SEPARATOR === "\\";

/** The platform's spelling of a path written with slashes. */
function local(text: string): string {
  return text.replaceAll("/", path.SEPARATOR);
}

Deno.test("join() and normalize() tidy segments", () => {
  assertEquals(path.join("a", "", "b", "c.ts"), local("a/b/c.ts"));
  assertEquals(path.join("a", "..", "..", "b"), local("../b"));
  assertEquals(path.join("/a", "..", "..", "b"), local("/b"));
  assertEquals(path.join(""), ".");
  assertEquals(path.join("a/", "/b/"), local("a/b/"));
  assertEquals(path.normalize("a//./b/../c/"), local("a/c/"));
  assertEquals(path.normalize(""), ".");
  assertEquals(path.normalize("/"), local("/"));
  assertEquals(path.normalize("./"), local("./"));
});

Deno.test("dirname(), basename() and extname() take a path apart", () => {
  assertEquals(path.dirname("a/b/c.ts"), "a/b");
  assertEquals(path.dirname("c.ts"), ".");
  assertEquals(path.dirname("/c.ts"), "/");
  assertEquals(path.dirname("a/b/"), "a");
  assertEquals(path.dirname("/"), "/");
  assertEquals(path.basename("a/b/c.ts"), "c.ts");
  assertEquals(path.basename("a/b/c.ts", ".ts"), "c");
  assertEquals(path.basename("a/b/"), "b");
  assertEquals(path.basename(".ts", ".ts"), ".ts");
  assertEquals(path.extname("a.b/c"), "");
  assertEquals(path.extname("c.tar.gz"), ".gz");
  assertEquals(path.extname(".profile"), "");
  assertEquals(path.extname("c."), ".");
  assertEquals(path.extname(".."), "");
});

Deno.test("resolve() and relative() are each other's inverse", () => {
  const here = path.resolve();
  assertEquals(here, Deno.cwd());
  assertEquals(path.resolve("a", "..", "b"), path.join(here, "b"));
  assertEquals(path.resolve("x", here, "b"), path.join(here, "b"));
  assertEquals(path.relative("/a/b/c", "/a/d"), local("../../d"));
  assertEquals(path.relative("/a", "/a/b/c"), local("b/c"));
  assertEquals(path.relative("/a/b", "/a/b"), "");
  assertEquals(path.relative("a/b", "a/c"), local("../c"));
});

Deno.test("isAbsolute() knows roots", () => {
  assertEquals(path.isAbsolute("/a"), true);
  assertEquals(path.isAbsolute("a/b"), false);
  assertEquals(path.isAbsolute("C:\\a"), windows);
});

Deno.test("file URLs go both ways", () => {
  for (const name of ["a b.ts", "100%.ts", "a#b?c.ts", "é.ts"]) {
    const full = path.resolve("dir", name);
    const url = path.toFileUrl(full);
    assertEquals(url.protocol, "file:");
    assertEquals([url.hash, url.search], ["", ""]);
    assertEquals(path.fromFileUrl(url), full);
    assertEquals(path.fromFileUrl(url.href), full);
  }
  assertThrows(() => path.fromFileUrl("https://a/b"), TypeError, "file URL");
  assertThrows(() => path.toFileUrl("a/b"), TypeError, "absolute");
});
