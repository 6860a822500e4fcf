import { run } from "@fdunn/testing";
import { assert, assertEquals } from "@std/assert";
import { fromFileUrl } from "@std/path";

/** The files that a module takes along. */
async function modulesOf(entry: string): Promise<string[]> {
  const path = fromFileUrl(new URL(entry, import.meta.url));
  const { code, stdout } = await run("deno", ["info", "--json", path]);
  assertEquals(code, 0);
  const { modules } = JSON.parse(stdout) as {
    modules: { specifier: string; error?: string }[];
  };
  for (const { error } of modules) assertEquals(error, undefined);
  return modules.map(({ specifier }) => specifier);
}

Deno.test("who imports @fdunn/tensor alone loads no linear algebra", async () => {
  const without = await modulesOf("../mod.ts");
  assert(without.some((file) => file.endsWith("/ops/matmul.ts")));
  const there = (files: string[]) =>
    files.filter((file) =>
      /(tensor|wasm-kernels|lib)\/linalg(\/|\.ts)/.test(file)
    );
  assertEquals(there(without), []);
  const kernels = there(await modulesOf("./mod.ts"))
    .filter((file) => file.includes("wasm-kernels/"));
  assertEquals(kernels.length, 2, `${kernels}`);
});
