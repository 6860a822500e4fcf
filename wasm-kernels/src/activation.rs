//! Activations and their slopes.
//!
//! Relu, sigmoid and tanh have a backward form `(n, y, g, out)` that takes the
//! saved output. The smooth ones `(n, scalars, x, out, slope)` write the slope
//! beside the value, unless its pointer is null: both come from one exponential,
//! which is nearly all of their cost, and backward is a product then.

use crate::float::{Floats, Real, export};
use crate::polynomial::{held, horner};
use crate::simd::{Float, Vector};
use crate::unary::{map, map_two};
#[cfg(feature = "products")]
use crate::{float::export_fused, unary::map_once};

/// Replaces x by relu or tanh of it.
#[cfg(feature = "products")]
pub unsafe fn bend(use_relu: bool, n: usize, x: *mut Real) {
    if use_relu {
        relu(n, x, x);
    } else {
        tanh(n, x, x);
    }
}

/// Multiplies gradients by the slope of relu, or of tanh, at the output y.
#[cfg(feature = "products")]
pub unsafe fn map_slope(relu: bool, n: usize, y: *const Real, g: *mut Real) {
    if relu {
        relu_backward(n, y, g, g);
    } else {
        tanh_backward(n, y, g, g);
    }
}

/// `value` gives y and what `rise` makes the slope of.
#[inline(always)]
unsafe fn map_with_slope<T>(
    n: usize,
    x: *const Real,
    out: *mut Real,
    slope: *mut Real,
    value: impl Fn(Floats) -> (Floats, T),
    rise: impl Fn(T) -> Floats,
) {
    let mut i = 0;
    while i < n {
        let left = n - i;
        let (y, t) = value(Floats::load_up_to(x.add(i), left));
        y.store_up_to(out.add(i), left);
        if !slope.is_null() {
            rise(t).store_up_to(slope.add(i), left);
        }
        i += Floats::LANES;
    }
}

/// sigmoid(x) and sigmoid(-x), which is 1 less the other without its rounding.
#[inline(always)]
fn sigmoids(x: Floats) -> (Floats, Floats) {
    let z = x.decay();
    let large = Floats::c(1.0) / (z + Floats::c(1.0));
    let small = z * large;
    let left = x.lt(Floats::zero());
    (
        Floats::select(left, small, large),
        Floats::select(left, large, small),
    )
}

/// log(1 + t) for t in [0, 1]: 2 artanh(t / (2 + t)) by its series.
#[inline(always)]
fn log1p_of_unit(t: Floats) -> Floats {
    let s = t / (t + Floats::c(2.0));
    let z = s * s;
    let q = horner!(
        z,
        2.0 / 13.0,
        2.0 / 11.0,
        2.0 / 9.0,
        2.0 / 7.0,
        2.0 / 5.0,
        2.0 / 3.0,
    );
    (q * z).mul_add(s, s + s)
}

// Fused multiply-add makes sigmoid a quarter faster; tanh is where recurrence needs it.
#[cfg(feature = "products")]
export_fused! {
    #[inline(never)]
    pub fn sigmoid(n: usize, x: *const Real, out: *mut Real) {
        map_once::<Floats>(n, x, out, |x| x.sigmoid())
    }

    #[inline(never)]
    pub fn tanh(n: usize, x: *const Real, out: *mut Real) {
        map_once::<Floats>(n, x, out, |x| x.tanh())
    }
}

