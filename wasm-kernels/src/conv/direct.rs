//! Convolution of few channels: matrix products over windows that lie unrolled along rows only
//! (`planes`).
//!
//! Loop order: picture and group (its planes are unrolled once, into scratch), panels of up to 24
//! pixels, output channels two at a time, and innermost the patch: each of its values is a row of
//! the panel, found by a table. With few output channels a packed panel would hardly be used: the
//! copies here are kw for each channel, where patches have kh * kw.

// A tile's loops index several small arrays at once; iterators over one of them hide that.
#![allow(clippy::needless_range_loop)]

use super::planes::{self, PLANES, Planes};
use super::shape::Shape;
use super::weights::{Gradient, Operands, Target, Weights};
use crate::matmul::microkernel::{next_width, panel_width};
use crate::simd::{F32x4, Vector};

/// Floats of packed weights that fit into scratch (512 KiB), and of results that are to lie apart
/// (256 KiB).
const WEIGHTS: usize = 1 << 17;
const RESULTS: usize = 1 << 16;

/// The same convolution of `count` channels of each group.
#[inline(always)]
fn block(s: &Shape, count: usize) -> Shape {
    Shape {
        c: count * s.groups,
        ..*s
    }
}

/// Whether the kernels here apply: panels of at least three vectors, of more where many output
/// channels would use a packed one, and at least one channel at a time in scratch.
pub fn fits(s: &Shape, to: Target) -> bool {
    let one = block(s, 1);
    let least = if s.group_o() > 32 { 32 } else { 12 };
    let results = to.is_dense(s) || s.group_o() * s.pixels() <= RESULTS;
    s.pixels() >= least && planes::fits(&one) && s.o * one.patch() <= WEIGHTS && results
}

/// All groups; `bias` may be null.
pub unsafe fn forward(s: &Shape, operands: Operands, scratch: *mut f32) {
    let one = block(s, 1);
    let most = planes::channels(&one).min(WEIGHTS / (s.o * one.patch()));
    let mut c = 0;
    while c < s.group_c() {
        let count = (s.group_c() - c).min(most);
        let some = Operands {
            x: operands.x.add(c * s.h * s.w),
            weight: operands.weight.starting_at_input(c),
            ..operands
        };
        add_channels(s, &block(s, count), some, c > 0, scratch);
        c += count;
    }
}

/// The products of as many channels as `part` has, onto the bias or onto what is there.
unsafe fn add_channels(s: &Shape, part: &Shape, operands: Operands, onto: bool, scratch: *mut f32) {
    let Operands {
        x,
        weight,
        bias,
        to,
    } = operands;
    let planes = Planes::new(part, scratch);
    let packed = planes.start.add(PLANES);
    let (most, results) = (panel_width(), packed.add(WEIGHTS));
    let (go, patch, pixels) = (s.group_o(), part.patch(), s.pixels());
    for group in 0..s.groups {
        let weight = weight.of_group(group);
        let mut o = 0;
        while o < go {
            let count = (go - o).min(2);
            let room = packed.add((group * go + o) * patch);
            weight.copy(s, (o, count), (0, patch), room, (1, count));
            o += count;
        }
    }
    for i in 0..s.n * s.groups {
        planes.unroll(part, x.add(i * s.group_c() * s.h * s.w));
        let (picture, first) = (i / s.groups, i % s.groups * go);
        let to = to.starting_at(first);
        let g = Group {
            patch,
            channels: go,
            pixels,
            offsets: planes.offsets,
            weight: packed.add(first * patch),
            bias: if bias.is_null() {
                bias
            } else {
                bias.add(first)
            },
            onto,
        };
        let exchange = |store: bool| unsafe {
            for o in 0..go {
                to.exchange(s, (picture, o), (0, pixels), results.add(o * pixels), store);
            }
        };
        let dense = to.is_dense(s);
        if !dense && onto {
            exchange(false);
        }
        let out = if dense {
            to.start.add(picture * to.picture)
        } else {
            results
        };
        let mut q = 0;
        while q < pixels {
            let width = next_width(pixels - q, most);
            let (from, out) = (planes.start.add(q), out.add(q));
            match width.div_ceil(4) {
                6 => panel::<6>(&g, from, width, out),
                5 => panel::<5>(&g, from, width, out),
                4 => panel::<4>(&g, from, width, out),
                _ => panel::<3>(&g, from, width, out),
            }
            q += width;
        }
        if !dense {
            exchange(true);
        }
    }
}

/// What all panels of a group share.
struct Group {
    patch: usize,
    channels: usize,
    pixels: usize,
    offsets: *const u32,
    /// For each two channels, and for the last of an odd number, [patch][channel].
    weight: *const f32,
    bias: *const f32,
    onto: bool,
}

/// All output channels over a panel of 4 * NV - 3 to 4 * NV pixels.
#[inline(always)]
unsafe fn panel<const NV: usize>(s: &Group, planes: *const f32, width: usize, out: *mut f32) {
    let (mut weight, mut bias, mut out) = (s.weight, s.bias, out);
    let (end, last) = (s.offsets.add(s.patch), 4 * (width - 4));
    let mut o = s.channels;
    while o >= 2 {
        tile::<2, NV>(
            s.offsets, end, planes, last, weight, bias, s.onto, out, s.pixels,
        );
        o -= 2;
        weight = weight.add(2 * s.patch);
        bias = if bias.is_null() { bias } else { bias.add(2) };
        out = out.add(2 * s.pixels);
    }
    if o == 1 {
        tile::<1, NV>(
            s.offsets, end, planes, last, weight, bias, s.onto, out, s.pixels,
        );
    }
}

#[inline(never)]
unsafe fn tile<const MR: usize, const NV: usize>(
    mut offset: *const u32,
    end: *const u32,
    planes: *const f32,
    last: usize,
    mut weight: *const f32,
    bias: *const f32,
    onto: bool,
    out: *mut f32,
    pixels: usize,
) {
    let mut sums = [[F32x4::zero(); NV]; MR];
    if onto {
        for i in 0..MR {
            for j in 0..NV {
                let at = if j + 1 == NV { last } else { 16 * j };
                let from = out.add(i * pixels) as *const u8;
                sums[i][j] = F32x4::load(from.add(at) as *const f32);
            }
        }
    } else if !bias.is_null() {
        for i in 0..MR {
            sums[i] = [F32x4::splat(*bias.add(i)); NV];
        }
    }
    'taps: while offset != end {
        macro_rules! tap {
            ($i:literal) => {
                let row = (planes as *const u8).add(*offset.add($i) as usize);
                let scale: [F32x4; MR] =
                    core::array::from_fn(|i| F32x4::splat(*weight.add(MR * $i + i)));
                for j in 0..NV {
                    let at = if j + 1 == NV { last } else { 16 * j };
                    let v = F32x4::load(row.add(at) as *const f32);
                    for i in 0..MR {
                        sums[i][j] = scale[i].mul_add(v, sums[i][j]);
                    }
                }
            };
        }
        tap!(0);
        if offset.add(1) == end {
            break 'taps;
        }
        tap!(1);
        if offset.add(2) == end {
            break 'taps;
        }
        tap!(2);
        if offset.add(3) == end {
            break 'taps;
        }
        tap!(3);
        offset = offset.add(4);
        weight = weight.add(4 * MR);
    }
    let mut to = out;
    for i in 0..MR {
        for j in 0..NV {
            let at = if j + 1 == NV { last } else { 16 * j };
            sums[i][j].store((to as *mut u8).add(at) as *mut f32);
        }
        to = to.add(pixels);
    }
}
