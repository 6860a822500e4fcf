//! Convolution with stride 1 and few channels: no patches, the windows are shifted views of a
//! padded picture.
//!
//! Loop order: picture, group (its planes are padded once, into scratch), a few output channels,
//! columns a few vectors at a time, then all rows of that strip; for each row the whole patch is
//! summed in registers, window row by window row. Tiles of channels x vectors: 4x2, 2x4, 1x4; the
//! weights are packed channel by channel inside a tile, so that those of four channels are one
//! load, spread by shuffles. Pictures are not packed: with few channels a panel would hardly be
//! used twice. The loop along a window row is not unrolled: LLVM would chain its sums and V8 run
//! out of registers. A strip that is no multiple of its tile starts further left and computes some
//! columns again.

use super::patches::{clear_planes, pad_planes, padded_size};
use super::shape::Shape;
use crate::simd::{F32x4, Vector};

/// Floats of padded planes that fit into scratch (512 KiB).
const PLANES: usize = 1 << 17;
/// Rows of a patch that fit into the table of offsets.
const OFFSETS: usize = 4096;
/// Floats of packed weights that fit into scratch (128 KiB).
const WEIGHTS: usize = 1 << 15;

/// Whether the kernels here apply: rows of at least one vector, everything in scratch.
#[inline(always)]
pub fn fits(s: &Shape) -> bool {
    let (high, wide) = padded_size(s);
    s.sh == 1
        && s.sw == 1
        && s.ow >= 4
        && s.group_c() * s.kh <= OFFSETS
        && s.group_c() * high * wide <= PLANES
        && s.o * s.patch() <= WEIGHTS
}

/// Where the rows of a patch lie in the padded planes.
#[derive(Clone, Copy)]
struct WindowRows {
    /// Rows: channels x window height.
    count: usize,
    offsets: *const u32,
}

impl WindowRows {
    unsafe fn new(s: &Shape, offsets: *mut u32) -> Self {
        let count = s.group_c() * s.kh;
        let (high, wide) = padded_size(s);
        for i in 0..count {
            *offsets.add(i) = ((i / s.kh * high + i % s.kh * s.dh) * wide) as u32;
        }
        Self { count, offsets }
    }
}

/// The planes of a group of a picture with their padding; the picture itself where there is none.
#[inline(always)]
pub unsafe fn padded(s: &Shape, x: *const f32, room: *mut f32) -> *const f32 {
    if s.ph == 0 && s.pw == 0 {
        return x;
    }
    pad_planes(s, x, room);
    room
}

/// to[value of the patch][channel]: the weights of `count` channels in the order in which a tile
/// reads them.
unsafe fn pack(patch: usize, count: usize, weight: *const f32, to: *mut f32) {
    for p in 0..patch {
        for i in 0..count {
            *to.add(p * count + i) = *weight.add(i * patch + p);
        }
    }
}

/// Channels of the next tile.
#[inline(always)]
fn channels(left: usize) -> usize {
    match left {
        0 | 1 => 1,
        2 | 3 => 2,
        _ => 4,
    }
}

/// out[n, o, oh, ow]; `bias` may be null.
pub unsafe fn forward(
    s: &Shape,
    x: *const f32,
    weight: *const f32,
    bias: *const f32,
    out: *mut f32,
    scratch: *mut f32,
) {
    let rows = WindowRows::new(s, scratch as *mut u32);
    let packed = scratch.add(OFFSETS);
    let room = packed.add(WEIGHTS);
    let (go, pixels) = (s.group_o(), s.pixels());
    let size = s.patch();
    clear_planes(s, room);
    for group in 0..s.groups {
        let mut o = 0;
        while o < go {
            let (count, first) = (channels(go - o), group * go + o);
            pack(
                size,
                count,
                weight.add(first * size),
                packed.add(first * size),
            );
            o += count;
        }
    }
    for i in 0..s.n * s.groups {
        let planes = padded(s, x.add(i * s.group_c() * s.h * s.w), room);
        let mut o = 0;
        while o < go {
            let (count, first) = (channels(go - o), i % s.groups * go + o);
            let bias = if bias.is_null() {
                bias
            } else {
                bias.add(first)
            };
            let to = out.add((i * go + o) * pixels);
            strips(s, rows, count, planes, packed.add(first * size), bias, to);
            o += count;
        }
    }
}

/// All columns of `count` output planes.
unsafe fn strips(
    s: &Shape,
    rows: WindowRows,
    count: usize,
    planes: *const f32,
    weight: *const f32,
    bias: *const f32,
    out: *mut f32,
) {
    macro_rules! go {
        ($channels:literal, $vectors:literal) => {{
            let most = 4 * $vectors;
            let mut at = 0;
            loop {
                let (from, to) = (planes.add(at), out.add(at));
                strip::<$channels, $vectors>(s, rows, from, weight, bias, to);
                if at + most >= s.ow {
                    return;
                }
                at = (at + most).min(s.ow - most);
            }
        }};
    }
    match count {
        4 => go!(4, 2),
        2 if s.ow > 12 => go!(2, 4),
        2 => go!(2, 2),
        _ if s.ow > 12 => go!(1, 4),
        _ => go!(1, 2),
    }
}

/// The weights of O channels, one vector each.
#[inline(always)]
unsafe fn weights<const O: usize>(from: *const f32) -> [F32x4; O] {
    let mut scale = [F32x4::zero(); O];
    if O == 4 {
        let v = F32x4::load(from);
        scale[0] = v.spread::<0>();
        scale[1] = v.spread::<1>();
        scale[2] = v.spread::<2>();
        scale[3] = v.spread::<3>();
    } else {
        for (i, v) in scale.iter_mut().enumerate() {
            *v = F32x4::splat(*from.add(i));
        }
    }
    scale
}

/// One strip of up to 4 * V columns of O output planes, row by row. A row has more than 4 * V - 4
/// columns.
#[inline(never)]
unsafe fn strip<const O: usize, const V: usize>(
    s: &Shape,
    rows: WindowRows,
    planes: *const f32,
    weight: *const f32,
    bias: *const f32,
    out: *mut f32,
) {
    let (_, wide) = padded_size(s);
    let (ow, pixels) = (s.ow, s.pixels());
    let last = ow.min(4 * V) - 4;
    let at = |j: usize| if j + 1 == V { last } else { 4 * j };
    for y in 0..s.oh {
        let mut sums = [[F32x4::zero(); O]; V];
        if !bias.is_null() {
            for sums in sums.iter_mut() {
                for (i, sum) in sums.iter_mut().enumerate() {
                    *sum = F32x4::splat(*bias.add(i));
                }
            }
        }
        let (row, mut w) = (planes.add(y * wide), weight);
        for r in 0..rows.count {
            let mut from = row.add(*rows.offsets.add(r) as usize);
            for _ in 0..s.kw {
                let mut v = [F32x4::zero(); V];
                for (j, v) in v.iter_mut().enumerate() {
                    *v = F32x4::load(from.add(at(j)));
                }
                let scale = weights::<O>(w);
                for i in 0..O {
                    for j in 0..V {
                        sums[j][i] = scale[i].mul_add(v[j], sums[j][i]);
                    }
                }
                from = from.add(s.dw);
                w = w.add(O);
            }
        }
        for (j, sums) in sums.iter().enumerate() {
            for (i, sum) in sums.iter().enumerate() {
                sum.store(out.add(i * pixels + y * ow + at(j)));
            }
        }
    }
}
