//! Max pooling.
//!
//! float32 takes four windows of a row at once, tap by tap and without a branch, over a copy of the
//! plane in scratch that has -inf around it: no window needs clipping, and padding never wins. The
//! usual 2x2 window with stride 2 needs no padding and so no copy. Planes too large for scratch, and
//! float64, go window by window, each clipped to its plane.

#[cfg(not(feature = "float64"))]
use core::cell::Cell;

use super::Windows;
use crate::simd::Scalar;
#[cfg(not(feature = "float64"))]
use crate::simd::{F32x4, I32x4, Vector};
#[cfg(not(feature = "float64"))]
use crate::unary::map;

/// A float, as the loops here need it.
pub trait Real: Scalar {
    const LOWEST: Self;
    /// Pools all planes four windows at once and says so, where the type and the room allow it.
    unsafe fn fours(
        s: &Windows,
        x: *const Self,
        out: *mut Self,
        indices: *mut i32,
        scratch: *mut u8,
    ) -> bool;
}

#[cfg(not(feature = "float64"))]
impl Real for f32 {
    const LOWEST: Self = f32::NEG_INFINITY;
    unsafe fn fours(
        s: &Windows,
        x: *const f32,
        out: *mut f32,
        indices: *mut i32,
        scratch: *mut u8,
    ) -> bool {
        let room = scratch as *mut f32;
        let pairs = s.kh == 2 && s.kw == 2 && s.sh == 2 && s.sw == 2;
        let whole = s.ph == 0 && s.pw == 0 && s.dh == 1 && s.dw == 1;
        if !pairs || !whole || s.ow < 4 || 2 * s.oh > s.h || 2 * s.ow > s.w {
            return if s.sw == 2 {
                max_planes::<true>(s, x, out, indices, room)
            } else {
                max_planes::<false>(s, x, out, indices, room)
            };
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
    unsafe fn fours(_: &Windows, _: *const f64, _: *mut f64, _: *mut i32, _: *mut u8) -> bool {
        false
    }
}

/// Floats that a padded plane may take in scratch.
#[cfg(not(feature = "float64"))]
const ROOM: usize = 1 << 19;

/// `TWO` for a stride of two along rows. False where a padded plane is too large.
#[cfg(not(feature = "float64"))]
#[inline(never)]
unsafe fn max_planes<const TWO: bool>(
    s: &Windows,
    x: *const f32,
    out: *mut f32,
    indices: *mut i32,
    room: *mut f32,
) -> bool {
    // What whole groups of four windows look at.
    let wide = s.ow.next_multiple_of(4) * s.sw + (s.kw - 1) * s.dw;
    let high = (s.oh - 1) * s.sh + (s.kh - 1) * s.dh + 1;
    let size = high * wide;
    if size > ROOM || s.pw > wide || s.ph > high {
        return false;
    }
    map::<F32x4>(size, room, room, |_| F32x4::splat(f32::NEG_INFINITY));
    let (rows, columns) = (s.h.min(high - s.ph), s.w.min(wide - s.pw));
    for plane in 0..s.planes {
        let from = x.add(plane * s.h * s.w);
        let odd = Cell::new(I32x4::zero());
        for y in 0..rows {
            let to = room.add((y + s.ph) * wide + s.pw);
            map::<F32x4>(columns, from.add(y * s.w), to, |v| {
                odd.set(odd.get().or(I32x4(v.ne(v))));
                v
            });
        }
        if odd.get().any() {
            max_plane(
                s,
                from,
                out.add(plane * s.oh * s.ow),
                indices.add(plane * s.oh * s.ow),
            );
            continue;
        }
        for oy in 0..s.oh {
            for ox in (0..s.ow).step_by(4) {
                let window = room.add(oy * s.sh * wide + ox * s.sw);
                let first = (oy * s.sh * s.w + ox * s.sw) as i32 - (s.ph * s.w + s.pw) as i32;
                let (best, index) = max_four::<TWO>(s, window, wide, first);
                let (at, left) = ((plane * s.oh + oy) * s.ow + ox, s.ow - ox);
                best.store_up_to(out.add(at), left);
                index.store_up_to(indices.add(at), left);
                if I32x4(index.lt(I32x4::zero())).any() {
                    // Nothing but -inf, in a window or in what only fills up the four.
                    for i in 0..left.min(4) {
                        if *indices.add(at + i) < 0 {
                            *indices.add(at + i) = max_one(s, from, oy, ox + i).1;
                        }
                    }
                }
            }
        }
    }
    true
}

/// The largest values of four neighbouring windows without NaN, and their positions from `first`
/// on: of equal ones the first; negative where there is none but -inf.
#[cfg(not(feature = "float64"))]
#[inline(always)]
unsafe fn max_four<const TWO: bool>(
    s: &Windows,
    window: *const f32,
    wide: usize,
    first: i32,
) -> (F32x4, I32x4) {
    let step = s.sw as i32;
    let mut start = I32x4::new(0, step, 2 * step, 3 * step) + I32x4::splat(first);
    let (right, below) = (I32x4::splat(s.dw as i32), I32x4::splat((s.dh * s.w) as i32));
    let mut best = F32x4::splat(f32::NEG_INFINITY);
    let mut index = I32x4::splat(-1);
    for ky in 0..s.kh {
        let row = window.add(ky * s.dh * wide);
        let mut at = start;
        for kx in 0..s.kw {
            let p = row.add(kx * s.dw);
            let v = if TWO {
                F32x4::load(p).unzip(F32x4::load(p.add(4))).0
            } else {
                F32x4::new(*p, *p.add(s.sw), *p.add(2 * s.sw), *p.add(3 * s.sw))
            };
            let wins = best.lt(v);
            best = F32x4::select(wins, v, best);
            index = I32x4::select(wins, at, index);
            at = at + right;
        }
        start = start + below;
    }
    (best, index)
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

/// One window, clipped to its plane, so that the loops have no condition but the comparison. As in
/// PyTorch, a window of nothing but -inf names its first position.
unsafe fn max_one<T: Real>(s: &Windows, plane: *const T, oy: usize, ox: usize) -> (T, i32) {
    let (y0, y1) = inside(oy * s.sh, s.ph, s.dh, s.kh, s.h);
    let (x0, x1) = inside(ox * s.sw, s.pw, s.dw, s.kw, s.w);
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
    (best, index.unwrap_or(0) as i32)
}

/// One plane, window by window.
#[inline(never)]
unsafe fn max_plane<T: Real>(s: &Windows, plane: *const T, out: *mut T, indices: *mut i32) {
    for oy in 0..s.oh {
        for ox in 0..s.ow {
            let i = oy * s.ow + ox;
            (*out.add(i), *indices.add(i)) = max_one(s, plane, oy, ox);
        }
    }
}

pub unsafe fn max_pool<T: Real>(
    s: &Windows,
    x: *const T,
    out: *mut T,
    indices: *mut i32,
    scratch: *mut u8,
) {
    if s.planes * s.oh * s.ow == 0 || T::fours(s, x, out, indices, scratch) {
        return;
    }
    for plane in 0..s.planes {
        let to = plane * s.oh * s.ow;
        max_plane(s, x.add(plane * s.h * s.w), out.add(to), indices.add(to));
    }
}
