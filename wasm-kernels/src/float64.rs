//! Transcendentals of two float64 lanes: the `libm` crate, lane by lane.

use crate::simd::{F64x2, Float, Vector};

/// Methods that call a libm function on each lane.
macro_rules! by_lane {
    ($($method:ident)*) => {$(
        #[inline(always)]
        fn $method(self) -> Self {
            // One call site: libm's bodies are large.
            let mut lanes = [self.first(), self.last()];
            for lane in &mut lanes {
                *lane = libm::$method(*lane);
            }
            F64x2::new(lanes[0], lanes[1])
        }
    )*};
}

/// The same for functions of two arguments.
macro_rules! by_two_lanes {
    ($($method:ident)*) => {$(
        #[inline(always)]
        fn $method(self, other: Self) -> Self {
            F64x2::new(
                libm::$method(self.first(), other.first()),
                libm::$method(self.last(), other.last()),
            )
        }
    )*};
}

impl Float for F64x2 {
    #[inline(always)]
    fn of(x: f64) -> f64 {
        x
    }

    crate::simd::rounding!(f64x2_sqrt f64x2_floor f64x2_ceil f64x2_nearest f64x2_trunc);
    by_lane!(exp expm1 log log1p sin cos tan asin acos atan sinh cosh tanh erf);

    #[inline(always)]
    fn sum_with(self, lost: Self) -> f64 {
        self.sum_lanes() + lost.sum_lanes()
    }

    #[inline(always)]
    fn sigmoid(self) -> Self {
        let one = F64x2::splat(1.0);
        let z = (-self.abs()).exp();
        let y = one / (one + z);
        Self::select(self.lt(Self::zero()), z * y, y)
    }

    by_two_lanes!(pow atan2 fmod);
}
