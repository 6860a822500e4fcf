//! What the vector types have in common, as macros: a trait cannot give
//! different instructions the same body.

use core::arch::wasm32::*;

// One instruction instead of three where relaxed SIMD is; the same for masks of whole lanes.
#[cfg(target_feature = "relaxed-simd")]
pub use core::arch::wasm32::i32x4_relaxed_laneselect as lane_select;
#[cfg(not(target_feature = "relaxed-simd"))]
pub use core::arch::wasm32::v128_bitselect as lane_select;

// Out of line: the ends of rows are rare, their code is not small. `extern "C"`
// passes vectors as values; Rust's own ABI would pass them through memory.

#[inline(never)]
#[allow(improper_ctypes_definitions)]
pub unsafe extern "C" fn load_part(p: *const u32, n: usize) -> v128 {
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
#[allow(improper_ctypes_definitions)]
pub unsafe extern "C" fn store_part(v: v128, p: *mut u32, n: usize) {
    if n == 1 {
        return v128_store32_lane::<0>(v, p);
    }
    v128_store64_lane::<0>(v, p as *mut u64);
    if n == 3 {
        v128_store32_lane::<2>(v, p.add(2));
    }
}

/// `+ - * /` and the sign, one instruction each.
macro_rules! operators {
    ($vector:ty: $add:expr, $sub:expr, $mul:expr, $div:expr, $neg:expr) => {
        $crate::simd::lanes::operators!($vector, Add, add, $add);
        $crate::simd::lanes::operators!($vector, Sub, sub, $sub);
        $crate::simd::lanes::operators!($vector, Mul, mul, $mul);
        $crate::simd::lanes::operators!($vector, Div, div, $div);

        impl core::ops::Neg for $vector {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Self($neg(self.0))
            }
        }
    };
    ($vector:ty, $trait:ident, $method:ident, $f:expr) => {
        impl core::ops::$trait for $vector {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self($f(self.0, other.0))
            }
        }
    };
}
pub(crate) use operators;

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
            Self($crate::simd::lanes::load_part(p as *const u32, n))
        }
        #[inline(always)]
        unsafe fn store(self, p: *mut $scalar) {
            v128_store(p as *mut v128, self.0)
        }
        #[inline(always)]
        unsafe fn store_part(self, p: *mut $scalar, n: usize) {
            $crate::simd::lanes::store_part(self.0, p as *mut u32, n)
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
pub(crate) use four_lanes;

/// Lane-wise methods that are one instruction each.
macro_rules! lane_operations {
    ($max:ident $min:ident $at_least:ident $at_most:ident $abs:ident $eq:ident $ne:ident $lt:ident $le:ident) => {
        type Mask = Mask;

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
        fn mask_bit(mask: Mask) -> u8 {
            u8x16_extract_lane::<0>(mask) & 1
        }
        #[inline(always)]
        fn select(mask: Mask, a: Self, b: Self) -> Self {
            Self(lanes::lane_select(a.0, b.0, mask))
        }
        #[inline(always)]
        fn without(self, mask: Mask) -> Self {
            Self(v128_andnot(self.0, mask))
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
    };
}
pub(crate) use lane_operations;

/// The part of `Float` that is one instruction each.
macro_rules! rounding {
    ($sqrt:ident $floor:ident $ceil:ident $nearest:ident $trunc:ident) => {
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
        #[inline(always)]
        fn trunc(self) -> Self {
            Self(core::arch::wasm32::$trunc(self.0))
        }
    };
}
pub(crate) use rounding;
