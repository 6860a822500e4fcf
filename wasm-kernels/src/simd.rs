//! The only file that names `core::arch`: a vector type per element type, and
//! one trait over them so that a kernel is written once.
//!
//! `F32x4` and `I32x4` carry four lanes, `F64x2` two. Kernels walk whole
//! vectors and end with one partial vector (`load_part`, `store_part`): no
//! scalar twin of the arithmetic exists anywhere.

use core::arch::wasm32::*;
use core::ops::{Add, Div, Mul, Neg, Sub};

pub use core::arch::wasm32::v128;

/// All ones or all zeros per lane: what comparisons give and `select` takes.
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
    unsafe fn store_mask(mask: Mask, p: *mut u8);
    /// Lanes `i < n` set.
    fn first_lanes(n: usize) -> Mask;

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
    fn eq(self, other: Self) -> Mask;
    fn ne(self, other: Self) -> Mask;
    fn lt(self, other: Self) -> Mask;
    fn le(self, other: Self) -> Mask;
    fn bits(self) -> v128;
    fn from_bits(bits: v128) -> Self;
    /// Moves the upper half of the lanes onto the lower half, for folds.
    fn high_half(self) -> Self;
    /// Swaps neighbours: lane 1 to lane 0.
    fn second(self) -> Self;

    /// `self * a + b`, fused in the relaxed build.
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        self * a + b
    }

    /// Lane 0 of a mask as 0 or 1.
    #[inline(always)]
    fn mask_bit(mask: Mask) -> u8 {
        u8x16_extract_lane::<0>(mask) & 1
    }

    #[inline(always)]
    fn zero() -> Self {
        Self::splat(Self::Scalar::ZERO)
    }

    /// Where the mask is set `a`, else `b`.
    #[inline(always)]
    fn select(mask: Mask, a: Self, b: Self) -> Self {
        Self::from_bits(v128_bitselect(a.bits(), b.bits(), mask))
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

/// What the floating point vectors can do; `math.rs` (f32) and `float64.rs`
/// (f64) supply the transcendentals.
pub trait Float: Vector {
    fn of(x: f64) -> Self::Scalar;
    fn sqrt(self) -> Self;
    fn floor(self) -> Self;
    fn ceil(self) -> Self;
    /// Nearest integer, half to even.
    fn nearest(self) -> Self;
    fn exp(self) -> Self;
    fn expm1(self) -> Self;
    fn log(self) -> Self;
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
    /// The sum of all lanes of both vectors, rounded once where it can be.
    fn sum_with(self, lost: Self) -> Self::Scalar;

    #[inline(always)]
    fn c(x: f64) -> Self {
        Self::splat(Self::of(x))
    }
}

/// The part of `Float` that is one instruction each.
macro_rules! rounding {
    ($sqrt:ident $floor:ident $ceil:ident $nearest:ident) => {
        #[inline(always)]
        fn sqrt(self) -> Self {
            Self(core::arch::wasm32::$sqrt(self.0))
        }
        #[inline(always)]
        fn floor(self) -> Self {
            Self(core::arch::wasm32::$floor(self.0))
        }
        #[inline(always)]
        fn ceil(self) -> Self {
            Self(core::arch::wasm32::$ceil(self.0))
        }
        #[inline(always)]
        fn nearest(self) -> Self {
            Self(core::arch::wasm32::$nearest(self.0))
        }
    };
}
pub(crate) use rounding;

#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F32x4(pub v128);

#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct I32x4(pub v128);

#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F64x2(pub v128);

macro_rules! operator {
    ($vector:ty, $trait:ident, $method:ident, $f:expr) => {
        impl $trait for $vector {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self($f(self.0, other.0))
            }
        }
    };
}

operator!(F32x4, Add, add, f32x4_add);
operator!(F32x4, Sub, sub, f32x4_sub);
operator!(F32x4, Mul, mul, f32x4_mul);
operator!(F32x4, Div, div, f32x4_div);
operator!(I32x4, Add, add, i32x4_add);
operator!(I32x4, Sub, sub, i32x4_sub);
operator!(I32x4, Mul, mul, i32x4_mul);
operator!(I32x4, Div, div, divide_lanes);
operator!(F64x2, Add, add, f64x2_add);
operator!(F64x2, Sub, sub, f64x2_sub);
operator!(F64x2, Mul, mul, f64x2_mul);
operator!(F64x2, Div, div, f64x2_div);

