/**
 * Proves that `wasm-kernels/lib` is what the Rust sources say:
 * `deno task wasm:verify`.
 *
 * With the compiler that the files' headers name, they must come out as they
 * are. Another compiler may give other bytes: then the kernel tests run on the
 * fresh build instead. The last line says which of the two was done.
 *
 * @module
 */

import { allSources, builds, compile, compilerVersion } from "./build_wasm.ts";

const lib = new URL("../wasm-kernels/lib/", import.meta.url);
const root = new URL("../", import.meta.url);

/** The compiler that a generated file names. */
function compilerOf(text: string): string {
  const compiler = /^ \* compiler: (.*)$/m.exec(text)?.[1];
  if (compiler === undefined) {
    throw new Error("lib/modules.ts was not written by build_wasm.ts");
  }
  return compiler;
}

if (import.meta.main) {
  const compiler = await compilerVersion();
  const modules = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const build of builds) modules.set(build.name, await compile(build));
  const sources = await allSources(modules, compiler);
  const different: string[] = [];
  for (const [name, text] of sources) {
    const committed = await Deno.readTextFile(new URL(name, lib));
    if (committed !== text) different.push(name);
  }
  const said = await Deno.readTextFile(new URL("modules.ts", lib));
  if (different.length === 0) {
    console.log(`Compared: all modules are bit-identical (${compiler}).`);
  } else if (compilerOf(said) === compiler) {
    console.error(
      `Compared: ${different.join(", ")} differ from the sources' build ` +
        `(${compiler}). Run \`deno task wasm:build\` and commit lib/.`,
    );
    Deno.exit(1);
  } else {
    const folder = new URL(".scratch/wasm/", root);
    await Deno.mkdir(folder, { recursive: true });
    for (const [name, text] of sources) {
      await Deno.writeTextFile(new URL(name, folder), text);
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
