//! Patches for the implicit products.

use super::shape::Shape;
use crate::rows::{fill, window};

/// to[p * to_row + j] = value `first + p` of the patch under output pixel `pixel + j`, for p <
/// depth, j < width. Pixels are counted through all pictures. `x` points at the group's first
/// channel of the first picture.
#[inline(never)]
pub unsafe fn gather(
    s: &Shape,
    x: *const f32,
    pixel: usize,
    width: usize,
    first: usize,
    depth: usize,
    to: *mut f32,
    to_row: usize,
) {
    let window_size = s.kh * s.kw;
    let (mut picture, within) = (pixel / s.pixels(), pixel % s.pixels());
    let (mut oy, mut ox) = (within / s.ow, within % s.ow);
    let start = first / window_size;
    let (start_y, start_x) = (first % window_size / s.kw, first % s.kw);
    let mut j = 0;
    while j < width {
        let n = (s.ow - ox).min(width - j);
        let planes = x.add(picture * s.c * s.h * s.w);
        let (mut c, mut ky, mut kx) = (start, start_y, start_x);
        for p in 0..depth {
            let d = to.add(p * to_row + j);
            let y = s.y(oy, ky);
            if y >= 0 && y < s.h as isize {
                let row = planes.add((c * s.h + y as usize) * s.w);
                window(row, s.w, s.x(ox, kx), s.sw, n, 0.0, d);
            } else {
                fill(n, 0.0, d);
            }
            kx += 1;
            if kx == s.kw {
                kx = 0;
                ky += 1;
                if ky == s.kh {
                    ky = 0;
                    c += 1;
                }
            }
        }
        j += n;
        ox = 0;
        oy += 1;
        if oy == s.oh {
            oy = 0;
            picture += 1;
        }
    }
}
