/**
 * `deno doc --lint` over every entry point of every published package, which
 * the command wants as file arguments: `deno task doc:lint`.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";

interface Config {
  publish?: unknown;
  exports: string | Record<string, string>;
}

/** The files of `exports` of each workspace member that is published. */
export function entryPoints(root: string): string[] {
  const packages = [...Deno.readDirSync(join(root, "packages"))]
    .filter((entry) => entry.isDirectory)
    .map((entry) => join(root, "packages", entry.name));
  const files: string[] = [];
  for (const folder of [join(root, "wasm-kernels"), ...packages.sort()]) {
    const text = Deno.readTextFileSync(join(folder, "deno.json"));
    const { publish, exports } = JSON.parse(text) as Config;
    if (publish === false) continue;
    const paths = typeof exports === "string"
      ? [exports]
      : Object.values(exports);
    files.push(...paths.map((path) => join(folder, path)));
  }
  return files;
}

if (import.meta.main) {
  const files = entryPoints(fromFileUrl(new URL("..", import.meta.url)));
  const { code, stderr } = await new Deno.Command("deno", {
    args: ["doc", "--lint", ...files],
    stdout: "null", // the documentation itself
    stderr: "piped",
  }).output();
  await Deno.stderr.write(stderr);
  if (code === 0) console.log(`Doc lint: ${files.length} entry points`);
  Deno.exit(code);
}
