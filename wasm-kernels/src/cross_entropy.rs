//! Cross entropy of logits `[outer, classes, inner]` against int32 labels
//! `[outer, inner]`, fused with the softmax whose probabilities its gradient
//! needs.

use crate::float::{Floats, Real, export, narrow, wide};
use crate::simd::{Float, Scalar, Vector};
use crate::softmax::{
    Strip, each_strip, each_vector, row_exp, row_max, row_scale, softmax_columns, strip,
};
use crate::unary::{map, map_two};

/// Zeros in one column.
unsafe fn clear(n: usize, inner: usize, column: *mut Real) {
    for i in 0..n {
        *column.add(i * inner) = Real::ZERO;
    }
}

export! {
    /// probs = softmax(x); loss = log(sum e^(x - max)) - (x[target] - max), for
    /// each label (reduction 0), their mean (1) or sum (2). Where the label is
    /// `ignore` nothing counts: probs and loss are 0. Returns -1, or the
    /// position of the first other label outside [0, classes); nothing is
    /// written then.
    fn cross_entropy(
        outer: usize,
        classes: usize,
        inner: usize,
        reduction: usize,
        ignore: i32,
        x: *const Real,
        target: *const i32,
        probs: *mut Real,
        loss: *mut Real,
    ) -> i32 {
        for i in 0..outer * inner {
            let label = *target.add(i);
            if label as u32 >= classes as u32 && label != ignore {
                return i as i32;
            }
        }
        let mut total = 0.0f64;
        let mut count = 0;
        let mut settle = |i: usize, value: Real| {
            if reduction == 0 {
                *loss.add(i) = value;
            }
            total += wide(value);
            count += (*target.add(i) != ignore) as i32;
        };
        let by_rows = if inner == 1 { outer } else { 0 };
        for row in 0..by_rows {
            let (x, probs) = (x.add(row * classes), probs.add(row * classes));
            let label = *target.add(row);
            if label == ignore {
                clear(classes, 1, probs);
                settle(row, Real::ZERO);
                continue;
            }
            let max = row_max(classes, x);
            let sum = row_exp(classes, x, max, probs);
            row_scale(classes, Real::ONE / sum, probs);
            let log = Floats::splat(sum).log_once().first();
            settle(row, log - (*x.add(label as usize) - max));
        }
        let mut held = (Strip::uninit(), Strip::uninit());
        let (max, logs) = (strip(&mut held.0), strip(&mut held.1));
        each_strip(outer - by_rows, inner, |o, c, columns| {
            let at = o * classes * inner + c;
            let (x, probs, first) = (x.add(at), probs.add(at), o * inner + c);
            softmax_columns(classes, inner, columns, x, probs, false, max, logs);
            each_vector(0, columns, |v, _, _| *logs.add(v) = -(*logs.add(v)).log_once());
            let (max, logs) = (max as *const Real, logs as *const Real);
            for c in 0..columns {
                let label = *target.add(first + c);
                let mut value = Real::ZERO;
                if label == ignore {
                    clear(classes, inner, probs.add(c));
                } else {
                    let picked = *x.add(label as usize * inner + c);
                    value = *logs.add(c) - (picked - *max.add(c));
                }
                settle(first + c, value);
            }
        });
        match reduction {
            0 => {}
            1 => *loss = narrow(total / count as f64),
            _ => *loss = narrow(total),
        }
        -1
    }

    /// out = (probs - [class = target]) g[i g_stride] for label i, divided by the
    /// number of labels that count if the loss was a mean; 0 where the label is
    /// `ignore`.
    fn cross_entropy_backward(
        outer: usize,
        classes: usize,
        inner: usize,
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
            for i in 0..outer * inner {
                count += (*target.add(i) != ignore) as i32;
            }
            factor = Real::ONE / count as Real;
        }
        let by = Floats::splat(factor);
        for o in 0..outer {
            let (probs, out) = (probs.add(o * classes * inner), out.add(o * classes * inner));
            let (target, g) = (target.add(o * inner), g.add(o * inner * g_stride));
            if inner == 1 || g_stride == 0 {
                let by = Floats::splat(*g) * by;
                map::<Floats>(classes * inner, probs, out, |p| p * by);
            } else {
                for i in 0..classes {
                    let (probs, out) = (probs.add(i * inner), out.add(i * inner));
                    map_two(inner, probs, g, out, |p, g| p * (g * by));
                }
            }
            for c in 0..inner {
                let label = *target.add(c);
                if label == ignore {
                    clear(classes, inner, out.add(c));
                } else {
                    let at = label as usize * inner + c;
                    *out.add(at) = (*probs.add(at) - Real::ONE) * (*g.add(c * g_stride) * factor);
                }
            }
        }
    }
}