export! {
    /// max(x, 0); NaN and -0 stay.
    fn relu(n: usize, x: *const Real, out: *mut Real) {
        map::<Floats>(n, x, out, |x| x.at_least(Floats::zero()))
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

    /// g where x > 0, s g elsewhere: leaky relu of x itself, too.
    fn leaky_relu(n: usize, s: Real, x: *const Real, g: *const Real, out: *mut Real) {
        let s = Floats::splat(s);
        map_two(n, x, g, out, |x, g| {
            Floats::select(Floats::zero().lt(x), g, g * s)
        })
    }

    /// x s, s = sigmoid(x).
    fn silu(n: usize, x: *const Real, out: *mut Real, slope: *mut Real) {
        let value = |x: Floats| {
            let (s, rest) = sigmoids(x);
            (x * s, (x, s, rest))
        };
        map_with_slope(n, x, out, slope, value, |(x, s, rest)| {
            s * x.mul_add(rest, Floats::c(1.0))
        })
    }

    /// x P, P = (1 + erf(x / sqrt 2)) / 2 the normal distribution.
    fn gelu(n: usize, x: *const Real, out: *mut Real, slope: *mut Real) {
        let value = |x: Floats| {
            // The tail beyond |x| is e^(-x^2 / 2), which the slope needs, too, times a polynomial
            // of t, fitted to erfcx within 1.4e-8.
            let t = held!(1.0) / x.abs().mul_add(held!(0.265), held!(1.0));
            let q = horner!(
                t,
                0.030_624_565,
                -0.143_301_05,
                0.215_951_19,
                -0.114_287_28,
                0.136_555_46,
                0.060_894_82,
                0.102_555_13,
                0.105_266_77,
                0.105_740_4,
            );
            let bell = (x * x * held!(0.5)).decay();
            let tail = q * t * bell;
            let p = Floats::select(x.lt(Floats::zero()), tail, held!(1.0) - tail);
            (x * p, (x, p, bell))
        };
        map_with_slope(n, x, out, slope, value, |(x, p, bell)| {
            // 1 / sqrt(2 pi)
            x.mul_add(bell * held!(0.398_942_3), p)
        })
    }

    /// x (1 + tanh u) / 2 = x sigmoid(v), v = 2 u, u = sqrt(2 / pi) (x + 0.044715 x^3).
    fn gelu_tanh(n: usize, x: *const Real, out: *mut Real, slope: *mut Real) {
        // 2 sqrt(2 / pi)
        let c = Floats::c(1.595_769_121_605_731);
        let value = |x: Floats| {
            // Beyond 30 the sigmoid is 0 or 1; squares of huge numbers are not finite.
            let near = x.at_least(Floats::c(-30.0)).at_most(Floats::c(30.0));
            let z = near * near;
            let v = near * c * z.mul_add(Floats::c(0.044_715), Floats::c(1.0));
            let (s, rest) = sigmoids(v);
            (x * s, (near, z, s, rest))
        };
        map_with_slope(n, x, out, slope, value, |(x, z, s, rest)| {
            let one = Floats::c(1.0);
            let dv = c * z.mul_add(Floats::c(0.134_145), one);
            s * (x * rest).mul_add(dv, one)
        })
    }

    /// x t, t = tanh(log(1 + e^x)), with the logarithm and the tanh cancelled.
    fn mish(n: usize, x: *const Real, out: *mut Real, slope: *mut Real) {
        let value = |x: Floats| {
            // Beyond 40 the factor is 1; its square would overflow at 45.
            let near = x.at_most(Floats::c(40.0));
            let e = near.exp();
            let p = e * (e + Floats::c(2.0));
            let r = Floats::c(1.0) / (p + Floats::c(2.0));
            (x * (p * r), (near, e, p, r))
        };
        map_with_slope(n, x, out, slope, value, |(x, e, p, r)| {
            // 1 - t^2 = 4 (e + 1)^2 r^2, and the sigmoid is e / (e + 1).
            let curve = x * e * (e + Floats::c(1.0)) * r;
            r * curve.mul_add(Floats::c(4.0), p)
        })
    }

    /// log(1 + e^z) / beta with z = beta x, as (max(z, 0) + log1p(e^-|z|)) / beta;
    /// x itself where z > threshold. With beta = -1 it is log sigmoid.
    fn softplus(
        n: usize,
        beta: Real,
        threshold: Real,
        x: *const Real,
        out: *mut Real,
        slope: *mut Real,
    ) {
        let part = Floats::splat(1.0 / beta);
        let (beta, threshold) = (Floats::splat(beta), Floats::splat(threshold));
        let value = |x: Floats| {
            let z = x * beta;
            let t = z.decay();
            let y = (log1p_of_unit(t) + z.at_least(Floats::zero())) * part;
            (Floats::select(threshold.lt(z), x, y), (z, t))
        };
        map_with_slope(n, x, out, slope, value, |(z, t)| {
            let one = Floats::c(1.0);
            let sigmoid = Floats::select(z.lt(Floats::zero()), t, one) / (t + one);
            Floats::select(threshold.lt(z), one, sigmoid)
        })
    }

    /// `positive x` above 0, `negative (e^(inside x) - 1)` elsewhere, where the
    /// slope at 0 is from: elu, selu and celu, by their factors.
    fn elu(
        n: usize,
        negative: Real,
        positive: Real,
        inside: Real,
        x: *const Real,
        out: *mut Real,
        slope: *mut Real,
    ) {
        let left = Floats::splat(negative * inside);
        let (negative, positive) = (Floats::splat(negative), Floats::splat(positive));
        let inside = Floats::splat(inside);
        let value = |x: Floats| {
            let e = (x * inside).expm1();
            let below = x.le(Floats::zero());
            (Floats::select(below, negative * e, positive * x), (below, e))
        };
        map_with_slope(n, x, out, slope, value, |(below, e)| {
            Floats::select(below, e.mul_add(left, left), positive)
        })
    }

    /// A function of three pieces, or g times it: `b0 + b1 x` below `low`,
    /// `i0 + i1 x + i2 x^2` between, `a0 + a1 x` above `high`; without g (null)
    /// NaN stays. The bounds belong to the middle piece if `closed`.
    ///
    /// The derivative of such a function is another one: one loop computes the
    /// hard activations, clamp's slope, and all their gradients.
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
        let (low, high) = if closed == 0 {
            (low, high)
        } else {
            (low.next_down(), high.next_up())
        };
        let v = Floats::splat;
        let (zero, low, high) = (Floats::zero(), v(low), v(high));
        let mut i = 0;
        while i < n {
            let left = n - i;
            let x = Floats::load_up_to(x.add(i), left);
            let (below, inside) = (x.le(low), x.lt(high));
            let choose = |b: Real, i: Floats, a: Real| {
                Floats::select(below, v(b), Floats::select(inside, i, v(a)))
            };
            let c1 = choose(b1, x.mul_add(v(i2), v(i1)), a1);
            // A constant must not multiply an infinity by 0.
            let finite = Floats::select(c1.eq(zero), zero, x);
            let y = finite.mul_add(c1, choose(b0, v(i0), a0));
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
