//! Softmax and its logarithm over the middle axis of `[outer, n, inner]`, and
//! their gradients from the saved output.
//!
//! Both subtract the maximum first. A row (`inner == 1`) runs lane by lane and
//! folds at the end; else lanes are neighbouring columns.

use crate::float::{Floats, Real, export};
use crate::reduce::fold_row;
use crate::simd::{Float, Scalar, Vector};

#[inline(never)]
pub unsafe fn row_max(n: usize, x: *const Real) -> Real {
    fold_row::<Floats>(n, x, Floats::LOWEST, Floats::max)
}

/// The sum of `f(x[i], y[i])`; the terms are stored to `out` when `STORE`.
#[inline(always)]
unsafe fn sum_of<const STORE: bool>(
    n: usize,
    x: *const Real,
    y: *const Real,
    out: *mut Real,
    f: impl Fn(Floats, Floats) -> Floats,
) -> Real {
    // Two levels, so that a long row loses no digits.
    const BLOCK: usize = 32 * Floats::LANES;
    let mut total = Floats::zero();
    let mut i = 0;
    while i < n {
        let end = n.min(i + BLOCK);
        let mut sum = Floats::zero();
        while i < end {
            let left = end - i;
            let (a, b) = (
                Floats::load_up_to(x.add(i), left),
                Floats::load_up_to(y.add(i), left),
            );
            let term = f(a, b);
            if STORE {
                term.store_up_to(out.add(i), left);
            }
            sum = sum + Floats::select(Floats::first_lanes(left), term, Floats::zero());
            i += Floats::LANES;
        }
        i = end;
        total = total + sum;
    }
    total.sum_lanes()
}

/// Writes e^(x - max) and returns its sum.
#[inline(never)]
pub unsafe fn row_exp(n: usize, x: *const Real, max: Real, out: *mut Real) -> Real {
    let max = Floats::splat(max);
    sum_of::<true>(n, x, x, out, |x, _| (x - max).exp())
}

/// Multiplies in place.
#[inline(never)]
pub unsafe fn row_scale(n: usize, s: Real, x: *mut Real) {
    let s = Floats::splat(s);
    crate::unary::map::<Floats>(n, x, x, |v| v * s)
}

#[inline(never)]
unsafe fn softmax_columns(
    n: usize,
    inner: usize,
    left: usize,
    x: *const Real,
    out: *mut Real,
    logarithm: bool,
) {
    let load = |row: usize| Floats::load_up_to(x.add(row * inner), left);
    let mut max = Floats::splat(Floats::LOWEST);
    for row in 0..n {
        max = max.max(load(row));
    }
    let mut sum = Floats::zero();
    for row in 0..n {
        let y = load(row) - max;
        let e = y.exp();
        sum = sum + e;
        let kept = if logarithm { y } else { e };
        kept.store_up_to(out.add(row * inner), left);
    }
    let factor = Floats::splat(Real::ONE) / sum;
    let offset = if logarithm { sum.log_once() } else { factor };
    for row in 0..n {
        let out = out.add(row * inner);
        let y = Floats::load_up_to(out, left);
        let y = if logarithm { y - offset } else { y * factor };
        y.store_up_to(out, left);
    }
}

/// softmax: y (g - sum y g); its logarithm: g - e^y sum g.
#[inline(never)]
unsafe fn backward_columns(
    n: usize,
    inner: usize,
    left: usize,
    y: *const Real,
    g: *const Real,
    out: *mut Real,
    logarithm: bool,
) {
    let load = |p: *const Real, row: usize| Floats::load_up_to(p.add(row * inner), left);
    let mut sum = Floats::zero();
    let store = |v: Floats, row: usize| v.store_up_to(out.add(row * inner), left);
    // The branch is outside: V8 keeps vectors that a branch yields in memory.
    if logarithm {
        for row in 0..n {
            sum = sum + load(g, row);
        }
        for row in 0..n {
            store(load(g, row) - load(y, row).exp() * sum, row);
        }
    } else {
        for row in 0..n {
            sum = sum + load(g, row) * load(y, row);
        }
        for row in 0..n {
            store(load(y, row) * (load(g, row) - sum), row);
        }
    }
}

/// Calls `f(offset, lanes)` for every vector of columns.
#[inline(always)]
unsafe fn each_column(outer: usize, n: usize, inner: usize, mut f: impl FnMut(usize, usize)) {
    for o in 0..outer {
        let mut c = 0;
        while c < inner {
            f(o * n * inner + c, inner - c);
            c += Floats::LANES;
        }
    }
}

export! {
    fn softmax(outer: usize, n: usize, inner: usize, x: *const Real, out: *mut Real) {
        if inner != 1 {
            return each_column(outer, n, inner, |at, left| {
                softmax_columns(n, inner, left, x.add(at), out.add(at), false)
            });
        }
        for o in 0..outer {
            let (x, out) = (x.add(o * n), out.add(o * n));
            let sum = row_exp(n, x, row_max(n, x), out);
            row_scale(n, Real::ONE / sum, out);
        }
    }

    fn log_softmax(outer: usize, n: usize, inner: usize, x: *const Real, out: *mut Real) {
        if inner != 1 {
            return each_column(outer, n, inner, |at, left| {
                softmax_columns(n, inner, left, x.add(at), out.add(at), true)
            });
        }
        for o in 0..outer {
            let (x, out) = (x.add(o * n), out.add(o * n));
            let max = row_max(n, x);
            let log = Floats::splat(row_exp(n, x, max, out)).log_once();
            let max = Floats::splat(max);
            // Not x - (max + log): log may vanish beside a large max.
            crate::unary::map::<Floats>(n, x, out, |x| x - max - log);
        }
    }

    fn softmax_backward(
        outer: usize, n: usize, inner: usize, y: *const Real, g: *const Real, out: *mut Real,
    ) {
        if inner != 1 {
            return each_column(outer, n, inner, |at, left| {
                backward_columns(n, inner, left, y.add(at), g.add(at), out.add(at), false)
            });
        }
        for o in 0..outer {
            let (y, g, out) = (y.add(o * n), g.add(o * n), out.add(o * n));
            let sum = sum_of::<false>(n, y, g, out, |y, g| y * g);
            let sum = Floats::splat(sum);
            crate::unary::map_two(n, y, g, out, |y, g| y * (g - sum));
        }
    }

    fn log_softmax_backward(
        outer: usize, n: usize, inner: usize, y: *const Real, g: *const Real, out: *mut Real,
    ) {
        if inner != 1 {
            return each_column(outer, n, inner, |at, left| {
                backward_columns(n, inner, left, y.add(at), g.add(at), out.add(at), true)
            });
        }
        for o in 0..outer {
            let (y, g, out) = (y.add(o * n), g.add(o * n), out.add(o * n));
            let sum = Floats::splat(sum_of::<false>(n, g, g, out, |g, _| g));
            let mut i = 0;
            while i < n {
                let left = n - i;
                let (y, g) = (
                    Floats::load_up_to(y.add(i), left),
                    Floats::load_up_to(g.add(i), left),
                );
                (g - y.exp() * sum).store_up_to(out.add(i), left);
                i += Floats::LANES;
            }
        }
    }
}
