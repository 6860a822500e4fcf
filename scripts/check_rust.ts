/**
 * rustfmt and clippy over the kernels, with the features of each of the
 * modules that are shipped: `deno task rust:lint`.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { builds } from "./build_wasm.ts";

const crate = fromFileUrl(new URL("../wasm-kernels/", import.meta.url));
const scratch = fromFileUrl(new URL("../.scratch/", import.meta.url));
const target = "wasm32-unknown-unknown";

/** Where Debian's rust-web-src puts the standard library's source. */
const debianSource = "/usr/lib/rustlib/src/rust/library";

async function output(command: string, args: string[]): Promise<string> {
  try {
    const { stdout } = await new Deno.Command(command, { args }).output();
    return new TextDecoder().decode(stdout).trim();
  } catch {
    return "";
  }
}

async function cargo(
  args: string[],
  env: Record<string, string> = {},
): Promise<void> {
  console.log(`cargo ${args.join(" ")}`);
  const { code } = await new Deno.Command("cargo", { args, cwd: crate, env })
    .spawn().status;
  if (code !== 0) Deno.exit(code);
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
 * A copy of Debian's library source (1.96) that rustup's nightly (1.97) can
 * check: three language items changed between the two. Good enough to lint
 * against, never built into anything.
 */
async function patchedSource(): Promise<string> {
  const copy = `${scratch}rust-library`;
  if (await exists(copy)) return copy;
  await Deno.mkdir(scratch, { recursive: true });
  const draft = `${copy}.new`;
  await output("rm", ["-rf", draft]);
  await output("cp", ["-r", debianSource, draft]);
  const patches: [file: string, from: string, to: string][] = [
    ["ptr/non_null.rs", "#[rustc_layout_scalar_valid_range_start(1)]\n", ""],
    ["ops/reborrow.rs", "trait CoerceShared:", "trait CoerceShared<T>:"],
    ["ptr/mod.rs", '#[lang = "drop_in_place"]', '#[lang = "drop_glue"]'],
  ];
  for (const [name, from, to] of patches) {
    const file = `${draft}/core/src/${name}`;
    await Deno.writeTextFile(
      file,
      (await Deno.readTextFile(file)).replace(from, to),
    );
  }
  await Deno.rename(draft, copy);
  return copy;
}

/** Arguments and environment with which clippy sees the wasm32 target. */
async function clippy(): Promise<[string[], Record<string, string>]> {
  const sysroot = await output("rustc", ["--print", "sysroot"]);
  if (await exists(`${sysroot}/lib/rustlib/${target}/lib`)) {
    if (sysroot !== "/usr") return [["clippy"], {}];
  }
  // Clippy is rustup's, the compiler with the target is Debian's.
  const nightly = await output("rustc", ["+nightly", "--version"]);
  if (nightly !== "" && await exists(debianSource)) {
    return [
      ["+nightly", "clippy", "-Z", "build-std=core,alloc"],
      { __CARGO_TESTS_ONLY_SRC_ROOT: await patchedSource() },
    ];
  }
  console.error(`No clippy that knows ${target}: rustup target add ${target}`);
  Deno.exit(1);
}

if (import.meta.main) {
  await cargo(["fmt", "--check"]);
  const [command, environment] = await clippy();
  for (const build of builds) {
    // The host cannot compile core::arch::wasm32, so lint for the target. One
    // folder for all builds would make each throw away the one before.
    await cargo([
      ...command,
      `--target=${target}`,
      "--locked",
      ...build.cargo,
      "--",
      "--deny=warnings",
    ], {
      ...environment,
      CARGO_TARGET_DIR: `${crate}target/clippy-${build.name}`,
      RUSTFLAGS: `-C target-feature=${build.features}`,
    });
  }
}
