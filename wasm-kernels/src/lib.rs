//! The arithmetic of fdunn: kernels for WebAssembly with 128-bit SIMD.
//!
//! Numbers in, numbers out: every export is `extern "C"`, takes sizes, then
//! scalars, then inputs (pointers with strides in elements), then outputs, and
//! is named `<op>_<dtype>`. `README.md` lists them. Memory is imported and
//! belongs to the caller; nothing here allocates, panics or keeps state.
//!
//! One source, three builds: `simd128`, the same with relaxed SIMD (fused
//! multiply-add), and the `float64` feature, which exports the `_f64` kernels
//! only and lives in the same memory above the other.

#![no_std]
// The whole crate is the far side of a raw-memory border: the callers' duty
// (valid, disjoint or equal ranges) is stated once, in README.md.
#![allow(unsafe_op_in_unsafe_fn, clippy::missing_safety_doc)]
// The ABI passes sizes as numbers.
#![allow(clippy::too_many_arguments)]

mod activation;
mod binary;
mod cast;
mod compare;
mod conv;
#[cfg(not(feature = "float64"))]
mod copy;
mod cross_entropy;
mod float;
#[cfg(feature = "float64")]
mod float64;
mod indexing;
#[cfg(not(feature = "float64"))]
mod math;
mod matmul;
mod norm;
mod optimizer;
mod pool;
mod random;
mod recurrent;
mod reduce;
mod scan;
// Each build uses some of the vectors only.
#[allow(dead_code)]
mod simd;
mod softmax;
mod sort;
mod strides;
#[cfg(not(feature = "float64"))]
mod trigonometry;
mod unary;

/// Size of the region that callers hand to matmul and conv as `scratch`.
#[cfg(not(feature = "float64"))]
#[unsafe(no_mangle)]
extern "C" fn scratch_bytes() -> usize {
    2 << 20
}

/// No kernel panics; what the compiler cannot rule out becomes a trap.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}
