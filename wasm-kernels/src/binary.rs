//! Two inputs, one output: `(n, a, a_stride, b, b_stride, out)`, and over
//! several axes `(rank, layout, a, b, out)`.
//!
//! A stride is 1 (vectors), 0 (one number against all) or anything (one
//! element at a time). The strided form calls the flat one per innermost row.

use crate::float::{Floats, Real};
use crate::simd::{Float, Vector};
use crate::strides::Walk;

/// The flat kernels as the strided driver sees them.
pub type Flat = unsafe extern "C" fn(usize, *const u8, usize, *const u8, usize, *mut u8);

/// Calls `kernel` for every row; `width`s are bytes per element.
#[inline(never)]
pub unsafe fn rows(
    rank: usize,
    layout: *const i32,
    a: *const u8,
    b: *const u8,
    out: *mut u8,
    width: usize,
    out_width: usize,
    kernel: Flat,
) {
    let walk = Walk::new(rank, layout);
    let row = walk.axis(0);
    let step = row.size * out_width;
    let mut out = out;
    walk.for_each(1, |i, j| {
        let (a, b) = (a.add(i * width), b.add(j * width));
        kernel(row.size, a, row.a, b, row.b, out);
        out = out.add(step);
    });
}

#[inline(always)]
unsafe fn zip<V: Vector>(
    n: usize,
    a: *const V::Scalar,
    a_stride: usize,
    b: *const V::Scalar,
    b_stride: usize,
    out: *mut V::Scalar,
    f: impl Fn(V, V) -> V,
) {
    let mut i = 0;
    if V::LANES == 1 {
        // The last loop is the only one.
    } else if a_stride == 1 && b_stride == 1 {
        while i + V::LANES <= n {
            f(V::load(a.add(i)), V::load(b.add(i))).store(out.add(i));
            i += V::LANES;
        }
    } else if a_stride == 1 && b_stride == 0 {
        let b = V::splat(*b);
        while i + V::LANES <= n {
            f(V::load(a.add(i)), b).store(out.add(i));
            i += V::LANES;
        }
    } else if a_stride == 0 && b_stride == 1 {
        let a = V::splat(*a);
        while i + V::LANES <= n {
            f(a, V::load(b.add(i))).store(out.add(i));
            i += V::LANES;
        }
    }
    // The last elements, or all of them when the strides are others.
    while i < n {
        let (a, b) = (*a.add(i * a_stride), *b.add(i * b_stride));
        *out.add(i) = f(V::splat(a), V::splat(b)).first();
        i += 1;
    }
}

/// `zip` with a single copy of a long body.
#[inline(always)]
unsafe fn zip_once<V: Vector>(
    n: usize,
    a: *const V::Scalar,
    a_stride: usize,
    b: *const V::Scalar,
    b_stride: usize,
    out: *mut V::Scalar,
    f: impl Fn(V, V) -> V,
) {
    let (by_vector, step) = if (a_stride | b_stride) <= 1 {
        (true, V::LANES)
    } else {
        (false, 1)
    };
    let load = |p: *const V::Scalar, stride: usize, i: usize| {
        if by_vector && stride == 1 {
            V::load_up_to(p.add(i), n - i)
        } else {
            V::splat(*p.add(i * stride))
        }
    };
    let mut i = 0;
    while i < n {
        let y = f(load(a, a_stride, i), load(b, b_stride, i));
        y.store_up_to(out.add(i), if by_vector { n - i } else { 1 });
        i += step;
    }
}

/// The pair of exports `<name>_<suffix>` and `<name>_nd_<suffix>`.
macro_rules! binary {
    ($suffix:literal $vector:ty, $scalar:ty, $out:ty; $($name:ident $zip:ident $f:expr;)*) => {$(
        const _: () = {
            #[unsafe(export_name = concat!(stringify!($name), "_", $suffix))]
            unsafe extern "C" fn flat(
                n: usize,
                a: *const $scalar,
                a_stride: usize,
                b: *const $scalar,
                b_stride: usize,
                out: *mut $out,
            ) {
                $zip::<$vector>(n, a, a_stride, b, b_stride, out, $f)
            }

            #[unsafe(export_name = concat!(stringify!($name), "_nd_", $suffix))]
            unsafe extern "C" fn strided(
                rank: usize,
                layout: *const i32,
                a: *const u8,
                b: *const u8,
                out: *mut u8,
            ) {
                type Typed = unsafe extern "C" fn(
                    usize,
                    *const $scalar,
                    usize,
                    *const $scalar,
                    usize,
                    *mut $out,
                );
                // The same wasm signature: pointers are i32 there.
                let kernel = core::mem::transmute::<Typed, $crate::binary::Flat>(flat);
                let widths = (size_of::<$scalar>(), size_of::<$out>());
                $crate::binary::rows(rank, layout, a, b, out, widths.0, widths.1, kernel)
            }
        };
    )*};
}
pub(crate) use binary;

macro_rules! floats {
    ($($body:tt)*) => {
        binary! { "f32" Floats, Real, Real; $($body)* }
    };
}

floats! {
    add zip |a, b| a + b;
    sub zip |a, b| a - b;
    mul zip |a, b| a * b;
    div zip |a, b| a / b;
    maximum zip |a, b| a.max(b);
    minimum zip |a, b| a.min(b);
    pow zip_once |a, b| a.pow(b);
    atan2 zip_once |a, b| a.atan2(b);
    fmod zip_once |a, b| a.fmod(b);
}

binary! { "i32" crate::simd::I32x4, i32, i32;
    add zip |a, b| a + b;
    sub zip |a, b| a - b;
    mul zip |a, b| a * b;
    div zip_once |a, b| a / b;
    maximum zip |a, b| a.max(b);
    minimum zip |a, b| a.min(b);
    pow zip_once |a, b| a.pow(b);
}
