//! One float64 as a vector of a single lane: what the float64 module computes
//! with, which is a reference and rather small than fast.

use super::Vector;

#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct F64x1(pub f64);

impl core::ops::Neg for F64x1 {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

macro_rules! operators {
    ($($trait:ident $method:ident $operator:tt;)*) => {$(
        impl core::ops::$trait for F64x1 {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Self(self.0 $operator other.0)
            }
        }
    )*};
}

operators! { Add add +; Sub sub -; Mul mul *; Div div /; }

/// Methods by an instruction for which core has no function: LLVM finds the
/// scalar one behind that for two lanes.
macro_rules! one_lane {
    ($(fn $name:ident($($argument:ident)?) $instruction:ident;)*) => {$(
        #[inline(always)]
        fn $name(self $(, $argument: Self)?) -> Self {
            use core::arch::wasm32::{f64x2_extract_lane, f64x2_splat, $instruction};
            let lanes = $instruction(f64x2_splat(self.0) $(, f64x2_splat($argument.0))?);
            Self(f64x2_extract_lane::<0>(lanes))
        }
    )*};
}
pub(crate) use one_lane;

impl Vector for F64x1 {
    type Scalar = f64;
    type Mask = bool;
    const LANES: usize = 1;
    const LOWEST: f64 = f64::NEG_INFINITY;
    const HIGHEST: f64 = f64::INFINITY;

    one_lane! {
        fn max(other) f64x2_max;
        fn min(other) f64x2_min;
    }

    #[inline(always)]
    fn splat(x: f64) -> Self {
        Self(x)
    }
    #[inline(always)]
    fn first(self) -> f64 {
        self.0
    }
    #[inline(always)]
    unsafe fn load(p: *const f64) -> Self {
        Self(*p)
    }
    #[inline(always)]
    unsafe fn load_part(p: *const f64, _n: usize) -> Self {
        Self(*p)
    }
    #[inline(always)]
    unsafe fn store(self, p: *mut f64) {
        *p = self.0
    }
    #[inline(always)]
    unsafe fn store_part(self, p: *mut f64, _n: usize) {
        *p = self.0
    }
    #[inline(always)]
    unsafe fn store_mask(mask: bool, p: *mut u8) {
        *p = mask as u8
    }
    #[inline(always)]
    fn first_lanes(_n: usize) -> bool {
        true
    }
    #[inline(always)]
    fn mask_bit(mask: bool) -> u8 {
        mask as u8
    }
    #[inline(always)]
    fn select(mask: bool, a: Self, b: Self) -> Self {
        if mask { a } else { b }
    }

    #[inline(always)]
    fn without(self, mask: bool) -> Self {
        Self(if mask { 0.0 } else { self.0 })
    }
    #[inline(always)]
    fn high_half(self) -> Self {
        self
    }
    #[inline(always)]
    fn second(self) -> Self {
        self
    }
    #[inline(always)]
    fn at_least(self, low: Self) -> Self {
        if self.0 < low.0 { low } else { self }
    }
    #[inline(always)]
    fn at_most(self, high: Self) -> Self {
        if high.0 < self.0 { high } else { self }
    }
    #[inline(always)]
    fn abs(self) -> Self {
        Self(self.0.abs())
    }
    #[inline(always)]
    fn sign(self) -> Self {
        if self.0 > 0.0 {
            Self(1.0)
        } else if self.0 < 0.0 {
            Self(-1.0)
        } else if self.0 == 0.0 {
            Self(0.0)
        } else {
            self
        }
    }
    #[inline(always)]
    fn eq(self, other: Self) -> bool {
        self.0 == other.0
    }
    #[inline(always)]
    fn ne(self, other: Self) -> bool {
        self.0 != other.0
    }
    #[inline(always)]
    fn lt(self, other: Self) -> bool {
        self.0 < other.0
    }
    #[inline(always)]
    fn le(self, other: Self) -> bool {
        self.0 <= other.0
    }
}
