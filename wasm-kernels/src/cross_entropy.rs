//! Cross entropy of logits `[rows, classes]` against int32 labels, fused with
//! the softmax whose probabilities its gradient needs.

use crate::float::{Floats, Real, export, narrow, wide};
use crate::simd::{Float, I32x4, Scalar, Vector};
use crate::softmax::{row_exp, row_max, row_scale};

/// -1, or the first position whose value is not in [0, n).
pub unsafe fn first_outside(count: usize, index: *const i32, n: usize) -> i32 {
    let mut i = 0;
    while i + I32x4::LANES <= count && !I32x4::load(index.add(i)).any_from(n as u32) {
        i += I32x4::LANES;
    }
    while i < count {
        if *index.add(i) as u32 >= n as u32 {
            return i as i32;
        }
        i += 1;
    }
    -1
}

export! {
    /// probs = softmax(x); loss = log(sum e^(x - max)) - (x[target] - max), per
    /// row (reduction 0), their mean (1) or sum (2). Rows whose target is
    /// `ignore` count nowhere: their probs and losses are 0. Returns -1, or the
    /// first other row whose target is outside [0, classes); nothing is written
    /// then.
    fn cross_entropy(
        rows: usize,
        classes: usize,
        reduction: usize,
        ignore: i32,
        x: *const Real,
        target: *const i32,
        probs: *mut Real,
        loss: *mut Real,
    ) -> i32 {
        for row in 0..rows {
            let at = *target.add(row);
            if at as u32 >= classes as u32 && at != ignore {
                return row as i32;
            }
        }
        let mut total = 0.0f64;
        let mut count = 0;
        for row in 0..rows {
            let (x, probs) = (x.add(row * classes), probs.add(row * classes));
            let at = *target.add(row);
            let mut value = 0.0;
            if at == ignore {
                core::ptr::write_bytes(probs, 0, classes);
            } else {
                let max = row_max(classes, x);
                // Read before probs is written: the two may be one array.
                let picked = *x.add(at as usize);
                let sum = row_exp(classes, x, max, probs);
                row_scale(classes, Real::ONE / sum, probs);
                value = Floats::splat(sum).log_once().first() - (picked - max);
                count += 1;
            }
            if reduction == 0 {
                *loss.add(row) = value;
            }
            total += wide(value);
        }
        match reduction {
            0 => {}
            1 => *loss = narrow(total / count as f64),
            _ => *loss = narrow(total),
        }
        -1
    }

    /// out[r, c] = (probs[r, c] - [c = target[r]]) g[r g_stride], divided by the
    /// number of rows that count if the loss was a mean; 0 where the target is
    /// `ignore`.
    fn cross_entropy_backward(
        rows: usize,
        classes: usize,
        mean: usize,
        ignore: i32,
        probs: *const Real,
        target: *const i32,
        g: *const Real,
        g_stride: usize,
        out: *mut Real,
    ) {
        let mut factor = Real::ONE;
        if mean != 0 {
            let mut count = 0;
            for row in 0..rows {
                count += (*target.add(row) != ignore) as i32;
            }
            factor = Real::ONE / count as Real;
        }
        for row in 0..rows {
            let (probs, out) = (probs.add(row * classes), out.add(row * classes));
            let at = *target.add(row);
            if at == ignore {
                core::ptr::write_bytes(out, 0, classes);
                continue;
            }
            let at = at as usize;
            let s = *g.add(row * g_stride) * factor;
            let hit = (*probs.add(at) - Real::ONE) * s;
            let by = Floats::splat(s);
            crate::unary::map::<Floats>(classes, probs, out, |p| p * by);
            *out.add(at) = hit;
        }
    }
}
