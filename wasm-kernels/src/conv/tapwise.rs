//! Pictures of few pixels, of whose windows a good part hangs over the edges: in 2x2 pictures five of
//! nine values.
//!
//! A product for each tap of the window and each pixel under which it lies inside, over the pictures
//! of a batch. Forward: panels of 24 output channels, blocks of input channels (their weights are
//! packed for all taps at once, in the order in which they lie), taps, pixels, register tiles. Weight
//! gradient: panels of 24 input channels, blocks of output channels, taps, pixels, tiles; the sums
//! of all taps lie apart until they are complete.

use super::implicit::each_panel;
use super::shape::Shape;
use super::weights::{Gradient, Operands, Target, Weights};
use crate::matmul::microkernel::{Onto, Rows, Strided, sweep};
use crate::matmul::pack::transpose;
use crate::rows::{fill, take};

/// Floats of the pictures in scratch (512 KiB), and pictures, at most.
const PICTURES: usize = 1 << 17;
const MOST: usize = 1 << 10;
/// Floats of the weights in scratch (256 KiB), and input channels that they belong to, at most.
const WEIGHTS: usize = 1 << 16;
const DEPTH: usize = 128;
/// Output channels of a block of weight gradients.
const BLOCK: usize = 64;
/// Floats of a panel of input channels of all pictures (1 MiB).
const LINES: usize = 1 << 18;
/// Columns of a panel, at most.
const WIDTH: usize = 24;
/// Taps at most.
const TAPS: usize = 64;

/// Calls f(output pixel, input pixel) for each pixel under which the tap lies inside.
#[inline(always)]
unsafe fn each_pixel(s: &Shape, tap: usize, mut f: impl FnMut(usize, usize)) {
    for oy in 0..s.oh {
        let y = s.y(oy, tap / s.kw);
        for ox in 0..s.ow {
            let x = s.x(ox, tap % s.kw);
            if y >= 0 && y < s.h as isize && x >= 0 && x < s.w as isize {
                f(oy * s.ow + ox, y as usize * s.w + x as usize);
            }
        }
    }
}

/// Pictures that fit into scratch at once.
#[inline(always)]
fn pictures(s: &Shape) -> usize {
    let one = (s.group_c() * s.h * s.w).max(s.group_o() * s.pixels());
    let lines = LINES / (WIDTH * s.h * s.w);
    (PICTURES / one).min(lines).min(MOST)
}

/// Whether the picture is so small that a good part of the windows hangs over its edges, and the
/// batch large enough for products over it (the caller cuts none of such small pictures into parts
/// of less).
pub fn fits(s: &Shape) -> bool {
    let taps = s.kh * s.kw;
    if s.n < 4 || s.pixels() > 9 || taps > TAPS || s.group_c() < 4 || s.group_o() < 4 {
        return false;
    }
    let mut inside = 0;
    for tap in 0..taps {
        unsafe { each_pixel(s, tap, |_, _| inside += 1) };
    }
    4 * inside <= 3 * s.pixels() * taps && pictures(s) >= 4
}

/// The product of one group, at whose first channels the operands and `to` point.
pub unsafe fn forward(s: &Shape, operands: Operands, scratch: *mut f32) {
    let mut first = 0;
    while first < s.n {
        let some = Shape {
            n: (s.n - first).min(pictures(s)),
            ..*s
        };
        let (x, to) = (operands.x, operands.to);
        let part = Operands {
            x: x.add(first * s.c * s.h * s.w),
            to: Target {
                start: to.start.add(first * to.picture),
                ..to
            },
            ..operands
        };
        forward_some(&some, part, scratch);
        first += some.n;
    }
}

