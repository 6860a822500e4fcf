//! Average pooling and its gradient.
//!
//! Row by row of the output; the window's rows and columns inside the plane are found once for a
//! row and once for a column.

use super::Windows;
use crate::simd::Scalar;
use core::ops::{Div, Range};

/// A float that divides.
pub trait Real: Scalar + Div<Output = Self> {
    fn of(count: usize) -> Self;
}

impl Real for f32 {
    fn of(count: usize) -> Self {
        count as f32
    }
}

impl Real for f64 {
    fn of(count: usize) -> Self {
        count as f64
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

/// Calls f(output position, divisor, rows, columns) for every averaging window; a window outside
/// its plane is skipped.
#[inline(always)]
unsafe fn averages<T: Real>(
    s: &Windows,
    padding: bool,
    mut f: impl FnMut(usize, T, Range<usize>, Range<usize>),
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

pub unsafe fn avg_pool<T: Real>(s: &Windows, padding: bool, x: *const T, out: *mut T) {
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

pub unsafe fn avg_pool_backward<T: Real>(s: &Windows, padding: bool, g: *const T, out: *mut T) {
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
