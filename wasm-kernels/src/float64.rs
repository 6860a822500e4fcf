//! Transcendentals of float64: the `libm` crate.

use crate::simd::{F64x1, Float, Vector, one_lane};

/// Methods that are a libm function.
macro_rules! by_libm {
    ($($method:ident)*) => {$(
        #[inline(always)]
        fn $method(self) -> Self {
            F64x1(libm::$method(self.0))
        }
    )*};
}

/// The same for functions of two arguments.
macro_rules! by_libm_of_two {
    ($($method:ident)*) => {$(
        #[inline(always)]
        fn $method(self, other: Self) -> Self {
            F64x1(libm::$method(self.0, other.0))
        }
    )*};
}

/// The cosine of the angle whose sine is `x`, with all its digits near 1, too.
#[inline(always)]
fn cosine(x: F64x1) -> F64x1 {
    let one = F64x1(1.0);
    ((one - x) * (one + x)).sqrt()
}

impl Float for F64x1 {
    #[inline(always)]
    fn of(x: f64) -> f64 {
        x
    }

    one_lane! {
        fn sqrt() f64x2_sqrt;
        fn floor() f64x2_floor;
        fn ceil() f64x2_ceil;
        fn nearest() f64x2_nearest;
        fn trunc() f64x2_trunc;
    }
    by_libm!(exp expm1 log log1p atan sinh cosh tanh erf);

    // libm has a body of its own for each of these.

    #[inline(always)]
    fn sin(self) -> Self {
        F64x1(libm::sincos(self.0).0)
    }

    #[inline(always)]
    fn cos(self) -> Self {
        F64x1(libm::sincos(self.0).1)
    }

    #[inline(always)]
    fn tan(self) -> Self {
        let (sin, cos) = libm::sincos(self.0);
        F64x1(sin / cos)
    }

    #[inline(always)]
    fn asin(self) -> Self {
        F64x1(libm::atan2(self.0, cosine(self).0))
    }

    #[inline(always)]
    fn acos(self) -> Self {
        F64x1(libm::atan2(cosine(self).0, self.0))
    }

    #[inline(always)]
    fn sum_with(self, lost: Self) -> f64 {
        self.0 + lost.0
    }

    #[inline(always)]
    fn sigmoid(self) -> Self {
        let one = F64x1(1.0);
        let z = (-self.abs()).exp();
        let y = one / (one + z);
        if self.0 < 0.0 { z * y } else { y }
    }

    by_libm_of_two!(pow atan2);

    fn fmod(self, other: Self) -> Self {
        let (mut x, y) = (self.0.abs(), other.0.abs());
        if !(x < f64::INFINITY && y > 0.0) {
            return F64x1(f64::NAN);
        }
        if x < y {
            return self;
        }
        // Long division; every step is exact. libm has integers of 128 bits.
        let mut part = y;
        while part <= x - part {
            part = part + part;
        }
        while part >= y {
            if x >= part {
                x -= part;
            }
            part *= 0.5;
        }
        F64x1(x.copysign(self.0))
    }
}
