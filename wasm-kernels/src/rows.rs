//! Copies of rows, for the kernels that lay out their inputs anew.

use crate::simd::{F32x4, Vector};

/// Floats from which on one `memory.copy` is faster than a loop.
const LONG: usize = 32;

/// Copies n floats; never reads or writes outside them.
#[inline(always)]
pub unsafe fn copy(n: usize, from: *const f32, to: *mut f32) {
    if n >= LONG {
        return core::ptr::copy_nonoverlapping(from, to, n);
    }
    if n < 4 {
        for i in 0..n {
            *to.add(i) = *from.add(i);
        }
        return;
    }
    let mut i = 0;
    while i + 4 < n {
        F32x4::load(from.add(i)).store(to.add(i));
        i += 4;
    }
    F32x4::load(from.add(n - 4)).store(to.add(n - 4));
}

/// Sets n floats to a value.
#[inline(always)]
pub unsafe fn fill(n: usize, value: f32, to: *mut f32) {
    if n < 4 {
        for i in 0..n {
            *to.add(i) = value;
        }
        return;
    }
    let mut i = 0;
    while i + 4 < n {
        F32x4::splat(value).store(to.add(i));
        i += 4;
    }
    F32x4::splat(value).store(to.add(n - 4));
}

/// Copies every `stride`-th float, `n` of them; reads nothing beyond the last.
#[inline(always)]
pub unsafe fn take(n: usize, from: *const f32, stride: usize, to: *mut f32) {
    if stride == 1 {
        return copy(n, from, to);
    }
    let mut i = 0;
    if stride == 2 {
        while i + 5 <= n {
            let p = from.add(2 * i);
            let (even, _) = F32x4::load(p).unzip(F32x4::load(p.add(4)));
            even.store(to.add(i));
            i += 4;
        }
    }
    let mut from = from.add(i * stride);
    while stride > 2 && i + 4 <= n {
        F32x4::load_apart(from, stride).store(to.add(i));
        from = from.add(4 * stride);
        i += 4;
    }
    while i < n {
        *to.add(i) = *from;
        from = from.add(stride);
        i += 1;
    }
}

/// Which of the positions `start`, `start + step`, ... (n of them) lie in 0 .. size: from the first
/// up to the end.
#[inline(always)]
pub fn inside(size: usize, start: isize, step: usize, n: usize) -> (usize, usize) {
    let until = |at: isize| {
        let left = (at - start).max(0) as usize;
        // Divisions are slow, and other steps rare.
        match step {
            1 => left,
            2 => left.div_ceil(2),
            _ => left.div_ceil(step),
        }
    };
    let end = until(size as isize).min(n);
    (until(0).min(end), end)
}

/// Copies the columns x, x + stride, ... (n of them) of a row of `width` floats, with `value` for
/// those outside of it.
#[cfg(feature = "products")]
#[inline(always)]
pub unsafe fn window(
    row: *const f32,
    width: usize,
    x: isize,
    stride: usize,
    n: usize,
    value: f32,
    to: *mut f32,
) {
    let (first, end) = inside(width, x, stride, n);
    fill(first, value, to);
    if end > first {
        let from = row.offset(x + (first * stride) as isize);
        take(end - first, from, stride, to.add(first));
    }
    fill(n - end, value, to.add(end));
}
