//! Gated recurrent layers (LSTM, GRU): their walks through time, for the rows `first` to `end` of a
//! batch. Rows are independent, so that threads share them, each through all steps.
//!
//! What each step takes from its input is there before the walk: `x[steps, batch, gates * hidden]`.
//! `gates[steps, batch, 4 * hidden]` takes the products with the states, then what backward reads:
//! an LSTM's four gates, or a GRU's two, its new gate's share of the state, and its new gate.

use crate::float::{Floats, Real, export_fused};
use crate::matmul::blocked::gemm_rows;
use crate::matmul::plain::Matrix;
use crate::simd::{Float, Vector};

const LANES: usize = Floats::LANES;

/// The rows of a batch that a call computes, and the sizes of one step.
#[derive(Clone, Copy)]
struct Walk {
    first: usize,
    m: usize,
    batch: usize,
    hidden: usize,
}

impl Walk {
    /// Where the rows of step `t` begin in an array of `width` columns.
    #[inline(always)]
    fn at(self, t: usize, width: usize) -> usize {
        (t * self.batch + self.first) * width
    }

    /// c[m, n] (+)= a[m, k] b, with rows `k`, or `a_row`, and `c_row` apart; the same bits for any m.
    #[inline(never)]
    unsafe fn product(
        self,
        [n, k, c_row]: [usize; 3],
        a: *const Real,
        b: Matrix<Real>,
        c: *mut Real,
        accumulate: bool,
        scratch: *mut u8,
    ) {
        let a = Matrix {
            start: a,
            row: k,
            column: 1,
        };
        let (rows, scratch) = ((self.m, self.batch), scratch as *mut f32);
        gemm_rows(rows, n, k, a, b, c, c_row, accumulate, scratch);
    }

    /// gates = h w^T for a weight of `n` rows; zeros without h.
    #[inline(always)]
    unsafe fn take(
        self,
        n: usize,
        h: *const Real,
        w: *const Real,
        gates: *mut Real,
        scratch: *mut u8,
    ) {
        let Walk { m, hidden, .. } = self;
        if h.is_null() {
            core::ptr::write_bytes(gates, 0, m * 4 * hidden);
        } else {
            let b = Matrix {
                start: w,
                row: 1,
                column: hidden,
            };
            self.product([n, hidden, 4 * hidden], h, b, gates, false, scratch);
        }
    }

    /// d += g w for a weight of `n` rows.
    #[inline(always)]
    unsafe fn give(self, n: usize, g: *const Real, w: *const Real, d: *mut Real, scratch: *mut u8) {
        let b = Matrix {
            start: w,
            row: self.hidden,
            column: 1,
        };
        self.product([self.hidden, n, self.hidden], g, b, d, true, scratch);
    }

    /// Calls `f(row, column, lanes)` for every vector of the states.
    #[inline(always)]
    fn each(self, mut f: impl FnMut(usize, usize, usize)) {
        for row in 0..self.m {
            let mut i = 0;
            while i < self.hidden {
                f(row, i, self.hidden - i);
                i += LANES;
            }
        }
    }
}

/// The state before step t: that of the step before, or the first one, which may be absent.
#[inline(always)]
unsafe fn before(walk: Walk, t: usize, states: *const Real, first: *const Real) -> *const Real {
    if t > 0 {
        states.add(walk.at(t - 1, walk.hidden))
    } else if first.is_null() {
        first
    } else {
        first.add(walk.at(0, walk.hidden))
    }
}

#[inline(always)]
unsafe fn load(p: *const Real, left: usize) -> Floats {
    Floats::load_up_to(p, left)
}

/// `load`, or zeros where there is nothing.
#[inline(always)]
unsafe fn load_or_zero(p: *const Real, i: usize, left: usize) -> Floats {
    if p.is_null() {
        Floats::zero()
    } else {
        load(p.add(i), left)
    }
}

/// The gates' functions, out of line and once for all kernels.
#[inline(never)]
#[allow(improper_ctypes_definitions)]
extern "C" fn squash(x: Floats, tanh: bool) -> Floats {
    if tanh { x.tanh() } else { x.sigmoid() }
}

