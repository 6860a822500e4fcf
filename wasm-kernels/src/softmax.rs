//! Softmax and its logarithm over the middle axis of `[outer, n, inner]`, and
//! their gradients from the saved output.
//!
//! Both subtract the maximum first, and then need exponentials of what is not
//! above 0 only: `decay`. A row (`inner == 1`) runs lane by lane and
//! folds at the end; else lanes are neighbouring columns.

use crate::extremes::row_extreme;
use crate::float::{Floats, Real, export};
use crate::reduce::{sum_row, sum_terms};
use crate::simd::{Float, Scalar, Vector};

/// Vectors, or rows, that are added plainly before their sum is added to others.
const BLOCK: usize = 32;

/// Vectors of neighbouring columns that go down the rows together: each row is then read by whole
/// lines of the cache, also where rows lie a power of two apart.
const STRIP: usize = 16;

pub unsafe fn row_max(n: usize, x: *const Real) -> Real {
    row_extreme(n, x, false)
}

/// Writes e^(x - max) and returns its sum.
#[inline(never)]
pub unsafe fn row_exp(n: usize, x: *const Real, max: Real, out: *mut Real) -> Real {
    let max = Floats::splat(max);
    // Two levels, so that a long row loses no digits.
    let mut total = Floats::zero();
    let mut i = 0;
    while i < n {
        let end = n.min(i + BLOCK * Floats::LANES);
        let mut sum = Floats::zero();
        while i < end {
            let left = end - i;
            let e = (Floats::load_up_to(x.add(i), left) - max).decay();
            if left >= Floats::LANES {
                e.store(out.add(i));
                sum = sum + e;
            } else {
                e.store_part(out.add(i), left);
                sum = sum + Floats::select(Floats::first_lanes(left), e, Floats::zero());
            }
            i += Floats::LANES;
        }
        total = total + sum;
    }
    total.sum_lanes()
}

/// Multiplies in place.
#[inline(never)]
pub unsafe fn row_scale(n: usize, s: Real, x: *mut Real) {
    let s = Floats::splat(s);
    crate::unary::map::<Floats>(n, x, x, |v| v * s)
}

/// A vector for each of a strip. Not filled at once: a strip may have a single column.
pub type Strip = core::mem::MaybeUninit<[Floats; STRIP]>;

pub unsafe fn strip(held: &mut Strip) -> *mut Floats {
    held.as_mut_ptr() as *mut Floats
}

/// Calls `f(vector of the strip, offset, columns left)` for a row.
#[inline(always)]
pub unsafe fn each_vector(at: usize, columns: usize, mut f: impl FnMut(usize, usize, usize)) {
    let mut c = 0;
    while c < columns {
        f(c / Floats::LANES, at + c, columns - c);
        c += Floats::LANES;
    }
}

/// Adds up what `term(vector, offset, left)` gives, column by column, and by blocks of rows.
#[inline(always)]
unsafe fn sum_rows(
    n: usize,
    inner: usize,
    columns: usize,
    totals: *mut Floats,
    mut term: impl FnMut(usize, usize, usize) -> Floats,
) {
    let mut held = Strip::uninit();
    let sums = strip(&mut held);
    each_vector(0, columns, |v, _, _| *totals.add(v) = Floats::zero());
    let mut row = 0;
    while row < n {
        each_vector(0, columns, |v, _, _| *sums.add(v) = Floats::zero());
        let end = n.min(row + BLOCK);
        while row < end {
            each_vector(row * inner, columns, |v, at, left| {
                *sums.add(v) = *sums.add(v) + term(v, at, left)
            });
            row += 1;
        }
        each_vector(0, columns, |v, _, _| {
            *totals.add(v) = *totals.add(v) + *sums.add(v)
        });
    }
}

/// Leaves the maxima, and what was subtracted or multiplied with at the end: the logarithms of the
/// sums, or their reciprocals.
#[inline(never)]
pub unsafe fn softmax_columns(
    n: usize,
    inner: usize,
    columns: usize,
    x: *const Real,
    out: *mut Real,
    logarithm: bool,
    max: *mut Floats,
    sums: *mut Floats,
) {
    each_vector(0, columns, |v, _, _| {
        *max.add(v) = Floats::splat(Floats::LOWEST)
    });
    for row in 0..n {
        // A NaN may be lost here: it comes back with its own exponential.
        each_vector(row * inner, columns, |v, at, left| {
            *max.add(v) = Floats::load_up_to(x.add(at), left).at_least(*max.add(v))
        });
    }
    sum_rows(n, inner, columns, sums, |v, at, left| {
        let y = Floats::load_up_to(x.add(at), left) - *max.add(v);
        let e = y.decay();
        let kept = if logarithm { y } else { e };
        kept.store_up_to(out.add(at), left);
        e
    });
    each_vector(0, columns, |v, _, _| {
        let sum = *sums.add(v);
        *sums.add(v) = if logarithm {
            sum.log_once()
        } else {
            Floats::c(1.0) / sum
        };
    });
    for row in 0..n {
        each_vector(row * inner, columns, |v, at, left| {
            let y = Floats::load_up_to(out.add(at), left);
            let by = *sums.add(v);
            let y = if logarithm { y - by } else { y * by };
            y.store_up_to(out.add(at), left);
        });
    }
}

