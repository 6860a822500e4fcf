//! Four int32 lanes; arithmetic wraps.

use core::arch::wasm32::*;

use super::{F32x4, Mask, Vector, lanes};

#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct I32x4(pub v128);

lanes::operators!(I32x4: i32x4_add, i32x4_sub, i32x4_mul, divide_lanes, i32x4_neg);

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

/// By repeated squaring.
#[inline(never)]
fn power(mut base: i32, exponent: i32) -> i32 {
    if exponent < 0 && base != 1 && base != -1 {
        return 0;
    }
    let mut left = exponent.unsigned_abs();
    let mut product: i32 = 1;
    while left != 0 {
        if left & 1 != 0 {
            product = product.wrapping_mul(base);
        }
        base = base.wrapping_mul(base);
        left >>= 1;
    }
    product
}

impl Vector for I32x4 {
    const LOWEST: i32 = i32::MIN;
    const HIGHEST: i32 = i32::MAX;
    lanes::four_lanes!(i32, i32x4_splat, i32x4_extract_lane::<0>);
    lanes::lane_operations!(i32x4_max i32x4_min i32x4_max i32x4_min i32x4_abs i32x4_eq i32x4_ne i32x4_lt i32x4_le);

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

    /// Lane by lane, wrapping. A negative power of anything but 1 and -1 is 0.
    #[inline(always)]
    pub fn pow(self, exponent: Self) -> Self {
        let (mut bases, exponents) = (self.to_array(), exponent.to_array());
        for (base, exponent) in bases.iter_mut().zip(exponents) {
            *base = power(*base, exponent);
        }
        let [a, b, c, d] = bases;
        Self::new(a, b, c, d)
    }

    /// Four bytes, widened.
    #[inline(always)]
    pub unsafe fn load_u8(p: *const u8) -> Self {
        let halves = u16x8_extend_low_u8x16(v128_load32_zero(p as *const u32));
        Self(u32x4_extend_low_u16x8(halves))
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

    /// The last lane first.
    #[inline(always)]
    pub fn reversed(self) -> Self {
        Self(i32x4_shuffle::<3, 2, 1, 0>(self.0, self.0))
    }

    /// Whether any lane, without a sign, is at least `n`.
    #[inline(always)]
    pub fn any_from(self, n: u32) -> bool {
        v128_any_true(u32x4_ge(self.0, u32x4_splat(n)))
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
