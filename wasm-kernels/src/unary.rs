//! One input, one output: `(n, x, out)`.
//!
//! Short bodies run over whole vectors, then over the last elements one by one;
//! long bodies (`map_once`) appear once, in a loop whose last step is partial.
//! Both keep the module small at no measurable cost.

use crate::float::{Floats, Real, export};
use crate::simd::{Float, Vector};

/// `out[i] = f(x[i])`: whole vectors, then single elements. Short bodies only.
#[inline(always)]
pub unsafe fn map<V: Vector>(
    n: usize,
    x: *const V::Scalar,
    out: *mut V::Scalar,
    f: impl Fn(V) -> V,
) {
    let mut i = 0;
    while V::LANES > 1 && i + V::LANES <= n {
        f(V::load(x.add(i))).store(out.add(i));
        i += V::LANES;
    }
    while i < n {
        *out.add(i) = f(V::splat(*x.add(i))).first();
        i += 1;
    }
}

/// `map` with a single copy of a long body.
#[inline(always)]
pub unsafe fn map_once<V: Vector>(
    n: usize,
    x: *const V::Scalar,
    out: *mut V::Scalar,
    f: impl Fn(V) -> V,
) {
    let mut i = 0;
    while i < n {
        let left = n - i;
        f(V::load_up_to(x.add(i), left)).store_up_to(out.add(i), left);
        i += V::LANES;
    }
}

/// `out[i] = f(a[i], b[i])`.
#[inline(always)]
pub unsafe fn map_two(
    n: usize,
    a: *const Real,
    b: *const Real,
    out: *mut Real,
    f: impl Fn(Floats, Floats) -> Floats,
) {
    let mut i = 0;
    while Floats::LANES > 1 && i + Floats::LANES <= n {
        f(Floats::load(a.add(i)), Floats::load(b.add(i))).store(out.add(i));
        i += Floats::LANES;
    }
    while i < n {
        let (x, y) = (Floats::splat(*a.add(i)), Floats::splat(*b.add(i)));
        *out.add(i) = f(x, y).first();
        i += 1;
    }
}

macro_rules! floats {
    ($($name:ident $map:ident $f:expr;)*) => {
        export! {$(
            fn $name(n: usize, x: *const Real, out: *mut Real) {
                $map::<Floats>(n, x, out, $f)
            }
        )*}
    };
}

floats! {
    neg map |x| -x;
    abs map |x| x.abs();
    sign map |x| x.sign();
    square map |x| x * x;
    sqrt map |x| x.sqrt();
    rsqrt map |x| Floats::c(1.0) / x.sqrt();
    reciprocal map |x| Floats::c(1.0) / x;
    floor map |x| x.floor();
    ceil map |x| x.ceil();
    round map |x| x.nearest();
    trunc map |x| x.trunc();
    exp map_once |x| x.exp();
    expm1 map_once |x| x.expm1();
    log map_once |x| x.log();
    log1p map_once |x| x.log1p();
    sin map_once |x| x.sin();
    cos map_once |x| x.cos();
    tan map_once |x| x.tan();
    asin map_once |x| x.asin();
    acos map_once |x| x.acos();
    atan map_once |x| x.atan();
    sinh map_once |x| x.sinh();
    cosh map_once |x| x.cosh();
    erf map_once |x| x.erf();
}

export! {
    /// Clamps into [lo, hi]; NaN stays.
    fn clamp(n: usize, lo: Real, hi: Real, x: *const Real, out: *mut Real) {
        let (lo, hi) = (Floats::splat(lo), Floats::splat(hi));
        map::<Floats>(n, x, out, |x| x.at_least(lo).at_most(hi))
    }

    /// out = s x.
    fn scale(n: usize, s: Real, x: *const Real, out: *mut Real) {
        let s = Floats::splat(s);
        map::<Floats>(n, x, out, |x| x * s)
    }

    /// y += s x.
    fn axpy(n: usize, s: Real, x: *const Real, y: *mut Real) {
        let s = Floats::splat(s);
        map_two(n, x, y, y, |x, y| x.mul_add(s, y))
    }

    fn fill(n: usize, value: Real, out: *mut Real) {
        fill_with::<Floats>(n, value, out)
    }
}

#[inline(always)]
unsafe fn fill_with<V: Vector>(n: usize, value: V::Scalar, out: *mut V::Scalar) {
    let v = V::splat(value);
    let mut i = 0;
    while V::LANES > 1 && i + V::LANES <= n {
        v.store(out.add(i));
        i += V::LANES;
    }
    while i < n {
        *out.add(i) = value;
        i += 1;
    }
}

#[cfg(feature = "base")]
mod int {
    use super::{fill_with, map};
    use crate::simd::{I32x4, Vector};

    macro_rules! ints {
        ($($name:ident $export:literal $f:expr;)*) => {$(
            #[unsafe(export_name = $export)]
            unsafe extern "C" fn $name(n: usize, x: *const i32, out: *mut i32) {
                map::<I32x4>(n, x, out, $f)
            }
        )*};
    }

    ints! {
        neg "neg_i32" |x| -x;
        abs "abs_i32" |x| x.abs();
        sign "sign_i32" |x| x.sign();
        square "square_i32" |x| x * x;
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn relu_i32(n: usize, x: *const i32, out: *mut i32) {
        map::<I32x4>(n, x, out, |x| x.max(I32x4::zero()))
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn fill_b32(n: usize, bits: i32, out: *mut i32) {
        fill_with::<I32x4>(n, bits, out)
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn fill_b8(n: usize, bits: i32, out: *mut u8) {
        core::ptr::write_bytes(out, bits as u8, n)
    }
}
