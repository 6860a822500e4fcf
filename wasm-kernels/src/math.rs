//! Transcendentals of four float32 lanes: range reduction and polynomials,
//! a few ulp over the whole range (`tests/math_test.ts` measures each).
//!
//! Coefficients are those of Moshier's Cephes (single precision) unless said.
//! Where float32 cannot carry a reduction (`pow`, the angles of `sin`), two
//! pairs of float64 lanes do.

use crate::polynomial::{held, horner, polynomial};
use crate::simd::{F32x4, F64x2, Float, I32x4, Mask, Vector};
use crate::trigonometry;

/// ln 2 in two parts; n * LN2_HIGH is exact for every exponent n.
const LN2_HIGH: f32 = 0.693_359_4;
const LN2_LOW: f32 = -2.121_944_4e-4;

#[inline(always)]
pub fn splat(x: f32) -> F32x4 {
    F32x4::splat(x)
}

/// `x * 2^n` for n in [-254, 254], rounded once.
#[inline(always)]
fn scale(x: F32x4, n: I32x4) -> F32x4 {
    let half = n.shr(1);
    x * power_of_two(half) * power_of_two(n - half)
}

/// 2^n for n in [-126, 127], 0 for -127.
#[inline(always)]
fn power_of_two(n: I32x4) -> F32x4 {
    (n + I32x4::splat(127)).shl(23).as_f32()
}

/// Adding 1.5 * 2^23 rounds to a whole number and leaves it in the low bits: cheaper than wasm's
/// rounding and its saturating conversion.
const ROUND: f32 = 12_582_912.0;

/// `(p, n)` with e^x = (1 + p) 2^n and |p| < 0.42, for |x| < 2^20.
#[inline(always)]
fn split_exp(x: F32x4) -> (F32x4, I32x4) {
    let (p, rounded) = reduced_exp(x, held!(ROUND));
    (p, rounded - I32x4::splat(ROUND.to_bits() as i32))
}

/// The same with n added to the bits of `round`, which is `ROUND` or some more.
#[inline(always)]
fn reduced_exp(x: F32x4, round: F32x4) -> (F32x4, I32x4) {
    let rounded = x.mul_add(held!(core::f32::consts::LOG2_E), round);
    let n = rounded - round;
    let r = n.mul_add(held!(-LN2_HIGH), x);
    let r = n.mul_add(held!(-LN2_LOW), r);
    // By pairs, so that fewer steps wait for one another.
    let z = r * r;
    let q = held!(1.987_569_1e-4).mul_add(r, held!(1.398_199_9e-3));
    let q = q.mul_add(z, held!(8.333_452e-3).mul_add(r, held!(4.166_579_6e-2)));
    let q = q.mul_add(z, held!(1.666_666_5e-1).mul_add(r, held!(0.5)));
    (z.mul_add(q, r), I32x4(rounded.0))
}

/// `(x, e)` with log(argument) = log(1 + x) + e ln 2, for positive arguments.
#[inline(always)]
fn split_log(x: F32x4) -> (F32x4, F32x4) {
    let tiny = x.lt(splat(f32::MIN_POSITIVE));
    let x = F32x4::select(tiny, x * splat(8_388_608.0), x);
    let bits = I32x4(x.0);
    // 0x3f3504f3 is sqrt(1/2): the mantissa ends up in [sqrt(1/2), sqrt(2)).
    let e = (bits - I32x4::splat(0x3f35_04f3)).shr(23);
    let mantissa = (bits - e.shl(23)).as_f32();
    let e = e.to_f32() - F32x4(v128_and(tiny, splat(23.0).0));
    (mantissa - splat(1.0), e)
}

#[inline(always)]
fn v128_and(mask: Mask, bits: Mask) -> Mask {
    I32x4(mask).and(I32x4(bits)).0
}

impl Float for F32x4 {
    #[inline(always)]
    fn of(x: f64) -> f32 {
        x as f32
    }

