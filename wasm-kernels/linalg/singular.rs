//! A = U Σ Vᵀ: a QR factorization with pivots, then one-sided Jacobi on R.
//!
//! Of A P = Q R the rows of R are made orthogonal by turning them: J R = Σ W.
//! So U = Q Jᵀ and Vᵀ = W Pᵀ. Pivots leave Jacobi little to do.

use crate::householder::{factor_pivoted, multiply};
use crate::jacobi::orthogonalize;
use crate::rows::{add_scaled, dot, identity, largest, scale, sqrt, swap, towards_one};

/// Below this a row has no direction: its square has vanished.
const NOTHING: f64 = 1e-150;

/// Sorts by length, the longest first, and returns how many have a direction;
/// those get the length 1. `y` may be null.
unsafe fn sort(n: usize, x: *mut f64, y: *mut f64, s: *mut f64) -> usize {
    let mut rank = 0;
    for i in 0..n {
        let mut best = i;
        for j in i + 1..n {
            if *s.add(j) > *s.add(best) {
                best = j;
            }
        }
        if best != i {
            (*s.add(i), *s.add(best)) = (*s.add(best), *s.add(i));
            swap(n, x.add(i * n), x.add(best * n));
            if !y.is_null() {
                swap(n, y.add(i * n), y.add(best * n));
            }
        }
        let length = *s.add(i);
        if length > NOTHING {
            rank = i + 1;
            scale(n, 1.0 / length, x.add(i * n));
        }
    }
    rank
}

/// Replaces the rows behind the first `rank`, which are orthonormal, so that
/// all are: by unit vectors, less what the others have of them.
unsafe fn complete(n: usize, rank: usize, x: *mut f64) {
    let mut unit = 0;
    for i in rank..n {
        let row = x.add(i * n);
        // Some unit vector keeps a square of 1 / n at least.
        loop {
            for j in 0..n {
                *row.add(j) = 0.0;
            }
            *row.add(unit) = 1.0;
            unit += 1;
            let mut square = 0.0;
            for _ in 0..2 {
                for j in 0..i {
                    let other = x.add(j * n);
                    add_scaled(n, -dot(n, row, other), other, row);
                }
                square = dot(n, row, row);
            }
            if square * n as f64 > 0.5 || unit == n {
                scale(n, 1.0 / sqrt(square), row);
                break;
            }
        }
    }
}

/// Whether A `[m, n]`, m at least n, could be decomposed. `u` is
/// `[m, columns]`, `vt` is `[n, n]`; both may be null. `scratch` has room for
/// `2 n n + 4 n + m` numbers.
unsafe fn decompose(
    [m, n, columns]: [usize; 3],
    a: *mut f64,
    u: *mut f64,
    s: *mut f64,
    vt: *mut f64,
    scratch: *mut f64,
) -> bool {
    let most = largest(m * n, a);
    if !most.is_finite() {
        return false;
    }
    let unit = towards_one(most);
    scale(m * n, unit, a);
    let (x, turns) = (scratch, scratch.add(n * n));
    let tau = turns.add(n * n);
    let lengths = tau.add(n);
    let order = lengths.add(n) as *mut i32;
    let sums = lengths.add(2 * n);
    factor_pivoted(m, n, a, tau, sums, lengths, order);
    for i in 0..n {
        for j in 0..n {
            *x.add(i * n + j) = if j < i { 0.0 } else { *a.add(i * n + j) };
        }
    }
    let y = if u.is_null() {
        core::ptr::null_mut()
    } else {
        turns
    };
    if !y.is_null() {
        identity(n, n, y);
    }
    if !orthogonalize(n, x, y, s) {
        return false;
    }
    for i in 0..n {
        *s.add(i) = sqrt(*s.add(i));
    }
    let rank = sort(n, x, y, s);
    if !vt.is_null() {
        complete(n, rank, x);
        for i in 0..n {
            for j in 0..n {
                *vt.add(i * n + *order.add(j) as usize) = *x.add(i * n + j);
            }
        }
    }
    if !u.is_null() {
        identity(m, columns, u);
        for i in 0..n {
            for j in 0..n {
                *u.add(i * columns + j) = *y.add(j * n + i);
            }
        }
        multiply(m, n, a, tau, columns, u, sums);
    }
    scale(n, 1.0 / unit, s);
    true
}

/// Singular values `[batch, n]` of matrices `[batch, m, n]`, m at least n, which
/// are destroyed, and unless they are null U `[batch, m, columns]` and Vᵀ
/// `[batch, n, n]`. `info` is 1 for those with NaN or infinity, or where the
/// sweeps did not end.
#[unsafe(no_mangle)]
unsafe extern "C" fn svd(
    batch: usize,
    m: usize,
    n: usize,
    columns: usize,
    a: *mut f64,
    u: *mut f64,
    s: *mut f64,
    vt: *mut f64,
    info: *mut i32,
    scratch: *mut f64,
) {
    for i in 0..batch {
        let u = if u.is_null() {
            u
        } else {
            u.add(i * m * columns)
        };
        let vt = if vt.is_null() { vt } else { vt.add(i * n * n) };
        let (a, s) = (a.add(i * m * n), s.add(i * n));
        *info.add(i) = !decompose([m, n, columns], a, u, s, vt, scratch) as i32;
    }
}
