//! Comparisons, the logic of bools, and the choice between two arrays.
//!
//! A bool is one byte; any nonzero byte reads as true, 1 is written.

use crate::binary::binary;
use crate::float::{Floats, Real};
use crate::simd::Vector;

#[inline(always)]
unsafe fn zip_mask<V: Vector>(
    n: usize,
    a: *const V::Scalar,
    a_stride: usize,
    b: *const V::Scalar,
    b_stride: usize,
    out: *mut u8,
    f: impl Fn(V, V) -> V::Mask,
) {
    let mut i = 0;
    if V::LANES > 1 && (a_stride | b_stride) <= 1 {
        while i + V::LANES <= n {
            let a = if a_stride == 1 {
                V::load(a.add(i))
            } else {
                V::splat(*a)
            };
            let b = if b_stride == 1 {
                V::load(b.add(i))
            } else {
                V::splat(*b)
            };
            V::store_mask(f(a, b), out.add(i));
            i += V::LANES;
        }
    }
    while i < n {
        let (a, b) = (*a.add(i * a_stride), *b.add(i * b_stride));
        *out.add(i) = V::mask_bit(f(V::splat(a), V::splat(b)));
        i += 1;
    }
}

macro_rules! comparisons {
    ($suffix:literal $vector:ty, $scalar:ty) => {
        binary! { $suffix $vector, $scalar, u8;
            eq zip_mask |a, b| a.eq(b);
            ne zip_mask |a, b| a.ne(b);
            lt zip_mask |a, b| a.lt(b);
            le zip_mask |a, b| a.le(b);
            gt zip_mask |a, b| b.lt(a);
            ge zip_mask |a, b| b.le(a);
        }
    };
}

comparisons! { "f32" Floats, Real }
comparisons! { "i32" crate::simd::I32x4, i32 }

mod bytes {
    use crate::simd::{Flags, I32x4, Vector};

    #[inline(always)]
    unsafe fn zip(
        n: usize,
        a: *const u8,
        b: *const u8,
        out: *mut u8,
        f: impl Fn(Flags, Flags) -> Flags,
    ) {
        let mut i = 0;
        while i + Flags::LANES <= n {
            f(Flags::load(a.add(i)), Flags::load(b.add(i))).store(out.add(i));
            i += Flags::LANES;
        }
        while i < n {
            *out.add(i) = f(Flags::splat(*a.add(i)), Flags::splat(*b.add(i))).first();
            i += 1;
        }
    }

    macro_rules! logic {
        ($($name:ident $f:expr;)*) => {$(
            #[unsafe(no_mangle)]
            unsafe extern "C" fn $name(n: usize, a: *const u8, b: *const u8, out: *mut u8) {
                zip(n, a, b, out, $f)
            }
        )*};
    }

    logic! {
        logical_and_u8 Flags::and;
        logical_or_u8 Flags::or;
        logical_xor_u8 Flags::xor;
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn logical_not_u8(n: usize, x: *const u8, out: *mut u8) {
        zip(n, x, x, out, |x, _| x.not())
    }

    // Strides are 1, or 0 for a single element.
    macro_rules! choices {
        ($($name:ident $bits:ty;)*) => {$(
            /// `condition[i] ? a[i] : b[i]`.
            #[unsafe(no_mangle)]
            unsafe extern "C" fn $name(
                n: usize,
                condition: *const u8,
                a: *const $bits,
                a_stride: usize,
                b: *const $bits,
                b_stride: usize,
                out: *mut $bits,
            ) {
                for i in 0..n {
                    let (a, b) = (*a.add(i * a_stride), *b.add(i * b_stride));
                    *out.add(i) = if *condition.add(i) != 0 { a } else { b };
                }
            }
        )*};
    }

    choices! {
        where_b8 u8;
        where_b64 u64;
    }

    /// The common width, by vectors.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn where_b32(
        n: usize,
        condition: *const u8,
        a: *const i32,
        a_stride: usize,
        b: *const i32,
        b_stride: usize,
        out: *mut i32,
    ) {
        let load = |p: *const i32, stride: usize, i: usize| {
            if stride == 0 {
                I32x4::splat(*p)
            } else {
                I32x4::load(p.add(i))
            }
        };
        let mut i = 0;
        while i + I32x4::LANES <= n {
            let mask = I32x4::load_u8(condition.add(i)).ne(I32x4::zero());
            I32x4::select(mask, load(a, a_stride, i), load(b, b_stride, i)).store(out.add(i));
            i += I32x4::LANES;
        }
        while i < n {
            let from = if *condition.add(i) != 0 {
                a.add(i * a_stride)
            } else {
                b.add(i * b_stride)
            };
            *out.add(i) = *from;
            i += 1;
        }
    }
}