    crate::simd::rounding!(f32x4_sqrt f32x4_floor f32x4_ceil f32x4_nearest f32x4_trunc);

    #[inline(always)]
    fn sum_with(self, lost: Self) -> f32 {
        let low = self.low_f64() + lost.low_f64();
        let high = self.high_f64() + lost.high_f64();
        (low + high).sum_lanes() as f32
    }

    #[inline(always)]
    fn exp(self) -> Self {
        // Beyond these limits the result is 0 or infinite all the same. Below -104 it is, but from
        // -176 on the factors are 0, too: what is masked by -inf then makes no subnormal number on
        // the way, which would take as long as forty others.
        let x = self.at_least(splat(-176.0)).at_most(splat(89.0));
        let (p, n) = split_exp(x);
        scale(p + splat(1.0), n)
    }

    #[inline(always)]
    fn expm1(self) -> Self {
        let x = self.at_least(splat(-20.0)).at_most(splat(89.0));
        let (p, n) = split_exp(x);
        // Half of 2^n, so that n = 128 stays finite until the end.
        let t = power_of_two(n - I32x4::splat(1));
        let y = t.mul_add(p, t - splat(0.5));
        let tiny = self.abs().lt(splat(1e-7));
        Self::select(tiny, self, y + y)
    }

    #[inline(always)]
    fn log(self) -> Self {
        let (x, e) = split_log(self);
        let z = x * x;
        let q = horner!(
            x,
            7.037_683_6e-2,
            -1.151_461e-1,
            1.167_699_9e-1,
            -1.242_014_1e-1,
            1.424_932_3e-1,
            -1.666_805_8e-1,
            2.000_071_5e-1,
            -2.499_999_4e-1,
            3.333_333e-1,
        );
        let y = (q * x).mul_add(z, e * splat(LN2_LOW));
        let y = z.mul_add(splat(-0.5), y) + x;
        let y = e.mul_add(splat(LN2_HIGH), y);
        // 0 gives -inf, inf and NaN stay, negative numbers give NaN.
        let y = Self::select(self.lt(splat(f32::INFINITY)), y, self);
        let zero = Self::zero();
        let edge = Self::select(self.eq(zero), splat(f32::NEG_INFINITY), splat(f32::NAN));
        Self::select(self.le(zero), edge, y)
    }

    #[inline(always)]
    fn log_once(self) -> Self {
        log_out_of_line(self)
    }

    #[inline(always)]
    fn log1p(self) -> Self {
        // log(u) for the rounded sum u, plus what the rounding lost.
        let u = self + splat(1.0);
        let lost = (self - (u - splat(1.0))) / u;
        let lost = Self::select(lost.eq(lost), lost, Self::zero());
        let tiny = self.abs().lt(splat(5e-8));
        Self::select(tiny, self, u.log() + lost)
    }

    #[inline(always)]
    fn sin(self) -> Self {
        trigonometry::sin(self)
    }

    #[inline(always)]
    fn cos(self) -> Self {
        trigonometry::cos(self)
    }

    #[inline(always)]
    fn tan(self) -> Self {
        trigonometry::tan(self)
    }

    #[inline(always)]
    fn asin(self) -> Self {
        trigonometry::asin(self)
    }

    #[inline(always)]
    fn acos(self) -> Self {
        trigonometry::acos(self)
    }

    #[inline(always)]
    fn atan(self) -> Self {
        trigonometry::atan(self)
    }

    #[inline(always)]
    fn sinh(self) -> Self {
        let z = self * self;
        let q = polynomial(z, [2.037_219_1e-4, 8.330_284e-3, 1.666_671_6e-1]);
        let small = (q * z).mul_add(self, self);
        let half = half_exp(self.abs());
        let large = (half - splat(0.25) / half).copy_sign(self);
        Self::select(self.abs().lt(splat(1.0)), small, large)
    }

