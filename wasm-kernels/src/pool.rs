//! Pooling over planes, and the moves between planes that are max pooling's gradient.
//!
//! One pass over the output, window by window; a window is clipped to its plane first, so the inner loops have no
//! conditions but the comparison. The usual 2x2 window with stride 2 has its own float32 kernel: eight columns of two rows
//! become four maxima and their positions without a branch.

use crate::simd::Scalar;
#[cfg(not(feature = "float64"))]
use crate::simd::{F32x4, I32x4, Vector};
use core::ops::{Div, Mul};

/// A pooling of planes[h, w] to [oh, ow].
#[derive(Clone, Copy)]
struct Windows {
    planes: usize,
    h: usize,
    w: usize,
    kh: usize,
    kw: usize,
    sh: usize,
    sw: usize,
    ph: usize,
    pw: usize,
    dh: usize,
    dw: usize,
    oh: usize,
    ow: usize,
}

/// A float, as the loops here need it.
trait Real: Scalar + Mul<Output = Self> + Div<Output = Self> {
    const LOWEST: Self;
    fn of(count: usize) -> Self;
    /// The 2x2 kernel with stride 2, where the type has one: pools the planes and says so.
    unsafe fn max_pairs(s: &Windows, x: *const Self, out: *mut Self, indices: *mut i32) -> bool;
}

#[cfg(not(feature = "float64"))]
impl Real for f32 {
    const LOWEST: Self = f32::NEG_INFINITY;
    fn of(count: usize) -> Self {
        count as f32
    }
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
    fn of(count: usize) -> Self {
        count as f64
    }
    #[inline(always)]
    unsafe fn max_pairs(_: &Windows, _: *const f64, _: *mut f64, _: *mut i32) -> bool {
        false
    }
}

/// One row of 2x2 maxima, from rows `at / w` and the next; four at a time, the last four moved left over their
/// neighbours. Ties keep the first position, NaN takes over.
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
            let wins = I32x4(best.lt(v)).or(I32x4(v.ne(v))).bits();
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

/// First and last + 1 window positions that lie inside: start + i * step in 0..size, where start = position - pad.
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