unsafe fn forward_some(s: &Shape, operands: Operands, scratch: *mut f32) {
    let Operands {
        x,
        weight,
        bias,
        to,
    } = operands;
    let (n, gc, taps, pixels) = (s.n, s.group_c(), s.kh * s.kw, s.h * s.w);
    // [channel, pixel, picture]
    let turned = scratch;
    // [tap, input channel, output channel]
    let packed = turned.add(PICTURES);
    // [pixel, picture, output channel]
    let sums = packed.add(WEIGHTS);
    transpose(n, gc * pixels, x, s.c * pixels, turned, n);
    each_panel(s.group_o(), |o, width| {
        for i in 0..n * s.pixels() {
            let row = sums.add(i * width);
            if bias.is_null() {
                fill(width, 0.0, row);
            } else {
                take(width, bias.add(o), 1, row);
            }
        }
        let most = DEPTH.min(WEIGHTS / (taps * WIDTH));
        let mut c = 0;
        while c < gc {
            let depth = (gc - c).min(most);
            for k in 0..depth {
                let window = weight.window(o, c + k);
                for tap in 0..taps {
                    let (y, x) = ((tap / s.kw) as isize, (tap % s.kw) as isize);
                    let from = window.offset(y * weight.row + x * weight.column);
                    let to = packed.add((tap * depth + k) * width);
                    take(width, from, weight.output, to);
                }
            }
            for tap in 0..taps {
                let b = Strided {
                    start: packed.add(tap * depth * width),
                    step: width,
                };
                each_pixel(s, tap, |out, at| {
                    let a = Rows {
                        start: turned.add((c * pixels + at) * n),
                        row: 1,
                        step: pixels * n,
                    };
                    let to = sums.add(out * n * width);
                    sweep(n, depth, a, b, width, to, width, Onto::Itself);
                });
            }
            c += depth;
        }
        let step = to.channel;
        for i in 0..n * s.pixels() {
            let mut to = to.pixel(s, i % n, o, i / n);
            for j in 0..width {
                *to = *sums.add(i * width + j);
                to = to.add(step);
            }
        }
    });
}

/// gw[channels, patch] of one group, summed over all pictures, as `implicit::grad_weight`.
pub unsafe fn grad_weight(s: &Shape, parts: Gradient, scratch: *mut f32) {
    let Gradient {
        x,
        g,
        g_step,
        channels,
        out,
    } = parts;
    let (gc, taps, pixels) = (s.group_c(), s.kh * s.kw, s.h * s.w);
    // [output channel, pixel, picture]
    let turned = scratch;
    // [tap, output channel, input channel]
    let sums = turned.add(PICTURES);
    // [pixel, picture, input channel]
    let lines = sums.add(TAPS * BLOCK * WIDTH);
    let mut first = 0;
    while first < s.n {
        let n = (s.n - first).min(pictures(s));
        let (x, g) = (x.add(first * s.c * pixels), g.add(first * g_step));
        transpose(n, channels * s.pixels(), g, g_step, turned, n);
        each_panel(gc, |c, width| {
            for i in 0..n * pixels {
                let from = x.add((i % n * s.c + c) * pixels + i / n);
                take(width, from, pixels, lines.add(i * width));
            }
            let mut o = 0;
            while o < channels {
                let rows = (channels - o).min(BLOCK);
                for tap in 0..taps {
                    let sums = sums.add(tap * rows * width);
                    let mut onto = Onto::Nothing;
                    each_pixel(s, tap, |up, at| {
                        let a = Rows {
                            start: turned.add((o * s.pixels() + up) * n),
                            row: s.pixels() * n,
                            step: 1,
                        };
                        let b = Strided {
                            start: lines.add(at * n * width),
                            step: width,
                        };
                        sweep(rows, n, a, b, width, sums, width, onto);
                        onto = Onto::Itself;
                    });
                    if let Onto::Nothing = onto {
                        fill(rows * width, 0.0, sums);
                    }
                }
                for r in 0..rows {
                    let mut to = out.add(((o + r) * gc + c) * taps);
                    for j in 0..width {
                        for tap in 0..taps {
                            let sum = *sums.add((tap * rows + r) * width + j);
                            *to = if first == 0 { sum } else { *to + sum };
                            to = to.add(1);
                        }
                    }
                }
                o += rows;
            }
        });
        first += n;
    }
}