    #[inline(always)]
    fn cosh(self) -> Self {
        let half = half_exp(self.abs());
        half + splat(0.25) / half
    }

    #[inline(always)]
    fn tanh(self) -> Self {
        // (e^2a - 1) / (e^2a + 1); from 10 on that is 1. A NaN is in every operand.
        let sign = Self(v128_and(self.0, held!(-0.0).0));
        let a = self.abs().at_most(held!(10.0));
        let (p, n) = reduced_exp(a + a, held!(ROUND + 127.0));
        let t = n.shl(23).as_f32();
        let e = t.mul_add(p, t - held!(1.0));
        (e / (e + held!(2.0))).with_bits(sign)
    }

    #[inline(always)]
    fn sigmoid(self) -> Self {
        // e^-|x| never overflows, and keeps the left tail.
        let z = self.decay();
        let one = held!(1.0);
        let y = one / (z + one);
        Self::select(self.lt(Self::zero()), z * y, y)
    }

    #[inline(always)]
    fn erf(self) -> Self {
        // Two minimax polynomials after N. Juffa: x P(x^2) near 0, and
        // 1 - e^Q(|x|) beyond, where 1 is reached at 4.
        let t = self.abs().at_most(held!(4.0));
        let z = t * t;
        let u = horner!(t, -3.883_964_4e-3, 2.425_462_2e-2);
        let q = horner!(t, -1.728_534_7e-5, 3.831_972e-4).mul_add(z, u);
        let q = q.mul_add(t, held!(-1.067_778_8e-1));
        let q = q.mul_add(t, held!(-6.348_467e-1));
        let q = q.mul_add(t, held!(-1.287_175_1e-1));
        let q = q.mul_add(t, -t);
        // q is above -19: neither limits nor the way to subnormals are needed.
        let (e, n) = reduced_exp(q, held!(ROUND + 127.0));
        let power = n.shl(23).as_f32();
        let e = power.mul_add(e, power);
        let far = (splat(1.0) - e).copy_sign(self);
        let p = horner!(
            z,
            -5.967_617e-4,
            4.991_194_2e-3,
            -2.676_813_5e-2,
            1.128_199_3e-1,
            -3.761_253_4e-1,
            1.283_791_7e-1,
        );
        let near = p.mul_add(self, self);
        Self::select(t.lt(splat(0.927_734_4)), near, far)
    }

    #[inline(always)]
    fn atan2(self, x: Self) -> Self {
        trigonometry::atan2(self, x)
    }

    fn fmod(self, b: Self) -> Self {
        let (x, y) = (self.abs(), b.abs());
        let high = remainder(x.high_f64(), y.high_f64());
        Self::from_f64(remainder(x.low_f64(), y.low_f64()), high).copy_sign(self)
    }

    fn pow(self, exponent: Self) -> Self {
        let base = self.abs();
        let y = Self::from_f64(
            power(base.low_f64(), exponent.low_f64()),
            power(base.high_f64(), exponent.high_f64()),
        );
        let (zero, one, infinity) = (Self::zero(), splat(1.0), splat(f32::INFINITY));
        // 0 and infinity as base: 0 or infinity, by the exponent's sign.
        let up = Self::select(exponent.lt(zero), zero, infinity);
        let down = Self::select(exponent.lt(zero), infinity, zero);
        let y = Self::select(base.eq(zero), down, y);
        let y = Self::select(base.eq(infinity), up, y);
        // Negative bases: the sign of odd exponents, NaN for fractions.
        let whole = exponent.nearest().eq(exponent);
        let half = exponent * splat(0.5);
        let odd = v128_and(whole, half.nearest().ne(half));
        let signed = I32x4(v128_and(odd, self.0)).and(I32x4::splat(i32::MIN));
        let y = Self(I32x4(y.0).xor(signed).0);
        let fraction = v128_and(self.lt(zero), whole);
        let fraction = I32x4(self.lt(zero)).xor(I32x4(fraction)).0;
        let fraction = v128_and(fraction, self.ne(-infinity));
        let y = Self::select(fraction, splat(f32::NAN), y);
        // NaN through either side, but 1^b = a^0 = (-1)^inf = 1.
        let nan = I32x4(self.ne(self)).or(I32x4(exponent.ne(exponent))).0;
        let y = Self::select(nan, splat(f32::NAN), y);
        let unit = I32x4(exponent.eq(zero)).or(I32x4(self.eq(one)));
        let minus = v128_and(self.eq(-one), exponent.abs().eq(infinity));
        Self::select(unit.or(I32x4(minus)).0, one, y)
    }
}

