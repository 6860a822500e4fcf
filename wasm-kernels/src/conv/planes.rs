//! A picture's windows unrolled along rows only: for each channel and window column a copy of the
//! plane, shifted by that column and cut to the output's width.
//!
//! Any value of a patch is then, over all output pixels, one contiguous run: window rows are the
//! same copy, one or more rows further on (with vertical strides each phase of rows has a copy of
//! its own). The direct kernels need neither edges nor strides nor masks, and one copy serves kh
//! values of the patch. Sequences stand upright: one copy serves all values of their windows.

use super::shape::Shape;
use crate::rows::{inside, take};

/// Values of a patch that fit into the table of offsets.
pub const TAPS: usize = 4096;
/// Floats of copies that fit into scratch (1 MiB).
pub const PLANES: usize = 1 << 18;

/// The copies of one group of a picture, in scratch.
#[derive(Clone, Copy)]
pub struct Planes {
    pub start: *mut f32,
    /// Where the run of each value of the patch begins, in bytes.
    pub offsets: *const u32,
}

/// Copies for each channel and window column, and rows of each.
#[inline(always)]
fn layout(s: &Shape) -> (usize, usize) {
    let reach = (s.kh - 1) * s.dh;
    (s.sh.min(reach + 1), s.oh + reach / s.sh)
}

/// Floats of all copies.
#[inline(always)]
fn size(s: &Shape) -> usize {
    let (phases, rows) = layout(s);
    s.group_c() * s.kw * phases * rows * s.ow
}

/// Channels of which the copies fit, where `one` has one.
#[inline(always)]
pub fn channels(one: &Shape) -> usize {
    (PLANES / size(&one.upright())).min(TAPS / one.patch())
}

/// Whether the copies of one group of one picture fit.
#[inline(always)]
pub fn fits(s: &Shape) -> bool {
    s.patch() <= TAPS && size(&s.upright()) <= PLANES
}

impl Planes {
    /// Takes scratch of TAPS + PLANES floats; the copies are zeros.
    #[inline(never)]
    pub unsafe fn new(s: &Shape, scratch: *mut f32) -> Self {
        let s = &s.upright();
        let (offsets, start) = (scratch as *mut u32, scratch.add(TAPS));
        let (phases, rows) = layout(s);
        for i in 0..s.patch() {
            let (c, window) = (i / (s.kh * s.kw), i % (s.kh * s.kw));
            let (y, kx) = (window / s.kw * s.dh, window % s.kw);
            let plane = (c * s.kw + kx) * phases + y % s.sh;
            *offsets.add(i) = 4 * ((plane * rows + y / s.sh) * s.ow) as u32;
        }
        core::ptr::write_bytes(start, 0, size(s));
        Self { start, offsets }
    }

    /// Copies one group of one picture. What lies outside the picture stays zero.
    #[inline(never)]
    pub unsafe fn unroll(self, s: &Shape, x: *const f32) {
        let s = &s.upright();
        let (phases, rows) = layout(s);
        for kx in 0..s.kw {
            let left = (kx * s.dw) as isize - s.pw;
            let (first, end) = inside(s.w, left, s.sw, s.ow);
            if first == end {
                continue;
            }
            for phase in 0..phases {
                let top = phase as isize - s.ph;
                let (above, below) = inside(s.h, top, s.sh, rows);
                let skip = (above * s.sh) as isize + top;
                let across = (first * s.sw) as isize + left;
                let mut from = x.offset(skip * s.w as isize + across);
                let mut to = self
                    .start
                    .add(((kx * phases + phase) * rows + above) * s.ow + first);
                for _ in 0..s.group_c() {
                    columns(s, from, end - first, below - above, to);
                    from = from.add(s.h * s.w);
                    to = to.add(s.kw * phases * rows * s.ow);
                }
            }
        }
    }
}

/// `rows` rows of `count` columns.
#[inline(always)]
unsafe fn columns(s: &Shape, from: *const f32, count: usize, rows: usize, to: *mut f32) {
    if s.w == 1 && s.ow == 1 {
        return take(rows, from, s.sh, to);
    }
    let lost = s.w - count;
    if s.sh == 1 && s.sw == 1 && s.w == s.ow && lost < 4 {
        // One long copy, then zeros where it brought the ends of other rows: column by column, since
        // a loop of one step costs more than a store.
        if rows > 0 {
            take(rows * s.w - lost, from, 1, to);
        }
        for i in count..s.w {
            let mut at = to.add(i);
            for _ in 1..rows {
                *at = 0.0;
                at = at.add(s.w);
            }
        }
        return;
    }
    let (mut from, mut to) = (from, to);
    for _ in 0..rows {
        take(count, from, s.sw, to);
        from = from.add(s.sh * s.w);
        to = to.add(s.ow);
    }
}
