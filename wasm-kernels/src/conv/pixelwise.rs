//! Pictures of few pixels, of whose windows a good part hangs over the edges.

use super::implicit;
use super::shape::Shape;
use super::weights::{Target, Weights};
use crate::rows::inside;

/// The rows (or columns) of the window under output row `at` that lie inside the picture: from the
/// first up to the end.
fn taps(
    at: usize,
    size: usize,
    kernel: usize,
    stride: usize,
    pad: isize,
    dilation: usize,
) -> (usize, usize) {
    inside(size, (at * stride) as isize - pad, dilation, kernel)
}

/// Whether the picture is so small that a good part of the windows hangs over its edges (but none is
/// outside), and the batch large enough for a product of each pixel's own (the caller cuts none of
/// such small pictures into parts of less).
pub fn fits(s: &Shape) -> bool {
    if s.n < 4 || s.pixels() > 9 {
        return false;
    }
    let inside = |y: usize, x: usize| {
        let (first, end) = taps(y, s.h, s.kh, s.sh, s.ph, s.dh);
        let (left, right) = taps(x, s.w, s.kw, s.sw, s.pw, s.dw);
        (end - first) * (right - left)
    };
    let mut sum = 0;
    for at in 0..s.pixels() {
        let count = inside(at / s.ow, at % s.ow);
        if count == 0 {
            return false;
        }
        sum += count;
    }
    4 * sum <= 3 * s.pixels() * s.kh * s.kw
}

/// Each output pixel as a convolution of its own, by the part of the window that is inside: in 2x2
/// pictures four of nine values. Its products are over the pictures of the batch.
pub unsafe fn forward(
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
