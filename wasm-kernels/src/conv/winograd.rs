//! Winograd's F(2x2, 3x3): 3x3 windows with stride 1 and many channels in 16 products per four
//! outputs instead of 36 (Lavin and Gray, "Fast algorithms for convolutional neural networks",
//! 2015).
//!
//! Pictures are cut into tiles of 2x2 outputs under 4x4 inputs d; Y = A^T [(G g G^T) (B^T d B)] A,
//! where the product over channels is, for each of the 16 values, a matrix product of transformed
//! weights [o, c] and transformed inputs [c, tiles]. Four tiles of a row are the lanes of a vector:
//! columns are split by unzipping, joined by zipping.
//! Loop order: input channels in blocks of 64, output channels in blocks of 64 (their weights are
//! transformed once), then blocks of 48 tiles: transform in (3 KB for a channel), 16 products, add
//! out. The block's three arrays (256, 192 and 192 KB) stay in the second cache.
//! Sums of differences round a little more than plain sums do, and an infinity makes its whole tile
//! NaN.

// Small fixed matrices read best as loops over their indices.
#![allow(clippy::needless_range_loop)]

use super::shape::Shape;
use super::weights::{Target, Weights};
use super::winograd_products::{GAP, multiply};
use crate::matmul::microkernel::Onto;
use crate::rows::{fill, window};
use crate::simd::{F32x4, Vector};

/// Channels of input in one block.
const INPUTS: usize = 64;
/// Channels of output in one block.
const OUTPUTS: usize = 64;
/// Tiles in one block; a multiple of four.
pub const TILES: usize = 48;
/// Floats of one padded row of a block: two for each tile, two more.
pub const LINE: usize = 2 * TILES + 4;

/// Whether the sizes are right, and channels and columns enough to pay for the transforms.
pub fn fits(s: &Shape) -> bool {
    let window = s.kh == 3 && s.kw == 3 && s.sh == 1 && s.sw == 1 && s.dh == 1 && s.dw == 1;
    window && s.group_c() >= 24 && s.group_o() >= 24 && s.ow >= 6
}

/// A block of tiles: `rows` rows of tiles from `row` on, counted through all pictures, of `wide`
/// tiles from column `column` on.
#[derive(Clone, Copy)]
pub struct Block {
    pub row: usize,
    pub rows: usize,
    pub column: usize,
    pub wide: usize,
}

/// out[n, o, oh, ow] of one group, as `implicit::forward`.
pub unsafe fn forward(
    s: &Shape,
    x: *const f32,
    weight: Weights,
    bias: *const f32,
    to: Target,
    scratch: *mut f32,
) {
    let channels = s.group_o();
    let u = scratch;
    let v = u.add(16 * (OUTPUTS * INPUTS + GAP));
    let m = v.add(16 * (INPUTS * TILES + GAP));
    let lines = m.add(16 * (OUTPUTS * TILES + GAP));
    let (high, across) = (s.oh.div_ceil(2), s.ow.div_ceil(2).next_multiple_of(4));
    let plane = s.h * s.w;
    let mut c = 0;
    while c < s.group_c() {
        let inputs = (s.group_c() - c).min(INPUTS);
        let mut o = 0;
        while o < channels {
            let outputs = (channels - o).min(OUTPUTS);
            for i in 0..outputs * inputs {
                let g = weight.window(o + i / inputs, c + i % inputs);
                transform_weights(g, weight.column, u.add(i), outputs * inputs + GAP);
            }
            let onto = match (c, bias.is_null()) {
                (0, true) => Onto::Nothing,
                (0, false) => Onto::Bias(bias.add(o)),
                _ => Onto::Itself,
            };
            let mut column = 0;
            while column < across {
                let wide = (across - column).min(TILES);
                let mut row = 0;
                while row < s.n * high {
                    let rows = (s.n * high - row).min(TILES / wide);
                    let block = Block {
                        row,
                        rows,
                        column,
                        wide,
                    };
                    for i in 0..inputs {
                        let to = v.add(i * rows * wide);
                        transform_inputs(s, block, x.add((c + i) * plane), lines, to, inputs);
                    }
                    multiply(16, outputs, inputs, rows * wide, u, v, m);
                    for i in 0..outputs {
                        let from = m.add(i * rows * wide);
                        let out = to.start.add((o + i) * s.pixels());
                        transform_outputs(s, block, from, outputs, onto.below(i), out, to.picture);
                    }
                    row += rows;
                }
                column += wide;
            }
            o += outputs;
        }
        c += inputs;
    }
}

