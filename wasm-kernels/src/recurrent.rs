//! The vanilla recurrent layer's walk through time, for the rows `first` to `end` of a batch: rows
//! are independent, so that threads share them, each through all steps.

use crate::activation::map_slope;
use crate::float::{Floats, Real, export_fused};
#[cfg(not(feature = "float64"))]
use crate::matmul::blocked::gemm_rows;
use crate::matmul::plain::Matrix;
#[cfg(feature = "float64")]
use crate::matmul::plain::product;
use crate::simd::{Float, Vector};
use crate::unary::{map, map_once};

/// The `m` of `batch` rows that this call computes, and their width.
#[derive(Clone, Copy)]
struct Rows {
    m: usize,
    batch: usize,
    hidden: usize,
}

impl Rows {
    /// c += a b, or a b^T; the same bits for any `m`.
    #[inline(never)]
    unsafe fn add(
        self,
        a: *const Real,
        b: *const Real,
        transposed: bool,
        c: *mut Real,
        scratch: *mut u8,
    ) {
        let Rows { m, batch, hidden } = self;
        let rows = |start| Matrix {
            start,
            row: hidden,
            column: 1,
        };
        let b = if transposed { rows(b).t() } else { rows(b) };
        #[cfg(not(feature = "float64"))]
        {
            let scratch = scratch as *mut f32;
            gemm_rows(
                (m, batch),
                hidden,
                hidden,
                rows(a),
                b,
                c,
                hidden,
                true,
                scratch,
            );
        }
        #[cfg(feature = "float64")]
        {
            let _ = (batch, scratch);
            product(m, hidden, hidden, rows(a), b, c, hidden, true);
        }
    }
}

export_fused! {
    /// out[steps, batch, hidden] holds what each step takes from its input; becomes the states
    /// f(out(t) + h(t - 1) w^T), with h(-1) = h0, or zeros where h0 is 0; f is relu or tanh.
    fn rnn(
        steps: usize, batch: usize, first: usize, end: usize, hidden: usize, relu: i32,
        h0: *const Real, w: *const Real, out: *mut Real, scratch: *mut u8,
    ) {
        let rows = Rows { m: end - first, batch, hidden };
        let n = rows.m * hidden;
        for t in 0..steps {
            let to = out.add((t * batch + first) * hidden);
            if t > 0 {
                rows.add(to.sub(batch * hidden), w, true, to, scratch);
            } else if !h0.is_null() {
                rows.add(h0.add(first * hidden), w, true, to, scratch);
            }
            if relu != 0 {
                map::<Floats>(n, to, to, |x| x.at_least(Floats::zero()));
            } else {
                map_once::<Floats>(n, to, to, |x| x.tanh());
            }
        }
    }

    /// d[steps, batch, hidden] holds the gradients of the states y; becomes those of what goes into
    /// f: d(t) f'(y(t)), which adds d(t) w to d(t - 1).
    fn rnn_backward(
        steps: usize, batch: usize, first: usize, end: usize, hidden: usize, relu: i32,
        w: *const Real, y: *const Real, d: *mut Real, scratch: *mut u8,
    ) {
        let rows = Rows { m: end - first, batch, hidden };
        for t in (0..steps).rev() {
            let at = (t * batch + first) * hidden;
            map_slope(relu != 0, rows.m * hidden, y.add(at), d.add(at));
            if t > 0 {
                rows.add(d.add(at), w, false, d.add(at - batch * hidden), scratch);
            }
        }
    }
}
