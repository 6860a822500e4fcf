//! Four float32 lanes.

use core::arch::wasm32::*;

use super::{F64x2, I32x4, Mask, Vector, lanes};

#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F32x4(pub v128);

lanes::operators!(F32x4: f32x4_add, f32x4_sub, f32x4_mul, f32x4_div, f32x4_neg);

// LLVM 22 turns pmax and pmin into relaxed_max and relaxed_min where it may,
// whose NaN is anybody's guess; it sees through no selection of lanes.

#[cfg(not(target_feature = "relaxed-simd"))]
use {f32x4_pmax as at_least_f32, f32x4_pmin as at_most_f32};

#[cfg(target_feature = "relaxed-simd")]
#[inline(always)]
fn at_least_f32(x: v128, low: v128) -> v128 {
    i32x4_relaxed_laneselect(low, x, f32x4_lt(x, low))
}

#[cfg(target_feature = "relaxed-simd")]
#[inline(always)]
fn at_most_f32(x: v128, high: v128) -> v128 {
    i32x4_relaxed_laneselect(high, x, f32x4_lt(high, x))
}

impl Vector for F32x4 {
    const LOWEST: f32 = f32::NEG_INFINITY;
    const HIGHEST: f32 = f32::INFINITY;
    lanes::four_lanes!(f32, f32x4_splat, f32x4_extract_lane::<0>);
    lanes::lane_operations!(f32x4_max f32x4_min at_least_f32 at_most_f32 f32x4_abs f32x4_eq f32x4_ne f32x4_lt f32x4_le);

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
    /// Whether `mul_add` rounds once, as the processor and this build have it.
    #[inline(never)]
    pub fn fused() -> bool {
        static X: f32 = 1.0 + 1.0 / 4096.0;
        // Not known to the compiler. The square's last bit, 2^-24, is lost where it is rounded.
        let x = Self::splat(unsafe { (&raw const X).read_volatile() });
        x.mul_add(x, Self::splat(-1.0 - 1.0 / 2048.0)).first() != 0.0
    }

    #[inline(always)]
    pub const fn new(a: f32, b: f32, c: f32, d: f32) -> Self {
        Self(f32x4(a, b, c, d))
    }

    #[inline(always)]
    pub fn copy_sign(self, sign: Self) -> Self {
        let mask = u32x4_splat(0x8000_0000);
        Self(v128_bitselect(sign.0, self.0, mask))
    }

    /// Turns the sign where `signs` has its bit.
    #[inline(always)]
    pub fn flip_signs(self, signs: Self) -> Self {
        Self(v128_xor(self.0, signs.0))
    }

    /// All bits where the lane is NaN, which as a number is NaN, too; else none.
    #[inline(always)]
    pub fn not_a_number(self) -> Self {
        Self(self.ne(self))
    }

    /// The bits of both.
    #[inline(always)]
    pub fn with_bits(self, other: Self) -> Self {
        Self(v128_or(self.0, other.0))
    }

    /// Four values that lie `step` apart.
    #[inline(always)]
    pub unsafe fn load_apart(p: *const f32, step: usize) -> Self {
        let at = |i: usize| p.add(i * step) as *const u32;
        let v = v128_load32_lane::<1>(v128_load32_zero(at(0)), at(1));
        let v = v128_load32_lane::<2>(v, at(2));
        Self(v128_load32_lane::<3>(v, at(3)))
    }

    /// Towards 0; what int32 cannot hold becomes its nearest, and NaN 0.
    #[inline(always)]
    pub fn to_i32(self) -> I32x4 {
        I32x4(i32x4_trunc_sat_f32x4(self.0))
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
        I32x4(self.0)
            .to_array()
            .map(|bits| f32::from_bits(bits as u32))
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
