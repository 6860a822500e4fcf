import { assertEquals } from "@std/assert";
import { codeOnly, importsOf } from "./code_only.ts";

Deno.test("codeOnly() blanks comments and the insides of strings", () => {
  assertEquals(codeOnly('a = "b//c"; // d'), 'a = "    ";     ');
  assertEquals(codeOnly("a /* b\nc */ d"), "a     \n     d");
  assertEquals(codeOnly("x = 'it\\'s'; y"), "x = '     '; y");
});

Deno.test("codeOnly() keeps the code inside a template", () => {
  assertEquals(codeOnly("`a ${b + `c${d}`} e`;f"), "`  ${b + ` ${d}`}  `;f");
  assertEquals(codeOnly("`${{ a: 1 }.a}x`"), "`${{ a: 1 }.a} `");
});

Deno.test("codeOnly() tells regular expressions from divisions", () => {
  assertEquals(codeOnly('x = /"[/]/; y'), "x = /    /; y");
  assertEquals(codeOnly('a / b; "c"; d / e'), 'a / b; " "; d / e');
  assertEquals(codeOnly('return /"/.test(z)'), "return / /.test(z)");
});

Deno.test("importsOf() finds every form of import, and only imports", () => {
  const source = `
    import a from "./a.ts";
    import { b,
      c } from '@std/b';
    import type { D } from "./d.ts";
    import "./effect.ts";
    export * from "./e.ts";
    // import x from "./comment.ts";
    const text = 'import y from "./string.ts"';
    await import("npm:f");
    await import(name);
    const from = "z"; Array.from("text");
  `;
  assertEquals(
    importsOf(source).map((it) => [it.specifier, it.dynamic]),
    [
      ["./a.ts", false],
      ["@std/b", false],
      ["./d.ts", false],
      ["./effect.ts", false],
      ["./e.ts", false],
      ["npm:f", true],
    ],
  );
});
