//! The arithmetic of fdunn: kernels for WebAssembly with 128-bit SIMD.
//!
//! Numbers in, numbers out: every export is `extern "C"`, takes sizes, then
//! scalars, then inputs (pointers with strides in elements), then outputs, and
//! is named `<op>_<dtype>`. `README.md` lists them. Memory is imported and
//! belongs to the caller; nothing here allocates, panics or keeps state.
//!
//! One source, four modules in the same memory, each a feature. With relaxed
//! SIMD: `products` (matrix products, sigmoid and tanh) and `layers` (convolution
//! and recurrence, which have those products inside), since they gain from fused
//! multiply-add; of them `unfused.ts` makes the build `simd128`, with a product
//! and a sum for each fused one. Without: `base`, and `more`, for what few
//! programs need. A program starts with `base` and `products`; the others are
//! unpacked when one of their kernels is called.

#![no_std]
// The whole crate is the far side of a raw-memory border: the callers' duty
// (valid, disjoint or equal ranges) is stated once, in README.md.
#![allow(unsafe_op_in_unsafe_fn, clippy::missing_safety_doc)]
// The ABI passes sizes as numbers.
#![allow(clippy::too_many_arguments)]
// The other modules need a part of each family only.
#![cfg_attr(not(feature = "base"), allow(dead_code, unused_macros, unused_imports))]

mod activation;
#[cfg(feature = "base")]
mod binary;
#[cfg(feature = "more")]
mod cast;
#[cfg(feature = "base")]
mod compare;
#[cfg(feature = "layers")]
mod conv;
#[cfg(feature = "base")]
mod copy;
#[cfg(feature = "base")]
mod cross_entropy;
#[cfg(feature = "base")]
mod extremes;
mod float;
#[cfg(feature = "layers")]
mod gates;
#[cfg(feature = "more")]
mod indexing;
mod math;
// base has the products of int32 only.
#[cfg_attr(
    not(feature = "products"),
    allow(dead_code, unused_imports, unused_macros)
)]
mod matmul;
#[cfg(feature = "more")]
mod norm;
#[cfg(feature = "base")]
mod optimizer;
mod polynomial;
#[cfg(feature = "more")]
mod pool;
#[cfg(feature = "base")]
mod random;
#[cfg(feature = "layers")]
mod recurrent;
mod reduce;
#[cfg(feature = "more")]
mod resample;
#[cfg(not(feature = "base"))]
mod rows;
#[cfg(feature = "more")]
mod scan;
// Each build uses some of the vectors only.
#[allow(dead_code)]
mod simd;
#[cfg(feature = "base")]
mod softmax;
#[cfg(feature = "more")]
mod sort;
#[cfg(feature = "base")]
mod strides;
mod trigonometry;
mod unary;

/// Size of the region that callers hand to matmul and conv as `scratch`.
#[cfg(feature = "base")]
#[unsafe(no_mangle)]
extern "C" fn scratch_bytes() -> usize {
    2 << 20
}

/// No kernel panics; what the compiler cannot rule out becomes a trap.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