/// G g G^T of one window, its 16 values `apart` floats from each other.
#[inline(always)]
unsafe fn transform_weights(g: *const f32, step: isize, to: *mut f32, apart: usize) {
    let rows = |a: f32, b: f32, c: f32| [a, 0.5 * (a + b + c), 0.5 * (a - b + c), c];
    let mut half = [[0.0; 3]; 4];
    for x in 0..3 {
        let at = |y: isize| *g.offset((3 * y + x as isize) * step);
        for (y, value) in rows(at(0), at(1), at(2)).iter().enumerate() {
            half[y][x] = *value;
        }
    }
    for (y, [a, b, c]) in half.iter().enumerate() {
        for (x, value) in rows(*a, *b, *c).iter().enumerate() {
            *to.add((4 * y + x) * apart) = *value;
        }
    }
}

/// B^T of four vectors.
#[inline(always)]
fn differences(d: [F32x4; 4]) -> [F32x4; 4] {
    [d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]]
}

/// A^T of four vectors.
#[inline(always)]
fn sums(m: [F32x4; 4]) -> [F32x4; 2] {
    [m[0] + m[1] + m[2], m[1] - m[2] - m[3]]
}

/// B^T d B of one channel of a block of tiles; each of the 16 results lies [inputs, tiles].
#[inline(never)]
pub unsafe fn transform_inputs(
    s: &Shape,
    block: Block,
    x: *const f32,
    lines: *mut f32,
    to: *mut f32,
    inputs: usize,
) {
    let Block {
        row,
        rows,
        column,
        wide,
    } = block;
    let high = s.oh.div_ceil(2);
    let apart = inputs * rows * wide + GAP;
    let left = (2 * column) as isize - s.pw;
    for r in 0..rows {
        let (picture, tile_row) = ((row + r) / high, (row + r) % high);
        let plane = x.add(picture * s.c * s.h * s.w);
        let mut from = [x; 4];
        for (i, from) in from.iter_mut().enumerate() {
            let y = (2 * tile_row + i) as isize - s.ph;
            let count = 2 * wide + 2;
            let line = lines.add(i * LINE);
            *from = line;
            if y < 0 || y >= s.h as isize {
                fill(count, 0.0, line);
            } else if left >= 0 && left as usize + count <= s.w {
                *from = plane.add(y as usize * s.w + left as usize);
            } else {
                window(plane.add(y as usize * s.w), s.w, left, 1, count, 0.0, line);
            }
        }
        let to = to.add(r * wide);
        let mut t = 0;
        while t < wide {
            let d = from.map(|row| {
                let p = row.add(2 * t);
                let (a, b) = F32x4::load(p).unzip(F32x4::load(p.add(4)));
                let (c, d) = F32x4::load(p.add(2)).unzip(F32x4::load(p.add(6)));
                differences([a, b, c, d])
            });
            for j in 0..4 {
                let column = differences([d[0][j], d[1][j], d[2][j], d[3][j]]);
                for (i, value) in column.iter().enumerate() {
                    value.store(to.add((4 * i + j) * apart + t));
                }
            }
            t += 4;
        }
    }
}

/// A^T m A of one channel of a block of tiles, added to the channel's planes.
#[inline(never)]
unsafe fn transform_outputs(
    s: &Shape,
    block: Block,
    m: *const f32,
    outputs: usize,
    onto: Onto,
    out: *mut f32,
    out_step: usize,
) {
    let Block {
        row,
        rows,
        column,
        wide,
    } = block;
    let high = s.oh.div_ceil(2);
    let apart = outputs * rows * wide + GAP;
    let start = match onto {
        Onto::Bias(values) => F32x4::splat(*values),
        _ => F32x4::zero(),
    };
    for r in 0..rows {
        let (picture, tile_row) = ((row + r) / high, (row + r) % high);
        let plane = out.add(picture * out_step);
        let from = m.add(r * wide);
        let mut t = 0;
        while t < wide {
            let value = |i: usize| F32x4::load(from.add(i * apart + t));
            let left = [0, 4, 8, 12].map(|i| sums([0, 1, 2, 3].map(|j| value(i + j))));
            let even = sums([left[0][0], left[1][0], left[2][0], left[3][0]]);
            let odd = sums([left[0][1], left[1][1], left[2][1], left[3][1]]);
            let at = 2 * (column + t);
            for y in 0..2 {
                if 2 * tile_row + y >= s.oh || at >= s.ow {
                    continue;
                }
                let to = plane.add((2 * tile_row + y) * s.ow + at);
                let (a, b) = even[y].zip(odd[y]);
                put(a + start, onto, to, s.ow - at);
                if s.ow - at > 4 {
                    put(b + start, onto, to.add(4), s.ow - at - 4);
                }
            }
            t += 4;
        }
    }
}

/// Stores or adds up to four values.
#[inline(always)]
unsafe fn put(value: F32x4, onto: Onto, to: *mut f32, n: usize) {
    match onto {
        Onto::Itself => (value + F32x4::load_up_to(to, n)).store_up_to(to, n),
        _ => value.store_up_to(to, n),
    }
}