#[inline(always)]
fn sigmoid(x: Floats) -> Floats {
    squash(x, false)
}

#[inline(always)]
fn tanh(x: Floats) -> Floats {
    squash(x, true)
}

/// Slope of sigmoid at its value.
#[inline(always)]
fn slope(y: Floats) -> Floats {
    y * (Floats::c(1.0) - y)
}

/// Slope of tanh at its value.
#[inline(always)]
fn tanh_slope(y: Floats) -> Floats {
    Floats::c(1.0) - y * y
}

export_fused! {
    /// i, f, g, o = sigmoid, sigmoid, tanh, sigmoid of x + h(t - 1) w^T; c = f c(t - 1) + i g;
    /// y = h = o tanh(c). h0 and c0 may be 0: zeros.
    fn lstm(
        steps: usize, batch: usize, first: usize, end: usize, hidden: usize,
        x: *const Real, w: *const Real, h0: *const Real, c0: *const Real,
        y: *mut Real, c: *mut Real, gates: *mut Real, scratch: *mut u8,
    ) {
        let walk = Walk { first, m: end - first, batch, hidden };
        for t in 0..steps {
            let (at, wide) = (walk.at(t, hidden), walk.at(t, 4 * hidden));
            let (x, gates) = (x.add(wide), gates.add(wide));
            let c_before = before(walk, t, c, c0);
            walk.take(4 * hidden, before(walk, t, y, h0), w, gates, scratch);
            walk.each(|row, i, left| {
                let from = row * 4 * hidden + i;
                let mut value = [Floats::zero(); 4];
                for (gate, value) in value.iter_mut().enumerate() {
                    let j = from + gate * hidden;
                    let sum = load(x.add(j), left) + load(gates.add(j), left);
                    *value = squash(sum, gate == 2);
                    value.store_up_to(gates.add(j), left);
                }
                let [input, forget, cell, output] = value;
                let k = row * hidden + i;
                let old = load_or_zero(c_before, k, left);
                let new = forget.mul_add(old, input * cell);
                new.store_up_to(c.add(at + k), left);
                (output * tanh(new)).store_up_to(y.add(at + k), left);
            });
        }
    }

    /// d[steps, batch, hidden] holds the gradients of the states y, dc[batch, hidden] that of the
    /// last cells, which becomes that of the first ones. dx takes the gradients of x, d0 (zeros
    /// before; 0: not wanted) those of the first states.
    fn lstm_backward(
        steps: usize, batch: usize, first: usize, end: usize, hidden: usize,
        w: *const Real, c0: *const Real, c: *const Real, gates: *const Real,
        d: *mut Real, dc: *mut Real, dx: *mut Real, d0: *mut Real, scratch: *mut u8,
    ) {
        let walk = Walk { first, m: end - first, batch, hidden };
        let dc = dc.add(first * hidden);
        for t in (0..steps).rev() {
            let (at, wide) = (walk.at(t, hidden), walk.at(t, 4 * hidden));
            let (gates, dx, c_before) = (gates.add(wide), dx.add(wide), before(walk, t, c, c0));
            walk.each(|row, i, left| {
                let (k, from) = (row * hidden + i, row * 4 * hidden + i);
                let gate = |j: usize| load(gates.add(from + j * hidden), left);
                let (input, forget, cell, output) = (gate(0), gate(1), gate(2), gate(3));
                let bent = tanh(load(c.add(at + k), left));
                let g = load(d.add(at + k), left);
                let gc = (g * output).mul_add(tanh_slope(bent), load(dc.add(k), left));
                let old = load_or_zero(c_before, k, left);
                let grads = [
                    gc * cell * slope(input),
                    gc * old * slope(forget),
                    gc * input * tanh_slope(cell),
                    g * bent * slope(output),
                ];
                for (j, grad) in grads.into_iter().enumerate() {
                    grad.store_up_to(dx.add(from + j * hidden), left);
                }
                (gc * forget).store_up_to(dc.add(k), left);
            });
            if t > 0 {
                walk.give(4 * hidden, dx, w, d.add(at - batch * hidden), scratch);
            } else if !d0.is_null() {
                walk.give(4 * hidden, dx, w, d0.add(at), scratch);
            }
        }
    }

    /// r, z = sigmoid of x + (h(t - 1) w^T + b), n = tanh(x + r (h(t - 1) w^T + b)),
    /// y = h = n + z (h(t - 1) - n). b and h0 may be 0: zeros.
    fn gru(
        steps: usize, batch: usize, first: usize, end: usize, hidden: usize,
        x: *const Real, w: *const Real, b: *const Real, h0: *const Real,
        y: *mut Real, gates: *mut Real, scratch: *mut u8,
    ) {
        let walk = Walk { first, m: end - first, batch, hidden };
        for t in 0..steps {
            let at = walk.at(t, hidden);
            let (x, gates) = (x.add(3 * at), gates.add(4 * at));
            let h_before = before(walk, t, y, h0);
            walk.take(3 * hidden, h_before, w, gates, scratch);
            walk.each(|row, i, left| {
                let (k, from) = (row * hidden + i, row * 4 * hidden + i);
                let own = |j: usize| load(x.add(3 * row * hidden + i + j * hidden), left);
                let share = |j: usize| {
                    load(gates.add(from + j * hidden), left)
                        + load_or_zero(b, j * hidden + i, left)
                };
                let mut value = [Floats::zero(); 2];
                for (j, value) in value.iter_mut().enumerate() {
                    *value = sigmoid(own(j) + share(j));
                }
                let ([reset, update], part) = (value, share(2));
                let new = tanh(reset.mul_add(part, own(2)));
                let old = load_or_zero(h_before, k, left);
                for (j, value) in [reset, update, part, new].into_iter().enumerate() {
                    value.store_up_to(gates.add(from + j * hidden), left);
                }
                update.mul_add(old - new, new).store_up_to(y.add(at + k), left);
            });
        }
    }

    /// d[steps, batch, hidden] holds the gradients of the states y. dx takes those of x, dh those
    /// of the products h w^T + b, d0 (zeros before; 0: not wanted) those of the first states.
    fn gru_backward(
        steps: usize, batch: usize, first: usize, end: usize, hidden: usize,
        w: *const Real, h0: *const Real, y: *const Real, gates: *const Real,
        d: *mut Real, dx: *mut Real, dh: *mut Real, d0: *mut Real, scratch: *mut u8,
    ) {
        let walk = Walk { first, m: end - first, batch, hidden };
        for t in (0..steps).rev() {
            let at = walk.at(t, hidden);
            let (gates, dx, dh) = (gates.add(4 * at), dx.add(3 * at), dh.add(3 * at));
            let h_before = before(walk, t, y, h0);
            let d_before = if t > 0 {
                d.add(at - batch * hidden)
            } else if d0.is_null() {
                d0
            } else {
                d0.add(at)
            };
            walk.each(|row, i, left| {
                let k = row * hidden + i;
                let gate = |j: usize| load(gates.add(row * 4 * hidden + i + j * hidden), left);
                let (reset, update, part, new) = (gate(0), gate(1), gate(2), gate(3));
                let g = load(d.add(at + k), left);
                let old = load_or_zero(h_before, k, left);
                let gn = g * (Floats::c(1.0) - update) * tanh_slope(new);
                let both = [gn * part * slope(reset), g * (old - new) * slope(update)];
                let to = 3 * row * hidden + i;
                for (j, grad) in both.into_iter().enumerate() {
                    grad.store_up_to(dx.add(to + j * hidden), left);
                    grad.store_up_to(dh.add(to + j * hidden), left);
                }
                gn.store_up_to(dx.add(to + 2 * hidden), left);
                (gn * reset).store_up_to(dh.add(to + 2 * hidden), left);
                if !d_before.is_null() {
                    g.mul_add(update, load(d_before.add(k), left))
                        .store_up_to(d_before.add(k), left);
                }
            });
            if !d_before.is_null() {
                walk.give(3 * hidden, dh, w, d_before, scratch);
            }
        }
    }
}
