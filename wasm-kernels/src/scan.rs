//! Linear recurrences along the middle axis, of which running sums and products
//! are cases; all arrays are `[outer, n, inner]`.
//!
//! y[i] = a[i] y[i-1] + b[i], or backwards y[i] = a[i+1] y[i+1] + b[i]: each is
//! the other's adjoint. A null a stands for ones; a null b for the first a and
//! zeros behind it, which makes products. float32 is carried in float64.

use crate::float::{Real, export_more, narrow, wide};

/// Columns carried at a time where rows are interleaved.
const WIDE: usize = 16;

/// `next(carried, position of the factor, b)` is carried on.
#[inline(always)]
unsafe fn scan_with<S: Copy, C: Copy>(
    [outer, n, inner]: [usize; 3],
    reverse: bool,
    b: *const S,
    out: *mut S,
    widen: impl Fn(S) -> C,
    next: impl Fn(C, usize, C) -> C,
    round: impl Fn(C) -> S,
) {
    if n == 0 {
        return;
    }
    for o in 0..outer {
        let mut column = 0;
        while column < inner {
            let width = WIDE.min(inner - column);
            let top = o * n * inner + column;
            let mut at = if reverse { top + (n - 1) * inner } else { top };
            let mut carried = [widen(*b.add(at)); WIDE];
            for (c, y) in carried.iter_mut().enumerate().take(width) {
                *y = widen(*b.add(at + c));
                *out.add(at + c) = *b.add(at + c);
            }
            for _ in 1..n {
                let factor = if reverse { at } else { at + inner };
                at = if reverse { at - inner } else { at + inner };
                for (c, y) in carried.iter_mut().enumerate().take(width) {
                    *y = next(*y, factor + c, widen(*b.add(at + c)));
                    *out.add(at + c) = round(*y);
                }
            }
            column += WIDE;
        }
    }
}

/// Sums and products of rows, the usual cases: carried in a register, and with
/// one operation in the chain, in half the time.
#[inline(always)]
unsafe fn carry_rows(
    outer: usize,
    n: usize,
    reverse: bool,
    out: *mut Real,
    start: f64,
    next: impl Fn(f64, usize) -> f64,
) {
    for o in 0..outer {
        let mut y = start;
        for i in 0..n {
            let at = o * n + if reverse { n - 1 - i } else { i };
            y = next(y, at);
            *out.add(at) = narrow(y);
        }
    }
}

export_more! {
    fn scan(
        outer: usize, n: usize, inner: usize, reverse: usize,
        a: *const Real, b: *const Real, out: *mut Real,
    ) {
        let (sizes, reverse) = ([outer, n, inner], reverse != 0);
        if inner == 1 && a.is_null() {
            return carry_rows(outer, n, reverse, out, 0.0, |y, at| y + wide(*b.add(at)));
        }
        if inner == 1 && b.is_null() {
            return carry_rows(outer, n, false, out, 1.0, |y, at| y * wide(*a.add(at)));
        }
        let next = |y: f64, at, value| {
            let factor = if a.is_null() { 1.0 } else { wide(*a.add(at)) };
            factor * y + if b.is_null() { 0.0 } else { value }
        };
        let starts = if b.is_null() { a } else { b };
        scan_with(sizes, reverse, starts, out, wide, next, narrow)
    }
}

#[unsafe(no_mangle)]
unsafe extern "C" fn scan_i32(
    outer: usize,
    n: usize,
    inner: usize,
    reverse: usize,
    a: *const i32,
    b: *const i32,
    out: *mut i32,
) {
    let (sizes, reverse) = ([outer, n, inner], reverse != 0);
    let next = |y: i32, at, value| {
        let factor = if a.is_null() { 1 } else { *a.add(at) };
        let value = if b.is_null() { 0 } else { value };
        factor.wrapping_mul(y).wrapping_add(value)
    };
    let starts = if b.is_null() { a } else { b };
    scan_with(sizes, reverse, starts, out, |x| x, next, |y| y)
}
