/**
 * Builds the wasm modules and writes them, packed, as TypeScript:
 * `deno task wasm:build`.
 *
 * wasm-pack drives cargo; its glue is thrown away and the lean cargo artefact
 * of the same run is kept. An argument names another output folder.
 *
 * @module
 */

import { pack } from "./packer.ts";

const crate = new URL("../wasm-kernels/", import.meta.url);

/** One module to build. */
export interface Build {
  /** Name of the module. */
  name: "base" | "relaxed" | "more" | "relaxed_layers";
  /** Target features beyond the default ones. */
  features: string;
  /**
   * Where constants and stack start: all modules share one memory. What is made
   * of another for `simd128` has its place: no kernel keeps anything there.
   */
  base: number;
  /** Extra arguments to cargo. */
  cargo: readonly string[];
  /** Arguments to rustc that other modules go without. */
  flags: readonly string[];
}

/**
 * Loops stay as they are written. LLVM's strength reduction gives an address of
 * its own to each array, and so to each a register and an addition; what V8
 * does with an index is up to a fifth faster, and shorter. Products, whose
 * addresses have several strides each, need it.
 */
const plainLoops = ["-C llvm-args=-disable-lsr"];

/**
 * All modules, in the order in which they are packed: every program needs the
 * first two.
 */
export const builds: readonly Build[] = [
  {
    name: "base",
    features: "+simd128",
    base: 1 << 10,
    cargo: ["--features", "base"],
    flags: plainLoops,
  },
  {
    name: "relaxed",
    features: "+simd128,+relaxed-simd",
    base: 512 << 10,
    cargo: ["--features", "products"],
    flags: [],
  },
  {
    name: "more",
    features: "+simd128",
    base: 768 << 10,
    cargo: ["--features", "more"],
    flags: plainLoops,
  },
  {
    name: "relaxed_layers",
    features: "+simd128,+relaxed-simd",
    base: 1 << 20,
    cargo: ["--features", "layers"],
    flags: [],
  },
];

const stackBytes = 128 << 10;

/**
 * Keeps instructions in the order of the source. LLVM's own order puts all
 * loads of a register tile first, which leaves V8 without registers: matrix
 * products run at less than half the speed (29 against 65 GFLOP/s).
 */
const sourceOrder = "-C llvm-args=-pre-RA-sched=source";

/**
 * Without these the modules are a third larger: V8 gains nothing from loops
 * unrolled behind run-time checks, and what pays as vectors is written so.
 */
const frugal = ["-C llvm-args=-unroll-runtime=false", "-C no-vectorize-loops"];

/** A panic is a trap here: where it was is data that nothing reads. */
const placeless = "-Z location-detail=none";

async function run(
  command: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd: crate,
    env,
  }).output();
  if (code !== 0) {
    const text = new TextDecoder();
    throw new Error(
      `${command} ${args.join(" ")} failed:\n${text.decode(stdout)}${
        text.decode(stderr)
      }`,
    );
  }
  return new TextDecoder().decode(stdout);
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch {
    return false;
  }
}

/**
 * The environment in which cargo finds a compiler with the wasm32 target:
 * Debian's packages under /usr/bin when `install_wasm_toolchain.sh` chose
 * them, else whatever rustup offers.
 */
export async function toolchain(): Promise<Record<string, string>> {
  const debian = await exists("/usr/lib/rustlib/wasm32-unknown-unknown/lib") &&
    await exists("/usr/bin/wasm-ld-22");
  if (!debian) return {};
  return {
    PATH: `/usr/bin:${Deno.env.get("PATH") ?? ""}:${
      Deno.env.get("HOME") ?? ""
    }/.cargo/bin`,
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER: "wasm-ld-22",
  };
}

/** First line of `rustc --version`. */
export async function compilerVersion(): Promise<string> {
  return (await run("rustc", ["--version"], await toolchain())).trim();
}

/** How a module is linked whose constants and stack start there. */
function linkedAt(base: number): string[] {
  return [
    "--import-memory",
    "--max-memory=4294967296",
    "--no-stack-first",
    `--global-base=${base}`,
    "-zstack-size=" + stackBytes,
    "--export=__stack_pointer",
  ].map((argument) => `-C link-arg=${argument}`);
}

/** Builds one module and returns its bytes. */
export async function compile(
  build: Build,
): Promise<Uint8Array<ArrayBuffer>> {
  const target = new URL(`target/${build.name}`, crate).pathname;
  await run("wasm-pack", [
    "build",
    "--release",
    "--target=web",
    "--mode=no-install",
    "--no-pack",
    "--no-typescript",
    `--out-dir=${target}/pkg`,
    "--",
    "--locked",
    ...build.cargo,
  ], {
    ...await toolchain(),
    CARGO_TARGET_DIR: target,
    RUSTC_BOOTSTRAP: "1", // for -Z
    RUSTFLAGS: [
      `-C target-feature=${build.features}`,
      sourceOrder,
      placeless,
      ...frugal,
      ...build.flags,
      ...linkedAt(build.base),
    ].join(" "),
  });
  return await Deno.readFile(
    `${target}/wasm32-unknown-unknown/release/fdunn_wasm_kernels.wasm`,
  );
}

