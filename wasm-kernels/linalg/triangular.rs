//! Triangular systems: substitution, block by block.

use crate::product::{BLOCK, subtract_product};
use crate::rows::{add_scaled, dot};

/// Which triangle of the matrix counts, and whether its diagonal is ones.
#[derive(Clone, Copy)]
pub struct Triangle {
    pub upper: bool,
    pub unit: bool,
}

/// Solves T X = B in the place of B `[n, k]`.
pub unsafe fn solve(triangle: Triangle, [n, k]: [usize; 2], a: *const f64, b: *mut f64) {
    if k == 1 {
        return within(triangle, [0, n], [n, 1], a, b);
    }
    let blocks = n.div_ceil(BLOCK);
    for turn in 0..blocks {
        let block = if triangle.upper {
            blocks - 1 - turn
        } else {
            turn
        };
        let (from, to) = (block * BLOCK, n.min(block * BLOCK + BLOCK));
        within(triangle, [from, to], [n, k], a, b);
        let (first, rows) = if triangle.upper {
            (0, from)
        } else {
            (to, n - to)
        };
        subtract_product(
            [rows, k, to - from],
            [a.add(first * n + from), b.add(from * k)],
            [n, k, k],
            b.add(first * k),
        );
    }
}

/// The same for the rows of one block: all of them, for a vector.
unsafe fn within(
    triangle: Triangle,
    [from, to]: [usize; 2],
    [n, k]: [usize; 2],
    a: *const f64,
    b: *mut f64,
) {
    for turn in from..to {
        let i = if triangle.upper {
            from + to - 1 - turn
        } else {
            turn
        };
        let (row, x) = (a.add(i * n), b.add(i * k));
        let (first, last) = if triangle.upper {
            (i + 1, to)
        } else {
            (from, i)
        };
        if k == 1 {
            *x -= dot(last - first, row.add(first), b.add(first));
        } else {
            for j in first..last {
                add_scaled(k, -*row.add(j), b.add(j * k), x);
            }
        }
        if !triangle.unit {
            let pivot = *row.add(i);
            for c in 0..k {
                *x.add(c) /= pivot;
            }
        }
    }
}

/// Solves triangular systems in the place of B `[batch, n, k]`.
#[unsafe(no_mangle)]
unsafe extern "C" fn solve_triangular(
    batch: usize,
    n: usize,
    k: usize,
    upper: usize,
    unit: usize,
    a: *const f64,
    b: *mut f64,
) {
    let triangle = Triangle {
        upper: upper != 0,
        unit: unit != 0,
    };
    for i in 0..batch {
        solve(triangle, [n, k], a.add(i * n * n), b.add(i * n * k));
    }
}
