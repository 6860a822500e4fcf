//! A = Q R by reflections, and Q times a matrix.
//!
//! A reflection I - tau v vᵀ has v = 1 at its diagonal and the rest below it,
//! in the column that it made zero.

use crate::rows::{add_scaled, sqrt};

/// The reflection of a column, from row k on, to a multiple of the first unit
/// vector; returns tau, and leaves that multiple on the diagonal.
unsafe fn reflection(m: usize, n: usize, k: usize, a: *mut f64) -> f64 {
    let column = a.add(k);
    let mut most = 0.0f64;
    for i in k + 1..m {
        let value = (*column.add(i * n)).abs();
        if !(value <= most) {
            most = value;
        }
    }
    if most == 0.0 {
        return 0.0;
    }
    let top = *column.add(k * n);
    if top.abs() > most {
        most = top.abs();
    }
    let mut sum = 0.0;
    for i in k..m {
        let value = *column.add(i * n) / most;
        sum += value * value;
    }
    let length = -(most * sqrt(sum)).copysign(top);
    for i in k + 1..m {
        *column.add(i * n) /= top - length;
    }
    *column.add(k * n) = length;
    (length - top) / length
}

/// Applies the k-th of A's `[m, n]` reflections to columns of B, whose rows lie
/// `b_row` apart. `sums` has room for a row; `then` sees each row that changed.
#[inline(always)]
unsafe fn reflect(
    [m, n, k]: [usize; 3],
    a: *const f64,
    tau: f64,
    [columns, b_row]: [usize; 2],
    b: *mut f64,
    sums: *mut f64,
    mut then: impl FnMut(*const f64),
) {
    let v = a.add(k);
    for j in 0..columns {
        *sums.add(j) = *b.add(k * b_row + j);
    }
    for i in k + 1..m {
        add_scaled(columns, *v.add(i * n), b.add(i * b_row), sums);
    }
    add_scaled(columns, -tau, sums, b.add(k * b_row));
    for i in k + 1..m {
        let row = b.add(i * b_row);
        add_scaled(columns, -tau * *v.add(i * n), sums, row);
        then(row);
    }
}

/// Factors A `[m, n]` in its place: R above, the reflections below.
pub unsafe fn factor(m: usize, n: usize, a: *mut f64, tau: *mut f64, sums: *mut f64) {
    for k in 0..m.min(n) {
        let t = reflection(m, n, k, a);
        *tau.add(k) = t;
        let rest = a.add(k + 1);
        reflect([m, n, k], a, t, [n - k - 1, n], rest, sums, |_| {});
    }
}

/// The same with the largest column first, of those that are left: R's diagonal
/// falls. `order` tells which column went where; `lengths` has room for a row.
pub unsafe fn factor_pivoted(
    m: usize,
    n: usize,
    a: *mut f64,
    tau: *mut f64,
    sums: *mut f64,
    lengths: *mut f64,
    order: *mut i32,
) {
    for j in 0..n {
        *order.add(j) = j as i32;
        *lengths.add(j) = 0.0;
    }
    for i in 0..m {
        add_squares(n, a.add(i * n), lengths);
    }
    for k in 0..m.min(n) {
        let mut best = k;
        for j in k + 1..n {
            if *lengths.add(j) > *lengths.add(best) {
                best = j;
            }
        }
        if best != k {
            for i in 0..m {
                let row = a.add(i * n);
                (*row.add(k), *row.add(best)) = (*row.add(best), *row.add(k));
            }
            (*order.add(k), *order.add(best)) = (*order.add(best), *order.add(k));
        }
        let t = reflection(m, n, k, a);
        *tau.add(k) = t;
        let columns = n - k - 1;
        let left = lengths.add(k + 1);
        for j in 0..columns {
            *left.add(j) = 0.0;
        }
        let rest = a.add(k + 1);
        reflect([m, n, k], a, t, [columns, n], rest, sums, |row| {
            add_squares(columns, row, left)
        });
    }
}

unsafe fn add_squares(n: usize, x: *const f64, sums: *mut f64) {
    for i in 0..n {
        *sums.add(i) += *x.add(i) * *x.add(i);
    }
}

/// B = Q B, for B `[m, columns]`.
pub unsafe fn multiply(
    m: usize,
    n: usize,
    a: *const f64,
    tau: *const f64,
    columns: usize,
    b: *mut f64,
    sums: *mut f64,
) {
    for k in (0..m.min(n)).rev() {
        let t = *tau.add(k);
        reflect([m, n, k], a, t, [columns, columns], b, sums, |_| {});
    }
}

/// Factors matrices `[batch, m, n]` in their place; `tau` is
/// `[batch, min(m, n)]`, `scratch` has room for n numbers.
#[unsafe(no_mangle)]
unsafe extern "C" fn qr(
    batch: usize,
    m: usize,
    n: usize,
    a: *mut f64,
    tau: *mut f64,
    scratch: *mut f64,
) {
    for i in 0..batch {
        factor(m, n, a.add(i * m * n), tau.add(i * m.min(n)), scratch);
    }
}

/// B `[batch, m, columns]` = Q B, by the reflections of factored matrices;
/// `scratch` has room for `columns` numbers.
#[unsafe(no_mangle)]
unsafe extern "C" fn multiply_q(
    batch: usize,
    m: usize,
    n: usize,
    columns: usize,
    a: *const f64,
    tau: *const f64,
    b: *mut f64,
    scratch: *mut f64,
) {
    for i in 0..batch {
        let (a, tau) = (a.add(i * m * n), tau.add(i * m.min(n)));
        multiply(m, n, a, tau, columns, b.add(i * m * columns), scratch);
    }
}
