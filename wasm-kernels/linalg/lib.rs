//! Linear algebra for small matrices, a module of its own: who does not import
//! it does not load it.
//!
//! Everything is float64, row-major and batched; float32 is widened first. The
//! arithmetic walks along rows, and has the same bits on every machine.
//! `../README.md` lists the exports. As for the other kernels, nothing here
//! allocates, panics or keeps state; memory belongs to the caller.

#![no_std]
// The whole crate is the far side of a raw-memory border: the callers' duty
// (valid, disjoint ranges) is stated once, in README.md.
#![allow(unsafe_op_in_unsafe_fn, clippy::missing_safety_doc)]
// Comparisons are written so that NaN takes the right way.
#![allow(clippy::neg_cmp_op_on_partial_ord)]
// The ABI passes sizes as numbers.
#![allow(clippy::too_many_arguments)]

mod cholesky;
mod eigen;
mod householder;
mod jacobi;
mod lu;
mod product;
mod rows;
// What the other modules have, of which this one needs the pairs of float64.
#[allow(dead_code, unused_imports, unused_macros)]
#[path = "../src/simd/mod.rs"]
mod simd;
mod singular;
mod triangular;

/// float64 from float32.
#[unsafe(no_mangle)]
unsafe extern "C" fn widen(n: usize, x: *const f32, out: *mut f64) {
    for i in 0..n {
        *out.add(i) = *x.add(i) as f64;
    }
}

/// float32 from float64, rounded.
#[unsafe(no_mangle)]
unsafe extern "C" fn narrow(n: usize, x: *const f64, out: *mut f32) {
    for i in 0..n {
        *out.add(i) = *x.add(i) as f32;
    }
}

/// No kernel panics; what the compiler cannot rule out becomes a trap.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
