//! A right-hand matrix in panels, copied once for many products of few rows: a recurrent layer
//! multiplies by the same weights at every step.
//!
//! Order in memory: blocks of depth as in `blocked::packed`, in each the panels from left to right.

use super::blocked::next_depth;
use super::microkernel::{Rows, Strided, next_width, panel_width, sweep};
use super::pack::{copy_panel, transpose};
use super::plain::Matrix;

/// Calls `f(column, width, offset in the copy)` for every panel of a block of `depth` rows from row
/// `first` on.
#[inline(always)]
fn each_panel(n: usize, first: usize, depth: usize, mut f: impl FnMut(usize, usize, usize)) {
    let (most, mut j) = (panel_width(), 0);
    while j < n {
        let width = next_width(n - j, most);
        f(j, width, first * n + j * depth);
        j += width;
    }
}

/// Copies B [k, n], n >= 4, of which a row or a column stride is 1, to k n floats.
pub unsafe fn pack(k: usize, n: usize, b: Matrix<f32>, to: *mut f32) {
    let mut p = 0;
    while p < k {
        let depth = next_depth(k - p);
        each_panel(n, p, depth, |j, width, at| {
            let from = b.start.add(p * b.row + j * b.column);
            if b.column == 1 {
                copy_panel(depth, width, from, b.row, to.add(at));
            } else {
                transpose(width, depth, from, b.column, to.add(at), width);
            }
        });
        p += depth;
    }
}

/// C[m, n] (+)= A[m, k] B, with B in panels; rows of A lie contiguous, those of C `c_row` apart. Each
/// row has the same bits whatever `m` is.
pub unsafe fn multiply(
    m: usize,
    n: usize,
    k: usize,
    a: *const f32,
    panels: *const f32,
    c: *mut f32,
    c_row: usize,
    accumulate: bool,
) {
    let mut p = 0;
    while p < k {
        let depth = next_depth(k - p);
        let rows = Rows {
            start: a.add(p),
            row: k,
            step: 1,
        };
        let add = accumulate || p != 0;
        each_panel(n, p, depth, |j, width, at| {
            let panel = Strided {
                start: panels.add(at),
                step: width,
            };
            sweep(m, depth, rows, panel, width, c.add(j), c_row, add.into());
        });
        p += depth;
    }
}
