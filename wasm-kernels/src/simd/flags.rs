//! Sixteen bools of a byte each, of which any nonzero one is true.

use core::arch::wasm32::*;

/// All bits of a byte, or none.
#[derive(Clone, Copy)]
pub struct Flags(v128);

impl Flags {
    pub const LANES: usize = 16;

    #[inline(always)]
    pub unsafe fn load(p: *const u8) -> Self {
        Self(u8x16_ne(v128_load(p as *const v128), u8x16_splat(0)))
    }

    #[inline(always)]
    pub fn splat(x: u8) -> Self {
        Self(u8x16_ne(u8x16_splat(x), u8x16_splat(0)))
    }

    /// Writes 0 and 1.
    #[inline(always)]
    pub unsafe fn store(self, p: *mut u8) {
        v128_store(p as *mut v128, v128_and(self.0, u8x16_splat(1)))
    }

    /// The first, as 0 or 1.
    #[inline(always)]
    pub fn first(self) -> u8 {
        u8x16_extract_lane::<0>(self.0) & 1
    }

    /// How many are true.
    #[inline(always)]
    pub fn count(self) -> usize {
        u8x16_bitmask(self.0).count_ones() as usize
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

    #[inline(always)]
    pub fn not(self) -> Self {
        Self(v128_not(self.0))
    }
}
