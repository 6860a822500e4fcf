/**
 * Says what `deno task test` leaves to `deno task test:long`, and counts it.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import { codeOnly } from "./code_only.ts";

/** A file of long tests. */
export interface LongTests {
  /** Its path below the root. */
  path: string;
  /** How many tests it registers, counted by the calls in its text. */
  tests: number;
}

/** Every `*_long_test.ts` below `root`. */
export function longTests(root: string, folder = "."): LongTests[] {
  const found: LongTests[] = [];
  for (const entry of Deno.readDirSync(join(root, folder))) {
    const path = join(folder, entry.name);
    if (/^(\.|node_modules$|target$|runs$)/.test(entry.name)) continue;
    if (entry.isDirectory) found.push(...longTests(root, path));
    else if (entry.name.endsWith("_long_test.ts")) {
      const text = Deno.readTextFileSync(join(root, path));
      found.push({ path, tests: countTests(text) });
    }
  }
  return found.sort((a, b) => a.path < b.path ? -1 : 1);
}

/** How many tests a file registers; a program is run in two ways. */
export function countTests(source: string): number {
  const code = codeOnly(source);
  const calls = (pattern: RegExp) => [...code.matchAll(pattern)].length;
  return calls(/\bDeno\.test(\.only)?\s*\(/g) +
    2 * calls(/(?<!function )\btestProgram\s*\(/g);
}

if (import.meta.main) {
  const files = longTests(fromFileUrl(new URL("..", import.meta.url)));
  const total = files.reduce((sum, file) => sum + file.tests, 0);
  for (const { path, tests } of files) {
    console.log(`  skipped: ${path}, ${tests}`);
  }
  console.log(
    `${total} tests in ${files.length} files are left to \`deno task test:long\``,
  );
}