/** Builds a module that needs no cargo: it has no dependency, no feature. */
async function compileAlone(
  root: string,
  name: string,
  options: readonly string[],
): Promise<Uint8Array<ArrayBuffer>> {
  const env = { ...await toolchain(), RUSTC_BOOTSTRAP: "1" }; // for -Z
  const linker = (env as Record<string, string>)
    .CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER;
  const out = new URL(`target/${name}.wasm`, crate).pathname;
  await Deno.mkdir(new URL("target/", crate), { recursive: true });
  await run("rustc", [
    "--edition=2024",
    "--crate-type=cdylib",
    `--crate-name=${name}`,
    "--target=wasm32-unknown-unknown",
    ...linker === undefined ? [] : [`-Clinker=${linker}`],
    ...["panic=abort", "strip=symbols", "codegen-units=1"]
      .map((option) => `-C${option}`),
    ...options.flatMap((option) => option.split(" ")),
    `-o${out}`,
    root,
  ], env);
  return await Deno.readFile(out);
}

/** Builds the module that unpacks the others, or the one that packs them. */
function compileUnpacker(
  name: "unpack" | "pack" = "unpack",
): Promise<Uint8Array<ArrayBuffer>> {
  return compileAlone("unpack/lib.rs", name, [
    "-Copt-level=s",
    "-Clink-arg=-zstack-size=4096",
    "--check-cfg=cfg(pack)",
    ...name === "pack" ? ["--cfg=pack"] : [],
  ]);
}

/** Builds the module for linear algebra, behind all others in the memory. */
function compileLinalg(): Promise<Uint8Array<ArrayBuffer>> {
  return compileAlone("linalg/lib.rs", "linalg", [
    "-C opt-level=2",
    "-C target-feature=+simd128",
    sourceOrder,
    placeless,
    ...frugal,
    ...linkedAt(1536 << 10),
  ]);
}

/** The TypeScript source that carries one of these two. */
async function unpackerSource(
  name: "unpack" | "pack",
  bytes: Uint8Array,
  compiler: string,
): Promise<string> {
  return `/**
 * The module that ${name}s the others, ${bytes.length} bytes of WebAssembly.
 * Generated by \`deno task wasm:build\`; do not edit.
 *
 * sha256: ${await sha256(bytes)}
 * compiler: ${compiler}
 *
 * @module
 */

// deno-fmt-ignore-file

/** The module in base64. */
export const ${name}: string =
  "${bytes.toBase64()}";
`;
}

/** Lower-case hexadecimal SHA-256. */
export async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest(
    "SHA-256",
    new Uint8Array(bytes),
  );
  return new Uint8Array(digest).toHex();
}

/** The TypeScript source that carries the modules. */
export async function source(
  modules: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  packer: Uint8Array<ArrayBuffer>,
  compiler: string,
): Promise<string> {
  const lines: string[] = [];
  const types: string[] = [];
  const sizes: string[] = [];
  let all = 0;
  for (const [name, bytes] of modules) {
    const hash = await sha256(bytes);
    lines.push(` * ${name}: ${bytes.length} bytes, sha256 ${hash}`);
    types.push(`  readonly ${name}: number;`);
    sizes.push(`  ${name}: ${bytes.length},`);
    all += bytes.length;
  }
  const packed = pack([...modules.values()], packer);
  return `/**
 * The modules, ${all} bytes of WebAssembly in ${packed.length}.
 * Generated by \`deno task wasm:build\`; do not edit.
 *
${lines.join("\n")}
 *
 * compiler: ${compiler}
 * encoding: the modules in this order in one stream of unpack/, in base64
 *
 * @module
 */

// deno-fmt-ignore-file

/** How many bytes the modules have, in the order in which they are packed. */
export const sizes: {
${types.join("\n")}
} = {
${sizes.join("\n")}
};

/** The modules, packed, in base64. */
export const packed: string =
  "${packed.toBase64()}";
`;
}

/** All generated files, by name. */
export async function allSources(
  modules: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
  compiler: string,
): Promise<Map<string, string>> {
  const unpacker = await compileUnpacker("unpack");
  const packer = await compileUnpacker("pack");
  const linalg = new Map([["linalg", await compileLinalg()]]);
  return new Map([
    ["modules.ts", await source(modules, packer, compiler)],
    ["linalg.ts", await source(linalg, packer, compiler)],
    ["unpack.ts", await unpackerSource("unpack", unpacker, compiler)],
    ["pack.ts", await unpackerSource("pack", packer, compiler)],
  ]);
}

/** Builds every module into `folder`; a file appears only when complete. */
async function buildAll(folder: URL): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const modules = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const build of builds) {
    const bytes = await compile(build);
    modules.set(build.name, bytes);
    console.log(`${build.name.padEnd(14)} ${bytes.length} bytes`);
  }
  const sources = await allSources(modules, await compilerVersion());
  for (const [name, text] of sources) {
    const draft = new URL(`${name}.new`, folder);
    await Deno.writeTextFile(draft, text);
    await Deno.rename(draft, new URL(name, folder));
  }
}

if (import.meta.main) {
  const folder = Deno.args[0];
  await buildAll(
    folder === undefined
      ? new URL("lib/", crate)
      : new URL(`${folder.replace(/\/$/, "")}/`, `file://${Deno.cwd()}/`),
  );
}
