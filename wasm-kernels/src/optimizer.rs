//! One optimizer step over all parameters: a table of int32 rows, one per
//! parameter. The formulas and their order are PyTorch's single-tensor ones.
//!
//! Each call takes the same shares of all parameters, `first` to `end` of 64, so that threads get
//! equal work.
//!
//! Scalars are float64 in both builds, so that `1 - beta` and the step size are
//! rounded once, as Python's are.

use crate::float::{Floats, Real, export};
use crate::simd::{Float, Vector};
use crate::unary::map_two;

/// A row of the table: the number of elements, then pointers.
struct Row(*const i32);

impl Row {
    #[inline(always)]
    unsafe fn pointer(&self, i: usize) -> *mut Real {
        *self.0.add(i) as usize as *mut Real
    }
}

/// The elements of a row's shares.
#[inline(always)]
unsafe fn range(row: &Row, [first, end]: [usize; 2]) -> (usize, usize) {
    let size = *row.0 as usize;
    let share = size.div_ceil(64).next_multiple_of(4);
    (size.min(first * share), size.min(end * share))
}

/// Calls `f(offset, lanes left)` for every vector of a row's shares.
#[inline(always)]
unsafe fn each(row: &Row, shares: [usize; 2], mut f: impl FnMut(usize, usize)) {
    let (mut i, end) = range(row, shares);
    while i + Floats::LANES <= end {
        f(i, Floats::LANES);
        i += Floats::LANES;
    }
    if i < end {
        f(i, end - i);
    }
}

#[inline(always)]
unsafe fn load(p: *mut Real, i: usize, left: usize) -> Floats {
    Floats::load_up_to(p.add(i), left)
}

/// The gradient with weight decay, its sign turned when maximizing.
#[inline(always)]
fn gradient(g: Floats, p: Floats, decay: Floats, maximize: bool) -> Floats {
    let g = if maximize { -g } else { g };
    p.mul_add(decay, g)
}

export! {
    /// Table rows: n, param, grad, buffer or 0, fresh (0 or 1).
    fn sgd(
        count: usize,
        first: usize,
        end: usize,
        lr: f64,
        momentum: f64,
        dampening: f64,
        weight_decay: f64,
        nesterov: i32,
        maximize: i32,
        table: *const i32,
    ) {
        let (rate, m) = (Floats::c(-lr), Floats::c(momentum));
        let (decay, rest) = (Floats::c(weight_decay), Floats::c(1.0 - dampening));
        for row in 0..count {
            let row = Row(table.add(row * 5));
            let (param, grad, buffer) = (row.pointer(1), row.pointer(2), row.pointer(3));
            let fresh = *row.0.add(4) != 0;
            if buffer.is_null() && weight_decay == 0.0 {
                // The plain step, in half the time.
                let rate = if maximize != 0 { -rate } else { rate };
                let (i, end) = range(&row, [first, end]);
                let (grad, param) = (grad.add(i), param.add(i));
                map_two(end - i, grad, param, param, |d, p| d.mul_add(rate, p));
                continue;
            }
            each(&row, [first, end], |i, left| {
                let p = load(param, i, left);
                let mut d = gradient(load(grad, i, left), p, decay, maximize != 0);
                if !buffer.is_null() {
                    let b = if fresh { d } else { load(buffer, i, left) * m + d * rest };
                    b.store_up_to(buffer.add(i), left);
                    d = if nesterov != 0 { b.mul_add(m, d) } else { b };
                }
                d.mul_add(rate, p).store_up_to(param.add(i), left);
            });
        }
    }

    /// Table rows: n, param, grad, m, v, vmax or 0. `bias1` = 1 - beta1^t,
    /// `bias2` = 1 - beta2^t; `decoupled` is AdamW.
    fn adam(
        count: usize,
        first: usize,
        end: usize,
        lr: f64,
        beta1: f64,
        beta2: f64,
        eps: f64,
        weight_decay: f64,
        decoupled: i32,
        bias1: f64,
        bias2: f64,
        amsgrad: i32,
        maximize: i32,
        table: *const i32,
    ) {
        let (keep, decay) = if decoupled != 0 {
            (Floats::c(1.0 - lr * weight_decay), Floats::zero())
        } else {
            (Floats::c(1.0), Floats::c(weight_decay))
        };
        let (rest1, rest2) = (Floats::c(1.0 - beta1), Floats::c(1.0 - beta2));
        let (beta2, eps) = (Floats::c(beta2), Floats::c(eps));
        let step = Floats::c(-lr / bias1);
        let root = Floats::c(1.0) / Floats::c(bias2).sqrt();
        for row in 0..count {
            let row = Row(table.add(row * 6));
            let (param, grad) = (row.pointer(1), row.pointer(2));
            let (mean, square, largest) = (row.pointer(3), row.pointer(4), row.pointer(5));
            each(&row, [first, end], |i, left| {
                let p = load(param, i, left) * keep;
                let g = gradient(load(grad, i, left), p, decay, maximize != 0);
                let m = load(mean, i, left);
                let m = (g - m).mul_add(rest1, m);
                m.store_up_to(mean.add(i), left);
                let v = load(square, i, left) * beta2;
                let mut v = (g * g).mul_add(rest2, v);
                v.store_up_to(square.add(i), left);
                if amsgrad != 0 && !largest.is_null() {
                    v = v.max(load(largest, i, left));
                    v.store_up_to(largest.add(i), left);
                }
                let denominator = v.sqrt().mul_add(root, eps);
                (m / denominator).mul_add(step, p).store_up_to(param.add(i), left);
            });
        }
    }

    /// Table rows: n, param, grad, square average, gradient average or 0,
    /// buffer or 0.
    fn rmsprop(
        count: usize,
        first: usize,
        end: usize,
        lr: f64,
        alpha: f64,
        eps: f64,
        weight_decay: f64,
        momentum: f64,
        centered: i32,
        maximize: i32,
        table: *const i32,
    ) {
        let (rate, m) = (Floats::c(-lr), Floats::c(momentum));
        let (decay, eps) = (Floats::c(weight_decay), Floats::c(eps));
        let (alpha, rest) = (Floats::c(alpha), Floats::c(1.0 - alpha));
        for row in 0..count {
            let row = Row(table.add(row * 6));
            let (param, grad) = (row.pointer(1), row.pointer(2));
            let (square, average, buffer) = (row.pointer(3), row.pointer(4), row.pointer(5));
            each(&row, [first, end], |i, left| {
                let p = load(param, i, left);
                let g = gradient(load(grad, i, left), p, decay, maximize != 0);
                let s = (g * g).mul_add(rest, load(square, i, left) * alpha);
                s.store_up_to(square.add(i), left);
                let mut variance = s;
                if centered != 0 && !average.is_null() {
                    let a = load(average, i, left);
                    let a = (g - a).mul_add(rest, a);
                    a.store_up_to(average.add(i), left);
                    variance = s - a * a;
                }
                let mut d = g / (variance.sqrt() + eps);
                if !buffer.is_null() {
                    d = load(buffer, i, left).mul_add(m, d);
                    d.store_up_to(buffer.add(i), left);
                }
                d.mul_add(rate, p).store_up_to(param.add(i), left);
            });
        }
    }
}
