//! Average pooling and its gradient.
//!
//! Whole planes are plain sums; float32 goes by `blocks`, the gradient by rows, with kernels of its
//! own for the usual 2x2 window with stride 2, four outputs at a time. The rest (windows too large
//! for scratch) goes row by row of the output; the window's rows and columns inside the plane are
//! found once for a row and once for a column.

use super::blocks::{Blocks, Place};
use super::{Windows, clear};
use crate::float::Floats;
use crate::reduce::sum_row;
use crate::rows::fill;
use crate::simd::{Scalar, Vector};
use crate::unary::map;
use core::ops::{Div, Range};

/// Floats of a few rows of any kind, at most: they fit into scratch.
const WIDEST: usize = 1 << 17;

/// A float that divides.
pub trait Real: Scalar + Div<Output = Self> {
    fn of(count: usize) -> Self;
    unsafe fn sum(n: usize, x: *const Self) -> Self;
    unsafe fn fill(n: usize, value: Self, out: *mut Self);
    /// By vectors, where the type and the windows allow: pools the planes and says so.
    unsafe fn average(
        s: &Windows,
        padding: bool,
        x: *const Self,
        out: *mut Self,
        scratch: *mut Self,
    ) -> bool;
    /// Its gradient, into an output of zeros.
    unsafe fn spread(
        s: &Windows,
        padding: bool,
        g: *const Self,
        out: *mut Self,
        scratch: *mut Self,
    ) -> bool;
}

impl Real for f32 {
    fn of(count: usize) -> Self {
        count as f32
    }

    unsafe fn sum(n: usize, x: *const f32) -> f32 {
        sum_row(n, x, |v| v)
    }

    unsafe fn fill(n: usize, value: f32, out: *mut f32) {
        map::<Floats>(n, out, out, |_| Floats::splat(value));
    }

    unsafe fn average(
        s: &Windows,
        padding: bool,
        x: *const f32,
        out: *mut f32,
        scratch: *mut f32,
    ) -> bool {
        if s.are_pairs() {
            each_pair(s, |at, to| unsafe {
                let (upper, lower) = (x.add(at), x.add(at + s.w));
                let (a, b) = Floats::load(upper).unzip(Floats::load(upper.add(4)));
                let (c, d) = Floats::load(lower).unzip(Floats::load(lower.add(4)));
                ((a + b + c + d) * Floats::splat(0.25)).store(out.add(to));
            });
            return true;
        }
        let Some(blocks) = Blocks::new(s, scratch) else {
            return false;
        };
        divisors(s, padding, blocks.high, blocks.wide);
        let mut place = Place::NOWHERE;
        blocks.each(|b| unsafe {
            blocks.load(b, x, 0.0, &mut place);
            blocks.means(b, out);
        });
        true
    }

    unsafe fn spread(
        s: &Windows,
        padding: bool,
        g: *const f32,
        out: *mut f32,
        scratch: *mut f32,
    ) -> bool {
        if s.are_pairs() {
            each_pair(s, |at, from| unsafe {
                let share = Floats::load(g.add(from)) * Floats::splat(0.25);
                let (left, right) = share.zip(share);
                for row in [out.add(at), out.add(at + s.w)] {
                    left.store(row);
                    right.store(row.add(4));
                }
            });
            return true;
        }
        // Windows apart are as fast one by one.
        let apart = s.kh <= s.sh && s.kw <= s.sw;
        if apart || s.oh + s.w + s.kw + s.ow * s.sw > WIDEST {
            return false;
        }
        spread_rows(s, padding, g, out, scratch);
        true
    }
}

