//! Which float32 kernel serves which convolution.

use core::ops::Range;

use super::shape::Shape;
use super::weights::{Target, Weights};
use super::{
    direct, direct_grad, implicit, window3, window3_grad, winograd, winograd_grad,
};
use crate::matmul::blocked::{gemm, gemm_rows};
use crate::matmul::plain::Matrix;
use crate::rows::{fill, inside};
use crate::simd::{F32x4, Vector};

/// Whether the window is one pixel under each output pixel: a matrix product over the planes as
/// they lie.
fn pointwise(s: &Shape) -> bool {
    let one = s.kh == 1 && s.kw == 1 && s.sh == 1 && s.sw == 1 && s.ph == 0 && s.pw == 0;
    one && s.pixels() >= 16
}

/// The convolution of x with weights that lie any way, to a target.
unsafe fn convolve(
    s: &Shape,
    x: *const f32,
    weight: Weights,
    bias: *const f32,
    to: Target,
    scratch: *mut f32,
) {
    let dense = to.is_dense(s);
    let product = if dense && winograd::fits(s) {
        winograd::forward
    } else if dense && window3::fits(s) {
        return window3::forward(s, x, weight, bias, to, scratch);
    } else if direct::fits(s, to) {
        return direct::forward(s, x, weight, bias, to, scratch);
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
        let x = x.add(group * s.group_c() * s.h * s.w);
        let (weight, to) = (weight.of_group(group), to.from_channel(group * go));
        if few_taps(s) {
            pixel_by_pixel(s, x, weight, bias, to, scratch);
        } else {
            product(s, x, weight, bias, to, scratch);
        }
    }
}

/// The rows (or columns) of the window under output row `at` that lie inside the picture: from the
/// first up to the end.
fn taps(at: usize, size: usize, kernel: usize, stride: usize, pad: isize, dilation: usize) -> (usize, usize) {
    inside(size, (at * stride) as isize - pad, dilation, kernel)
}

/// Whether the picture is so small that a good part of the windows hangs over its edges, and the
/// batch large enough for a product of each pixel's own (the caller cuts none of such small pictures
/// into parts of less).
fn few_taps(s: &Shape) -> bool {
    if s.n < 4 || s.pixels() > 9 {
        return false;
    }
    let count = |windows: usize, size, kernel, stride, pad, dilation| {
        let each = |at| {
            let (first, end) = taps(at, size, kernel, stride, pad, dilation);
            end - first
        };
        (0..windows).map(each).sum::<usize>()
    };
    let rows = count(s.oh, s.h, s.kh, s.sh, s.ph, s.dh);
    let columns = count(s.ow, s.w, s.kw, s.sw, s.pw, s.dw);
    4 * rows * columns <= 3 * s.pixels() * s.kh * s.kw
}

