//! Gated recurrent layers (LSTM, GRU): their walks through time, for the rows `first` to `end` of a
//! batch. Rows are independent, so that threads share them, each through all steps.
//!
//! What each step takes from its input is there before the walk: `x[steps, batch, gates * hidden]`.
//! `gates[steps, batch, 4 * hidden]` takes the sums with the products with the states, then what
//! backward reads: an LSTM's four gates, or a GRU's two, its new gate's share of the state, and its
//! new gate. Sigmoids and tangents run along whole gates: a call for each vector took twice as long.
//!
//! Panels are those of the right-hand matrix of the step's product (`pack`), or 0.

use crate::activation::{sigmoid, tanh};
use crate::float::{Floats, Real, export_layers};
use crate::recurrent::{Factor, copy};
use crate::simd::{Float, Vector};
use crate::unary::map_two;

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

    /// to (+)= from times the factor; the same bits for any m.
    #[inline(always)]
    unsafe fn add(
        self,
        factor: &Factor,
        from: *const Real,
        to: *mut Real,
        to_row: usize,
        scratch: *mut u8,
    ) {
        factor.apply((self.m, self.batch), from, to, to_row, true, scratch);
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

export_layers! {
    /// i, f, g, o = sigmoid, sigmoid, tanh, sigmoid of x + h(t - 1) w^T; c = f c(t - 1) + i g;
    /// y = h = o tanh(c). h0 and c0 may be 0: zeros. Panels are of w^T.
    fn lstm(
        steps: usize, batch: usize, first: usize, end: usize, hidden: usize,
        x: *const Real, w: *const Real, panels: *const Real, h0: *const Real, c0: *const Real,
        y: *mut Real, c: *mut Real, gates: *mut Real, scratch: *mut u8,
    ) {
        let walk = Walk { first, m: end - first, batch, hidden };
        let wide = 4 * hidden;
        let factor = Factor::transposed(w, [wide, hidden], panels);
        for t in 0..steps {
            let at = walk.at(t, hidden);
            let (gates, c_now, y_now) = (gates.add(4 * at), c.add(at), y.add(at));
            let (h_before, c_before) = (before(walk, t, y, h0), before(walk, t, c, c0));
            copy(1, walk.m * wide, x.add(4 * at), gates);
            if !h_before.is_null() {
                walk.add(&factor, h_before, gates, wide, scratch);
            }
            for row in 0..walk.m {
                let gates = gates.add(row * wide);
                sigmoid(2 * hidden, gates, gates);
                let cell = gates.add(2 * hidden);
                tanh(hidden, cell, cell);
                let output = cell.add(hidden);
                sigmoid(hidden, output, output);
            }
            walk.each(|row, i, left| {
                let gate = |j: usize| load(gates.add(row * wide + j * hidden + i), left);
                let k = row * hidden + i;
                let old = load_or_zero(c_before, k, left);
                gate(1).mul_add(old, gate(0) * gate(2)).store_up_to(c_now.add(k), left);
            });
            tanh(walk.m * hidden, c_now, y_now);
            for row in 0..walk.m {
                let (output, y) = (gates.add(row * wide + 3 * hidden), y_now.add(row * hidden));
                map_two(hidden, output, y, y, |o, y| o * y);
            }
        }
    }

    /// d[steps, batch, hidden] holds the gradients of the states y, dc[batch, hidden] that of the
    /// last cells, which becomes that of the first ones. dx takes the gradients of x, d0 (zeros
    /// before; 0: not wanted) those of the first states. Panels are of w.
    fn lstm_backward(
        steps: usize, batch: usize, first: usize, end: usize, hidden: usize,
        w: *const Real, panels: *const Real, c0: *const Real, c: *const Real, gates: *const Real,
        d: *mut Real, dc: *mut Real, dx: *mut Real, d0: *mut Real, scratch: *mut u8,
    ) {
        let walk = Walk { first, m: end - first, batch, hidden };
        let factor = Factor::straight(w, [4 * hidden, hidden], panels);
        let dc = dc.add(first * hidden);
        for t in (0..steps).rev() {
            let at = walk.at(t, hidden);
            let (gates, dx, c_before) = (gates.add(4 * at), dx.add(4 * at), before(walk, t, c, c0));
            let d_before = before(walk, t, d, d0) as *mut Real;
            // Where its gradient comes later.
            for row in 0..walk.m {
                tanh(hidden, c.add(at + row * hidden), dx.add((4 * row + 3) * hidden));
            }
            walk.each(|row, i, left| {
                let (k, from) = (row * hidden + i, row * 4 * hidden + i);
                let gate = |j: usize| load(gates.add(from + j * hidden), left);
                let (input, forget, cell, output) = (gate(0), gate(1), gate(2), gate(3));
                let bent = load(dx.add(from + 3 * hidden), left);
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
            if !d_before.is_null() {
                walk.add(&factor, dx, d_before, hidden, scratch);
            }
        }
    }

    /// r, z = sigmoid of x + (h(t - 1) w^T + b), n = tanh(x + r (h(t - 1) w^T + b)),
    /// y = h = n + z (h(t - 1) - n). b and h0 may be 0: zeros. Panels are of w^T.
    fn gru(
        steps: usize, batch: usize, first: usize, end: usize, hidden: usize,
        x: *const Real, w: *const Real, panels: *const Real, b: *const Real, h0: *const Real,
        y: *mut Real, gates: *mut Real, scratch: *mut u8,
    ) {
        let walk = Walk { first, m: end - first, batch, hidden };
        let factor = Factor::transposed(w, [3 * hidden, hidden], panels);
        for t in 0..steps {
            let at = walk.at(t, hidden);
            let (x, gates, y_now) = (x.add(3 * at), gates.add(4 * at), y.add(at));
            let h_before = before(walk, t, y, h0);
            core::ptr::write_bytes(gates, 0, walk.m * 4 * hidden);
            if !b.is_null() {
                for row in 0..walk.m {
                    copy(1, 3 * hidden, b, gates.add(row * 4 * hidden));
                }
            }
            if !h_before.is_null() {
                walk.add(&factor, h_before, gates, 4 * hidden, scratch);
            }
            for row in 0..walk.m {
                let (x, both) = (x.add(3 * row * hidden), gates.add(4 * row * hidden));
                map_two(2 * hidden, x, both, both, |x, share| x + share);
                sigmoid(2 * hidden, both, both);
                let (part, new) = (both.add(2 * hidden), both.add(3 * hidden));
                let x = x.add(2 * hidden);
                let mut i = 0;
                while i < hidden {
                    let left = hidden - i;
                    let reset = load(both.add(i), left);
                    let sum = reset.mul_add(load(part.add(i), left), load(x.add(i), left));
                    sum.store_up_to(new.add(i), left);
                    i += LANES;
                }
                tanh(hidden, new, new);
            }
            walk.each(|row, i, left| {
                let (k, from) = (row * hidden + i, row * 4 * hidden + i);
                let gate = |j: usize| load(gates.add(from + j * hidden), left);
                let (update, new) = (gate(1), gate(3));
                let old = load_or_zero(h_before, k, left);
                update.mul_add(old - new, new).store_up_to(y_now.add(k), left);
            });
        }
    }

    /// d[steps, batch, hidden] holds the gradients of the states y. dx takes those of x, dh those
    /// of the products h w^T + b, d0 (zeros before; 0: not wanted) those of the first states.
    /// Panels are of w.
    fn gru_backward(
        steps: usize, batch: usize, first: usize, end: usize, hidden: usize,
        w: *const Real, panels: *const Real, h0: *const Real, y: *const Real, gates: *const Real,
        d: *mut Real, dx: *mut Real, dh: *mut Real, d0: *mut Real, scratch: *mut u8,
    ) {
        let walk = Walk { first, m: end - first, batch, hidden };
        let factor = Factor::straight(w, [3 * hidden, hidden], panels);
        for t in (0..steps).rev() {
            let at = walk.at(t, hidden);
            let (gates, dx, dh) = (gates.add(4 * at), dx.add(3 * at), dh.add(3 * at));
            let h_before = before(walk, t, y, h0);
            let d_before = before(walk, t, d, d0) as *mut Real;
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
                walk.add(&factor, dh, d_before, hidden, scratch);
            }
        }
    }
}