/// Row by row of the inputs: the shares of the windows over a row stand where these begin; as many
/// neighbours as a window is wide make a gradient.
unsafe fn spread_rows(
    s: &Windows,
    padding: bool,
    g: *const f32,
    out: *mut f32,
    scratch: *mut f32,
) {
    let (high, wide) = (scratch, scratch.add(s.oh));
    divisors(s, padding, high, wide);
    for i in 0..s.oh + s.ow + 4 {
        *scratch.add(i) = 1.0 / *scratch.add(i);
    }
    let four = wide.add(s.ow + 4);
    let starts = four.add(4);
    fill(s.w + s.kw + s.ow * s.sw + 8, 0.0, starts);
    // A window may begin up to kw - 1 columns before the first.
    let begin = starts.add(s.kw - 1 - s.pw);
    for row in 0..s.planes * s.h {
        let (first, y) = (row / s.h * s.oh, row % s.h + s.ph);
        let over = (y + 1).saturating_sub(s.kh).div_ceil(s.sh)..s.oh.min(y / s.sh + 1);
        for x in (0..s.ow).step_by(4) {
            let mut sum = Floats::zero();
            for i in over.clone() {
                let g = Floats::load_up_to(g.add((first + i) * s.ow + x), s.ow - x);
                sum = g.mul_add(Floats::splat(*high.add(i)), sum);
            }
            let share = sum * Floats::load(wide.add(x));
            match s.sw {
                1 => share.store(begin.add(x)),
                2 => {
                    let (left, right) = share.zip(Floats::zero());
                    left.store(begin.add(2 * x));
                    right.store(begin.add(2 * x + 4));
                }
                stride => {
                    share.store(four);
                    for i in 0..4.min(s.ow - x) {
                        *begin.add((x + i) * stride) = *four.add(i);
                    }
                }
            }
        }
        for x in (0..s.w).step_by(4) {
            let mut sum = Floats::zero();
            for i in 0..s.kw {
                sum = sum + Floats::load(starts.add(x + i));
            }
            sum.store_up_to(out.add(row * s.w + x), s.w - x);
        }
    }
}

/// How many rows, and how many columns, count in each window; at least one.
unsafe fn divisors(s: &Windows, padding: bool, rows: *mut f32, columns: *mut f32) {
    for i in 0..s.oh {
        let (_, _, high) = span(i * s.sh, s.kh, s.ph, s.h, padding);
        *rows.add(i) = high.max(1) as f32;
    }
    // Whole vectors are read.
    for i in 0..s.ow + 4 {
        let (_, _, wide) = span(i * s.sw, s.kw, s.pw, s.w, padding);
        *columns.add(i) = wide.max(1) as f32;
    }
}

/// Calls f(first input, first output) for every four outputs of a row of 2x2 windows, the last four
/// moved left over their neighbours.
#[inline(always)]
fn each_pair(s: &Windows, f: impl Fn(usize, usize)) {
    for row in 0..s.planes * s.oh {
        let from = (row / s.oh * s.h + row % s.oh * 2) * s.w;
        let mut i = 0;
        loop {
            f(from + 2 * i, row * s.ow + i);
            if i + 4 == s.ow {
                break;
            }
            i = (i + 4).min(s.ow - 4);
        }
    }
}

/// Whether the one window of each plane is the plane.
fn global(s: &Windows) -> bool {
    s.kh == s.h && s.kw == s.w && s.oh == 1 && s.ow == 1 && s.ph == 0 && s.pw == 0
}

/// Rows or columns of one averaging window: those inside the plane, and how many count.
#[inline(always)]
fn span(at: usize, kernel: usize, pad: usize, size: usize, padding: bool) -> (usize, usize, usize) {
    // A window may hang over the padding too (PyTorch's ceil_mode); what hangs over never counts.
    let end = (at + kernel).min(size + 2 * pad);
    let (first, last) = (at.max(pad) - pad, end.max(pad).min(size + pad) - pad);
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

pub unsafe fn avg_pool<T: Real>(
    s: &Windows,
    padding: bool,
    x: *const T,
    out: *mut T,
    scratch: *mut T,
) {
    if global(s) {
        let n = s.h * s.w;
        for plane in 0..s.planes {
            *out.add(plane) = T::sum(n, x.add(plane * n)) / T::of(n);
        }
        return;
    }
    if T::average(s, padding, x, out, scratch) {
        return;
    }
    clear(s.planes * s.oh * s.ow, out);
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

pub unsafe fn avg_pool_backward<T: Real>(
    s: &Windows,
    padding: bool,
    g: *const T,
    out: *mut T,
    scratch: *mut T,
) {
    if global(s) {
        let n = s.h * s.w;
        for plane in 0..s.planes {
            T::fill(n, *g.add(plane) / T::of(n), out.add(plane * n));
        }
        return;
    }
    clear(s.planes * s.h * s.w, out);
    if T::spread(s, padding, g, out, scratch) {
        return;
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