impl F32x4 {
    /// e^-|x|, by an exponent 64 too large first, so that one rounding leads into the subnormals. A
    /// NaN is in every factor, and at the limit t is 0.
    #[inline(always)]
    pub fn decay(self) -> Self {
        let x = self.with_bits(held!(-0.0)).at_least(held!(-132.4));
        let (p, n) = reduced_exp(x, held!(ROUND + 127.0 + 64.0));
        let t = n.shl(23).as_f32();
        p.mul_add(t, t) * held!(5.421_011e-20)
    }
}

/// The logarithm where it is needed once per row: out of line.
#[inline(never)]
#[allow(improper_ctypes_definitions)]
extern "C" fn log_out_of_line(x: F32x4) -> F32x4 {
    x.log()
}

/// e^x / 2 for x >= 0, which is finite up to 89.4.
#[inline(always)]
fn half_exp(x: F32x4) -> F32x4 {
    let (p, n) = split_exp(x.at_most(splat(89.5)));
    let quarter = (p + splat(1.0)) * power_of_two(n - I32x4::splat(2));
    quarter + quarter
}

/// What a leaves when divided by b, both float32 and not negative. Quotients
/// below 2^28 are truncated exactly; larger ones go in steps of as many bits.
#[inline(never)]
#[allow(improper_ctypes_definitions)]
extern "C" fn remainder(a: F64x2, b: F64x2) -> F64x2 {
    let mut r = a;
    loop {
        let (step, more) = (r / b).step();
        let part = b * step;
        let next = r - (r / part).trunc_f64() * part;
        // Also for an infinite b, where the product would be NaN.
        r = F64x2::select(r.lt(b), r, next);
        if !more {
            return r;
        }
    }
}

/// a^b for positive, finite a; 2^(b log2 a) with 40 good bits.
#[inline(never)]
#[allow(improper_ctypes_definitions)]
extern "C" fn power(a: F64x2, b: F64x2) -> F64x2 {
    let (mantissa, e) = a.split();
    let one = F64x2::splat(1.0);
    let t = (mantissa - one) / (mantissa + one);
    // log2 m = 2 / ln 2 * artanh t, |t| < 0.172: eight terms of its series.
    let q = polynomial(
        t * t,
        [
            2.0 / 15.0,
            2.0 / 13.0,
            2.0 / 11.0,
            2.0 / 9.0,
            2.0 / 7.0,
            2.0 / 5.0,
            2.0 / 3.0,
            2.0,
        ],
    );
    let log2 = (q * t).mul_add(F64x2::splat(core::f64::consts::LOG2_E), e);
    let y = (b * log2)
        .at_least(F64x2::splat(-300.0))
        .at_most(F64x2::splat(300.0));
    let n = y.nearest_f64();
    let r = (y - n) * F64x2::splat(core::f64::consts::LN_2);
    let p = polynomial(
        r,
        [
            1.0 / 362_880.0,
            1.0 / 40_320.0,
            1.0 / 5_040.0,
            1.0 / 720.0,
            1.0 / 120.0,
            1.0 / 24.0,
            1.0 / 6.0,
            0.5,
            1.0,
            1.0,
        ],
    );
    p * n.power_of_two()
}
