//! What is done with rows: runs of numbers, two at a time.

use crate::simd::{F64x2, Vector};

/// The square root, by its instruction.
#[inline(always)]
pub fn sqrt(x: f64) -> f64 {
    use core::arch::wasm32::{f64x2_extract_lane, f64x2_splat, f64x2_sqrt};
    f64x2_extract_lane::<0>(f64x2_sqrt(f64x2_splat(x)))
}

/// The sum of products of two rows.
#[inline(never)]
pub unsafe fn dot(n: usize, x: *const f64, y: *const f64) -> f64 {
    let (mut even, mut odd) = (F64x2::zero(), F64x2::zero());
    let mut i = 0;
    while i + 4 <= n {
        even = F64x2::load(x.add(i)).mul_add(F64x2::load(y.add(i)), even);
        odd = F64x2::load(x.add(i + 2)).mul_add(F64x2::load(y.add(i + 2)), odd);
        i += 4;
    }
    let mut sum = (even + odd).sum_lanes();
    while i < n {
        sum += *x.add(i) * *y.add(i);
        i += 1;
    }
    sum
}

/// y += s x.
#[inline(never)]
pub unsafe fn add_scaled(n: usize, s: f64, x: *const f64, y: *mut f64) {
    let factor = F64x2::splat(s);
    let mut i = 0;
    while i + 2 <= n {
        F64x2::load(x.add(i))
            .mul_add(factor, F64x2::load(y.add(i)))
            .store(y.add(i));
        i += 2;
    }
    if i < n {
        *y.add(i) += s * *x.add(i);
    }
}

/// x *= s.
#[inline(never)]
pub unsafe fn scale(n: usize, s: f64, x: *mut f64) {
    for i in 0..n {
        *x.add(i) *= s;
    }
}

/// Turns two rows into `c x + s y` and `c y - s x`.
#[inline(never)]
pub unsafe fn rotate(n: usize, c: f64, s: f64, x: *mut f64, y: *mut f64) {
    let (cs, ss) = (F64x2::splat(c), F64x2::splat(s));
    let mut i = 0;
    while i + 2 <= n {
        let (a, b) = (F64x2::load(x.add(i)), F64x2::load(y.add(i)));
        (cs * a + ss * b).store(x.add(i));
        (cs * b - ss * a).store(y.add(i));
        i += 2;
    }
    if i < n {
        let (a, b) = (*x.add(i), *y.add(i));
        (*x.add(i), *y.add(i)) = (c * a + s * b, c * b - s * a);
    }
}

/// Swaps two rows.
#[inline(never)]
pub unsafe fn swap(n: usize, x: *mut f64, y: *mut f64) {
    for i in 0..n {
        (*x.add(i), *y.add(i)) = (*y.add(i), *x.add(i));
    }
}

/// Writes the identity, cut or with zeros beside and below it.
pub unsafe fn identity(m: usize, n: usize, out: *mut f64) {
    for i in 0..m * n {
        *out.add(i) = 0.0;
    }
    for i in 0..m.min(n) {
        *out.add(i * n + i) = 1.0;
    }
}

/// Transposes a square matrix in its place.
pub unsafe fn transpose(n: usize, a: *mut f64) {
    for i in 0..n {
        for j in 0..i {
            let (p, q) = (a.add(i * n + j), a.add(j * n + i));
            (*p, *q) = (*q, *p);
        }
    }
}

/// The largest magnitude, or NaN where there is one.
pub unsafe fn largest(n: usize, x: *const f64) -> f64 {
    let mut most = 0.0f64;
    for i in 0..n {
        let value = (*x.add(i)).abs();
        // Neither is below a NaN, so that it stays.
        if !(value <= most) && !most.is_nan() {
            most = value;
        }
    }
    most
}

/// The power of two by which a finite matrix whose largest element is this gets
/// elements near 1: their squares neither overflow nor vanish.
pub fn towards_one(largest: f64) -> f64 {
    if largest == 0.0 {
        return 1.0;
    }
    // Of the smallest numbers so much as has an inverse.
    let exponent = (largest.to_bits() >> 52).clamp(23, 2023);
    f64::from_bits((2046 - exponent) << 52)
}
