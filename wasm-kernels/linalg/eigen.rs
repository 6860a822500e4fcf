//! Eigenvalues of symmetric matrices: reflections to a tridiagonal matrix, then
//! the implicit QL algorithm (Wilkinson and Reinsch).

use crate::rows::{add_scaled, dot, identity, largest, rotate, scale, sqrt, swap};
use crate::rows::{towards_one, transpose};

/// An eigenvalue takes less than two turns on average.
const TURNS: usize = 60;

/// Makes A `[n, n]` tridiagonal: its diagonal goes to d, what lies beside it to
/// e, and the k-th reflection to row k, behind the diagonal, its factor to tau.
/// `w` has room for a row.
unsafe fn reduce(n: usize, a: *mut f64, d: *mut f64, e: *mut f64, tau: *mut f64, w: *mut f64) {
    for k in 0..n {
        let row = a.add(k * n);
        *d.add(k) = *row.add(k);
        *tau.add(k) = 0.0;
        if k + 1 >= n {
            break;
        }
        let rest = n - k - 1;
        let v = row.add(k + 1);
        let top = *v;
        let square = dot(rest - 1, v.add(1), v.add(1));
        *e.add(k) = top;
        if square == 0.0 {
            continue;
        }
        let length = -sqrt(top * top + square).copysign(top);
        *e.add(k) = length;
        let t = (length - top) / length;
        *tau.add(k) = t;
        scale(rest - 1, 1.0 / (top - length), v.add(1));
        *v = 1.0;
        let block = a.add((k + 1) * n + k + 1);
        for i in 0..rest {
            *w.add(i) = t * dot(rest, block.add(i * n), v);
        }
        add_scaled(rest, -0.5 * t * dot(rest, w, v), v, w);
        for i in 0..rest {
            add_scaled(rest, -*v.add(i), w, block.add(i * n));
            add_scaled(rest, -*w.add(i), v, block.add(i * n));
        }
    }
}

/// The product of the reflections, transposed: rows that QL will turn.
unsafe fn accumulate(n: usize, a: *const f64, tau: *const f64, q: *mut f64, sums: *mut f64) {
    identity(n, n, q);
    for k in (0..n.saturating_sub(1)).rev() {
        let t = *tau.add(k);
        if t == 0.0 {
            continue;
        }
        let rest = n - k - 1;
        let v = a.add(k * n + k + 1);
        let block = q.add((k + 1) * n + k + 1);
        for j in 0..rest {
            *sums.add(j) = 0.0;
        }
        for i in 0..rest {
            add_scaled(rest, *v.add(i), block.add(i * n), sums);
        }
        for i in 0..rest {
            add_scaled(rest, -t * *v.add(i), sums, block.add(i * n));
        }
    }
    transpose(n, q);
}

/// Nothing beside elements near 1; less vanishes when it is squared.
const NOTHING: f64 = 1e-150;

/// The first place from l on where the matrix falls apart.
unsafe fn split(n: usize, l: usize, d: *const f64, e: *const f64) -> usize {
    let mut m = l;
    while m + 1 < n {
        let beside = (*d.add(m)).abs() + (*d.add(m + 1)).abs();
        if (*e.add(m)).abs() <= f64::EPSILON * beside + NOTHING {
            break;
        }
        m += 1;
    }
    m
}

/// sqrt(a² + b²).
fn hypotenuse(a: f64, b: f64) -> f64 {
    sqrt(a * a + b * b)
}

