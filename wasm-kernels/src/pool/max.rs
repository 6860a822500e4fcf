//! Max pooling.
//!
//! float32 goes by `blocks`; the usual 2x2 window with stride 2 has its own kernel: eight columns of
//! two rows become four maxima and their positions without a branch. The rest (windows too large
//! for scratch) is one pass over the output, window by window; a window is clipped to its plane
//! first, so the inner loops have no conditions but the comparison.

use super::Windows;
use super::blocks::{Blocks, Place};
use crate::simd::Scalar;
use crate::simd::{F32x4, I32x4, Vector};

/// A float, as the loops here need it.
pub trait Real: Scalar {
    const LOWEST: Self;
    /// By vectors, where the type and the windows allow: pools the planes and says so.
    unsafe fn by_vectors(
        s: &Windows,
        x: *const Self,
        out: *mut Self,
        indices: *mut i32,
        scratch: *mut Self,
    ) -> bool;
}

impl Real for f32 {
    const LOWEST: Self = f32::NEG_INFINITY;
    unsafe fn by_vectors(
        s: &Windows,
        x: *const f32,
        out: *mut f32,
        indices: *mut i32,
        scratch: *mut f32,
    ) -> bool {
        if s.are_pairs() {
            for row in 0..s.planes * s.oh {
                let (plane, y) = (row / s.oh, row % s.oh);
                let (from, to) = (x.add(plane * s.h * s.w), row * s.ow);
                max_row(s, from, y, out.add(to), indices.add(to));
            }
            return true;
        }
        // A window for a plane has no neighbours.
        let Some(blocks) = Blocks::new(s, scratch).filter(|_| s.ow > 1) else {
            return false;
        };
        let mut place = Place::NOWHERE;
        blocks.each(|b| unsafe {
            blocks.load(b, x, f32::NEG_INFINITY, &mut place);
            let plane = x.add(b.plane * s.h * s.w);
            blocks.largest(b, out, indices, |y, x| one(s, plane, y, x));
        });
        true
    }
}

/// One row of 2x2 maxima, from rows `at / w` and the next; four at a time, the last four moved left
/// over their neighbours. Ties keep the first position; windows with a NaN are left to `one`.
#[inline(always)]
unsafe fn max_row(s: &Windows, plane: *const f32, y: usize, out: *mut f32, indices: *mut i32) {
    let (at, w) = (2 * y * s.w, s.w as i32);
    let (one_down, across) = (I32x4::splat(w), I32x4::splat(w + 1));
    // Carried from step to step: a constant would be made anew in each.
    let mut start = I32x4::new(0, 2, 4, 6) + I32x4::splat(at as i32);
    let mut i = 0;
    loop {
        let upper = plane.add(at + 2 * i);
        let lower = upper.add(s.w);
        let (a, b) = F32x4::load(upper).unzip(F32x4::load(upper.add(4)));
        let (c, d) = F32x4::load(lower).unzip(F32x4::load(lower.add(4)));
        // Distances from the first come in rising order: the last to win is the largest.
        let wins = I32x4(a.lt(b));
        let distance = I32x4::zero() - wins;
        let best = a.at_least(b);
        let wins = I32x4(best.lt(c));
        let distance = distance.max(wins.and(one_down));
        let best = best.at_least(c);
        let wins = I32x4(best.lt(d));
        let distance = distance.max(wins.and(across));
        best.at_least(d).store(out.add(i));
        (start + distance).store(indices.add(i));
        let sum = (a + b) + (c + d);
        if I32x4(sum.ne(sum)).any() {
            for j in i..i + 4 {
                let (value, position) = one(s, plane, y, j);
                *out.add(j) = value;
                *indices.add(j) = position as i32;
            }
        }
        if i + 4 == s.ow {
            return;
        }
        let next = (i + 4).min(s.ow - 4);
        start = start + I32x4::splat(2 * (next - i) as i32);
        i = next;
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

pub unsafe fn max_pool<T: Real>(
    s: &Windows,
    x: *const T,
    out: *mut T,
    indices: *mut i32,
    scratch: *mut T,
) {
    if T::by_vectors(s, x, out, indices, scratch) {
        return;
    }
    for i in 0..s.planes * s.oh * s.ow {
        let (row, ox) = (i / s.ow, i % s.ow);
        let plane = x.add(row / s.oh * s.h * s.w);
        let (best, index) = one(s, plane, row % s.oh, ox);
        *out.add(i) = best;
        *indices.add(i) = index as i32;
    }
}

/// The largest value of one window, and its position.
unsafe fn one<T: Real>(s: &Windows, plane: *const T, oy: usize, ox: usize) -> (T, usize) {
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
    (best, index.unwrap_or(0))
}
