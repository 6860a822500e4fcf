/**
 * rustfmt and clippy over the kernels, with the features of each of the
 * modules that are shipped: `deno task rust:lint`.
 *
 * @module
 */
import { fromFileUrl } from "@std/path";
import { builds, toolchain } from "./build_wasm.ts";

const crate = fromFileUrl(new URL("../wasm-kernels/", import.meta.url));

async function cargo(
  args: string[],
  env: Record<string, string> = {},
): Promise<void> {
  console.log(`cargo ${args.join(" ")}`);
  const command = new Deno.Command("cargo", {
    args,
    cwd: crate,
    env: { ...await toolchain(), ...env },
  });
  const { code } = await command.spawn().status;
  if (code !== 0) Deno.exit(code);
}

if (import.meta.main) {
  await cargo(["fmt", "--check"]);
  for (const build of builds) {
    // The host cannot compile core::arch::wasm32, so lint for the target. One
    // folder for all builds would make each throw away the one before.
    const args = ["--target", "wasm32-unknown-unknown", "--locked"];
    await cargo(
      ["clippy", ...args, ...build.cargo, "--", "--deny", "warnings"],
      {
        CARGO_TARGET_DIR: `${crate}target/clippy-${build.name}`,
        RUSTFLAGS: `-C target-feature=${build.features}`,
      },
    );
  }
}
