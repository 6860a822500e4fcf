//! A = L Lᵀ of symmetric matrices, of which the lower triangle counts.

use crate::product::{BLOCK, subtract_product};
use crate::rows::{dot, sqrt};

/// In the place of A, zeros above the diagonal. Returns the number of the first
/// row that no positive-definite matrix has, counting from 1, or 0.
unsafe fn factor(n: usize, a: *mut f64) -> i32 {
    let mut from = 0;
    while from < n {
        let to = n.min(from + BLOCK);
        for i in from..n {
            let row = a.add(i * n);
            for j in from..to.min(i) {
                let other = a.add(j * n);
                let rest = *row.add(j) - dot(j - from, row.add(from), other.add(from));
                *row.add(j) = rest / *other.add(j);
                // What lies above the diagonal is free: L transposed.
                *other.add(i) = *row.add(j);
            }
            if i < to {
                let rest = *row.add(i) - dot(i - from, row.add(from), row.add(from));
                if !(rest > 0.0) {
                    return i as i32 + 1;
                }
                *row.add(i) = sqrt(rest);
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
    for i in 0..n {
        for j in i + 1..n {
            *a.add(i * n + j) = 0.0;
        }
    }
    0
}

/// Factors matrices `[batch, n, n]` in their place.
#[unsafe(no_mangle)]
unsafe extern "C" fn cholesky(batch: usize, n: usize, a: *mut f64, info: *mut i32) {
    for i in 0..batch {
        *info.add(i) = factor(n, a.add(i * n * n));
    }
}
