//! Reductions of the middle axis: x `[outer, n, inner]`, out `[outer, inner]`.
//!
//! Sums are blocked: 64 vectors are added plainly (as four independent sums),
//! and the blocks' sums go through `Total`, which carries what each addition
//! lost. The order is fixed by the sizes alone, and ten million numbers keep
//! their digits.
//!
//! `inner == 1` runs along the row; otherwise lanes are columns, and several
//! vectors of columns are held so that each cache line is read once.

use crate::float::{Floats, Real, export};
use crate::simd::{Float, Scalar, Vector};

const LANES: usize = Floats::LANES;

/// Vectors per block, and rows per block of columns.
const BLOCK: usize = 64;

/// Vectors of columns that are held at a time.
const WIDE: usize = 4;

/// A running sum with the error of every addition (Knuth's two-sum).
#[derive(Clone, Copy)]
pub struct Total {
    sum: Floats,
    lost: Floats,
}

impl Total {
    #[inline(always)]
    pub fn zero() -> Total {
        Total {
            sum: Floats::zero(),
            lost: Floats::zero(),
        }
    }

    #[inline(always)]
    pub fn add(&mut self, x: Floats) {
        let sum = self.sum + x;
        let part = sum - self.sum;
        self.lost = self.lost + ((self.sum - (sum - part)) + (x - part));
        self.sum = sum;
    }

    /// What the additions lost, per lane. An infinite sum makes it a NaN: 0.
    #[inline(always)]
    fn lost(self) -> Floats {
        Floats::select(self.lost.eq(self.lost), self.lost, Floats::zero())
    }

    /// The sums per lane.
    #[inline(always)]
    pub fn lanes(self) -> Floats {
        self.sum + self.lost()
    }

    /// The sum of all lanes.
    #[inline(always)]
    pub fn value(self) -> Real {
        self.sum.sum_with(self.lost())
    }
}

/// The sum of n terms; `f(i, left)` gives a vector of them from i on, 0 in lanes that are not left.
#[inline(always)]
pub unsafe fn sum_terms(n: usize, f: impl Fn(usize, usize) -> Floats) -> Real {
    let mut total = Total::zero();
    let mut i = 0;
    while i + BLOCK * LANES <= n {
        let mut sums = [Floats::zero(); 4];
        let end = i + BLOCK * LANES;
        while i < end {
            for sum in sums.iter_mut() {
                *sum = *sum + f(i, LANES);
                i += LANES;
            }
        }
        total.add((sums[0] + sums[1]) + (sums[2] + sums[3]));
    }
    let mut sum = Floats::zero();
    while i + LANES <= n {
        sum = sum + f(i, LANES);
        i += LANES;
    }
    if i < n {
        sum = sum + f(i, n - i);
    }
    total.add(sum);
    total.value()
}

/// The sum of `f(x[i])`, where f(0) = 0.
#[inline(always)]
pub unsafe fn sum_row(n: usize, x: *const Real, f: impl Fn(Floats) -> Floats) -> Real {
    sum_terms(n, |i, left| f(Floats::load_up_to(x.add(i), left)))
}

/// Sums of `W` vectors of columns, the last of `left` lanes when W is 1.
#[inline(always)]
unsafe fn sum_columns<const W: usize>(
    n: usize,
    inner: usize,
    x: *const Real,
    left: usize,
) -> [Floats; W] {
    let mut totals = [Total::zero(); W];
    let (mut row, mut from) = (0, x);
    while row < n {
        let mut sums = [Floats::zero(); W];
        let end = n.min(row + BLOCK);
        while row < end {
            for (w, sum) in sums.iter_mut().enumerate() {
                let p = from.add(w * Floats::LANES);
                let v = if W == 1 {
                    Floats::load_up_to(p, left)
                } else {
                    Floats::load(p)
                };
                *sum = *sum + v;
            }
            (row, from) = (row + 1, from.add(inner));
        }
        for (total, sum) in totals.iter_mut().zip(sums) {
            total.add(sum);
        }
    }
    totals.map(Total::lanes)
}

/// Sums over the middle axis, each divided by `divisor`.
#[inline(never)]
pub unsafe fn sums(
    outer: usize,
    n: usize,
    inner: usize,
    divisor: Real,
    x: *const Real,
    out: *mut Real,
) {
    let by = Floats::splat(divisor);
    for o in 0..outer {
        let x = x.add(o * n * inner);
        let out = out.add(o * inner);
        if inner == 1 {
            *out = sum_row(n, x, |v| v) / divisor;
            continue;
        }
        let mut c = 0;
        while c + WIDE * LANES <= inner {
            let sums = sum_columns::<WIDE>(n, inner, x.add(c), 0);
            for (w, sum) in sums.into_iter().enumerate() {
                (sum / by).store(out.add(c + w * LANES));
            }
            c += WIDE * LANES;
        }
        while c < inner {
            let [sum] = sum_columns::<1>(n, inner, x.add(c), inner - c);
            (sum / by).store_up_to(out.add(c), inner - c);
            c += LANES;
        }
    }
}

/// Folds with an operation whose neutral element is `start`.
#[inline(always)]
pub unsafe fn fold<V: Vector>(
    outer: usize,
    n: usize,
    inner: usize,
    x: *const V::Scalar,
    out: *mut V::Scalar,
    start: V::Scalar,
    f: impl Fn(V, V) -> V,
) {
    for o in 0..outer {
        let x = x.add(o * n * inner);
        let out = out.add(o * inner);
        if inner == 1 {
            *out = fold_row(n, x, start, &f);
            continue;
        }
        let mut c = 0;
        while c < inner {
            let left = inner - c;
            let mut sum = V::splat(start);
            for row in 0..n {
                sum = f(sum, V::load_up_to(x.add(row * inner + c), left));
            }
            sum.store_up_to(out.add(c), left);
            c += V::LANES;
        }
    }
}

