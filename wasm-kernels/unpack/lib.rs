//! Unpacks the modules: `lzma` gives their streams, of which `weave` makes modules again.
//!
//! It is WebAssembly since it runs when a program starts, when V8 has compiled nothing else yet:
//! JavaScript needs four to five times as long then. No crate and no dependency; `unpack.ts` calls
//! it.

#![no_std]
#![allow(unsafe_op_in_unsafe_fn, clippy::missing_safety_doc)]

mod lzma;
mod weave;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
