//! 3x3 windows with stride 1 or 2 over one channel, as of gray pictures and of depthwise convolution:
//! the nine weights stay in registers.
//!
//! Loop order: picture and group (its plane is padded, into scratch), output channels, strips of
//! four columns, and innermost the rows: a row of x at three shifts is loaded once and used by the
//! three rows of output whose windows it is in: nine products for three loads. A tile of `direct`
//! loads eight vectors for twelve products, and each load is three instructions where the engine
//! checks bounds. Over several input channels the sums would go through memory, and `direct` is
//! faster.

use super::shape::Shape;
use super::weights::{Gradient, Operands, Target, Weights};
use crate::rows::copy;
use crate::simd::{F32x4, Vector};

/// Floats of a padded plane that fit into scratch (1 MiB).
pub const PLANE: usize = 1 << 18;

/// Height and width of a plane with its padding.
#[inline(always)]
pub fn padded_size(s: &Shape) -> (usize, usize) {
    (s.h + 2 * s.ph as usize, s.w + 2 * s.pw as usize)
}

/// Whether the sizes are right and a padded plane fits into scratch.
pub fn fits(s: &Shape) -> bool {
    let plain = s.kh == 3 && s.kw == 3 && s.sh <= 2 && s.sw == s.sh && s.dh == 1 && s.dw == 1;
    if !plain || s.group_c() > 1 || s.ph < 0 || s.pw < 0 || s.ow < 4 || s.oh < 2 {
        return false;
    }
    let (high, wide) = padded_size(s);
    high * wide <= PLANE
}

/// A plane with its padding: itself where there is none, else a copy in `room`, whose border is
/// zero.
pub unsafe fn padded(s: &Shape, x: *const f32, room: *mut f32) -> *const f32 {
    if s.ph == 0 && s.pw == 0 {
        return x;
    }
    let (_, wide) = padded_size(s);
    let (mut from, mut to) = (x, room.add(s.ph as usize * wide + s.pw as usize));
    for _ in 0..s.h {
        copy(s.w, from, to);
        from = from.add(s.w);
        to = to.add(wide);
    }
    room
}

/// Zeros where the padded plane will be.
pub unsafe fn clear(s: &Shape, room: *mut f32) {
    let (high, wide) = padded_size(s);
    core::ptr::write_bytes(room, 0, high * wide);
}

/// All groups, to a dense target; `bias` may be null.
pub unsafe fn forward(s: &Shape, operands: Operands, scratch: *mut f32) {
    let Operands {
        x,
        weight,
        bias,
        to,
    } = operands;
    let (go, (_, wide)) = (s.group_o(), padded_size(s));
    clear(s, scratch);
    for i in 0..s.n * s.groups {
        let x = padded(s, x.add(i * s.h * s.w), scratch);
        let (picture, group) = (i / s.groups, i % s.groups);
        let weight = weight.of_group(group);
        for o in 0..go {
            let channel = group * go + o;
            let start = if bias.is_null() {
                0.0
            } else {
                *bias.add(channel)
            };
            let to = to.start.add(picture * to.picture + channel * to.channel);
            plane(s, wide, x, weight, weight.window(o, 0), start, to);
        }
    }
}

/// Whether `grad_input` applies: a stride of 2, and a single output channel for each input's.
pub fn spreads(s: &Shape) -> bool {
    let room = (s.h + 2) * (s.w + 2) <= PLANE && s.w >= 4;
    room && fits(s) && s.sw == 2 && s.group_o() == 1 && s.ph <= 2 && s.pw <= 2
}