/// Each output pixel as a convolution of its own, by the part of the window that is inside: in 2x2
/// pictures four of nine values. Its products are over the pictures of the batch.
unsafe fn pixel_by_pixel(
    s: &Shape,
    x: *const f32,
    weight: Weights,
    bias: *const f32,
    to: Target,
    scratch: *mut f32,
) {
    for at in 0..s.pixels() {
        let (oy, ox) = (at / s.ow, at % s.ow);
        let (y, y_end) = taps(oy, s.h, s.kh, s.sh, s.ph, s.dh);
        let (x_first, x_end) = taps(ox, s.w, s.kw, s.sw, s.pw, s.dw);
        let one = Shape {
            kh: y_end - y,
            kw: x_end - x_first,
            ph: -s.y(oy, y),
            pw: -s.x(ox, x_first),
            oh: 1,
            ow: 1,
            ..*s
        };
        let skip = y as isize * weight.row + x_first as isize * weight.column;
        let weight = Weights {
            start: weight.start.offset(skip),
            ..weight
        };
        let to = Target {
            start: to.start.add(oy * to.row + ox * to.column),
            ..to
        };
        implicit::forward(&one, x, weight, bias, to, scratch);
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
        let weight = Weights::straight(s, weight);
        return convolve(s, x, weight, bias, Target::dense(s, out), scratch);
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
    if !pointwise(s) {
        return transposed(s, g, weight, out, scratch);
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

/// Which rows (or columns) of the window lie over the input's rows first, first + stride, ...: every
/// `step`-th from `tap` on, `count` of them; at input row first + j * stride, window row tap +
/// t * step comes from output row j + base - t * apart.
struct Phase {
    tap: usize,
    step: usize,
    count: usize,
    base: isize,
    apart: usize,
}

impl Phase {
    fn new(first: usize, kernel: usize, stride: usize, pad: isize, dilation: usize) -> Self {
        let offset = |tap: usize| first as isize + pad - (tap * dilation) as isize;
        let meets = |tap: &usize| offset(*tap) % stride as isize == 0;
        let tap = (0..kernel).find(meets).unwrap_or(kernel);
        let step = (1..stride)
            .find(|step| step * dilation % stride == 0)
            .unwrap_or(stride);
        Self {
            tap,
            step,
            count: (kernel - tap).div_ceil(step),
            base: offset(tap) / stride as isize,
            apart: step * dilation / stride,
        }
    }

    /// The padding of the convolution of g that gives these rows.
    fn pad(&self) -> isize {
        ((self.count - 1) * self.apart) as isize - self.base
    }

    /// The last of its taps: windows are read backwards.
    fn last(&self) -> usize {
        self.tap + (self.count - 1) * self.step
    }
}

/// The input gradient: g convolved with the windows turned around. With strides each phase of the
/// input's pixels meets other values of the window, and is a convolution of its own.
unsafe fn transposed(
    s: &Shape,
    g: *const f32,
    weight: *const f32,
    out: *mut f32,
    scratch: *mut f32,
) {
    let (window, plane) = (s.kh * s.kw, s.h * s.w);
    for i in 0..s.sh * s.sw {
        let (y, x) = (i / s.sw, i % s.sw);
        if y >= s.h || x >= s.w {
            continue;
        }
        let rows = Phase::new(y, s.kh, s.sh, s.ph, s.dh);
        let columns = Phase::new(x, s.kw, s.sw, s.pw, s.dw);
        let start = out.add(y * s.w + x);
        let (oh, ow) = ((s.h - y).div_ceil(s.sh), (s.w - x).div_ceil(s.sw));
        if rows.count * columns.count == 0 {
            for j in 0..s.n * s.c * oh {
                let row = start.add((j / oh * s.h + j % oh * s.sh) * s.w);
                for k in 0..ow {
                    *row.add(k * s.sw) = 0.0;
                }
            }
            continue;
        }
        let back = Shape {
            c: s.o,
            h: s.oh,
            w: s.ow,
            o: s.c,
            kh: rows.count,
            kw: columns.count,
            sh: 1,
            sw: 1,
            ph: rows.pad(),
            pw: columns.pad(),
            dh: rows.apart,
            dw: columns.apart,
            oh,
            ow,
            ..*s
        };
        let weight = Weights {
            start: weight.add(rows.last() * s.kw + columns.last()),
            group: s.group_o() * s.patch(),
            output: window,
            input: s.patch(),
            row: -((rows.step * s.kw) as isize),
            column: -(columns.step as isize),
        };
        let to = Target {
            start,
            picture: s.c * plane,
            channel: plane,
            row: s.sh * s.w,
            column: s.sw,
        };
        convolve(&back, g, weight, core::ptr::null(), to, scratch);
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
    } else {
        implicit::grad_weight
    };
    let mut first = range.start;
    while first < range.end {
        let group = first / go;
        let end = range.end.min((group + 1) * go);
        let x = x.add(group * s.group_c() * s.h * s.w);
        let (g, to) = (g.add(first * pixels), out.add(first * patch));
        product(s, x, g, s.o * pixels, end - first, to, scratch);
        first = end;
    }
}

/// gw[channels, c] += g[channels, pixels] x[c, pixels]^T, picture by picture.
unsafe fn pointwise_grad_weight(
    s: &Shape,
    x: *const f32,
    g: *const f32,
    g_step: usize,
    channels: usize,
    out: *mut f32,
    scratch: *mut f32,
) {
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
