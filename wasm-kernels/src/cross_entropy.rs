//! Cross entropy of logits `[rows, classes]` against int32 labels, fused with
//! the softmax whose probabilities its gradient needs.

use crate::float::{Floats, Real, export};
use crate::simd::{Float, Scalar, Vector};
use crate::softmax::{row_exp, row_max, row_scale};

/// -1, or the first position whose value is not in [0, n).
pub unsafe fn first_outside(count: usize, index: *const i32, n: usize) -> i32 {
    for i in 0..count {
        if *index.add(i) as u32 >= n as u32 {
            return i as i32;
        }
    }
    -1
}

export! {
    /// probs = softmax(x); loss = log(sum e^(x - max)) - (x[target] - max), per
    /// row (reduction 0), their mean (1) or sum (2). Returns -1, or the first
    /// row whose target is outside [0, classes); nothing is written then.
    fn cross_entropy(
        rows: usize,
        classes: usize,
        reduction: usize,
        x: *const Real,
        target: *const i32,
        probs: *mut Real,
        loss: *mut Real,
    ) -> i32 {
        let bad = first_outside(rows, target, classes);
        if bad >= 0 {
            return bad;
        }
        let mut total = 0.0f64;
        for row in 0..rows {
            let (x, probs) = (x.add(row * classes), probs.add(row * classes));
            let max = row_max(classes, x);
            // Read before probs is written: the two may be one array.
            let picked = *x.add(*target.add(row) as usize);
            let sum = row_exp(classes, x, max, probs);
            row_scale(classes, Real::ONE / sum, probs);
            let value = Floats::splat(sum).log_once().first() - (picked - max);
            if reduction == 0 {
                *loss.add(row) = value;
            }
            total += value as f64;
        }
        match reduction {
            0 => {}
            1 => *loss = (total / rows as f64) as Real,
            _ => *loss = total as Real,
        }
        -1
    }

    /// out[r, c] = (probs[r, c] - [c = target[r]]) g[r g_stride] factor.
    fn cross_entropy_backward(
        rows: usize,
        classes: usize,
        factor: Real,
        probs: *const Real,
        target: *const i32,
        g: *const Real,
        g_stride: usize,
        out: *mut Real,
    ) {
        for row in 0..rows {
            let (probs, out) = (probs.add(row * classes), out.add(row * classes));
            let s = *g.add(row * g_stride) * factor;
            let at = *target.add(row) as usize;
            let hit = (*probs.add(at) - Real::ONE) * s;
            let by = Floats::splat(s);
            crate::unary::map::<Floats>(classes, probs, out, |p| p * by);
            *out.add(at) = hit;
        }
    }
}
