//! Unpacks the modules: every bit is as cheap as it was likely, and what is likely is told from
//! what stands around it. `weave` walks through a module, `model` says how likely a bit is,
//! `coder` turns that into a bit.
//!
//! The same sources with `--cfg pack` are the packer, which walks the same way and knows the
//! answers (`guide`): so the two cannot differ. It is WebAssembly since it runs when a program
//! starts, when V8 has compiled nothing else yet. No crate and no dependency; `unpack.ts` calls it.

#![no_std]
#![allow(unsafe_op_in_unsafe_fn, clippy::missing_safety_doc)]

mod alphabet;
mod coder;
mod guide;
mod locals;
mod model;
mod operands;
mod repeats;
mod stream;
mod weave;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