/// Truncating quotients; x / 0 is 0, the lowest / -1 wraps.
fn divide_lanes(a: v128, b: v128) -> v128 {
    #[inline(always)]
    fn quotient(a: i32, b: i32) -> i32 {
        if b == 0 { 0 } else { a.wrapping_div(b) }
    }
    i32x4(
        quotient(i32x4_extract_lane::<0>(a), i32x4_extract_lane::<0>(b)),
        quotient(i32x4_extract_lane::<1>(a), i32x4_extract_lane::<1>(b)),
        quotient(i32x4_extract_lane::<2>(a), i32x4_extract_lane::<2>(b)),
        quotient(i32x4_extract_lane::<3>(a), i32x4_extract_lane::<3>(b)),
    )
}

macro_rules! negation {
    ($vector:ty, $f:expr) => {
        impl Neg for $vector {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Self($f(self.0))
            }
        }
    };
}

negation!(F32x4, f32x4_neg);
negation!(I32x4, i32x4_neg);
negation!(F64x2, f64x2_neg);

// Out of line: the ends of rows are rare, their code is not small. `extern "C"`
// passes vectors as values; Rust's own ABI would pass them through memory.

#[inline(never)]
unsafe extern "C" fn load_part(p: *const u32, n: usize) -> v128 {
    if n == 1 {
        return v128_load32_zero(p);
    }
    let pair = v128_load64_zero(p as *const u64);
    if n == 2 {
        return pair;
    }
    v128_load32_lane::<2>(pair, p.add(2))
}

#[inline(never)]
unsafe extern "C" fn store_part(v: v128, p: *mut u32, n: usize) {
    if n == 1 {
        return v128_store32_lane::<0>(v, p);
    }
    v128_store64_lane::<0>(v, p as *mut u64);
    if n == 3 {
        v128_store32_lane::<2>(v, p.add(2));
    }
}

/// Memory and lanes of the two vectors of four 32-bit elements.
macro_rules! four_lanes {
    ($scalar:ty, $splat:expr, $first:expr) => {
        type Scalar = $scalar;
        const LANES: usize = 4;

        #[inline(always)]
        fn splat(x: $scalar) -> Self {
            Self($splat(x))
        }
        #[inline(always)]
        fn first(self) -> $scalar {
            $first(self.0)
        }
        #[inline(always)]
        unsafe fn load(p: *const $scalar) -> Self {
            Self(v128_load(p as *const v128))
        }
        #[inline(always)]
        unsafe fn load_part(p: *const $scalar, n: usize) -> Self {
            Self(load_part(p as *const u32, n))
        }
        #[inline(always)]
        unsafe fn store(self, p: *mut $scalar) {
            v128_store(p as *mut v128, self.0)
        }
        #[inline(always)]
        unsafe fn store_part(self, p: *mut $scalar, n: usize) {
            store_part(self.0, p as *mut u32, n)
        }
        #[inline(always)]
        unsafe fn store_mask(mask: Mask, p: *mut u8) {
            let halves = i16x8_narrow_i32x4(mask, mask);
            let bytes = v128_and(i8x16_narrow_i16x8(halves, halves), u8x16_splat(1));
            v128_store32_lane::<0>(bytes, p as *mut u32)
        }
        #[inline(always)]
        fn first_lanes(n: usize) -> Mask {
            i32x4_gt(i32x4_splat(n as i32), i32x4(0, 1, 2, 3))
        }
        #[inline(always)]
        fn high_half(self) -> Self {
            Self(i64x2_shuffle::<1, 1>(self.0, self.0))
        }
        #[inline(always)]
        fn second(self) -> Self {
            Self(i32x4_shuffle::<1, 0, 3, 2>(self.0, self.0))
        }
    };
}

// LLVM 22 turns pmax and pmin into relaxed_max and relaxed_min where it may,
// whose NaN is anybody's guess; it sees through no bitselect.

#[cfg(not(target_feature = "relaxed-simd"))]
use {f32x4_pmax as at_least_f32, f32x4_pmin as at_most_f32};

#[cfg(target_feature = "relaxed-simd")]
#[inline(always)]
fn at_least_f32(x: v128, low: v128) -> v128 {
    v128_bitselect(low, x, f32x4_lt(x, low))
}

