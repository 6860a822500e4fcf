//! Which float32 kernel serves which convolution.

use core::ops::Range;

use super::shape::Shape;
use super::weights::{Gradient, Operands, Target, Weights};
use super::{
    direct, direct_grad, implicit, phases, tapwise, window3, window3_grad, winograd, winograd_grad,
};
use crate::matmul::blocked::{gemm, gemm_rows};
use crate::matmul::plain::Matrix;
use crate::rows::fill;
use crate::simd::{F32x4, Vector};

/// Whether the window is one pixel under each output pixel: a matrix product over the planes as
/// they lie.
fn pointwise(s: &Shape) -> bool {
    let one = s.kh == 1 && s.kw == 1 && s.sh == 1 && s.sw == 1 && s.ph == 0 && s.pw == 0;
    one && s.pixels() >= 16
}

/// The convolution of x with weights that lie any way, to a target.
pub unsafe fn convolve(s: &Shape, operands: Operands, scratch: *mut f32) {
    let Operands {
        x,
        weight,
        bias,
        to,
    } = operands;
    let dense = to.is_dense(s);
    let product = if dense && winograd::fits(s) {
        winograd::forward
    } else if dense && window3::fits(s) {
        return window3::forward(s, operands, scratch);
    } else if direct::fits(s, to) {
        return direct::forward(s, operands, scratch);
    } else {
        implicit::forward
    };
    let go = s.group_o();
    for group in 0..s.groups {
        let bias = if bias.is_null() {
            bias
        } else {
            bias.add(group * go)
        };
        let part = Operands {
            x: x.add(group * s.group_c() * s.h * s.w),
            weight: weight.of_group(group),
            bias,
            to: to.starting_at(group * go),
        };
        if tapwise::fits(s) {
            tapwise::forward(s, part, scratch);
        } else {
            product(s, part, scratch);
        }
    }
}

pub unsafe fn forward(
    s: &Shape,
    x: *const f32,
    weight: *const f32,
    bias: *const f32,
    out: *mut f32,
    scratch: *mut f32,
) {
    let (gc, go, pixels) = (s.group_c(), s.group_o(), s.pixels());
    if s.n * s.o * pixels == 0 {
        return;
    }
    if s.patch() == 0 {
        for i in 0..s.n * s.o {
            let start = if bias.is_null() {
                0.0
            } else {
                *bias.add(i % s.o)
            };
            fill(pixels, start, out.add(i * pixels));
        }
        return;
    }
    if !pointwise(s) || direct::fits(s, Target::dense(s, out)) {
        let operands = Operands {
            x,
            weight: Weights::straight(s, weight),
            bias,
            to: Target::dense(s, out),
        };
        return convolve(s, operands, scratch);
    }
    for i in 0..s.n * s.groups {
        let to = out.add(i * go * pixels);
        let group = i % s.groups;
        if !bias.is_null() {
            for j in 0..go {
                fill(pixels, *bias.add(group * go + j), to.add(j * pixels));
            }
        }
        let a = Matrix {
            start: weight.add(group * go * gc),
            row: gc,
            column: 1,
        };
        let b = Matrix {
            start: x.add(i * gc * pixels),
            row: pixels,
            column: 1,
        };
        gemm(go, pixels, gc, a, b, to, pixels, !bias.is_null(), scratch);
    }
}

pub unsafe fn grad_input(
    s: &Shape,
    g: *const f32,
    weight: *const f32,
    out: *mut f32,
    scratch: *mut f32,
) {
    let (gc, go, pixels) = (s.group_c(), s.group_o(), s.pixels());
    let size = s.n * s.c * s.h * s.w;
    if size == 0 {
        return;
    }
    if s.o * pixels == 0 {
        return fill(size, 0.0, out);
    }
    if window3::spreads(s) {
        return window3::grad_input(s, g, weight, out, scratch);
    }
    if !pointwise(s) {
        return phases::grad_input(s, g, weight, out, scratch);
    }
    for i in 0..s.n * s.groups {
        let start = weight.add(i % s.groups * go * gc);
        let a = Matrix {
            start,
            row: 1,
            column: gc,
        };
        let b = Matrix {
            start: g.add(i * go * pixels),
            row: pixels,
            column: 1,
        };
        let to = out.add(i * gc * pixels);
        gemm(gc, pixels, go, a, b, to, pixels, false, scratch);
    }
}

/// The kernel is chosen by the whole shape: a channel's bits do not depend on its range.
pub unsafe fn grad_weight(
    s: &Shape,
    range: Range<usize>,
    x: *const f32,
    g: *const f32,
    out: *mut f32,
    scratch: *mut f32,
) {
    let (go, pixels, patch) = (s.group_o(), s.pixels(), s.patch());
    let channels = range.end - range.start;
    if channels * patch == 0 {
        return;
    }
    if s.n * pixels == 0 {
        return fill(channels * patch, 0.0, out.add(range.start * patch));
    }
    let product = if winograd::fits(s) {
        winograd_grad::grad_weight
    } else if window3_grad::fits(s) {
        window3_grad::grad_weight
    } else if direct_grad::fits(s) {
        direct_grad::grad_weight
    } else if pointwise(s) {
        pointwise_grad_weight
    } else if tapwise::fits(s) {
        tapwise::grad_weight
    } else {
        implicit::grad_weight
    };
    let mut first = range.start;
    while first < range.end {
        let group = first / go;
        let end = range.end.min((group + 1) * go);
        let parts = Gradient {
            x: x.add(group * s.group_c() * s.h * s.w),
            g: g.add(first * pixels),
            g_step: s.o * pixels,
            channels: end - first,
            out: out.add(first * patch),
        };
        product(s, parts, scratch);
        first = end;
    }
}

/// gw[channels, c] += g[channels, pixels] x[c, pixels]^T, picture by picture.
unsafe fn pointwise_grad_weight(s: &Shape, parts: Gradient, scratch: *mut f32) {
    let Gradient {
        x,
        g,
        g_step,
        channels,
        out,
    } = parts;
    let (gc, go, pixels) = (s.group_c(), s.group_o(), s.pixels());
    for i in 0..s.n {
        let a = Matrix {
            start: g.add(i * g_step),
            row: pixels,
            column: 1,
        };
        let b = Matrix {
            start: x.add(i * s.c * pixels),
            row: 1,
            column: pixels,
        };
        let (rows, add) = ((channels, go), i > 0);
        gemm_rows(rows, gc, pixels, a, b, out, gc, add, scratch);
    }
}

/// Four vectors of partial sums for a plane, one plane after the other.
pub unsafe fn grad_bias(n: usize, o: usize, hw: usize, g: *const f32, out: *mut f32) {
    for j in 0..o {
        let mut total = 0.0;
        for i in 0..n {
            let plane = g.add((i * o + j) * hw);
            let mut sums = [F32x4::zero(); 4];
            let mut p = 0;
            while p + 16 <= hw {
                for (x, sum) in sums.iter_mut().enumerate() {
                    *sum = *sum + F32x4::load(plane.add(p + 4 * x));
                }
                p += 16;
            }
            while p < hw {
                let n = hw - p;
                sums[0] = sums[0] + F32x4::load_up_to(plane.add(p), n);
                p += 4;
            }
            total += ((sums[0] + sums[1]) + (sums[2] + sums[3])).sum_lanes();
        }
        *out.add(j) = total;
    }
}
