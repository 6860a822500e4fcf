/**
 * Proves that `wasm-kernels/lib` is what the Rust sources say:
 * `deno task wasm:verify`.
 *
 * With the compiler that the files' headers name, the rebuilt bytes must be
 * equal. Another compiler may give other bytes: then the kernel tests run on
 * the fresh build instead. The last line says which of the two was done.
 *
 * @module
 */

import { inflateRawSync } from "node:zlib";
import {
  builds,
  compile,
  compilerVersion,
  sha256,
  source,
} from "./build_wasm.ts";

const lib = new URL("../wasm-kernels/lib/", import.meta.url);
const root = new URL("../", import.meta.url);

/** What a generated file's header says. */
async function header(
  name: string,
): Promise<{ hash: string; compiler: string }> {
  const text = await Deno.readTextFile(new URL(`${name}.ts`, lib));
  const field = (key: string) =>
    new RegExp(`^ \\* ${key}: (.*)$`, "m").exec(text)?.[1];
  const [hash, compiler] = [field("sha256"), field("compiler")];
  const base64 = /packed: string =\n {2}"([^"]*)"/.exec(text)?.[1];
  if (hash === undefined || compiler === undefined || base64 === undefined) {
    throw new Error(`lib/${name}.ts was not written by build_wasm.ts`);
  }
  const bytes = inflateRawSync(Uint8Array.fromBase64(base64));
  if (await sha256(bytes) !== hash) {
    throw new Error(
      `lib/${name}.ts: the bytes do not have the header's sha256`,
    );
  }
  return { hash, compiler };
}

if (import.meta.main) {
  const compiler = await compilerVersion();
  const folder = new URL(".scratch/wasm/", root);
  await Deno.mkdir(folder, { recursive: true });
  const different: string[] = [];
  let same = true;
  for (const build of builds) {
    const committed = await header(build.name);
    const bytes = await compile(build);
    same &&= committed.compiler === compiler;
    if (await sha256(bytes) !== committed.hash) different.push(build.name);
    await Deno.writeTextFile(
      new URL(`${build.name}.ts`, folder),
      await source(build, bytes, compiler),
    );
  }
  if (different.length === 0) {
    console.log(`Compared: all modules are bit-identical (${compiler}).`);
  } else if (same) {
    console.error(
      `Compared: ${different.join(", ")} differ from the sources' build ` +
        `(${compiler}). Run \`deno task wasm:build\` and commit lib/.`,
    );
    Deno.exit(1);
  } else {
    const test = await new Deno.Command(Deno.execPath(), {
      args: [
        "test",
        "-q",
        "--allow-read",
        "--allow-env=FDUNN_WASM_LIB",
        "wasm-kernels/tests/",
      ],
      cwd: root,
      env: { FDUNN_WASM_LIB: folder.href },
    }).spawn().status;
    if (!test.success) Deno.exit(1);
    console.log(
      `Tested: another compiler (${compiler}) gives other bytes; ` +
        "the kernel tests pass on them.",
    );
  }
}
