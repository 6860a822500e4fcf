//! Copies of windows out of pictures: patches for the implicit products.

use super::shape::Shape;
use crate::simd::{F32x4, Vector};

/// Floats from which on one `memory.copy` is faster than a loop.
const LONG: usize = 32;

/// Copies n floats; never reads or writes outside them.
#[inline(always)]
pub unsafe fn copy(n: usize, from: *const f32, to: *mut f32) {
    if n >= LONG {
        return core::ptr::copy_nonoverlapping(from, to, n);
    }
    if n < 4 {
        for i in 0..n {
            *to.add(i) = *from.add(i);
        }
        return;
    }
    let mut i = 0;
    while i + 4 < n {
        F32x4::load(from.add(i)).store(to.add(i));
        i += 4;
    }
    F32x4::load(from.add(n - 4)).store(to.add(n - 4));
}

/// Sets n floats to a value.
#[inline(always)]
pub unsafe fn fill(n: usize, value: f32, to: *mut f32) {
    if n < 4 {
        for i in 0..n {
            *to.add(i) = value;
        }
        return;
    }
    let mut i = 0;
    while i + 4 < n {
        F32x4::splat(value).store(to.add(i));
        i += 4;
    }
    F32x4::splat(value).store(to.add(n - 4));
}

/// Copies columns x, x + stride, ... (n of them) of a row of `width` floats; columns outside the
/// row are zero.
#[inline(always)]
pub unsafe fn window(
    row: *const f32,
    width: usize,
    x: isize,
    stride: usize,
    n: usize,
    to: *mut f32,
) {
    if stride == 1 {
        if x >= 0 && x as usize + n <= width {
            return copy(n, row.offset(x), to);
        }
        let first = (-x).max(0).min(n as isize) as usize;
        let end = (width as isize - x).max(first as isize).min(n as isize) as usize;
        fill(first, 0.0, to);
        copy(end - first, row.offset(x + first as isize), to.add(first));
        fill(n - end, 0.0, to.add(end));
        return;
    }
    for i in 0..n {
        let at = x + (i * stride) as isize;
        let inside = at >= 0 && at < width as isize;
        *to.add(i) = if inside { *row.offset(at) } else { 0.0 };
    }
}

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
                window(row, s.w, s.x(ox, kx), s.sw, n, d);
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
