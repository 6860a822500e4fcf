//! Max pooling.
//!
//! One pass over the output, window by window; a window is clipped to its plane first, so the inner
//! loops have no conditions but the comparison. The usual 2x2 window with stride 2 has its own
//! float32 kernel: eight columns of two rows become four maxima and their positions without a
//! branch.

use super::Windows;
use crate::simd::Scalar;
#[cfg(not(feature = "float64"))]
use crate::simd::{F32x4, I32x4, Vector};

/// A float, as the loops here need it.
pub trait Real: Scalar {
    const LOWEST: Self;
    /// The 2x2 kernel with stride 2, where the type has one: pools the planes and says so.
    unsafe fn max_pairs(s: &Windows, x: *const Self, out: *mut Self, indices: *mut i32) -> bool;
}

#[cfg(not(feature = "float64"))]
impl Real for f32 {
    const LOWEST: Self = f32::NEG_INFINITY;
    #[inline(always)]
    unsafe fn max_pairs(s: &Windows, x: *const f32, out: *mut f32, indices: *mut i32) -> bool {
        let pairs = s.kh == 2 && s.kw == 2 && s.sh == 2 && s.sw == 2;
        let whole = s.ph == 0 && s.pw == 0 && s.dh == 1 && s.dw == 1;
        if !pairs || !whole || s.ow < 4 || 2 * s.oh > s.h || 2 * s.ow > s.w {
            return false;
        }
        for plane in 0..s.planes {
            let from = x.add(plane * s.h * s.w);
            for y in 0..s.oh {
                let to = (plane * s.oh + y) * s.ow;
                max_row(from, 2 * y * s.w, s.w, s.ow, out.add(to), indices.add(to));
            }
        }
        true
    }
}

#[cfg(feature = "float64")]
impl Real for f64 {
    const LOWEST: Self = f64::NEG_INFINITY;
    #[inline(always)]
    unsafe fn max_pairs(_: &Windows, _: *const f64, _: *mut f64, _: *mut i32) -> bool {
        false
    }
}

/// One row of 2x2 maxima, from rows `at / w` and the next; four at a time, the last four moved left
/// over their neighbours. Ties keep the first position, NaN takes over.
#[cfg(not(feature = "float64"))]
#[inline(always)]
unsafe fn max_row(
    plane: *const f32,
    at: usize,
    w: usize,
    n: usize,
    out: *mut f32,
    indices: *mut i32,
) {
    let lanes = I32x4::new(0, 2, 4, 6);
    let mut i = 0;
    loop {
        let first = at + 2 * i;
        let (upper, lower) = (plane.add(first), plane.add(first + w));
        let (a, b) = F32x4::load(upper).unzip(F32x4::load(upper.add(4)));
        let (c, d) = F32x4::load(lower).unzip(F32x4::load(lower.add(4)));
        let mut best = a;
        let mut index = lanes + I32x4::splat(first as i32);
        let start = index;
        for (v, shift) in [(b, 1), (c, w), (d, w + 1)] {
            let wins = I32x4(best.lt(v)).or(I32x4(v.ne(v))).0;
            best = F32x4::select(wins, v, best);
            index = I32x4::select(wins, start + I32x4::splat(shift as i32), index);
        }
        best.store(out.add(i));
        index.store(indices.add(i));
        if i + 4 == n {
            return;
        }
        i = (i + 4).min(n - 4);
    }
}

/// First and last + 1 window positions that lie inside: start + i * step in 0..size, where start =
/// position - pad.
#[inline(always)]
fn inside(at: usize, pad: usize, step: usize, count: usize, size: usize) -> (usize, usize) {
    let first = if at >= pad {
        0
    } else {
        (pad - at).div_ceil(step)
    };
    let end = if size + pad <= at {
        0
    } else {
        (size + pad - at).div_ceil(step)
    };
    (first, end.min(count))
}

pub unsafe fn max_pool<T: Real>(s: &Windows, x: *const T, out: *mut T, indices: *mut i32) {
    if T::max_pairs(s, x, out, indices) {
        return;
    }
    for i in 0..s.planes * s.oh * s.ow {
        let (row, ox) = (i / s.ow, i % s.ow);
        let (plane, oy) = (x.add(row / s.oh * s.h * s.w), row % s.oh);
        let (y0, y1) = inside(oy * s.sh, s.ph, s.dh, s.kh, s.h);
        let (x0, x1) = inside(ox * s.sw, s.pw, s.dw, s.kw, s.w);
        // As in PyTorch, a window of nothing but -inf names its first position.
        let mut best = T::LOWEST;
        let mut index = None;
        for ky in y0..y1 {
            for kx in x0..x1 {
                let at = (oy * s.sh + ky * s.dh - s.ph) * s.w + ox * s.sw + kx * s.dw - s.pw;
                let v = *plane.add(at);
                #[allow(clippy::eq_op)]
                let wins = v > best || v != v;
                if wins || index.is_none() {
                    index = Some(at);
                    best = v;
                }
            }
        }
        *out.add(i) = best;
        *indices.add(i) = index.unwrap_or(0) as i32;
    }
}
