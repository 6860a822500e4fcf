//! C -= A B, for what the blocked algorithms leave to do.

use crate::simd::{F64x2, Vector};

/// Rows that a blocked algorithm treats at a time.
pub const BLOCK: usize = 32;

/// A tile of C in registers: four rows of two pairs, or one of either.
#[inline(always)]
unsafe fn tile<const ROWS: usize, const PAIRS: usize>(
    k: usize,
    [a, b]: [*const f64; 2],
    [a_row, b_row, c_row]: [usize; 3],
    c: *mut f64,
) {
    let mut sums = [[F64x2::zero(); PAIRS]; ROWS];
    for p in 0..k {
        let mut right = [F64x2::zero(); PAIRS];
        for (q, pair) in right.iter_mut().enumerate() {
            *pair = F64x2::load(b.add(p * b_row + 2 * q));
        }
        for (i, row) in sums.iter_mut().enumerate() {
            let left = F64x2::splat(*a.add(i * a_row + p));
            for (sum, pair) in row.iter_mut().zip(right) {
                *sum = left.mul_add(pair, *sum);
            }
        }
    }
    for (i, row) in sums.iter().enumerate() {
        for (q, sum) in row.iter().enumerate() {
            let at = c.add(i * c_row + 2 * q);
            (F64x2::load(at) - *sum).store(at);
        }
    }
}

/// All rows of some columns.
#[inline(always)]
unsafe fn columns<const PAIRS: usize>(
    [m, k]: [usize; 2],
    [a, b]: [*const f64; 2],
    rows: [usize; 3],
    c: *mut f64,
) {
    let mut i = 0;
    while i + 4 <= m {
        tile::<4, PAIRS>(k, [a.add(i * rows[0]), b], rows, c.add(i * rows[2]));
        i += 4;
    }
    while i < m {
        tile::<1, PAIRS>(k, [a.add(i * rows[0]), b], rows, c.add(i * rows[2]));
        i += 1;
    }
}

/// C `[m, n]` -= A `[m, k]` B `[k, n]`; their rows lie so far apart.
#[inline(never)]
pub unsafe fn subtract_product(
    [m, n, k]: [usize; 3],
    [a, b]: [*const f64; 2],
    rows: [usize; 3],
    c: *mut f64,
) {
    let mut j = 0;
    while j + 4 <= n {
        columns::<2>([m, k], [a, b.add(j)], rows, c.add(j));
        j += 4;
    }
    if j + 2 <= n {
        columns::<1>([m, k], [a, b.add(j)], rows, c.add(j));
        j += 2;
    }
    if j < n {
        for i in 0..m {
            let mut sum = 0.0;
            for p in 0..k {
                sum += *a.add(i * rows[0] + p) * *b.add(p * rows[1] + j);
            }
            *c.add(i * rows[2] + j) -= sum;
        }
    }
}
