/**
 * Checks the rules of the house that no compiler knows: which package may
 * import which, that borders are crossed by package name, that every import
 * of a published file is declared where its users will look for it, and what
 * published sources must not contain. Prints one line per offence.
 *
 *     deno task layers
 *
 * @module
 */
import { basename, fromFileUrl, join } from "@std/path";
import { codeOnly, importsOf } from "./code_only.ts";

/** Each room, and which packages its sources may import. */
const LAYERS: Record<string, readonly string[]> = {
  "wasm-kernels": [],
  "packages/tensor": ["@fdunn/wasm-kernels"],
  "packages/nn": ["@fdunn/tensor"],
  "packages/optim": ["@fdunn/tensor"],
  "packages/data": ["@fdunn/tensor"],
  "packages/train": [
    "@fdunn/tensor",
    "@fdunn/nn",
    "@fdunn/optim",
    "@fdunn/data",
  ],
};

/** Rooms that may import every package by name, and publish nothing. */
const OPEN_ROOMS = ["packages/testing", "examples", "bench", "scripts"];

/** Packages that also run in browsers: no runtime's own interface. */
const PORTABLE = ["wasm-kernels", "packages/tensor", "packages/nn"]
  .concat("packages/optim");

/** `index.ts` is a barrel; `index.rs` and its tests are about indexing. */
const NAMELESS =
  /^(index\.ts|(utils?|helpers?|common|misc)((_test|_bench)?\.(ts|rs))?)$/;

/** A source file, its path relative to the root with forward slashes. */
export interface SourceFile {
  /** Such as `packages/nn/linear.ts`. */
  path: string;
  /** What is in it. */
  text: string;
}

/** What `deno.json` of a package declares: specifier to target. */
export type Declared = Record<string, string>;

/** Every offence in the files; `declared` has each room's `imports`. */
export function offences(
  files: Iterable<SourceFile>,
  declared: Record<string, Declared>,
): string[] {
  const found: string[] = [];
  for (const file of files) {
    for (const part of file.path.split("/")) {
      if (NAMELESS.test(part)) {
        found.push(`${file.path}: "${part}" names no idea: find its room`);
      }
    }
    if (!file.path.endsWith(".ts")) continue;
    const room = roomOf(file.path);
    found.push(...checkImports(file, room, declared[room] ?? {}));
    if (room in LAYERS && !isUnpublished(file.path)) {
      found.push(...checkPublished(file, room));
    }
  }
  return found;
}

/** Tests, benches, and the page that is bundled before it is published. */
function isUnpublished(path: string): boolean {
  return /_(test|bench)\.ts$|\/tests\/|\/dashboard\/page\//.test(path);
}

function roomOf(path: string): string {
  const parts = path.split("/");
  const depth = parts[0] === "packages"
    ? 2
    : parts[0] === "third_party"
    ? 3
    : 1;
  return parts.slice(0, depth).join("/");
}

function checkImports(
  file: SourceFile,
  room: string,
  declared: Declared,
): string[] {
  const found: string[] = [];
  const published = room in LAYERS && !isUnpublished(file.path);
  for (const { specifier, line, dynamic } of importsOf(file.text)) {
    const refuse = (why: string) =>
      found.push(`${file.path}:${line}: "${specifier}" ${why}`);
    if (/^\.{0,2}\//.test(specifier)) {
      const target = resolve(file.path, specifier);
      if (target === null || roomOf(target) !== room) {
        refuse(`leaves ${room}: import the package by its name`);
      }
      continue;
    }
    if (!published) continue;
    if (/^(npm|jsr|https?|data|blob):/.test(specifier)) {
      refuse(
        dynamic && specifier.startsWith("npm:")
          ? "would be downloaded by every importer: compute the name"
          : "must be declared in deno.json and imported by its bare name",
      );
      continue;
    }
    const name = specifier.split("/").slice(0, 2).join("/");
    if (specifier.startsWith("@fdunn/") && !LAYERS[room]?.includes(name)) {
      refuse(`is not below ${room}`);
    } else if (specifier.startsWith("@")) {
      const target = declared[specifier] ?? declared[name];
      if (target === undefined) {
        refuse(`is not declared in ${room}/deno.json`);
      } else if (!target.startsWith(`jsr:${name}@^`)) {
        refuse(`is declared as "${target}", not as jsr:${name}@^...`);
      }
    } else if (specifier.startsWith("node:")) {
      if (PORTABLE.includes(room)) refuse(`does not exist in browsers`);
    } else {
      refuse("is neither a path, a package, nor of node:");
    }
  }
  return found;
}

function checkPublished(file: SourceFile, room: string): string[] {
  const rules: [RegExp, string][] = [
    [
      /^[ \t]*(?:await[ \t]+)?using[ \t]+[\w$]+\s*[=:]/gm,
      "`using` does not parse in Node 20",
    ],
    [/\bdeclare\s+(?:module|global)\b/g, "the registry rejects augmentation"],
  ];
  if (PORTABLE.includes(room)) {
    rules.push([/\bDeno\s*[.[?]/g, "Deno does not exist in browsers"]);
  }
  const code = codeOnly(file.text);
  const found: string[] = [];
  for (const [pattern, why] of rules) {
    for (const match of code.matchAll(pattern)) {
      const line = code.slice(0, match.index).split("\n").length +
        (match[0].match(/^\s*\n/) ? 1 : 0);
      found.push(`${file.path}:${line}: ${why}`);
    }
  }
  return found;
}

/** The path that a relative import names, or null if it leaves the root. */
function resolve(from: string, specifier: string): string | null {
  const parts = from.split("/").slice(0, -1);
  for (const part of specifier.split("/")) {
    if (part === "..") {
      if (parts.pop() === undefined) return null;
    } else if (part !== "." && part !== "") {
      parts.push(part);
    }
  }
  return parts.join("/");
}

const SKIPPED = new Set(["node_modules", "target", "runs", "lib", "fixtures"]);

function* sourceFiles(root: string, folder = ""): Generator<SourceFile> {
  for (const entry of Deno.readDirSync(join(root, folder))) {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (entry.name.startsWith(".") || SKIPPED.has(entry.name)) continue;
    if (entry.isDirectory) yield* sourceFiles(root, path);
    else if (/\.(ts|rs)$/.test(entry.name) && entry.name !== "lib.rs") {
      yield { path, text: Deno.readTextFileSync(join(root, path)) };
    }
  }
}

/** The `imports` of every package. */
function readDeclared(root: string): Record<string, Declared> {
  const declared: Record<string, Declared> = {};
  for (const room of Object.keys(LAYERS)) {
    const text = Deno.readTextFileSync(join(root, room, "deno.json"));
    const config = JSON.parse(text) as { name: string; imports?: Declared };
    declared[room] = config.imports ?? {};
    if (basename(config.name) !== basename(room)) {
      throw new Error(`${room}/deno.json is named ${config.name}`);
    }
  }
  return declared;
}

if (import.meta.main) {
  const root = fromFileUrl(new URL("..", import.meta.url));
  const files = [...sourceFiles(root)];
  const unknown = files.map((file) => roomOf(file.path)).filter((room) =>
    !(room in LAYERS) && !OPEN_ROOMS.includes(room) &&
    !room.startsWith("third_party/")
  );
  const found = offences(files, readDeclared(root));
  for (const room of new Set(unknown)) {
    found.push(`${room}: not in the table of scripts/check_layers.ts`);
  }
  for (const line of found) console.error(line);
  console.log(`Layers: ${files.length} files, ${found.length} offences`);
  if (found.length > 0) Deno.exit(1);
}
