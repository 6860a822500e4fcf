//! P A = L U by elimination with partial pivoting, block by block.

use crate::product::{BLOCK, subtract_product};
use crate::rows::{add_scaled, swap};
use crate::triangular::{Triangle, solve};

const LOWER: Triangle = Triangle {
    upper: false,
    unit: true,
};
const UPPER: Triangle = Triangle {
    upper: true,
    unit: false,
};

/// The row of the largest element of a column, from its diagonal on.
unsafe fn pivot(n: usize, k: usize, a: *const f64) -> usize {
    let (mut best, mut most) = (k, (*a.add(k * n + k)).abs());
    for i in k + 1..n {
        let value = (*a.add(i * n + k)).abs();
        if value > most {
            (best, most) = (i, value);
        }
    }
    best
}

/// Eliminates a column within the columns of its block.
unsafe fn eliminate(n: usize, k: usize, to: usize, a: *mut f64) {
    let row = a.add(k * n);
    for i in k + 1..n {
        let other = a.add(i * n);
        *other.add(k) /= *row.add(k);
        add_scaled(to - k - 1, -*other.add(k), row.add(k + 1), other.add(k + 1));
    }
}

/// In the place of A; which row went to k stands in `pivots`. Returns the number
/// of the first pivot that is 0, counting from 1, or 0.
unsafe fn factor(n: usize, a: *mut f64, pivots: *mut i32) -> i32 {
    let mut singular = 0;
    let mut from = 0;
    while from < n {
        let to = n.min(from + BLOCK);
        for k in from..to {
            let best = pivot(n, k, a);
            *pivots.add(k) = best as i32;
            if best != k {
                swap(n, a.add(k * n), a.add(best * n));
            }
            if *a.add(k * n + k) != 0.0 {
                eliminate(n, k, to, a);
            } else if singular == 0 {
                singular = k as i32 + 1;
            }
        }
        for i in from + 1..to {
            for j in from..i {
                let factor = -*a.add(i * n + j);
                add_scaled(n - to, factor, a.add(j * n + to), a.add(i * n + to));
            }
        }
        subtract_product(
            [n - to, n - to, to - from],
            [a.add(to * n + from), a.add(from * n + to)],
            [n; 3],
            a.add(to * n + to),
        );
        from = to;
    }
    singular
}

/// Factors matrices `[batch, n, n]` in their place.
#[unsafe(no_mangle)]
unsafe extern "C" fn lu(batch: usize, n: usize, a: *mut f64, pivots: *mut i32, info: *mut i32) {
    for i in 0..batch {
        *info.add(i) = factor(n, a.add(i * n * n), pivots.add(i * n));
    }
}

/// Solves A X = B for factored matrices in the place of B `[batch, n, k]`.
#[unsafe(no_mangle)]
unsafe extern "C" fn solve_lu(
    batch: usize,
    n: usize,
    k: usize,
    a: *const f64,
    pivots: *const i32,
    b: *mut f64,
) {
    for i in 0..batch {
        let (a, b, pivots) = (a.add(i * n * n), b.add(i * n * k), pivots.add(i * n));
        for row in 0..n {
            let other = *pivots.add(row) as usize;
            if other != row {
                swap(k, b.add(row * k), b.add(other * k));
            }
        }
        solve(LOWER, [n, k], a, b);
        solve(UPPER, [n, k], a, b);
    }
}
