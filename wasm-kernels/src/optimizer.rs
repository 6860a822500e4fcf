//! One optimizer step over all parameters: a table of int32 rows, one per
//! parameter. The formulas and their order are PyTorch's single-tensor ones.
//!
//! Each call takes the same shares of all parameters, `first` to `end` of 64, so that threads get
//! equal work.
//!
//! Scalars are float64, so that `1 - beta` and the step size are
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

/// Kinds of adaptive steps. Top is the largest square so far, if there is one.
const ADAM: i32 = 0;
/// Only the sign of the mean counts, which moves by `rest2` afterwards.
const LION: i32 = 2;
/// Top averages the squares of updates, and their roots take the rate's place.
const ADADELTA: i32 = 3;
/// The result goes to top, not into the parameter.
const LAMB: i32 = 4;
/// Divides by the deviation, if there is a mean, and `eps` more than it; top, if there is one, is a
/// direction of which `by_mean` stays.
const RMSPROP: i32 = 5;
// 1, Adamax: the square is the largest |g| + eps of late, and divides as it is.

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

    /// Table rows: n, param, grad, mean or 0, square, top or 0.
    ///
    /// The mean m and the square v move towards g and g² by `rest1` and
    /// `rest2`; what is added to `keep` p is (`by_mean` m + `by_grad` g) / (`root` √v + `eps`),
    /// or as the kinds below have it.
    fn adaptive(
        count: usize,
        first: usize,
        end: usize,
        kind: i32,
        maximize: i32,
        keep: f64,
        decay: f64,
        rest1: f64,
        beta2: f64,
        rest2: f64,
        eps: f64,
        root: f64,
        by_grad: f64,
        by_mean: f64,
        table: *const i32,
    ) {
        let (keep, decay) = (Floats::c(keep), Floats::c(decay));
        let (rest1, beta2, rest2) = (Floats::c(rest1), Floats::c(beta2), Floats::c(rest2));
        let (eps, root) = (Floats::c(eps), Floats::c(root));
        let (by_grad, by_mean) = (Floats::c(by_grad), Floats::c(by_mean));
        for row in 0..count {
            let row = Row(table.add(row * 6));
            let (param, grad) = (row.pointer(1), row.pointer(2));
            let (mean, square, top) = (row.pointer(3), row.pointer(4), row.pointer(5));
            if kind == ADAM || kind == LAMB {
                let out = if kind == LAMB { top } else { param };
                each(&row, [first, end], |i, left| {
                    let p = load(param, i, left) * keep;
                    let g = gradient(load(grad, i, left), p, decay, maximize != 0);
                    let mut n = g * by_grad;
                    if !mean.is_null() {
                        let m = load(mean, i, left);
                        let m = (g - m).mul_add(rest1, m);
                        m.store_up_to(mean.add(i), left);
                        n = m.mul_add(by_mean, n);
                    }
                    let v = load(square, i, left) * beta2;
                    let mut v = (g * g).mul_add(rest2, v);
                    v.store_up_to(square.add(i), left);
                    if kind == ADAM && !top.is_null() {
                        v = v.max(load(top, i, left));
                        v.store_up_to(top.add(i), left);
                    }
                    (p + n / v.sqrt().mul_add(root, eps)).store_up_to(out.add(i), left);
                });
                continue;
            }
            if kind == RMSPROP {
                each(&row, [first, end], |i, left| {
                    let p = load(param, i, left) * keep;
                    let g = gradient(load(grad, i, left), p, decay, maximize != 0);
                    let mut v = (g * g).mul_add(rest2, load(square, i, left) * beta2);
                    v.store_up_to(square.add(i), left);
                    if !mean.is_null() {
                        let m = load(mean, i, left);
                        let m = (g - m).mul_add(rest1, m);
                        m.store_up_to(mean.add(i), left);
                        v = v - m * m;
                    }
                    let mut d = g / (v.sqrt() + eps);
                    if !top.is_null() {
                        d = load(top, i, left).mul_add(by_mean, d);
                        d.store_up_to(top.add(i), left);
                    }
                    d.mul_add(by_grad, p).store_up_to(param.add(i), left);
                });
                continue;
            }
            each(&row, [first, end], |i, left| {
                let p = load(param, i, left) * keep;
                let g = gradient(load(grad, i, left), p, decay, maximize != 0);
                let update = if kind == ADADELTA {
                    let v = (g * g).mul_add(rest2, load(square, i, left) * beta2);
                    v.store_up_to(square.add(i), left);
                    let u = load(top, i, left);
                    let d = (u + eps).sqrt() / (v + eps).sqrt() * g;
                    (d * d).mul_add(rest2, u * beta2).store_up_to(top.add(i), left);
                    d * by_grad
                } else {
                    let before = load(mean, i, left);
                    let m = (g - before).mul_add(rest1, before);
                    if kind == LION {
                        (g - before).mul_add(rest2, before).store_up_to(mean.add(i), left);
                        m.sign() * by_mean
                    } else {
                        m.store_up_to(mean.add(i), left);
                        let v = (load(square, i, left) * beta2).max(g.abs() + eps);
                        v.store_up_to(square.add(i), left);
                        m * by_mean / v
                    }
                };
                (p + update).store_up_to(param.add(i), left);
            });
        }
    }
}
