//! Activations `(n, x, out)` and their backward forms `(n, saved, g, out)`: relu,
//! sigmoid and tanh save the output, the others the input.

use crate::float::{Floats, Real, export};
use crate::simd::{Float, Vector};
use crate::unary::{map_fours, map_once, map_two, map_two_fours, map_two_once};

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
        map_fours(n, x, out, |x| x.at_least(Floats::zero()))
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

    /// log(1 + e^z) / beta with z = beta x, as (max(z, 0) + log1p(e^-|z|)) / beta;
    /// x itself where z > threshold. With beta = -1 it is log sigmoid.
    fn softplus(n: usize, beta: Real, threshold: Real, x: *const Real, out: *mut Real) {
        let (beta, threshold) = (Floats::splat(beta), Floats::splat(threshold));
        map_once::<Floats>(n, x, out, |x| {
            let z = x * beta;
            let y = (-z.abs()).exp().log1p() + z.at_least(Floats::zero());
            Floats::select(threshold.lt(z), x, y / beta)
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

    /// `positive x` above 0, `negative (e^(inside x) - 1)` elsewhere: elu, selu
    /// and celu, by their factors.
    fn elu(
        n: usize,
        negative: Real,
        positive: Real,
        inside: Real,
        x: *const Real,
        out: *mut Real,
    ) {
        let (negative, positive) = (Floats::splat(negative), Floats::splat(positive));
        let inside = Floats::splat(inside);
        map_once::<Floats>(n, x, out, |x| {
            let below = negative * (x * inside).expm1();
            Floats::select(x.le(Floats::zero()), below, positive * x)
        })
    }

    /// g where the output was positive; the slope at 0 is 0.
    fn relu_backward(n: usize, y: *const Real, g: *const Real, out: *mut Real) {
        map_two_fours(n, y, g, out, |y, g| {
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

    /// g s (1 + x (1 - s)), s = sigmoid(x).
    fn silu_backward(n: usize, x: *const Real, g: *const Real, out: *mut Real) {
        map_two_once(n, x, g, out, |x, g| {
            let (s, one) = (x.sigmoid(), Floats::c(1.0));
            g * s * x.mul_add(one - s, one)
        })
    }

    /// g (P + x p), P and p the normal distribution and its density.
    fn gelu_backward(n: usize, x: *const Real, g: *const Real, out: *mut Real) {
        map_two_once(n, x, g, out, |x, g| {
            let e = (x * Floats::c(core::f64::consts::FRAC_1_SQRT_2)).erf();
            let p = (x * x * Floats::c(-0.5)).exp();
            // 1 / sqrt(2 pi)
            let xp = x * p * Floats::c(0.398_942_280_401_432_7);
            g * e.mul_add(Floats::c(0.5), Floats::c(0.5) + xp)
        })
    }

    /// g (s + x s (1 - s) v'), s = sigmoid(v), v = 2 u of `gelu_tanh`.
    fn gelu_tanh_backward(n: usize, x: *const Real, g: *const Real, out: *mut Real) {
        map_two_once(n, x, g, out, |x, g| {
            // Beyond 30 the slope is 0 or 1; squares of huge numbers are not finite.
            let x = x.at_least(Floats::c(-30.0)).at_most(Floats::c(30.0));
            let (z, one) = (x * x, Floats::c(1.0));
            let c = Floats::c(1.595_769_121_605_731);
            let s = (x * c * z.mul_add(Floats::c(0.044_715), one)).sigmoid();
            let v = c * z.mul_add(Floats::c(0.134_145), one);
            g * s * (x * (one - s)).mul_add(v, one)
        })
    }

    /// g times the slope of mish, in the terms of `mish`: p / (p + 2) is the tanh.
    fn mish_backward(n: usize, x: *const Real, g: *const Real, out: *mut Real) {
        map_two_once(n, x, g, out, |x, g| {
            let x = x.at_most(Floats::c(40.0));
            let (e, two) = (x.exp(), Floats::c(2.0));
            let p = e * (e + two);
            let r = Floats::c(1.0) / (p + two);
            // 1 - tanh^2 = 4 (e + 1)^2 r^2, and the sigmoid is e / (e + 1).
            let curve = x * e * (e + Floats::c(1.0)) * r;
            g * r * curve.mul_add(Floats::c(4.0), p)
        })
    }

    /// g times the slope of softplus: sigmoid(beta x), or 1 beyond the threshold.
    fn softplus_backward(
        n: usize,
        beta: Real,
        threshold: Real,
        x: *const Real,
        g: *const Real,
        out: *mut Real,
    ) {
        let (beta, threshold) = (Floats::splat(beta), Floats::splat(threshold));
        map_two_once(n, x, g, out, |x, g| {
            let z = x * beta;
            Floats::select(threshold.lt(z), g, g * z.sigmoid())
        })
    }

    /// g times the slope of elu, which at 0 is that of the left side.
    fn elu_backward(
        n: usize,
        negative: Real,
        positive: Real,
        inside: Real,
        x: *const Real,
        g: *const Real,
        out: *mut Real,
    ) {
        let (left, positive) = (Floats::splat(negative * inside), Floats::splat(positive));
        let inside = Floats::splat(inside);
        map_two_once(n, x, g, out, |x, g| {
            let slope = left * (x * inside).exp();
            g * Floats::select(x.le(Floats::zero()), slope, positive)
        })
    }

    /// A function of three pieces, or g times it: `b0 + b1 x` below `low`,
    /// `i0 + i1 x + i2 x^2` between, `a0 + a1 x` above `high`; without g (null)
    /// NaN stays. The bounds belong to the middle piece if `closed`.
    ///
    /// The derivative of such a function is another one: one loop computes the
    /// hard activations, leaky relu, clamp's slope, and their gradients.
    fn pieces(
        n: usize,
        low: Real,
        high: Real,
        closed: usize,
        b0: Real,
        b1: Real,
        i0: Real,
        i1: Real,
        i2: Real,
        a0: Real,
        a1: Real,
        x: *const Real,
        g: *const Real,
        out: *mut Real,
    ) {
        let (v, bits) = (Floats::splat, Floats::from_bits);
        let zero = Floats::zero();
        let (low, high) = (v(low), v(high));
        let closed = v(closed as Real).ne(zero);
        // A constant piece must not multiply infinities by 0.
        let line = |x: Floats, c0: Real, c1: Real| {
            Floats::select(v(c1).ne(zero), x, zero).mul_add(v(c1), v(c0))
        };
        let mut i = 0;
        while i < n {
            let left = n - i;
            let x = Floats::load_up_to(x.add(i), left);
            let slope = line(x, i1, i2);
            let inside = Floats::select(slope.eq(zero), zero, x).mul_add(slope, v(i0));
            let not_above = Floats::select(closed, bits(x.le(high)), bits(x.lt(high)));
            let below = Floats::select(closed, bits(x.lt(low)), bits(x.le(low)));
            let y = Floats::select(not_above.bits(), inside, line(x, a0, a1));
            let y = Floats::select(below.bits(), line(x, b0, b1), y);
            let y = if g.is_null() {
                Floats::select(x.eq(x), y, x)
            } else {
                let g = Floats::load_up_to(g.add(i), left);
                Floats::select(y.eq(zero), zero, g * y)
            };
            y.store_up_to(out.add(i), left);
            i += Floats::LANES;
        }
    }
}
