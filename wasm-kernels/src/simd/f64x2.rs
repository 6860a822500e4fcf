//! Two float64 lanes.

use core::arch::wasm32::*;

use super::{I32x4, Mask, Vector, lanes};

#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F64x2(pub v128);

lanes::operators!(F64x2: f64x2_add, f64x2_sub, f64x2_mul, f64x2_div, f64x2_neg);

impl Vector for F64x2 {
    type Scalar = f64;
    const LANES: usize = 2;
    const LOWEST: f64 = f64::NEG_INFINITY;
    const HIGHEST: f64 = f64::INFINITY;
    lanes::lane_operations!(f64x2_max f64x2_min f64x2_pmax f64x2_pmin f64x2_abs f64x2_eq f64x2_ne f64x2_lt f64x2_le);

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

    #[inline(always)]
    pub fn trunc_f64(self) -> Self {
        Self(f64x2_trunc(self.0))
    }

    /// For quotients: the power of two that leaves less than 2^28 of each, at
    /// least 1, and whether one of them is finite and as large as that.
    #[inline(always)]
    pub fn step(self) -> (Self, bool) {
        let large = v128_and(
            f64x2_le(f64x2_splat(268_435_456.0), self.0),
            f64x2_lt(self.0, f64x2_splat(f64::INFINITY)),
        );
        // The exponent alone, 27 lower.
        let exponent = v128_and(self.0, i64x2_splat(0x7ff0_0000_0000_0000));
        let step = i64x2_sub(exponent, i64x2_splat(27 << 52));
        let step = v128_bitselect(step, f64x2_splat(1.0), large);
        (Self(step), v128_any_true(large))
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