#[cfg(target_feature = "relaxed-simd")]
#[inline(always)]
fn at_most_f32(x: v128, high: v128) -> v128 {
    v128_bitselect(high, x, f32x4_lt(high, x))
}

/// Lane-wise methods that are one instruction each.
macro_rules! lane_operations {
    ($max:ident $min:ident $at_least:ident $at_most:ident $abs:ident $eq:ident $ne:ident $lt:ident $le:ident) => {
        #[inline(always)]
        fn max(self, other: Self) -> Self {
            Self($max(self.0, other.0))
        }
        #[inline(always)]
        fn min(self, other: Self) -> Self {
            Self($min(self.0, other.0))
        }
        #[inline(always)]
        fn at_least(self, low: Self) -> Self {
            Self($at_least(self.0, low.0))
        }
        #[inline(always)]
        fn at_most(self, high: Self) -> Self {
            Self($at_most(self.0, high.0))
        }
        #[inline(always)]
        fn abs(self) -> Self {
            Self($abs(self.0))
        }
        #[inline(always)]
        fn eq(self, other: Self) -> Mask {
            $eq(self.0, other.0)
        }
        #[inline(always)]
        fn ne(self, other: Self) -> Mask {
            $ne(self.0, other.0)
        }
        #[inline(always)]
        fn lt(self, other: Self) -> Mask {
            $lt(self.0, other.0)
        }
        #[inline(always)]
        fn le(self, other: Self) -> Mask {
            $le(self.0, other.0)
        }
        #[inline(always)]
        fn bits(self) -> v128 {
            self.0
        }
        #[inline(always)]
        fn from_bits(bits: v128) -> Self {
            Self(bits)
        }
    };
}

impl Vector for F32x4 {
    const LOWEST: f32 = f32::NEG_INFINITY;
    const HIGHEST: f32 = f32::INFINITY;
    four_lanes!(f32, f32x4_splat, f32x4_extract_lane::<0>);
    lane_operations!(f32x4_max f32x4_min at_least_f32 at_most_f32 f32x4_abs f32x4_eq f32x4_ne f32x4_lt f32x4_le);

    #[inline(always)]
    fn sign(self) -> Self {
        // x > 0 and x < 0 are both false for NaN, which adding x restores.
        let zero = Self::zero();
        let one = v128_and(zero.lt(self), Self::splat(1.0).0);
        let minus_one = v128_and(self.lt(zero), Self::splat(-1.0).0);
        Self::select(self.ne(self), self, Self(v128_or(one, minus_one)))
    }

    #[cfg(target_feature = "relaxed-simd")]
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        Self(f32x4_relaxed_madd(self.0, a.0, b.0))
    }
}

impl F32x4 {
    #[inline(always)]
    pub const fn new(a: f32, b: f32, c: f32, d: f32) -> Self {
        Self(f32x4(a, b, c, d))
    }

    /// Truncates; NaN to 0, out of range to the nearest int32.
    #[inline(always)]
    pub fn to_i32(self) -> I32x4 {
        I32x4(i32x4_trunc_sat_f32x4(self.0))
    }

    #[inline(always)]
    pub fn copy_sign(self, sign: Self) -> Self {
        let mask = u32x4_splat(0x8000_0000);
        Self(v128_bitselect(sign.0, self.0, mask))
    }

    /// Lanes 0 and 1 as float64.
    #[inline(always)]
    pub fn low_f64(self) -> F64x2 {
        F64x2(f64x2_promote_low_f32x4(self.0))
    }

    /// Lanes 2 and 3 as float64.
    #[inline(always)]
    pub fn high_f64(self) -> F64x2 {
        self.high_half().low_f64()
    }

    #[inline(always)]
    pub fn from_f64(low: F64x2, high: F64x2) -> Self {
        let low = f32x4_demote_f64x2_zero(low.0);
        let high = f32x4_demote_f64x2_zero(high.0);
        Self(i64x2_shuffle::<0, 2>(low, high))
    }

    /// The inverse of `unzip`: lanes of `self` and `other` in turn.
    #[inline(always)]
    pub fn zip(self, other: Self) -> (Self, Self) {
        (
            Self(i32x4_shuffle::<0, 4, 1, 5>(self.0, other.0)),
            Self(i32x4_shuffle::<2, 6, 3, 7>(self.0, other.0)),
        )
    }

