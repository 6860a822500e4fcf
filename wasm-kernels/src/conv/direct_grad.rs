//! The weight gradient of few channels, over the planes of `direct`.
//!
//! A tile of output channels x patch values keeps one vector of partial sums each and runs along
//! all pixels of a picture, which lie contiguous in both operands; the sums stay in scratch between
//! pictures, their lanes are added once, after the last. Tiles are 2 x 6: two vectors of g are
//! held, six of x pass by (five where a product needs a register before it is added).

// A tile's loops index several small arrays at once; iterators over one of them hide that.
#![allow(clippy::needless_range_loop)]

use super::planes::{self, PLANES, Planes};
use super::shape::Shape;
use super::weights::Gradient;
use crate::matmul::microkernel::widest;
use crate::rows::fill;
use crate::simd::{F32x4, Vector};

/// Weights whose partial sums fit into scratch, as vectors (512 KiB).
const SUMS: usize = 1 << 15;

/// Whether the kernel here applies: everything in scratch, and pixels enough for many sums to be
/// worth their way from there and back.
pub fn fits(s: &Shape) -> bool {
    let sums = s.group_o() * s.patch();
    let least = if sums >= 8192 { 100 } else { 4 };
    s.pixels() >= least && planes::fits(s) && sums <= SUMS
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
    let planes = Planes::new(s, scratch);
    let sums = planes.start.add(PLANES);
    let count = channels * s.patch();
    fill(4 * count, 0.0, sums);
    for picture in 0..s.n {
        planes.unroll(s, x.add(picture * s.c * s.h * s.w));
        picture_sums(
            s,
            planes.start,
            planes.offsets,
            g.add(picture * g_step),
            channels,
            sums,
        );
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
    let (patch, widest) = (s.patch(), widest());
    let mut p = 0;
    while p < patch {
        macro_rules! go {
            ($values:expr) => {{
                let mut o = 0;
                while o < channels {
                    let from = g.add(o * s.pixels());
                    let to = sums.add(4 * (o * patch + p));
                    if channels - o >= 2 {
                        sum_tile::<2, { $values }>(s, planes, offsets.add(p), from, to);
                    } else {
                        sum_tile::<1, { $values }>(s, planes, offsets.add(p), from, to);
                    }
                    o += 2;
                }
                p += $values;
            }};
        }
        match patch - p {
            6.. if widest == 6 => go!(6),
            5.. if widest == 5 => go!(5),
            3.. => go!(3),
            _ => go!(1),
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
    let (pixels, patch) = (s.pixels(), s.patch());
    let mut total = [[F32x4::zero(); P]; O];
    for i in 0..O {
        for j in 0..P {
            total[i][j] = F32x4::load(sums.add(4 * (i * patch + j)));
        }
    }
    let runs: [*const f32; P] = core::array::from_fn(|j| planes.add(*offsets.add(j) as usize / 4));
    let mut at = 0;
    macro_rules! step {
        ($at:expr, $load:expr) => {
            let up: [F32x4; O] = core::array::from_fn(|i| $load(g.add(i * pixels + $at)));
            for j in 0..P {
                let x = $load(runs[j].add($at));
                for i in 0..O {
                    total[i][j] = up[i].mul_add(x, total[i][j]);
                }
            }
        };
    }
    while at + 4 <= pixels {
        step!(at, |p| F32x4::load(p));
        at += 4;
    }
    if at < pixels {
        // The last four, without those that were counted: in both operands, since 0 * inf is not 0.
        let counted = F32x4::first_lanes(4 - (pixels - at));
        step!(pixels - 4, |p| F32x4::load(p).without(counted));
    }
    for i in 0..O {
        for j in 0..P {
            total[i][j].store(sums.add(4 * (i * patch + j)));
        }
    }
}
