//! The arithmetic of fdunn: kernels for WebAssembly with 128-bit SIMD.
//!
//! Numbers in, numbers out: every export is `extern "C"`, takes sizes, then
//! scalars, then inputs (pointers with strides in elements), then outputs, and
//! is named `<op>_<dtype>`. `README.md` lists them. Memory is imported and
//! belongs to the caller; nothing here allocates, panics or keeps state.
//!
//! One source, three builds: `simd128`; the feature `overlay`, compiled with
//! relaxed SIMD, which exports the few kernels again that fused multiply-add
//! makes faster; and the feature `float64`, which exports the `_f64` kernels.
//! All live in the same memory.

#![no_std]
// The whole crate is the far side of a raw-memory border: the callers' duty
// (valid, disjoint or equal ranges) is stated once, in README.md.
#![allow(unsafe_op_in_unsafe_fn, clippy::missing_safety_doc)]
// The ABI passes sizes as numbers.
#![allow(clippy::too_many_arguments)]
// The overlay takes a part of some families only.
#![cfg_attr(feature = "overlay", allow(dead_code, unused_macros, unused_imports))]

mod activation;
#[cfg(not(feature = "overlay"))]
mod binary;
#[cfg(not(feature = "overlay"))]
mod cast;
#[cfg(not(feature = "overlay"))]
mod compare;
mod conv;
#[cfg(not(any(feature = "float64", feature = "overlay")))]
mod copy;
#[cfg(not(feature = "overlay"))]
mod cross_entropy;
mod float;
#[cfg(feature = "float64")]
mod float64;
mod gates;
#[cfg(not(feature = "overlay"))]
mod indexing;
#[cfg(not(feature = "float64"))]
mod math;
mod matmul;
#[cfg(not(feature = "overlay"))]
mod norm;
#[cfg(not(feature = "overlay"))]
mod optimizer;
#[cfg(not(feature = "overlay"))]
mod pool;
#[cfg(not(feature = "overlay"))]
mod random;
mod recurrent;
mod reduce;
#[cfg(not(feature = "float64"))]
mod rows;
#[cfg(not(feature = "overlay"))]
mod scan;
// Each build uses some of the vectors only.
#[allow(dead_code)]
mod simd;
#[cfg(not(feature = "overlay"))]
mod softmax;
#[cfg(not(feature = "overlay"))]
mod sort;
#[cfg(not(feature = "overlay"))]
mod strides;
#[cfg(not(feature = "float64"))]
mod trigonometry;
mod unary;

/// Size of the region that callers hand to matmul and conv as `scratch`.
#[cfg(not(any(feature = "float64", feature = "overlay")))]
#[unsafe(no_mangle)]
extern "C" fn scratch_bytes() -> usize {
    2 << 20
}

/// No kernel panics; what the compiler cannot rule out becomes a trap.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
