//! Matrix products and the fully connected layer.
//!
//! float32 runs through `blocked` (register tiles in `microkernel`, copies in `pack`), int32 through
//! the loops in `plain`.

pub mod blocked;
pub mod microkernel;
pub mod pack;
pub mod panels;
pub mod plain;
mod stream;

use crate::float::{Floats, Real};
use crate::simd::Float;
use crate::simd::Vector;
use crate::unary::{map, map_two};
use plain::{Matrix, Number};

/// What the exports below call: the fast product for float32, plain loops for the rest.
trait Gemm: Number {
    unsafe fn gemm(
        m: usize,
        n: usize,
        k: usize,
        a: Matrix<Self>,
        b: Matrix<Self>,
        c: *mut Self,
        c_row: usize,
        accumulate: bool,
        scratch: *mut u8,
    );
}

impl Gemm for f32 {
    #[inline(always)]
    unsafe fn gemm(
        m: usize,
        n: usize,
        k: usize,
        a: Matrix<f32>,
        b: Matrix<f32>,
        c: *mut f32,
        c_row: usize,
        accumulate: bool,
        scratch: *mut u8,
    ) {
        blocked::gemm(m, n, k, a, b, c, c_row, accumulate, scratch as *mut f32);
    }
}

macro_rules! plain_gemm {
    ($t:ty) => {
        impl Gemm for $t {
            #[inline(always)]
            unsafe fn gemm(
                m: usize,
                n: usize,
                k: usize,
                a: Matrix<$t>,
                b: Matrix<$t>,
                c: *mut $t,
                c_row: usize,
                accumulate: bool,
                _scratch: *mut u8,
            ) {
                plain::product(m, n, k, a, b, c, c_row, accumulate);
            }
        }
    };
}

#[cfg(feature = "base")]
plain_gemm! { i32 }

#[inline(always)]
unsafe fn matmul<T: Gemm>(
    batch: usize,
    m: usize,
    n: usize,
    k: usize,
    a: Matrix<T>,
    a_batch: usize,
    b: Matrix<T>,
    b_batch: usize,
    accumulate: bool,
    out: *mut T,
    out_row: usize,
    scratch: *mut u8,
) {
    // One B for a stack of row-major As is one tall product.
    if b_batch == 0 && batch > 1 && a.column == 1 && a_batch == m * a.row {
        return T::gemm(batch * m, n, k, a, b, out, out_row, accumulate, scratch);
    }
    for z in 0..batch {
        let a = Matrix {
            start: a.start.add(z * a_batch),
            ..a
        };
        let b = Matrix {
            start: b.start.add(z * b_batch),
            ..b
        };
        let to = out.add(z * m * out_row);
        T::gemm(m, n, k, a, b, to, out_row, accumulate, scratch);
    }
}

/// Up to so many weights a single row goes through plain loops: choosing among the ways to walk a
/// product would take longer.
const FEW: usize = 128;

/// out[m, n] = x[m, k] w[n, k]^T + bias[n]: the sums start from the bias.
#[inline(always)]
unsafe fn linear(
    m: usize,
    n: usize,
    k: usize,
    x: *const Real,
    w: *const Real,
    bias: *const Real,
    out: *mut Real,
    out_row: usize,
    scratch: *mut u8,
) {
    // From a depth of eight on there are vectors to fill.
    if m == 1 && n * k <= FEW && k < 8 {
        for j in 0..n {
            let row = w.add(j * k);
            let mut sum = Real::ZERO;
            for p in 0..k {
                sum = sum.plus_product(*x.add(p), *row.add(p));
            }
            if !bias.is_null() {
                sum = (*bias.add(j)).plus(sum);
            }
            *out.add(j) = sum;
        }
        return;
    }
    if !bias.is_null() {
        for i in 0..m {
            map::<Floats>(n, bias, out.add(i * out_row), |x| x);
        }
    }
    let x = Matrix {
        start: x,
        row: k,
        column: 1,
    };
    let w = Matrix {
        start: w,
        row: k,
        column: 1,
    };
    Real::gemm(m, n, k, x, w.t(), out, out_row, !bias.is_null(), scratch);
}

