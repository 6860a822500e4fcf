// Windows' rules on every platform; @std/path has them as `@std/path/windows`.
import { assertEquals } from "@std/assert";
import * as windows from "./windows.ts";

Deno.test("windows paths have drives and two separators", () => {
  assertEquals(windows.join("C:\\a", "..", "b/c"), "C:\\b\\c");
  assertEquals(windows.normalize("C:/a//b/"), "C:\\a\\b\\");
  assertEquals(windows.isAbsolute("C:\\a"), true);
  assertEquals(windows.isAbsolute("C:a"), false);
  assertEquals(windows.isAbsolute("\\\\server\\share\\a"), true);
  assertEquals(windows.dirname("C:\\a\\b"), "C:\\a");
  assertEquals(windows.dirname("C:\\a"), "C:\\");
  assertEquals(windows.basename("C:\\a\\b.ts", ".ts"), "b");
  assertEquals(windows.extname("C:\\a.b\\c"), "");
  const cwd = () => "C:\\home\\me";
  assertEquals(windows.resolve(["a", "..", "b"], cwd), "C:\\home\\me\\b");
  assertEquals(windows.resolve(["D:\\x", "y"], cwd), "D:\\x\\y");
  assertEquals(windows.resolve(["\\x"], cwd), "C:\\x");
  assertEquals(windows.relative("C:\\a\\b", "c:\\A\\d", cwd), "..\\d");
  assertEquals(windows.relative("C:\\a", "D:\\b", cwd), "D:\\b");
  const url = windows.toFileUrl("C:\\a b\\c");
  assertEquals(url.href, "file:///C:/a%20b/c");
  assertEquals(windows.fromFileUrl(url), "C:\\a b\\c");
});
