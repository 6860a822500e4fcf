#!/bin/sh
# Installs what `deno task wasm:build` needs: a Rust compiler with the target
# wasm32-unknown-unknown, wasm-pack and wasm-bindgen. Quick when all is there.
#
# Ordinary road: rustup. Where its servers cannot be reached, Debian 12's own
# rustc 1.96 (rustc-web) is installed under /usr/bin, and the target's standard
# library is built once from its source package.
set -eu

TARGET=wasm32-unknown-unknown
WASM_PACK=0.15.1
# Must equal the version of the crate in wasm-kernels/Cargo.toml.
WASM_BINDGEN=0.2.130

PATH="$PATH:$HOME/.cargo/bin"
export PATH

# True when the given rustc has the target's core library.
has_target() {
  command -v "$1" >/dev/null || return 1
  ls "$("$1" --print sysroot)/lib/rustlib/$TARGET/lib/"libcore-*.rlib \
    >/dev/null 2>&1
}

install_debian() {
  echo "Installing Debian's rustc-web and building the $TARGET library"
  sudo=
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update
  $sudo apt-get install -y --no-install-recommends \
    rustc-web cargo-web rust-web-src lld-22
  empty=$(mktemp -d)
  mkdir "$empty/src"
  touch "$empty/src/lib.rs"
  cat >"$empty/Cargo.toml" <<TOML
[package]
name = "empty"
version = "0.1.0"
edition = "2024"

[profile.release]
panic = "abort"
TOML
  (
    cd "$empty"
    PATH="/usr/bin:$PATH" RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 \
      /usr/bin/cargo build --release \
      -Z build-std=std,panic_abort --target "$TARGET"
  )
  rm -f "$empty/target/$TARGET/release/deps/"libempty-*
  $sudo mkdir -p "/usr/lib/rustlib/$TARGET/lib"
  $sudo cp "$empty/target/$TARGET/release/deps/"*.rlib \
    "/usr/lib/rustlib/$TARGET/lib/"
  rm -r "$empty"
}

if has_target /usr/bin/rustc || has_target rustc; then
  :
elif command -v rustup >/dev/null && rustup target add "$TARGET"; then
  :
elif command -v apt-get >/dev/null; then
  install_debian
else
  echo "No Rust with $TARGET: see https://rustup.rs" >&2
  exit 1
fi

# Debian's cargo when it is the one with the target.
if has_target /usr/bin/rustc; then
  PATH="/usr/bin:$PATH"
fi

if [ "$(wasm-pack --version 2>/dev/null)" != "wasm-pack $WASM_PACK" ]; then
  cargo install --locked --version "$WASM_PACK" wasm-pack
fi
if [ "$(wasm-bindgen --version 2>/dev/null)" != "wasm-bindgen $WASM_BINDGEN" ]; then
  # Not --locked: its lock names a crate that the index no longer has.
  cargo install --version "$WASM_BINDGEN" wasm-bindgen-cli
fi

echo "$(rustc --version), $(wasm-pack --version), $(wasm-bindgen --version)"