#[inline(always)]
pub unsafe fn fold_row<V: Vector>(
    n: usize,
    x: *const V::Scalar,
    start: V::Scalar,
    f: impl Fn(V, V) -> V,
) -> V::Scalar {
    let (mut even, mut odd) = (V::splat(start), V::splat(start));
    let mut i = 0;
    while V::LANES > 1 && i + 2 * V::LANES <= n {
        even = f(even, V::load(x.add(i)));
        odd = f(odd, V::load(x.add(i + V::LANES)));
        i += 2 * V::LANES;
    }
    let mut folded = f(even, odd).fold(&f);
    while i < n {
        folded = f(V::splat(folded), V::splat(*x.add(i))).first();
        i += 1;
    }
    folded
}

/// Position of the first value that `beats` all before it. NaN beats numbers.
#[inline(always)]
unsafe fn position<S: Scalar>(
    outer: usize,
    n: usize,
    inner: usize,
    x: *const S,
    out: *mut i32,
    beats: impl Fn(S, S) -> bool,
) {
    for o in 0..outer {
        for c in 0..inner {
            let x = x.add(o * n * inner + c);
            let (mut best, mut at) = (*x, 0);
            let mut from = x;
            for i in 1..n {
                from = from.add(inner);
                let v = *from;
                #[allow(clippy::eq_op)]
                if beats(v, best) || (v != v && best == best) {
                    (best, at) = (v, i as i32);
                }
            }
            *out.add(o * inner + c) = at;
        }
    }
}

export! {
    fn sum(outer: usize, n: usize, inner: usize, x: *const Real, out: *mut Real) {
        sums(outer, n, inner, 1.0, x, out)
    }

    fn mean(outer: usize, n: usize, inner: usize, x: *const Real, out: *mut Real) {
        sums(outer, n, inner, n as Real, x, out)
    }

    fn prod(outer: usize, n: usize, inner: usize, x: *const Real, out: *mut Real) {
        fold::<Floats>(outer, n, inner, x, out, 1.0, |a, b| a * b)
    }

    fn argmax(outer: usize, n: usize, inner: usize, x: *const Real, out: *mut i32) {
        position(outer, n, inner, x, out, |a, b| a > b)
    }

    fn argmin(outer: usize, n: usize, inner: usize, x: *const Real, out: *mut i32) {
        position(outer, n, inner, x, out, |a, b| a < b)
    }

    /// The sum of squares of `n` numbers.
    fn sum_squares(n: usize, x: *const Real, out: *mut Real) {
        *out = sum_row(n, x, |v| v * v)
    }
}

#[cfg(feature = "base")]
mod int {
    use super::*;
    use crate::simd::{Flags, I32x4};

    macro_rules! folds {
        ($($name:ident $start:expr, $f:expr;)*) => {$(
            #[unsafe(no_mangle)]
            unsafe extern "C" fn $name(
                outer: usize,
                n: usize,
                inner: usize,
                x: *const i32,
                out: *mut i32,
            ) {
                fold::<I32x4>(outer, n, inner, x, out, $start, $f)
            }
        )*};
    }

    folds! {
        sum_i32 0, |a, b| a + b;
        prod_i32 1, |a, b| a * b;
        amax_i32 i32::MIN, |a, b| a.max(b);
        amin_i32 i32::MAX, |a, b| a.min(b);
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn argmax_i32(
        outer: usize,
        n: usize,
        inner: usize,
        x: *const i32,
        out: *mut i32,
    ) {
        position(outer, n, inner, x, out, |a, b| a > b)
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn argmin_i32(
        outer: usize,
        n: usize,
        inner: usize,
        x: *const i32,
        out: *mut i32,
    ) {
        position(outer, n, inner, x, out, |a, b| a < b)
    }

    /// How many bytes of each column are true, handed to `store`.
    #[inline(always)]
    unsafe fn counts(
        outer: usize,
        n: usize,
        inner: usize,
        x: *const u8,
        mut store: impl FnMut(usize, usize),
    ) {
        for o in 0..outer {
            let x = x.add(o * n * inner);
            let mut c = 0;
            while c + I32x4::LANES <= inner {
                let mut count = I32x4::zero();
                for i in 0..n {
                    let set = I32x4::load_u8(x.add(i * inner + c)).ne(I32x4::zero());
                    count = count - I32x4(set);
                }
                for count in count.to_array() {
                    store(o * inner + c, count as usize);
                    c += 1;
                }
            }
            while c < inner {
                let (mut i, mut count) = (0, 0);
                while inner == 1 && i + Flags::LANES <= n {
                    count += Flags::load(x.add(i)).count();
                    i += Flags::LANES;
                }
                while i < n {
                    count += (*x.add(i * inner + c) != 0) as usize;
                    i += 1;
                }
                store(o * inner + c, count);
                c += 1;
            }
        }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn any_u8(outer: usize, n: usize, inner: usize, x: *const u8, out: *mut u8) {
        counts(outer, n, inner, x, |i, count| {
            *out.add(i) = (count > 0) as u8
        })
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn all_u8(outer: usize, n: usize, inner: usize, x: *const u8, out: *mut u8) {
        counts(outer, n, inner, x, |i, count| {
            *out.add(i) = (count == n) as u8
        })
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn sum_u8(outer: usize, n: usize, inner: usize, x: *const u8, out: *mut i32) {
        counts(outer, n, inner, x, |i, count| *out.add(i) = count as i32)
    }
}
