//! c (+)= a B, a row times a large row-major B, which is read once and in memory's order; what it
//! adds to stays in the first cache. Tiles would walk down B in narrow panels, with each row in
//! another page, or many rows in a few sets of the caches.
//!
//! Loop order: depth in the blocks of `packed`, columns in chunks, STEPS rows of B at a time. Every
//! sum is added up as in a tile, so that it has the same bits.

use super::blocked::next_depth;
use super::plain::Matrix;
use crate::simd::{F32x4, Vector};
use crate::unary::{map, map_two};

/// Rows of B that are added at once.
const STEPS: usize = 8;
/// Columns of a chunk.
const COLUMNS: usize = 2048;

pub unsafe fn stream(
    n: usize,
    k: usize,
    a: Matrix<f32>,
    b: Matrix<f32>,
    c: *mut f32,
    accumulate: bool,
    scratch: *mut f32,
) {
    let mut p = 0;
    while p < k {
        let depth = next_depth(k - p);
        let apart = accumulate || p != 0;
        for j in (0..n).step_by(COLUMNS) {
            let width = COLUMNS.min(n - j);
            let sums = if apart { scratch } else { c.add(j) };
            map::<F32x4>(width, sums, sums, |_| F32x4::zero());
            let mut q = p;
            while q < p + depth {
                let factor = |s| F32x4::splat(a.at(0, q + s));
                let from = b.start.add(q * b.row + j);
                if q + STEPS <= p + depth {
                    add::<STEPS>(core::array::from_fn(factor), from, b.row, width, sums);
                    q += STEPS;
                } else {
                    add::<1>([factor(0)], from, b.row, width, sums);
                    q += 1;
                }
            }
            if apart {
                map_two(width, sums, c.add(j), c.add(j), |sum, old| old + sum);
            }
        }
        p += depth;
    }
}

/// sums[width] += factors[S] B[S, width].
#[inline(always)]
unsafe fn add<const S: usize>(
    factors: [F32x4; S],
    b: *const f32,
    b_row: usize,
    width: usize,
    sums: *mut f32,
) {
    let step = |j: usize, left: usize| {
        let mut sum = F32x4::load_up_to(sums.add(j), left);
        for (s, factor) in factors.iter().enumerate() {
            sum = factor.mul_add(F32x4::load_up_to(b.add(s * b_row + j), left), sum);
        }
        sum.store_up_to(sums.add(j), left);
    };
    let mut j = 0;
    while j + 4 <= width {
        step(j, 4);
        j += 4;
    }
    if j < width {
        step(j, width - j);
    }
}
