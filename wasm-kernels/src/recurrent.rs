//! The vanilla recurrent layer's walk through time, for the rows `first` to `end` of a batch: rows
//! are independent, so that threads share them, each through all steps in one call.
//!
//! Weights may come in panels, too (`pack`): copied once for all steps and threads. A null pointer
//! says that it would not pay, and each product copies what it needs.

use crate::activation::{bend, map_slope};
use crate::float::{Floats, Real, export_layers};
use crate::matmul::blocked::gemm_rows;
use crate::matmul::panels;
use crate::matmul::plain::Matrix;
use crate::simd::Vector;
use crate::unary::{map, map_two};

/// The right-hand matrix [k, n] of every step's product, and the same in panels or null.
pub struct Factor {
    pub k: usize,
    pub n: usize,
    pub matrix: Matrix<Real>,
    pub panels: *const Real,
}

impl Factor {
    /// The transpose of w[n, k].
    pub fn transposed(w: *const Real, [n, k]: [usize; 2], panels: *const Real) -> Self {
        Factor {
            k,
            n,
            matrix: Matrix {
                start: w,
                row: 1,
                column: k,
            },
            panels,
        }
    }

    /// w[k, n] as it lies.
    pub fn straight(w: *const Real, [k, n]: [usize; 2], panels: *const Real) -> Self {
        Factor {
            k,
            n,
            matrix: Matrix {
                start: w,
                row: n,
                column: 1,
            },
            panels,
        }
    }

    /// c (+)= a times this, for `m` of `batch` rows: the same bits for any `m`. Rows of c lie
    /// `c_row` apart.
    #[inline(never)]
    pub unsafe fn apply(
        &self,
        (m, batch): (usize, usize),
        a: *const Real,
        c: *mut Real,
        c_row: usize,
        accumulate: bool,
        scratch: *mut u8,
    ) {
        let (n, k) = (self.n, self.k);
        if !self.panels.is_null() {
            return panels::multiply(m, n, k, a, self.panels, c, c_row, accumulate);
        }
        let a = Matrix {
            start: a,
            row: k,
            column: 1,
        };
        let (b, scratch) = (self.matrix, scratch as *mut f32);
        gemm_rows((m, batch), n, k, a, b, c, c_row, accumulate, scratch);
    }
}

/// Writes `n` numbers `times` over, one copy after the other.
#[inline(never)]
pub unsafe fn copy(times: usize, n: usize, x: *const Real, out: *mut Real) {
    for i in 0..times {
        map::<Floats>(n, x, out.add(i * n), |x| x);
    }
}

export_layers! {
    /// Copies B [k, n] of any strides, one of them 1, to the panels that `rnn` takes; n >= 4.
    fn pack(k: usize, n: usize, b: *const Real, b_row: usize, b_col: usize, out: *mut Real) {
        panels::pack(k, n, Matrix { start: b, row: b_row, column: b_col }, out);
    }

    /// The states out[steps, batch, hidden]: f(bias + x(t) wi^T + h(t - 1) wh^T), with h(-1) = h0,
    /// or zeros where h0 is 0; f is relu or tanh; bias may be 0. The last of them again in `last`
    /// unless that is 0. Panels are of wi^T and wh^T.
    fn rnn(
        steps: usize, batch: usize, first: usize, end: usize, inputs: usize, hidden: usize,
        relu: i32, x: *const Real, wi: *const Real, wi_panels: *const Real, bias: *const Real,
        h0: *const Real, wh: *const Real, wh_panels: *const Real,
        out: *mut Real, last: *mut Real, scratch: *mut u8,
    ) {
        let from_input = Factor::transposed(wi, [hidden, inputs], wi_panels);
        let from_state = Factor::transposed(wh, [hidden, hidden], wh_panels);
        let m = end - first;
        let n = m * hidden;
        for t in 0..steps {
            let to = out.add((t * batch + first) * hidden);
            let biased = !bias.is_null();
            if biased {
                copy(m, hidden, bias, to);
            }
            let row = x.add((t * batch + first) * inputs);
            from_input.apply((m, batch), row, to, hidden, biased, scratch);
            if t > 0 {
                from_state.apply((m, batch), to.sub(batch * hidden), to, hidden, true, scratch);
            } else if !h0.is_null() {
                from_state.apply((m, batch), h0.add(first * hidden), to, hidden, true, scratch);
            }
            bend(relu != 0, n, to);
        }
        if !last.is_null() {
            let from = out.add(((steps - 1) * batch + first) * hidden);
            copy(1, n, from, last.add(first * hidden));
        }
    }

    /// From the gradients g of the states y and g_last of the last state (0: zeros), d[steps,
    /// batch, hidden] of what goes into f, d(t) = (g(t) + d(t + 1) wh) f'(y(t)), and g0 of h(-1)
    /// unless that is 0. Panels are of wh.
    fn rnn_backward(
        steps: usize, batch: usize, first: usize, end: usize, hidden: usize, relu: i32,
        wh: *const Real, wh_panels: *const Real, y: *const Real, g: *const Real,
        g_last: *const Real, d: *mut Real, g0: *mut Real, scratch: *mut u8,
    ) {
        let back = Factor::straight(wh, [hidden, hidden], wh_panels);
        let m = end - first;
        let n = m * hidden;
        for t in (0..steps).rev() {
            let at = (t * batch + first) * hidden;
            let to = d.add(at);
            let begun = !g.is_null();
            if begun {
                copy(1, n, g.add(at), to);
            }
            if t + 1 < steps {
                back.apply((m, batch), to.add(batch * hidden), to, hidden, begun, scratch);
            } else if !g_last.is_null() {
                let more = g_last.add(first * hidden);
                if begun {
                    map_two(n, more, to, to, |x, y| x + y);
                } else {
                    copy(1, n, more, to);
                }
            }
            map_slope(relu != 0, n, y.add(at), to);
        }
        if !g0.is_null() {
            let from = d.add(first * hidden);
            back.apply((m, batch), from, g0.add(first * hidden), hidden, false, scratch);
        }
    }
}