    /// Lane `L` in every lane.
    #[inline(always)]
    pub fn spread<const L: usize>(self) -> Self {
        Self(i32x4_shuffle::<L, L, L, L>(self.0, self.0))
    }

    /// Lanes 0, 2 of `self` and `other`, then lanes 1, 3 of both.
    #[inline(always)]
    pub fn unzip(self, other: Self) -> (Self, Self) {
        (
            Self(i32x4_shuffle::<0, 2, 4, 6>(self.0, other.0)),
            Self(i32x4_shuffle::<1, 3, 5, 7>(self.0, other.0)),
        )
    }

    #[inline(always)]
    pub fn to_array(self) -> [f32; 4] {
        I32x4(self.0).to_array().map(|bits| f32::from_bits(bits as u32))
    }

    /// The transpose of a 4x4 tile.
    #[inline(always)]
    pub fn transpose(r: [Self; 4]) -> [Self; 4] {
        let a = i32x4_shuffle::<0, 4, 1, 5>(r[0].0, r[1].0);
        let b = i32x4_shuffle::<2, 6, 3, 7>(r[0].0, r[1].0);
        let c = i32x4_shuffle::<0, 4, 1, 5>(r[2].0, r[3].0);
        let d = i32x4_shuffle::<2, 6, 3, 7>(r[2].0, r[3].0);
        [
            Self(i64x2_shuffle::<0, 2>(a, c)),
            Self(i64x2_shuffle::<1, 3>(a, c)),
            Self(i64x2_shuffle::<0, 2>(b, d)),
            Self(i64x2_shuffle::<1, 3>(b, d)),
        ]
    }
}

impl Vector for I32x4 {
    const LOWEST: i32 = i32::MIN;
    const HIGHEST: i32 = i32::MAX;
    four_lanes!(i32, i32x4_splat, i32x4_extract_lane::<0>);
    lane_operations!(i32x4_max i32x4_min i32x4_max i32x4_min i32x4_abs i32x4_eq i32x4_ne i32x4_lt i32x4_le);

    #[inline(always)]
    fn sign(self) -> Self {
        self.max(Self::splat(-1)).min(Self::splat(1))
    }
}

impl I32x4 {
    #[inline(always)]
    pub const fn new(a: i32, b: i32, c: i32, d: i32) -> Self {
        Self(i32x4(a, b, c, d))
    }

    #[inline(always)]
    pub fn to_f32(self) -> F32x4 {
        F32x4(f32x4_convert_i32x4(self.0))
    }

    /// The unsigned reading of every lane.
    #[inline(always)]
    pub fn unsigned_to_f32(self) -> F32x4 {
        F32x4(f32x4_convert_u32x4(self.0))
    }

    #[inline(always)]
    pub fn shl(self, bits: u32) -> Self {
        Self(i32x4_shl(self.0, bits))
    }

    /// Arithmetic shift.
    #[inline(always)]
    pub fn shr(self, bits: u32) -> Self {
        Self(i32x4_shr(self.0, bits))
    }

    #[inline(always)]
    pub fn unsigned_shr(self, bits: u32) -> Self {
        Self(u32x4_shr(self.0, bits))
    }

    #[inline(always)]
    pub fn and(self, other: Self) -> Self {
        Self(v128_and(self.0, other.0))
    }

    #[inline(always)]
    pub fn or(self, other: Self) -> Self {
        Self(v128_or(self.0, other.0))
    }

    #[inline(always)]
    pub fn xor(self, other: Self) -> Self {
        Self(v128_xor(self.0, other.0))
    }

    /// Whether any bit is set.
    #[inline(always)]
    pub fn any(self) -> bool {
        v128_any_true(self.0)
    }

    #[inline(always)]
    pub fn to_array(self) -> [i32; 4] {
        [
            i32x4_extract_lane::<0>(self.0),
            i32x4_extract_lane::<1>(self.0),
            i32x4_extract_lane::<2>(self.0),
            i32x4_extract_lane::<3>(self.0),
        ]
    }

    /// The lanes' bits read as float32.
    #[inline(always)]
    pub fn as_f32(self) -> F32x4 {
        F32x4(self.0)
    }

