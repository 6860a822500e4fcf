//! Average pooling to a given size: window i of an axis is [floor(i size / windows),
//! ceil((i + 1) size / windows)), so that the windows cover the axis, overlapping where they must.

use crate::float::{Real, export};
use core::ops::Range;

#[inline(always)]
fn window(i: usize, size: usize, windows: usize) -> Range<usize> {
    i * size / windows..((i + 1) * size).div_ceil(windows)
}

/// Calls f(output position, count, rows, columns) for every window; rows count through all planes.
#[inline(always)]
fn windows(
    [planes, h, w, oh, ow]: [usize; 5],
    mut f: impl FnMut(usize, Real, Range<usize>, Range<usize>),
) {
    for row in 0..planes * oh {
        let rows = window(row % oh, h, oh);
        let first = row / oh * h;
        for column in 0..ow {
            let columns = window(column, w, ow);
            let count = (rows.len() * columns.len()) as Real;
            let rows = first + rows.start..first + rows.end;
            f(row * ow + column, count, rows, columns);
        }
    }
}

export! {
    fn adaptive_avg_pool2d(
        planes: usize, h: usize, w: usize, oh: usize, ow: usize, x: *const Real, out: *mut Real,
    ) {
        windows([planes, h, w, oh, ow], |i, count, rows, columns| {
            let mut sum = 0.0;
            for y in rows {
                for at in columns.clone() {
                    sum += *x.add(y * w + at);
                }
            }
            *out.add(i) = sum / count;
        });
    }

    fn adaptive_avg_pool2d_backward(
        planes: usize, h: usize, w: usize, oh: usize, ow: usize, g: *const Real, out: *mut Real,
    ) {
        for i in 0..planes * h * w {
            *out.add(i) = 0.0;
        }
        windows([planes, h, w, oh, ow], |i, count, rows, columns| {
            let share = *g.add(i) / count;
            for y in rows {
                for at in columns.clone() {
                    *out.add(y * w + at) += share;
                }
            }
        });
    }
}
