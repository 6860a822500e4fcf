//! Which float32 kernel serves which convolution.

use super::patches::fill;
use super::shape::Shape;
use super::{direct, direct_grad, implicit, plain};
use crate::matmul::blocked::gemm;
use crate::matmul::plain::Matrix;
use crate::simd::{F32x4, Vector};

/// Weights whose flipped copies fit into scratch at a time (1 MiB, above what the forward kernels use).
const FLIPPED: usize = 1 << 18;
/// Output channels up to which gathering patches does not pay.
const FEW: usize = 12;

/// Whether the window is one pixel under each output pixel: a matrix product over the planes as they lie.
fn pointwise(s: &Shape) -> bool {
    let one = s.kh == 1 && s.kw == 1 && s.sh == 1 && s.sw == 1 && s.ph == 0 && s.pw == 0;
    one && s.pixels() >= 16
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
        return plain::forward(s, x, weight, bias, out);
    }
    if go < FEW && direct::fits(s) {
        return direct::forward(s, x, weight, bias, out, scratch);
    }
    if pointwise(s) {
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
        return;
    }
    for group in 0..s.groups {
        let bias = if bias.is_null() {
            bias
        } else {
            bias.add(group * go)
        };
        let x = x.add(group * gc * s.h * s.w);
        let weight = weight.add(group * go * s.patch());
        let to = out.add(group * go * pixels);
        implicit::forward(s, x, weight, go, bias, to, s.o * pixels, scratch);
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
    if pointwise(s) {
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
            gemm(
                gc,
                pixels,
                go,
                a,
                b,
                out.add(i * gc * pixels),
                pixels,
                false,
                scratch,
            );
        }
        return;
    }
    let window = go * s.kh * s.kw;
    if s.sh == 1 && s.sw == 1 && window <= FLIPPED {
        return transposed(s, g, weight, out, scratch);
    }
    for group in 0..s.groups {
        let from = g.add(group * go * pixels);
        let weight = weight.add(group * go * s.patch());
        if !implicit::grad_input(s, from, weight, out.add(group * gc * s.h * s.w), scratch) {
            return plain::grad_input(s, g, weight, out);
        }
    }
}

/// The input gradient for stride 1: g convolved with the flipped weights.
unsafe fn transposed(
    s: &Shape,
    g: *const f32,
    weight: *const f32,
    out: *mut f32,
    scratch: *mut f32,
) {
    let (gc, go, plane) = (s.group_c(), s.group_o(), s.h * s.w);
    let window = go * s.kh * s.kw;
    let back = Shape {
        c: s.o,
        h: s.oh,
        w: s.ow,
        o: s.c,
        ph: (s.dh * (s.kh - 1)) as isize - s.ph,
        pw: (s.dw * (s.kw - 1)) as isize - s.pw,
        oh: s.h,
        ow: s.w,
        ..*s
    };
    let flipped = scratch.add((1 << 19) - FLIPPED);
    if gc < FEW && direct::fits(&back) && s.c * window <= FLIPPED {
        for group in 0..s.groups {
            let from = weight.add(group * go * s.patch());
            flip(s, from, 0, gc, flipped.add(group * gc * window));
        }
        return direct::forward(&back, g, flipped, core::ptr::null(), out, scratch);
    }
    let most = FLIPPED / window;
    for group in 0..s.groups {
        let mut c = 0;
        while c < gc {
            let count = (gc - c).min(most);
            flip(s, weight.add(group * go * s.patch()), c, count, flipped);
            let from = g.add(group * go * s.pixels());
            let to = out.add((group * gc + c) * plane);
            let none = core::ptr::null();
            implicit::forward(&back, from, flipped, count, none, to, s.c * plane, scratch);
            c += count;
        }
    }
}

/// to[c, o, ky, kx] = weight[o, first + c, kh - 1 - ky, kw - 1 - kx] for c < count.
unsafe fn flip(s: &Shape, weight: *const f32, first: usize, count: usize, to: *mut f32) {
    let window = s.kh * s.kw;
    for c in 0..count {
        for o in 0..s.group_o() {
            let from = weight.add(o * s.patch() + (first + c) * window);
            let d = to.add((c * s.group_o() + o) * window);
            for i in 0..window {
                *d.add(i) = *from.add(window - 1 - i);
            }
        }
    }
}

pub unsafe fn grad_weight(
    s: &Shape,
    x: *const f32,
    g: *const f32,
    out: *mut f32,
    scratch: *mut f32,
) {
    let (gc, go, pixels) = (s.group_c(), s.group_o(), s.pixels());
    let size = s.o * s.patch();
    if size == 0 {
        return;
    }
    if s.n * pixels == 0 {
        return fill(size, 0.0, out);
    }
    if go < FEW && direct_grad::fits(s) {
        return direct_grad::grad_weight(s, x, g, out, scratch);
    }
    if pointwise(s) {
        for i in 0..s.n * s.groups {
            let a = Matrix {
                start: g.add(i * go * pixels),
                row: pixels,
                column: 1,
            };
            let b = Matrix {
                start: x.add(i * gc * pixels),
                row: 1,
                column: pixels,
            };
            let to = out.add(i % s.groups * go * gc);
            gemm(go, gc, pixels, a, b, to, gc, i >= s.groups, scratch);
        }
        return;
    }
    for group in 0..s.groups {
        let x = x.add(group * gc * s.h * s.w);
        let g = g.add(group * go * pixels);
        let to = out.add(group * go * s.patch());
        implicit::grad_weight(s, x, g, s.o * pixels, go, to, scratch);
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