/// gx[n, c, h, w] of windows with a stride of 2: those with a stride of 1, turned around, over g with
/// zeros between its values. Three of four products are with zeros, and still that takes half as
/// long as a convolution for each phase of the pixels.
pub unsafe fn grad_input(
    s: &Shape,
    g: *const f32,
    weight: *const f32,
    out: *mut f32,
    scratch: *mut f32,
) {
    let wide = s.w + 2;
    let turned = Weights {
        row: -3,
        column: -1,
        ..Weights::straight(s, weight)
    };
    let back = Shape {
        oh: s.h,
        ow: s.w,
        sw: 1,
        ..*s
    };
    core::ptr::write_bytes(scratch, 0, (s.h + 2) * wide);
    let start = scratch.add((2 - s.ph) as usize * wide + (2 - s.pw) as usize);
    let mut g = g;
    for i in 0..s.n * s.c {
        for y in 0..s.oh {
            for x in 0..s.ow {
                *start.add(2 * (y * wide + x)) = *g.add(x);
            }
            g = g.add(s.ow);
        }
        let (window, to) = (weight.add(i % s.c * 9 + 8), out.add(i * s.h * s.w));
        plane(&back, wide, scratch, turned, window, 0.0, to);
    }
}

/// w[0] v[0] + w[1] v[1] + w[2] v[2] + sum.
#[inline(always)]
fn line(w: [F32x4; 3], v: [F32x4; 3], sum: F32x4) -> F32x4 {
    w[2].mul_add(v[2], w[1].mul_add(v[1], w[0].mul_add(v[0], sum)))
}

/// The same for a sum that the step before has just made: it is added at last, so that a step waits
/// for one addition of the step before and not for three.
#[inline(always)]
fn late_line(w: [F32x4; 3], v: [F32x4; 3], sum: F32x4) -> F32x4 {
    sum + w[2].mul_add(v[2], w[1].mul_add(v[1], w[0] * v[0]))
}

/// What four neighbouring windows find under each of their three columns.
#[inline(always)]
pub unsafe fn three<const STRIDE: usize>(row: *const f32) -> [F32x4; 3] {
    let at = |i| F32x4::load(row.add(i));
    if STRIDE == 1 {
        return [at(0), at(1), at(2)];
    }
    let (even, odd) = at(0).unzip(at(4));
    [even, odd, at(1).unzip(at(5)).1]
}

/// One plane of output; the last strip is moved left over its neighbour.
#[inline(never)]
unsafe fn plane(
    s: &Shape,
    wide: usize,
    x: *const f32,
    taps: Weights,
    weight: *const f32,
    start: f32,
    to: *mut f32,
) {
    let w: [[F32x4; 3]; 3] = core::array::from_fn(|y| {
        core::array::from_fn(|x| {
            let (y, x) = (y as isize * taps.row, x as isize * taps.column);
            F32x4::splat(*weight.offset(y + x))
        })
    });
    let (rows, columns) = (s.oh, s.ow);
    let start = F32x4::splat(start);
    let mut at = 0;
    loop {
        let (mut row, mut d) = (x.add(s.sw * at), to.add(at));
        if s.sw == 2 {
            let mut v = three::<2>(row);
            for _ in 0..rows {
                let a = line(w[0], v, start);
                let b = line(w[1], three::<2>(row.add(wide)), a);
                row = row.add(2 * wide);
                v = three::<2>(row);
                line(w[2], v, b).store(d);
                d = d.add(columns);
            }
            if at + 4 == columns {
                return;
            }
            at = (at + 4).min(columns - 4);
            continue;
        }
        let mut a = line(w[0], three::<1>(row), start);
        row = row.add(wide);
        let v = three::<1>(row);
        a = line(w[1], v, a);
        let mut b = line(w[0], v, start);
        for _ in 2..rows {
            row = row.add(wide);
            let v = three::<1>(row);
            late_line(w[2], v, a).store(d);
            d = d.add(columns);
            a = late_line(w[1], v, b);
            b = line(w[0], v, start);
        }
        row = row.add(wide);
        let v = three::<1>(row);
        line(w[2], v, a).store(d);
        let last = line(w[1], v, b);
        line(w[2], three::<1>(row.add(wide)), last).store(d.add(columns));
        if at + 4 == columns {
            return;
        }
        at = (at + 4).min(columns - 4);
    }
}