/// gx[m, k] = g w, gw[n, k] = g^T x; a null output is not wanted.
#[inline(always)]
unsafe fn linear_backward(
    m: usize,
    n: usize,
    k: usize,
    x: *const Real,
    w: *const Real,
    g: *const Real,
    gx: *mut Real,
    gw: *mut Real,
    scratch: *mut u8,
) {
    if m == 1 && n != 0 && n * k <= FEW {
        return row_backward(n, k, x, w, g, gx, gw);
    }
    let grad = Matrix {
        start: g,
        row: n,
        column: 1,
    };
    if !gx.is_null() {
        let w = Matrix {
            start: w,
            row: k,
            column: 1,
        };
        Real::gemm(m, k, n, grad, w, gx, k, false, scratch);
    }
    if !gw.is_null() {
        let x = Matrix {
            start: x,
            row: k,
            column: 1,
        };
        Real::gemm(n, k, m, grad.t(), x, gw, k, false, scratch);
    }
}

/// `linear_backward` of one row and few weights.
#[inline(always)]
unsafe fn row_backward(
    n: usize,
    k: usize,
    x: *const Real,
    w: *const Real,
    g: *const Real,
    gx: *mut Real,
    gw: *mut Real,
) {
    for j in 0..n {
        let by = Floats::splat(*g.add(j));
        if !gw.is_null() {
            map::<Floats>(k, x, gw.add(j * k), |x| x * by);
        }
        if gx.is_null() {
            continue;
        }
        let row = w.add(j * k);
        if j == 0 {
            map::<Floats>(k, row, gx, |w| w * by);
        } else {
            map_two(k, row, gx, gx, |w, sum| w.mul_add(by, sum));
        }
    }
}

macro_rules! export_matmul {
    ($t:ty, $matmul:ident) => {
        /// out[batch, m, n] (+)= a[batch, m, k] b[batch, k, n]; strides in elements, of each
        /// operand's row and column stride one is 1 (or that dimension is), a batch stride of 0
        /// repeats one matrix; rows of out lie out_row apart.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $matmul(
            batch: usize,
            m: usize,
            n: usize,
            k: usize,
            a: *const $t,
            a_batch: usize,
            a_row: usize,
            a_col: usize,
            b: *const $t,
            b_batch: usize,
            b_row: usize,
            b_col: usize,
            accumulate: i32,
            out: *mut $t,
            out_row: usize,
            scratch: *mut u8,
        ) {
            let a = Matrix {
                start: a,
                row: a_row,
                column: a_col,
            };
            let b = Matrix {
                start: b,
                row: b_row,
                column: b_col,
            };
            let add = accumulate != 0;
            matmul(
                batch, m, n, k, a, a_batch, b, b_batch, add, out, out_row, scratch,
            );
        }
    };
}

macro_rules! export_linear {
    ($t:ty, $linear:ident, $backward:ident) => {
        /// out[m, n] = x[m, k] w[n, k]^T + bias[n] (null: none); rows of out lie out_row apart.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $linear(
            m: usize,
            n: usize,
            k: usize,
            x: *const $t,
            w: *const $t,
            bias: *const $t,
            out: *mut $t,
            out_row: usize,
            scratch: *mut u8,
        ) {
            linear(m, n, k, x, w, bias, out, out_row, scratch);
        }

        /// The gradients of `linear` but the bias's, each overwritten, each skipped when null.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $backward(
            m: usize,
            n: usize,
            k: usize,
            x: *const $t,
            w: *const $t,
            g: *const $t,
            gx: *mut $t,
            gw: *mut $t,
            scratch: *mut u8,
        ) {
            linear_backward(m, n, k, x, w, g, gx, gw, scratch);
        }
    };
}

#[cfg(all(feature = "products", not(feature = "layers")))]
export_matmul! { f32, matmul_f32 }
#[cfg(feature = "base")]
export_matmul! { i32, matmul_i32 }
#[cfg(all(feature = "products", not(feature = "layers")))]
export_linear! { f32, linear_f32, linear_backward_f32 }
