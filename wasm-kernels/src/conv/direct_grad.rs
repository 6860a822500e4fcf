//! The weight gradient of a convolution with stride 1 and few channels.
//!
//! Over the same padded planes as `direct`: a tile of output channels x patch values keeps one
//! vector of partial sums each and runs along all pixels of a picture; the sums stay in scratch
//! between pictures, their lanes are added once, after the last. Tiles are 2 x 6: two vectors of g
//! are held, six of x pass by. The last pixels of a row come with pixels that were counted already,
//! which are masked in both operands: nothing is multiplied that does not belong (0 * inf is not
//! 0).

use super::direct::padded;
use super::patches::{clear_planes, fill, padded_size};
use super::shape::Shape;
use crate::simd::{F32x4, Vector};

/// Values of a patch in one tile: five where a product needs a register before it is added.
const WIDE: usize = if cfg!(target_feature = "relaxed-simd") {
    6
} else {
    5
};
/// Values of a patch that fit into the table of offsets.
const OFFSETS: usize = 4096;
/// Floats of padded planes that fit into scratch (512 KiB).
const PLANES: usize = 1 << 17;
/// Weights whose partial sums fit into scratch, as vectors (256 KiB).
const SUMS: usize = 1 << 14;

/// Whether the kernel here applies: rows of at least one vector, everything in scratch.
#[inline(always)]
pub fn fits(s: &Shape) -> bool {
    let (high, wide) = padded_size(s);
    s.sh == 1
        && s.sw == 1
        && s.ow >= 4
        && s.patch() <= OFFSETS
        && s.group_c() * high * wide <= PLANES
        && s.group_o() * s.patch() <= SUMS
}

/// gw[channels, patch] of one group, summed over all pictures, as `implicit::grad_weight`.
pub unsafe fn grad_weight(
    s: &Shape,
    x: *const f32,
    g: *const f32,
    g_step: usize,
    channels: usize,
    out: *mut f32,
    scratch: *mut f32,
) {
    let offsets = scratch as *mut u32;
    let room = scratch.add(OFFSETS);
    let sums = room.add(PLANES);
    let (high, wide) = padded_size(s);
    for i in 0..s.patch() {
        let (c, window) = (i / (s.kh * s.kw), i % (s.kh * s.kw));
        let (ky, kx) = (window / s.kw, window % s.kw);
        *offsets.add(i) = ((c * high + ky * s.dh) * wide + kx * s.dw) as u32;
    }
    let count = channels * s.patch();
    clear_planes(s, room);
    fill(4 * count, 0.0, sums);
    for picture in 0..s.n {
        let planes = padded(s, x.add(picture * s.c * s.h * s.w), room);
        picture_sums(s, planes, offsets, g.add(picture * g_step), channels, sums);
    }
    for i in 0..count {
        *out.add(i) = F32x4::load(sums.add(4 * i)).sum_lanes();
    }
}

/// Adds one picture's products to the sums.
unsafe fn picture_sums(
    s: &Shape,
    planes: *const f32,
    offsets: *const u32,
    g: *const f32,
    channels: usize,
    sums: *mut f32,
) {
    let patch = s.patch();
    let mut o = 0;
    while o < channels {
        let mut p = 0;
        macro_rules! take {
            ($channels:literal, $values:expr) => {
                while patch - p >= $values {
                    let from = g.add(o * s.pixels());
                    let to = sums.add(4 * (o * patch + p));
                    sum_tile::<$channels, { $values }>(s, planes, offsets.add(p), from, to);
                    p += $values;
                }
            };
        }
        if channels - o >= 2 {
            take!(2, WIDE);
            take!(2, 3);
            take!(2, 1);
            o += 2;
        } else {
            take!(1, WIDE);
            take!(1, 3);
            take!(1, 1);
            o += 1;
        }
    }
}

#[inline(never)]
unsafe fn sum_tile<const O: usize, const P: usize>(
    s: &Shape,
    planes: *const f32,
    offsets: *const u32,
    g: *const f32,
    sums: *mut f32,
) {
    let (_, wide) = padded_size(s);
    let (ow, pixels, patch) = (s.ow, s.pixels(), s.patch());
    let mut total = [[F32x4::zero(); P]; O];
    for (i, row) in total.iter_mut().enumerate() {
        for (j, sum) in row.iter_mut().enumerate() {
            *sum = F32x4::load(sums.add(4 * (i * patch + j)));
        }
    }
    let mut shifts = [0; P];
    for (j, shift) in shifts.iter_mut().enumerate() {
        *shift = *offsets.add(j) as usize;
    }
    let part = ow % 4;
    let counted = F32x4::first_lanes(4 - part);
    for y in 0..s.oh {
        let mut row = planes.add(y * wide);
        let mut from = g.add(y * ow);
        macro_rules! step {
            ($load:expr) => {
                let mut up = [F32x4::zero(); O];
                for (i, v) in up.iter_mut().enumerate() {
                    *v = $load(from.add(i * pixels));
                }
                for (j, shift) in shifts.iter().enumerate() {
                    let x = $load(row.add(*shift));
                    for i in 0..O {
                        total[i][j] = up[i].mul_add(x, total[i][j]);
                    }
                }
            };
        }
        for _ in 0..ow / 4 {
            step!(F32x4::load);
            row = row.add(4);
            from = from.add(4);
        }
        if part != 0 {
            (row, from) = (row.sub(4 - part), from.sub(4 - part));
            step!(|p| F32x4::select(counted, F32x4::zero(), F32x4::load(p)));
        }
    }
    for (i, row) in total.iter().enumerate() {
        for (j, sum) in row.iter().enumerate() {
            sum.store(sums.add(4 * (i * patch + j)));
        }
    }
}
