/**
 * `deno doc --lint` over every entry point of every published package, which
 * the command wants as file arguments: `deno task doc:lint`.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";

interface Config {
  name: string;
  publish?: unknown;
  exports: string | Record<string, string>;
}

/** What a program imports. */
export interface EntryPoint {
  /** By this name: `@fdunn/tensor/linalg`. */
  specifier: string;
  /** From this file. */
  file: string;
}

/** The `exports` of each workspace member that is published. */
export function entryPoints(root: string): EntryPoint[] {
  const packages = [...Deno.readDirSync(join(root, "packages"))]
    .filter((entry) => entry.isDirectory)
    .map((entry) => join(root, "packages", entry.name));
  const entries: EntryPoint[] = [];
  for (const folder of [join(root, "wasm-kernels"), ...packages.sort()]) {
    const text = Deno.readTextFileSync(join(folder, "deno.json"));
    const { name, publish, exports } = JSON.parse(text) as Config;
    if (publish === false) continue;
    const paths = typeof exports === "string" ? { ".": exports } : exports;
    for (const [path, file] of Object.entries(paths)) {
      const specifier = name + path.slice(1);
      entries.push({ specifier, file: join(folder, file) });
    }
  }
  return entries;
}

if (import.meta.main) {
  const files = entryPoints(fromFileUrl(new URL("..", import.meta.url)))
    .map(({ file }) => file);
  const { code, stderr } = await new Deno.Command("deno", {
    args: ["doc", "--lint", ...files],
    stdout: "null", // the documentation itself
    stderr: "piped",
  }).output();
  await Deno.stderr.write(stderr);
  if (code === 0) console.log(`Doc lint: ${files.length} entry points`);
  Deno.exit(code);
}
