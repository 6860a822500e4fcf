//! The only folder that names `core::arch`: a vector type per element type, and
//! one trait over them so that a kernel is written once.
//!
//! `F32x4` and `I32x4` carry four lanes, `F64x2` two. Kernels walk whole vectors
//! and end with one partial vector (`load_part`, `store_part`), without a scalar
//! twin of the arithmetic.

use core::ops::{Add, Div, Mul, Neg, Sub};

pub use core::arch::wasm32::v128;

mod f32x4;
mod f64x2;
#[cfg(feature = "base")]
mod flags;
mod i32x4;
mod lanes;

pub use f32x4::F32x4;
pub use f64x2::F64x2;
#[cfg(feature = "base")]
pub use flags::Flags;
pub use i32x4::I32x4;
pub(crate) use lanes::rounding;

/// All ones or all zeros per lane.
pub type Mask = v128;

/// An element of memory: what a lane holds.
pub trait Scalar: Copy + PartialOrd + PartialEq + Add<Output = Self> {
    const ZERO: Self;
    const ONE: Self;
}

impl Scalar for f32 {
    const ZERO: f32 = 0.0;
    const ONE: f32 = 1.0;
}

impl Scalar for f64 {
    const ZERO: f64 = 0.0;
    const ONE: f64 = 1.0;
}

impl Scalar for i32 {
    const ZERO: i32 = 0;
    const ONE: i32 = 1;
}

/// What every vector can do.
///
/// Pointers need the alignment of one element only.
pub trait Vector:
    Copy
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
    type Scalar: Scalar;
    /// What comparisons give and `select` takes.
    type Mask: Copy;
    /// Elements per vector.
    const LANES: usize;
    /// Below and above every other value.
    const LOWEST: Self::Scalar;
    const HIGHEST: Self::Scalar;

    fn splat(x: Self::Scalar) -> Self;
    /// Lane 0.
    fn first(self) -> Self::Scalar;
    unsafe fn load(p: *const Self::Scalar) -> Self;
    /// The first `n` elements, `0 < n < LANES`; the other lanes are 0.
    unsafe fn load_part(p: *const Self::Scalar, n: usize) -> Self;
    unsafe fn store(self, p: *mut Self::Scalar);
    /// Writes the first `n` lanes, `0 < n < LANES`.
    unsafe fn store_part(self, p: *mut Self::Scalar, n: usize);
    /// Writes the lanes of a mask as bytes of 0 and 1.
    unsafe fn store_mask(mask: Self::Mask, p: *mut u8);
    /// Lanes `i < n` set.
    fn first_lanes(n: usize) -> Self::Mask;
    /// Lane 0 of a mask as 0 or 1.
    fn mask_bit(mask: Self::Mask) -> u8;
    /// Where the mask is set `a`, else `b`.
    fn select(mask: Self::Mask, a: Self, b: Self) -> Self;
    /// Zero where the mask is set.
    fn without(self, mask: Self::Mask) -> Self;

    /// Larger lane; NaN wins.
    fn max(self, other: Self) -> Self;
    /// Smaller lane; NaN wins.
    fn min(self, other: Self) -> Self;
    /// `max` by one instruction: a NaN in self stays, one in `low` does not.
    fn at_least(self, low: Self) -> Self;
    /// `min` by one instruction: a NaN in self stays, one in `high` does not.
    fn at_most(self, high: Self) -> Self;
    fn abs(self) -> Self;
    /// -1, 0 or 1 (NaN stays).
    fn sign(self) -> Self;
    fn eq(self, other: Self) -> Self::Mask;
    fn ne(self, other: Self) -> Self::Mask;
    fn lt(self, other: Self) -> Self::Mask;
    fn le(self, other: Self) -> Self::Mask;
    /// Moves the upper half of the lanes onto the lower half, for folds.
    fn high_half(self) -> Self;
    /// Swaps neighbours: lane 1 to lane 0.
    fn second(self) -> Self;

    /// `self * a + b`; in `relaxed` fused where the processor can.
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        self * a + b
    }

    #[inline(always)]
    fn zero() -> Self {
        Self::splat(Self::Scalar::ZERO)
    }

    /// A whole vector when `n >= LANES`, else its first `n` lanes; `n > 0`.
    #[inline(always)]
    unsafe fn load_up_to(p: *const Self::Scalar, n: usize) -> Self {
        if n >= Self::LANES {
            Self::load(p)
        } else {
            Self::load_part(p, n)
        }
    }

    #[inline(always)]
    unsafe fn store_up_to(self, p: *mut Self::Scalar, n: usize) {
        if n >= Self::LANES {
            self.store(p)
        } else {
            self.store_part(p, n)
        }
    }

    /// Folds the lanes as a balanced tree into lane 0.
    #[inline(always)]
    fn fold(self, f: impl Fn(Self, Self) -> Self) -> Self::Scalar {
        if Self::LANES == 1 {
            return self.first();
        }
        let pair = if Self::LANES == 4 {
            f(self, self.high_half())
        } else {
            self
        };
        f(pair, pair.second()).first()
    }

    #[inline(always)]
    fn sum_lanes(self) -> Self::Scalar {
        self.fold(|a, b| a + b)
    }
}

/// What the floating point vectors can do; `math.rs` and `trigonometry.rs`
/// supply the transcendentals.
pub trait Float: Vector {
    fn of(x: f64) -> Self::Scalar;
    fn sqrt(self) -> Self;
    fn floor(self) -> Self;
    fn ceil(self) -> Self;
    /// Nearest integer, half to even.
    fn nearest(self) -> Self;
    /// Towards 0.
    fn trunc(self) -> Self;
    fn exp(self) -> Self;
    fn expm1(self) -> Self;
    fn log(self) -> Self;
    /// `log` as a call, for code that needs it rarely.
    #[inline(always)]
    fn log_once(self) -> Self {
        self.log()
    }
    fn log1p(self) -> Self;
    fn sin(self) -> Self;
    fn cos(self) -> Self;
    fn tan(self) -> Self;
    fn asin(self) -> Self;
    fn acos(self) -> Self;
    fn atan(self) -> Self;
    fn sinh(self) -> Self;
    fn cosh(self) -> Self;
    fn tanh(self) -> Self;
    fn sigmoid(self) -> Self;
    fn erf(self) -> Self;
    fn pow(self, exponent: Self) -> Self;
    /// The angle of the point `(x, self)`.
    fn atan2(self, x: Self) -> Self;
    /// The exact remainder of division by `b`, with the sign of self.
    fn fmod(self, b: Self) -> Self;
    /// The sum of all lanes of both vectors, rounded once where it can be.
    fn sum_with(self, lost: Self) -> Self::Scalar;

    #[inline(always)]
    fn c(x: f64) -> Self {
        Self::splat(Self::of(x))
    }
}
