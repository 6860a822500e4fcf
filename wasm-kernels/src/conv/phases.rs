//! The input gradient: g convolved with the windows turned around. With strides each phase of the
//! input's pixels meets other values of the window, and is a convolution of its own.

use super::float32::convolve;
use super::shape::Shape;
use super::weights::{Gradient, Operands, Target, Weights};

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
            .find(|step| (step * dilation).is_multiple_of(stride))
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

/// gx[n, c, h, w], phase by phase.
pub unsafe fn grad_input(
    s: &Shape,
    g: *const f32,
    weight: *const f32,
    out: *mut f32,
    scratch: *mut f32,
) {
    let (window, plane) = (s.kh * s.kw, s.h * s.w);
    // Phases that no value of the window meets: where it is smaller than the stride, or its taps lie
    // apart.
    let empty = |kernel: usize, stride: usize, dilation: usize| {
        kernel < stride || (1..stride).any(|step| (step * dilation).is_multiple_of(stride))
    };
    if empty(s.kh, s.sh, s.dh) || empty(s.kw, s.sw, s.dw) {
        core::ptr::write_bytes(out, 0, s.n * s.c * plane);
    }
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
        let operands = Operands {
            x: g,
            weight,
            bias: core::ptr::null(),
            to,
        };
        convolve(&back, operands, scratch);
    }
}
