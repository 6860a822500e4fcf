//! Resampling along the middle axis: each element of the result is a weighted
//! sum of `taps` elements of x `[outer, n, inner]`, the same for every row.
//!
//! Loops: outer, index of the result, then rows of `inner` elements in vectors.
//! Rows of one element (the last axis of an image) go without vectors: their
//! neighbours come from anywhere. Callers make indices that lie within n.

use crate::float::{Floats, Real, export_more};
use crate::simd::{Scalar, Vector};

export_more! {
    /// `out[o, j, c] = sum over t of weight[j, t] * x[o, index[j, t], c]`
    fn resample(
        outer: usize, n: usize, inner: usize, k: usize, taps: usize,
        x: *const Real, index: *const i32, weight: *const Real, out: *mut Real,
    ) {
        for o in 0..outer {
            let rows = x.add(o * n * inner);
            let results = out.add(o * k * inner);
            for j in 0..k {
                let (at, by) = (index.add(j * taps), weight.add(j * taps));
                if inner == 1 {
                    let mut sum = *by * *rows.add(*at as usize);
                    for t in 1..taps {
                        sum += *by.add(t) * *rows.add(*at.add(t) as usize);
                    }
                    *results.add(j) = sum;
                    continue;
                }
                let to = results.add(j * inner);
                let mut c = 0;
                while c < inner {
                    let left = inner - c;
                    let first = rows.add(*at as usize * inner + c);
                    let mut sum = Floats::load_up_to(first, left) * Floats::splat(*by);
                    for t in 1..taps {
                        let row = rows.add(*at.add(t) as usize * inner + c);
                        sum = Floats::load_up_to(row, left).mul_add(Floats::splat(*by.add(t)), sum);
                    }
                    sum.store_up_to(to.add(c), left);
                    c += Floats::LANES;
                }
            }
        }
    }

    /// `out[o, index[j, t], c] += weight[j, t] * g[o, j, c]`, from zeros.
    fn resample_backward(
        outer: usize, n: usize, inner: usize, k: usize, taps: usize,
        g: *const Real, index: *const i32, weight: *const Real, out: *mut Real,
    ) {
        for i in 0..outer * n * inner {
            *out.add(i) = Real::ZERO;
        }
        for o in 0..outer {
            let rows = out.add(o * n * inner);
            for j in 0..k {
                let from = g.add((o * k + j) * inner);
                for t in j * taps..(j + 1) * taps {
                    let to = rows.add(*index.add(t) as usize * inner);
                    let by = *weight.add(t);
                    if inner == 1 {
                        *to += by * *from;
                        continue;
                    }
                    let mut c = 0;
                    while c < inner {
                        let left = inner - c;
                        let sum = Floats::load_up_to(to.add(c), left);
                        Floats::load_up_to(from.add(c), left)
                            .mul_add(Floats::splat(by), sum)
                            .store_up_to(to.add(c), left);
                        c += Floats::LANES;
                    }
                }
            }
        }
    }
}