    /// High and low words of the unsigned 64-bit products.
    #[inline(always)]
    pub fn wide_mul(self, other: Self) -> (Self, Self) {
        let even = u64x2_extmul_low_u32x4(self.0, other.0);
        let odd = u64x2_extmul_high_u32x4(self.0, other.0);
        (
            Self(i32x4_shuffle::<1, 3, 5, 7>(even, odd)),
            Self(i32x4_shuffle::<0, 2, 4, 6>(even, odd)),
        )
    }
}

impl Vector for F64x2 {
    type Scalar = f64;
    const LANES: usize = 2;
    const LOWEST: f64 = f64::NEG_INFINITY;
    const HIGHEST: f64 = f64::INFINITY;
    lane_operations!(f64x2_max f64x2_min f64x2_pmax f64x2_pmin f64x2_abs f64x2_eq f64x2_ne f64x2_lt f64x2_le);

    #[inline(always)]
    fn splat(x: f64) -> Self {
        Self(f64x2_splat(x))
    }
    #[inline(always)]
    fn first(self) -> f64 {
        f64x2_extract_lane::<0>(self.0)
    }
    #[inline(always)]
    unsafe fn load(p: *const f64) -> Self {
        Self(v128_load(p as *const v128))
    }
    #[inline(always)]
    unsafe fn load_part(p: *const f64, _n: usize) -> Self {
        Self(v128_load64_zero(p as *const u64))
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f64) {
        v128_store(p as *mut v128, self.0)
    }
    #[inline(always)]
    unsafe fn store_part(self, p: *mut f64, _n: usize) {
        v128_store64_lane::<0>(self.0, p as *mut u64)
    }
    #[inline(always)]
    unsafe fn store_mask(mask: Mask, p: *mut u8) {
        *p = i8x16_extract_lane::<0>(mask) as u8 & 1;
        *p.add(1) = i8x16_extract_lane::<8>(mask) as u8 & 1;
    }
    #[inline(always)]
    fn first_lanes(n: usize) -> Mask {
        i64x2_gt(i64x2_splat(n as i64), i64x2(0, 1))
    }
    #[inline(always)]
    fn high_half(self) -> Self {
        self
    }
    #[inline(always)]
    fn second(self) -> Self {
        Self(i64x2_shuffle::<1, 0>(self.0, self.0))
    }
    #[inline(always)]
    fn sign(self) -> Self {
        let zero = Self::zero();
        let one = v128_and(zero.lt(self), Self::splat(1.0).0);
        let minus_one = v128_and(self.lt(zero), Self::splat(-1.0).0);
        Self::select(self.ne(self), self, Self(v128_or(one, minus_one)))
    }
}

impl F64x2 {
    #[inline(always)]
    pub const fn new(a: f64, b: f64) -> Self {
        Self(f64x2(a, b))
    }

    #[inline(always)]
    pub fn last(self) -> f64 {
        f64x2_extract_lane::<1>(self.0)
    }

    #[inline(always)]
    pub fn nearest_f64(self) -> Self {
        Self(f64x2_nearest(self.0))
    }

    /// Two pairs, truncated, as the lanes of one vector.
    #[inline(always)]
    pub fn to_i32(low: Self, high: Self) -> I32x4 {
        let low = i32x4_trunc_sat_f64x2_zero(low.0);
        let high = i32x4_trunc_sat_f64x2_zero(high.0);
        I32x4(i64x2_shuffle::<0, 2>(low, high))
    }

    /// `(m, e)` with self = m 2^e and m in [sqrt(1/2), sqrt(2)), for positive
    /// normal numbers.
    #[inline(always)]
    pub fn split(self) -> (Self, Self) {
        let root = i64x2_splat(0x3fe6_a09e_667f_3bcd);
        let e = i64x2_shr(i64x2_sub(self.0, root), 52);
        let mantissa = i64x2_sub(self.0, i64x2_shl(e, 52));
        let words = i32x4_shuffle::<0, 2, 0, 2>(e, e);
        (Self(mantissa), Self(f64x2_convert_low_i32x4(words)))
    }

    /// 2^self for whole numbers in [-1022, 1023].
    #[inline(always)]
    pub fn power_of_two(self) -> Self {
        let words = i32x4_trunc_sat_f64x2_zero(self.0);
        let n = i64x2_extend_low_i32x4(words);
        Self(i64x2_shl(i64x2_add(n, i64x2_splat(1023)), 52))
    }
}
