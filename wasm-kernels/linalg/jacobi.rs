//! One-sided Jacobi: rows are turned, pair by pair, until all are orthogonal.

use crate::rows::{dot, rotate, sqrt};

const EPSILON: f64 = f64::EPSILON;
/// Sweeps over all pairs; six to ten are usual.
const SWEEPS: usize = 60;

/// The tangent of the angle after which two rows are orthogonal, the smaller of
/// the two that there are.
fn tangent(xx: f64, yy: f64, xy: f64) -> f64 {
    let half = (xx - yy) / (2.0 * xy);
    if half.abs() > 1e150 {
        return 0.5 / half;
    }
    (1.0 / (half.abs() + sqrt(1.0 + half * half))).copysign(half)
}

/// The squared length of a row whose other row took so much of it: by that, or
/// anew where most of it went, and the difference has lost its digits.
unsafe fn turned_square(n: usize, square: f64, change: f64, x: *const f64) -> f64 {
    let sum = square + change;
    if sum > 0.25 * square {
        sum
    } else {
        dot(n, x, x)
    }
}

/// Makes the rows of X `[n, n]` orthogonal; `squares` are their squared lengths
/// then. Turns the rows of Y `[n, n]` with them, unless it is null. Returns
/// whether it has come to an end.
pub unsafe fn orthogonalize(n: usize, x: *mut f64, y: *mut f64, squares: *mut f64) -> bool {
    let tolerance = EPSILON * sqrt(n as f64);
    for _ in 0..SWEEPS {
        let mut turned = false;
        for i in 0..n {
            *squares.add(i) = dot(n, x.add(i * n), x.add(i * n));
        }
        for i in 0..n {
            for j in i + 1..n {
                let (a, b) = (x.add(i * n), x.add(j * n));
                let (xx, yy) = (*squares.add(i), *squares.add(j));
                let xy = dot(n, a, b);
                if !(xy.abs() > tolerance * sqrt(xx) * sqrt(yy)) {
                    continue;
                }
                turned = true;
                let t = tangent(xx, yy, xy);
                let c = 1.0 / sqrt(1.0 + t * t);
                let s = c * t;
                rotate(n, c, s, a, b);
                *squares.add(i) = turned_square(n, xx, t * xy, a);
                *squares.add(j) = turned_square(n, yy, -t * xy, b);
                if !y.is_null() {
                    rotate(n, c, s, y.add(i * n), y.add(j * n));
                }
            }
        }
        if !turned {
            return true;
        }
    }
    false
}
