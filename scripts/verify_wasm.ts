/**
 * Proves that `wasm-kernels/lib` is what the Rust sources say:
 * `deno task wasm:verify`.
 *
 * With the compiler that the file's header names, the rebuilt bytes must be
 * equal. Another compiler may give other bytes: then the kernel tests run on
 * the fresh build instead. The last line says which of the two was done.
 *
 * @module
 */

import { packed, sizes } from "../wasm-kernels/lib/modules.ts";
import { Unpacker } from "../wasm-kernels/unpack.ts";
import {
  builds,
  compile,
  compilerVersion,
  sha256,
  source,
} from "./build_wasm.ts";

const lib = new URL("../wasm-kernels/lib/modules.ts", import.meta.url);
const root = new URL("../", import.meta.url);

/** What the generated file says, if that is true of its bytes. */
async function committed(): Promise<{ hashes: string[]; compiler: string }> {
  const text = await Deno.readTextFile(lib);
  const compiler = /^ \* compiler: (.*)$/m.exec(text)?.[1];
  if (compiler === undefined) {
    throw new Error("lib/modules.ts was not written by build_wasm.ts");
  }
  const all = Object.values(sizes).reduce((sum, size) => sum + size, 0);
  const unpacker = new Unpacker(Uint8Array.fromBase64(packed), all);
  const hashes: string[] = [];
  for (const { name } of builds) {
    const hash = await sha256(unpacker.take(sizes[name]));
    if (!text.includes(` * ${name}: sha256 ${hash}\n`)) {
      throw new Error(
        `lib/modules.ts: the bytes of ${name} do not have the header's sha256`,
      );
    }
    hashes.push(hash);
  }
  return { hashes, compiler };
}

if (import.meta.main) {
  const compiler = await compilerVersion();
  const folder = new URL(".scratch/wasm/", root);
  await Deno.mkdir(folder, { recursive: true });
  const { hashes, compiler: before } = await committed();
  const modules = new Map<string, Uint8Array<ArrayBuffer>>();
  const different: string[] = [];
  for (const [i, build] of builds.entries()) {
    const bytes = await compile(build);
    modules.set(build.name, bytes);
    if (await sha256(bytes) !== hashes[i]) different.push(build.name);
  }
  if (different.length === 0) {
    console.log(`Compared: all modules are bit-identical (${compiler}).`);
  } else if (before === compiler) {
    console.error(
      `Compared: ${different.join(", ")} differ from the sources' build ` +
        `(${compiler}). Run \`deno task wasm:build\` and commit lib/.`,
    );
    Deno.exit(1);
  } else {
    await Deno.writeTextFile(
      new URL("modules.ts", folder),
      await source(modules, compiler),
    );
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