/// One turn of QL on rows l to m; Q's rows turn with it, unless it is null.
unsafe fn turn(n: usize, l: usize, m: usize, d: *mut f64, e: *mut f64, q: *mut f64) {
    let half = (*d.add(l + 1) - *d.add(l)) / (2.0 * *e.add(l));
    let root = hypotenuse(half, 1.0).copysign(half);
    let mut g = *d.add(m) - *d.add(l) + *e.add(l) / (half + root);
    let (mut s, mut c, mut p) = (1.0, 1.0, 0.0);
    let mut i = m;
    while i > l {
        i -= 1;
        let f = s * *e.add(i);
        let b = c * *e.add(i);
        let r = hypotenuse(f, g);
        *e.add(i + 1) = r;
        if r == 0.0 {
            // It falls apart here.
            *d.add(i + 1) -= p;
            *e.add(m) = 0.0;
            return;
        }
        (s, c) = (f / r, g / r);
        g = *d.add(i + 1) - p;
        let r = (*d.add(i) - g) * s + 2.0 * c * b;
        p = s * r;
        *d.add(i + 1) = g + p;
        g = c * r - b;
        if !q.is_null() {
            rotate(n, c, s, q.add((i + 1) * n), q.add(i * n));
        }
    }
    *d.add(l) -= p;
    *e.add(l) = g;
    *e.add(m) = 0.0;
}

/// Makes the tridiagonal matrix diagonal; whether it came to an end.
unsafe fn diagonalize(n: usize, d: *mut f64, e: *mut f64, q: *mut f64) -> bool {
    for l in 0..n {
        let mut turns = 0;
        loop {
            let m = split(n, l, d, e);
            if m == l {
                break;
            }
            if turns == TURNS {
                return false;
            }
            turns += 1;
            turn(n, l, m, d, e, q);
        }
    }
    true
}

/// Ascending.
unsafe fn sort(n: usize, d: *mut f64, q: *mut f64) {
    for i in 0..n {
        let mut best = i;
        for j in i + 1..n {
            if *d.add(j) < *d.add(best) {
                best = j;
            }
        }
        if best != i {
            (*d.add(i), *d.add(best)) = (*d.add(best), *d.add(i));
            if !q.is_null() {
                swap(n, q.add(i * n), q.add(best * n));
            }
        }
    }
}

/// Copies one triangle over the other.
unsafe fn mirror(n: usize, upper: bool, a: *mut f64) {
    for i in 0..n {
        for j in 0..i {
            let (below, above) = (a.add(i * n + j), a.add(j * n + i));
            if upper {
                *below = *above;
            } else {
                *above = *below;
            }
        }
    }
}

unsafe fn decompose(n: usize, a: *mut f64, d: *mut f64, q: *mut f64, scratch: *mut f64) -> bool {
    let most = largest(n * n, a);
    if !most.is_finite() {
        for i in 0..n {
            *d.add(i) = f64::NAN;
        }
        if !q.is_null() {
            for i in 0..n * n {
                *q.add(i) = f64::NAN;
            }
        }
        return true;
    }
    let unit = towards_one(most);
    scale(n * n, unit, a);
    let (e, tau, row) = (scratch, scratch.add(n), scratch.add(2 * n));
    reduce(n, a, d, e, tau, row);
    if !q.is_null() {
        accumulate(n, a, tau, q, row);
    }
    let done = diagonalize(n, d, e, q);
    sort(n, d, q);
    if !q.is_null() {
        transpose(n, q);
    }
    scale(n, 1.0 / unit, d);
    done
}

/// Eigenvalues `[batch, n]`, ascending, of symmetric matrices `[batch, n, n]`, of
/// which one triangle counts and which are destroyed, and unless it is null their eigenvectors, the columns of
/// Q `[batch, n, n]`. NaN for matrices with NaN or infinity; `info` is 1 where
/// the turns did not end. `scratch` has room for 3 n numbers.
#[unsafe(no_mangle)]
unsafe extern "C" fn eigh(
    batch: usize,
    n: usize,
    upper: usize,
    a: *mut f64,
    w: *mut f64,
    q: *mut f64,
    info: *mut i32,
    scratch: *mut f64,
) {
    for i in 0..batch {
        let q = if q.is_null() { q } else { q.add(i * n * n) };
        let a = a.add(i * n * n);
        mirror(n, upper != 0, a);
        let done = decompose(n, a, w.add(i * n), q, scratch);
        *info.add(i) = !done as i32;
    }
}
