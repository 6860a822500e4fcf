/**
 * rustfmt and clippy over the kernels, with the features of each of the
 * modules that are shipped: `deno task rust:lint`.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { builds, toolchain } from "./build_wasm.ts";

const crate = fromFileUrl(new URL("../wasm-kernels/", import.meta.url));

/** Runs a command with the compiler that builds the kernels. */
async function run(
  program: string,
  args: string[],
  env: Record<string, string> = {},
): Promise<void> {
  console.log(`${program} ${args.join(" ")}`);
  const command = new Deno.Command(program, {
    args,
    cwd: crate,
    env: { ...await toolchain(), ...env },
  });
  const { code } = await command.spawn().status;
  if (code !== 0) Deno.exit(code);
}

const cargo = (args: string[], env: Record<string, string> = {}) =>
  run("cargo", args, env);

/**
 * rustup brings both tools; Debian has them in packages of their own, and
 * rustup's clippy cannot read the library of Debian's compiler.
 */
async function requireTools(): Promise<void> {
  const env = await toolchain();
  const version = async (command: string, args: string[]) => {
    try {
      const { stdout } = await new Deno.Command(command, { args, env })
        .output();
      return /\b\d+\.(\d+)\./.exec(new TextDecoder().decode(stdout))?.[1];
    } catch {
      return undefined;
    }
  };
  // clippy 0.1.96 belongs to rustc 1.96.
  const rustc = await version("rustc", ["--version"]);
  const clippy = await version("cargo", ["clippy", "-V"]) &&
    await version("clippy-driver", ["--rustc", "--version"]);
  const rustfmt = await version("cargo", ["fmt", "--version"]);
  if (rustc !== undefined && clippy === rustc && rustfmt !== undefined) return;
  console.error(
    "rustfmt and clippy of the compiler that builds the kernels are missing: " +
      "rustup component add rustfmt clippy, or on Debian 12 " +
      "apt-get install rustfmt-web rust-web-clippy",
  );
  Deno.exit(1);
}

/** Modules that are built without cargo. */
async function checkAlone(root: string, ...flags: string[]): Promise<void> {
  const lint = [
    ...["--edition=2024", "--crate-type=cdylib", "--emit=metadata"],
    ...["--target=wasm32-unknown-unknown", "-Cpanic=abort", "-Dwarnings"],
    ...["--out-dir=target", ...flags, root],
  ];
  await run("rustfmt", ["--edition=2024", "--check", root]);
  await run("clippy-driver", lint);
}

if (import.meta.main) {
  await requireTools();
  await checkAlone("unpack/lib.rs", "--check-cfg=cfg(pack)");
  await checkAlone("unpack/lib.rs", "--check-cfg=cfg(pack)", "--cfg=pack");
  await checkAlone("linalg/lib.rs", "-Ctarget-feature=+simd128");
  await cargo(["fmt", "--check"]);
  for (const build of builds) {
    // The host cannot compile core::arch::wasm32, so lint for the target. One
    // folder for all builds would make each throw away the one before.
    await cargo([
      "clippy",
      "--target=wasm32-unknown-unknown",
      "--locked",
      ...build.cargo,
      "--",
      "--deny=warnings",
    ], {
      CARGO_TARGET_DIR: `${crate}target/clippy-${build.name}`,
      RUSTFLAGS: `-C target-feature=${build.features}`,
    });
  }
}