unsafe fn max_pool<T: Real>(s: &Windows, x: *const T, out: *mut T, indices: *mut i32) {
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

/// out[planes, to] = 0, then out[plane, index] += value for every value of src[planes, from].
unsafe fn scatter_add<T: Scalar>(
    planes: usize,
    from: usize,
    to: usize,
    src: *const T,
    indices: *const i32,
    out: *mut T,
) {
    for plane in 0..planes {
        let target = out.add(plane * to);
        for i in 0..to {
            *target.add(i) = T::ZERO;
        }
        for i in plane * from..(plane + 1) * from {
            let at = target.add(*indices.add(i) as usize);
            *at = *at + *src.add(i);
        }
    }
}

unsafe fn gather<T: Scalar>(
    planes: usize,
    from: usize,
    to: usize,
    x: *const T,
    indices: *const i32,
    out: *mut T,
) {
    for plane in 0..planes {
        let source = x.add(plane * to);
        for i in plane * from..(plane + 1) * from {
            *out.add(i) = *source.add(*indices.add(i) as usize);
        }
    }
}

/// Rows or columns of one averaging window: those inside the plane, and how many count.
#[inline(always)]
fn span(at: usize, kernel: usize, pad: usize, size: usize, padding: bool) -> (usize, usize, usize) {
    // A window may hang over the padding too (PyTorch's ceil_mode); what hangs over never counts.
    let end = (at + kernel).min(size + 2 * pad);
    let (first, last) = (at.max(pad) - pad, end.clamp(pad, size + pad) - pad);
    (
        first,
        last,
        if padding {
            end.saturating_sub(at)
        } else {
            last.saturating_sub(first)
        },
    )
}

/// Calls f(output position, divisor, rows, columns) for every averaging window; a window outside its plane is skipped.
#[inline(always)]
unsafe fn averages<T: Real>(
    s: &Windows,
    padding: bool,
    mut f: impl FnMut(usize, T, core::ops::Range<usize>, core::ops::Range<usize>),
) {
    for i in 0..s.planes * s.oh {
        let (y0, y1, high) = span(i % s.oh * s.sh, s.kh, s.ph, s.h, padding);
        let first = i / s.oh * s.h;
        for ox in 0..s.ow {
            let (x0, x1, wide) = span(ox * s.sw, s.kw, s.pw, s.w, padding);
            if y0 < y1 && x0 < x1 {
                f(
                    i * s.ow + ox,
                    T::of(high * wide),
                    first + y0..first + y1,
                    x0..x1,
                );
            }
        }
    }
}

unsafe fn avg_pool<T: Real>(s: &Windows, padding: bool, x: *const T, out: *mut T) {
    for i in 0..s.planes * s.oh * s.ow {
        *out.add(i) = T::ZERO;
    }
    averages(s, padding, |i, divisor: T, rows, columns| unsafe {
        let mut sum = T::ZERO;
        for y in rows {
            for at in columns.clone() {
                sum = sum + *x.add(y * s.w + at);
            }
        }
        *out.add(i) = sum / divisor;
    });
}

unsafe fn avg_pool_backward<T: Real>(s: &Windows, padding: bool, g: *const T, out: *mut T) {
    for i in 0..s.planes * s.h * s.w {
        *out.add(i) = T::ZERO;
    }
    averages(s, padding, |i, divisor: T, rows, columns| unsafe {
        let share = *g.add(i) / divisor;
        for y in rows {
            for at in columns.clone() {
                let to = out.add(y * s.w + at);
                *to = *to + share;
            }
        }
    });
}

macro_rules! export_pool {
    ($t:ty, $max:ident, $scatter:ident, $gather:ident, $avg:ident, $avg_backward:ident) => {
        /// The largest value of each window, and its flat position in its plane.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $max(
            planes: usize,
            h: usize,
            w: usize,
            kh: usize,
            kw: usize,
            sh: usize,
            sw: usize,
            ph: usize,
            pw: usize,
            dh: usize,
            dw: usize,
            oh: usize,
            ow: usize,
            x: *const $t,
            out: *mut $t,
            indices: *mut i32,
        ) {
            let s = Windows {
                planes,
                h,
                w,
                kh,
                kw,
                sh,
                sw,
                ph,
                pw,
                dh,
                dw,
                oh,
                ow,
            };
            max_pool(&s, x, out, indices);
        }

        /// Zeroes out[planes, n_out], then adds src[planes, n_in] at the positions idx.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $scatter(
            planes: usize,
            n_in: usize,
            n_out: usize,
            src: *const $t,
            idx: *const i32,
            out: *mut $t,
        ) {
            scatter_add(planes, n_in, n_out, src, idx, out);
        }

        /// out[planes, n_in] = x[planes, n_out] at the positions idx.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $gather(
            planes: usize,
            n_in: usize,
            n_out: usize,
            x: *const $t,
            idx: *const i32,
            out: *mut $t,
        ) {
            gather(planes, n_in, n_out, x, idx, out);
        }

        /// The mean of each window; padding counts as zeros, or not at all.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $avg(
            planes: usize,
            h: usize,
            w: usize,
            kh: usize,
            kw: usize,
            sh: usize,
            sw: usize,
            ph: usize,
            pw: usize,
            count_include_pad: i32,
            oh: usize,
            ow: usize,
            x: *const $t,
            out: *mut $t,
        ) {
            let s = Windows {
                planes,
                h,
                w,
                kh,
                kw,
                sh,
                sw,
                ph,
                pw,
                dh: 1,
                dw: 1,
                oh,
                ow,
            };
            avg_pool(&s, count_include_pad != 0, x, out);
        }

        /// out[planes, h, w]: every window's gradient, spread evenly over its values.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $avg_backward(
            planes: usize,
            h: usize,
            w: usize,
            kh: usize,
            kw: usize,
            sh: usize,
            sw: usize,
            ph: usize,
            pw: usize,
            count_include_pad: i32,
            oh: usize,
            ow: usize,
            g: *const $t,
            out: *mut $t,
        ) {
            let s = Windows {
                planes,
                h,
                w,
                kh,
                kw,
                sh,
                sw,
                ph,
                pw,
                dh: 1,
                dw: 1,
                oh,
                ow,
            };
            avg_pool_backward(&s, count_include_pad != 0, g, out);
        }
    };
}

#[cfg(not(feature = "float64"))]
export_pool! { f32, max_pool2d_f32, plane_scatter_add_f32, plane_gather_f32, avg_pool2d_f32, avg_pool2d_backward_f32 }
#[cfg(feature = "float64")]
export_pool! { f64, max_pool2d_f64, plane_scatter_add_f64, plane_gather_f64, avg_pool2d_f64, avg_pool2d_backward_f64 }
