//! Convolution with stride 1 and few channels: no patches, the windows are shifted views of a padded picture.
//!
//! Loop order: picture, group (its planes are padded once, into scratch), a few output channels, columns a few vectors at
//! a time, then all rows of that strip; for each row the whole patch is summed in registers: the rows of the window
//! one after the other (`Runs`), each a run of values whose columns are neighbours, so that their loads are one
//! address with constant offsets. Tiles of channels x vectors: 4x2, 2x4, 1x4: V8's 15 registers hold the sums,
//! the weights of a run (one vector for each channel, spread by shuffles) and the vectors of one column. Nothing is
//! packed because with few channels a packed panel would hardly be used twice.
//! A strip that is no multiple of its tile starts further left and computes some columns again.

use super::patches::{pad_planes, padded_size};
use super::shape::Shape;
use crate::simd::{F32x4, Vector};

/// Floats of padded planes that fit into scratch (512 KiB).
const PLANES: usize = 1 << 17;
/// Runs of a patch that fit into the table of offsets.
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
        && s.patch() <= OFFSETS
        && s.group_c() * high * wide <= PLANES
        && s.groups * s.group_o() * s.patch() * 4 <= WEIGHTS
}

/// Where the values of a patch lie in the padded planes: runs of `length` neighbours.
#[derive(Clone, Copy)]
pub struct Runs {
    pub length: usize,
    pub count: usize,
    pub offsets: *const u32,
}

impl Runs {
    /// Window rows of 3 or 5 neighbours are runs; otherwise each value is one.
    unsafe fn new(s: &Shape, offsets: *mut u32) -> Self {
        let length = if s.dw == 1 && (s.kw == 3 || s.kw == 5) { s.kw } else { 1 };
        let count = s.patch() / length;
        let (high, wide) = padded_size(s);
        for i in 0..count {
            let at = i * length;
            let (c, window) = (at / (s.kh * s.kw), at % (s.kh * s.kw));
            let (ky, kx) = (window / s.kw, window % s.kw);
            *offsets.add(i) = ((c * high + ky * s.dh) * wide + kx * s.dw) as u32;
        }
        Self { length, count, offsets }
    }

    /// Floats that the packed weights of one run take: whole vectors, but for single values.
    #[inline(always)]
    fn packed(self) -> usize {
        if self.length == 1 { 1 } else { self.length.next_multiple_of(4) }
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

/// to[channel / count][run][channel % count]: the weights of `count` channels in the order in which a tile reads them.
unsafe fn pack(runs: Runs, count: usize, weight: *const f32, to: *mut f32) {
    let (step, patch) = (runs.packed(), runs.count * runs.length);
    for run in 0..runs.count {
        for i in 0..count {
            let from = weight.add(i * patch + run * runs.length);
            let d = to.add((run * count + i) * step);
            for j in 0..runs.length {
                *d.add(j) = *from.add(j);
            }
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
    let runs = Runs::new(s, scratch as *mut u32);
    let packed = scratch.add(OFFSETS);
    let room = packed.add(WEIGHTS);
    let (go, pixels) = (s.group_o(), s.pixels());
    let size = runs.count * runs.packed();
    for group in 0..s.groups {
        let mut o = 0;
        while o < go {
            let (count, first) = (channels(go - o), group * go + o);
            pack(runs, count, weight.add(first * s.patch()), packed.add(first * size));
            o += count;
        }
    }
    for i in 0..s.n * s.groups {
        let planes = padded(s, x.add(i * s.group_c() * s.h * s.w), room);
        let mut o = 0;
        while o < go {
            let (count, first) = (channels(go - o), i % s.groups * go + o);
            let bias = if bias.is_null() { bias } else { bias.add(first) };
            let to = out.add((i * go + o) * pixels);
            strips(s, runs, count, planes, packed.add(first * size), bias, to);
            o += count;
        }
    }
}

/// All columns of `count` output planes.
unsafe fn strips(
    s: &Shape,
    runs: Runs,
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
                match runs.length {
                    3 => strip::<$channels, $vectors, 3>(s, runs, from, weight, bias, to),
                    5 => strip::<$channels, $vectors, 5>(s, runs, from, weight, bias, to),
                    _ => strip::<$channels, $vectors, 1>(s, runs, from, weight, bias, to),
                }
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

/// One strip of up to 4 * V columns of O output planes, row by row. A row has more than 4 * V - 4 columns.
#[inline(never)]
unsafe fn strip<const O: usize, const V: usize, const RUN: usize>(
    s: &Shape,
    runs: Runs,
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
        let row = planes.add(y * wide);
        let mut w = weight;
        for run in 0..runs.count {
            let from = row.add(*runs.offsets.add(run) as usize);
            let mut whole = [F32x4::zero(); O];
            for (i, v) in whole.iter_mut().enumerate() {
                if RUN > 1 {
                    *v = F32x4::load(w.add(i * RUN.next_multiple_of(4)));
                }
            }
            for x in 0..RUN {
                let mut v = [F32x4::zero(); V];
                for (j, v) in v.iter_mut().enumerate() {
                    *v = F32x4::load(from.add(at(j) + x));
                }
                for i in 0..O {
                    let scale = match x {
                        0 if RUN > 1 => whole[i].spread::<0>(),
                        1 => whole[i].spread::<1>(),
                        2 => whole[i].spread::<2>(),
                        3 => whole[i].spread::<3>(),
                        4 => F32x4::splat(*w.add(8 * i + 4)),
                        _ => F32x4::splat(*w.add(i)),
                    };
                    for j in 0..V {
                        sums[j][i] = scale.mul_add(v[j], sums[j][i]);
                    }
                }
            }
            w = w.add(O * if RUN == 1 { 1 } else { RUN.next_multiple_of(4) });
        }
        for (j, sums) in sums.iter().enumerate() {
            for (i, sum) in sums.iter().enumerate() {
                sum.store(out.add(i * pixels + y * ow + at(j)));
            }
        }
    }
}
