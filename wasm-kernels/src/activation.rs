//! Activations `(n, x, out)` and their backward forms `(n, saved, g, out)`,
//! which take the saved output.

use crate::float::{Floats, Real, export};
use crate::simd::{Float, Vector};
use crate::unary::{map, map_once, map_two};

/// Multiplies gradients by the slope of relu, or of tanh, at the output y.
pub unsafe fn map_slope(relu: bool, n: usize, y: *const Real, g: *mut Real) {
    if relu {
        relu_backward(n, y, g, g);
    } else {
        tanh_backward(n, y, g, g);
    }
}

export! {
    /// max(x, 0); NaN and -0 stay.
    fn relu(n: usize, x: *const Real, out: *mut Real) {
        map::<Floats>(n, x, out, |x| x.at_least(Floats::zero()))
    }

    /// x sigmoid(x).
    fn silu(n: usize, x: *const Real, out: *mut Real) {
        map_once::<Floats>(n, x, out, |x| x * x.sigmoid())
    }

    /// x (1 + erf(x / sqrt 2)) / 2.
    fn gelu(n: usize, x: *const Real, out: *mut Real) {
        map_once::<Floats>(n, x, out, |x| {
            let e = (x * Floats::c(core::f64::consts::FRAC_1_SQRT_2)).erf();
            x * Floats::c(0.5) * (e + Floats::c(1.0))
        })
    }

    /// x (1 + tanh u) / 2 = x sigmoid(2 u), u = sqrt(2 / pi) (x + 0.044715 x^3).
    fn gelu_tanh(n: usize, x: *const Real, out: *mut Real) {
        map_once::<Floats>(n, x, out, |x| {
            let u = (x * x).mul_add(Floats::c(0.044_715), Floats::c(1.0));
            // 2 sqrt(2 / pi)
            x * (x * u * Floats::c(1.595_769_121_605_731)).sigmoid()
        })
    }

    /// log(1 + e^x) = max(x, 0) + log1p(e^-|x|).
    fn softplus(n: usize, x: *const Real, out: *mut Real) {
        map_once::<Floats>(n, x, out, |x| {
            (-x.abs()).exp().log1p() + x.at_least(Floats::zero())
        })
    }

    /// x tanh(log(1 + e^x)), with the logarithm and the tanh cancelled.
    fn mish(n: usize, x: *const Real, out: *mut Real) {
        map_once::<Floats>(n, x, out, |x| {
            // Beyond 40 the factor is 1; its square would overflow at 45.
            let e = x.at_most(Floats::c(40.0)).exp();
            let p = e * (e + Floats::c(2.0));
            x * (p / (p + Floats::c(2.0)))
        })
    }

    /// g where the output was positive; the slope at 0 is 0.
    fn relu_backward(n: usize, y: *const Real, g: *const Real, out: *mut Real) {
        map_two(n, y, g, out, |y, g| {
            // Not `0 < y`: a NaN lets its gradient through, as in PyTorch.
            Floats::select(y.le(Floats::zero()), Floats::zero(), g)
        })
    }

    /// g y (1 - y).
    fn sigmoid_backward(n: usize, y: *const Real, g: *const Real, out: *mut Real) {
        map_two(n, y, g, out, |y, g| g * (y * (Floats::c(1.0) - y)))
    }

    /// g (1 - y^2).
    fn tanh_backward(n: usize, y: *const Real, g: *const Real, out: *mut Real) {
        map_two(n, y, g, out, |y, g| g * (Floats::c(1.0) - y * y))
    }
}
