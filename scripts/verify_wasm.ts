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

import {
  builds,
  compile,
  compileLinalg,
  compilerVersion,
  compileUnpacker,
  sha256,
  source,
  xz,
} from "./build_wasm.ts";
import { takeApart } from "./streams.ts";

const lib = new URL("../wasm-kernels/lib/", import.meta.url);
const root = new URL("../", import.meta.url);

/** What a generated file says. */
interface Committed {
  compiler: string;
  /** By module. */
  hashes: ReadonlyMap<string, string>;
  /** What is packed. */
  bytes: Uint8Array;
}

async function committed(file: string): Promise<Committed> {
  const text = await Deno.readTextFile(new URL(file, lib));
  const compiler = /^ \* compiler: (.*)$/m.exec(text)?.[1];
  const base64 = /packed: string =\n {2}"([^"]*)"/.exec(text)?.[1];
  const lines = text.matchAll(/^ \* (\w+): \d+ bytes, sha256 (\w+)$/gm);
  if (compiler === undefined || base64 === undefined) {
    throw new Error(`lib/${file} was not written by build_wasm.ts`);
  }
  return {
    compiler,
    hashes: new Map([...lines].map(([, name, hash]) => [name!, hash!])),
    bytes: await xz(Uint8Array.fromBase64(base64), "--decompress"),
  };
}

/** Those of a file's modules, in its order, that it has otherwise. */
async function differences(
  { hashes, bytes }: Committed,
  modules: ReadonlyMap<string, Uint8Array>,
): Promise<string[]> {
  const different: string[] = [];
  let from = 0;
  for (const [name, module] of modules) {
    const streams = takeApart(module);
    const part = bytes.subarray(from, from += streams.length);
    const same = await sha256(module) === hashes.get(name) &&
      streams.every((byte, i) => byte === part[i]);
    if (!same) different.push(name);
  }
  return different;
}

if (import.meta.main) {
  const compiler = await compilerVersion();
  const folder = new URL(".scratch/wasm/", root);
  await Deno.mkdir(folder, { recursive: true });
  const shared = await committed("modules.ts");
  const modules = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const build of builds) modules.set(build.name, await compile(build));
  const linalg = new Map([["linalg", await compileLinalg()]]);
  const different = [
    ...await differences(shared, modules),
    ...await differences(await committed("linalg.ts"), linalg),
  ];
  const unpacker = await sha256(await compileUnpacker());
  const said = await Deno.readTextFile(new URL("unpack.ts", lib));
  if (!said.includes(` * sha256: ${unpacker}\n`)) different.push("unpack");
  if (different.length === 0) {
    console.log(`Compared: all modules are bit-identical (${compiler}).`);
  } else if (shared.compiler === compiler) {
    console.error(
      `Compared: ${different.join(", ")} differ from the sources' build ` +
        `(${compiler}). Run \`deno task wasm:build\` and commit lib/.`,
    );
    Deno.exit(1);
  } else {
    for (
      const [file, built] of [["modules", modules], ["linalg", linalg]] as const
    ) {
      const text = await source(built, compiler);
      await Deno.writeTextFile(new URL(`${file}.ts`, folder), text);
    }
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