/// softmax: y (g - sum y g); its logarithm: g - e^y sum g.
#[inline(always)]
unsafe fn backward_columns(
    n: usize,
    inner: usize,
    columns: usize,
    y: *const Real,
    g: *const Real,
    out: *mut Real,
    logarithm: bool,
) {
    let load = |p: *const Real, at: usize, left: usize| Floats::load_up_to(p.add(at), left);
    let mut held = Strip::uninit();
    let sums = strip(&mut held);
    sum_rows(n, inner, columns, sums, |_, at, left| {
        let g = load(g, at, left);
        if logarithm { g } else { g * load(y, at, left) }
    });
    for row in 0..n {
        each_vector(row * inner, columns, |v, at, left| {
            let (y, g) = (load(y, at, left), load(g, at, left));
            let slope = if logarithm {
                g - y.decay() * *sums.add(v)
            } else {
                y * (g - *sums.add(v))
            };
            slope.store_up_to(out.add(at), left);
        });
    }
}

#[inline(never)]
unsafe fn backward_strips(
    outer: usize,
    n: usize,
    inner: usize,
    y: *const Real,
    g: *const Real,
    out: *mut Real,
    logarithm: bool,
) {
    each_strip(outer, inner, |o, c, columns| {
        let at = o * n * inner + c;
        backward_columns(
            n,
            inner,
            columns,
            y.add(at),
            g.add(at),
            out.add(at),
            logarithm,
        )
    })
}

#[inline(never)]
unsafe fn softmax_strips(
    outer: usize,
    n: usize,
    inner: usize,
    x: *const Real,
    out: *mut Real,
    logarithm: bool,
) {
    let mut held = (Strip::uninit(), Strip::uninit());
    let (max, sums) = (strip(&mut held.0), strip(&mut held.1));
    each_strip(outer, inner, |o, c, columns| {
        let at = o * n * inner + c;
        let (x, out) = (x.add(at), out.add(at));
        softmax_columns(n, inner, columns, x, out, logarithm, max, sums)
    })
}

/// Calls `f(o, c, columns)` for every strip, which starts at column c.
#[inline(always)]
pub unsafe fn each_strip(outer: usize, inner: usize, mut f: impl FnMut(usize, usize, usize)) {
    const COLUMNS: usize = STRIP * Floats::LANES;
    for o in 0..outer {
        let mut c = 0;
        while c < inner {
            f(o, c, COLUMNS.min(inner - c));
            c += COLUMNS;
        }
    }
}

export! {
    fn softmax(outer: usize, n: usize, inner: usize, x: *const Real, out: *mut Real) {
        if inner != 1 {
            return softmax_strips(outer, n, inner, x, out, false);
        }
        for o in 0..outer {
            let (x, out) = (x.add(o * n), out.add(o * n));
            let sum = row_exp(n, x, row_max(n, x), out);
            row_scale(n, Real::ONE / sum, out);
        }
    }

    fn log_softmax(outer: usize, n: usize, inner: usize, x: *const Real, out: *mut Real) {
        if inner != 1 {
            return softmax_strips(outer, n, inner, x, out, true);
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
            return backward_strips(outer, n, inner, y, g, out, false);
        }
        for o in 0..outer {
            let (y, g, out) = (y.add(o * n), g.add(o * n), out.add(o * n));
            let sum = Floats::splat(sum_terms(n, |i, left| {
                Floats::load_up_to(y.add(i), left) * Floats::load_up_to(g.add(i), left)
            }));
            crate::unary::map_two(n, y, g, out, |y, g| y * (g - sum));
        }
    }

    fn log_softmax_backward(
        outer: usize, n: usize, inner: usize, y: *const Real, g: *const Real, out: *mut Real,
    ) {
        if inner != 1 {
            return backward_strips(outer, n, inner, y, g, out, true);
        }
        for o in 0..outer {
            let (y, g, out) = (y.add(o * n), g.add(o * n), out.add(o * n));
            let sum = Floats::splat(sum_row(n, g, |g| g));
            let mut i = 0;
            while i < n {
                let left = n - i;
                let (y, g) = (
                    Floats::load_up_to(y.add(i), left),
                    Floats::load_up_to(g.add(i), left),
                );
                (g - y.decay() * sum).store_up_to(out.add(i), left);
                i += Floats::LANES;
            }
        }
    }
}
