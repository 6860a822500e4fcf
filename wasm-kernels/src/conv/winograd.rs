//! Winograd's F(4x4, 3x3): 3x3 windows with stride 1 in 36 products per sixteen outputs instead of
//! 144 (Lavin and Gray, "Fast algorithms for convolutional neural networks", 2015).
//!
//! Pictures are cut into tiles of 4x4 outputs under 6x6 inputs d; Y = A^T [(G g G^T) (B^T d B)] A,
//! where the product over channels is, for each of the 36 values, a matrix product of transformed
//! weights [o, c] and transformed inputs [c, tiles]. The points 0, +-1/sqrt 2, +-sqrt 2 and infinity
//! keep the constants near one: over 64 channels the error is 7.5e-7 of the result (root mean
//! square), with the usual 0, +-1, +-2 it is 1.9e-6 and with plain sums 2.8e-7;
//! `wasm-kernels/README.md` has more. An infinity makes its whole tile NaN. Tiles are counted
//! through rows and pictures, any four of them are the lanes of a vector: pictures of one or two
//! tiles waste nothing.
//! Loop order: input channels in blocks of 64, output channels in blocks of 128 (their weights are
//! transformed once), then blocks of 24 tiles: transform in, 36 products, add out. A product's three
//! matrices (32, 6 and 12 KB) nearly fit into the first cache; 64 channels and 48 tiles transform
//! the inputs more often and are up to a tenth slower.
//! Tiles of 2x2 outputs (16 products for 36) were tried beside these: their error is that of plain
//! sums, but where they beat `direct`, these beat them by 1.4 to 1.8 times.

// Small fixed matrices read best as loops over their indices.
#![allow(clippy::needless_range_loop)]

use super::shape::Shape;
use super::weights::{Gradient, Operands, Target, Weights};
use super::winograd_products::{GAP, multiply};
use crate::matmul::microkernel::{Onto, next_width};
use crate::rows::{copy, fill};
use crate::simd::{F32x4, Vector};

/// Channels of input in one block.
const INPUTS: usize = 64;
/// Channels of output in one block.
const OUTPUTS: usize = 128;
/// Tiles in one block; a multiple of four.
const TILES: usize = 24;
/// Tiles in the largest block of any caller.
pub const MOST: usize = 48;
/// Floats of one row of inputs of a block: six for each tile at most, and what loads read beyond.
pub const LINE: usize = 6 * MOST + 8;

pub const ROOT: f32 = core::f32::consts::SQRT_2;
pub const HALF_ROOT: f32 = core::f32::consts::FRAC_1_SQRT_2;

/// Whether the sizes are right (no window of nothing but padding, whose zero would not be one), and
/// there is enough of everything to pay for the transforms: 16 channels on both sides, five outputs
/// in a tile, and four tiles for the weights' - in each picture, or in at least four pictures (the
/// caller cuts no batch of such small pictures into parts of less).
pub fn fits(s: &Shape) -> bool {
    let window = s.kh == 3 && s.kw == 3 && s.sh == 1 && s.sw == 1 && s.dh == 1 && s.dw == 1;
    let window = window && s.ph <= 2 && s.pw <= 2;
    let tiles = s.oh.div_ceil(4) * s.ow.div_ceil(4);
    let channels = s.group_c() >= 16 && s.group_o() >= 16;
    window && channels && (tiles >= 4 || s.n >= 4) && 5 * tiles <= s.pixels()
}

/// One tile of a block.
#[derive(Clone, Copy)]
pub struct Tile {
    pub picture: usize,
    /// Row and column, in tiles.
    pub y: usize,
    pub x: usize,
    /// Where its inputs begin in each row.
    pub line: usize,
}

/// A block of tiles that follow each other in rows and pictures.
pub struct Block {
    pub tiles: [Tile; MOST],
    /// How many there are.
    pub count: usize,
    /// The same as a multiple of four; those beyond are copies of the last.
    pub lanes: usize,
}

impl Block {
    pub fn new(s: &Shape, first: usize, count: usize) -> Self {
        let (high, across) = (s.oh.div_ceil(4), s.ow.div_ceil(4));
        let mut line = 0;
        let mut last = Tile {
            picture: 0,
            y: 0,
            x: 0,
            line,
        };
        let mut tiles = [last; MOST];
        for (i, tile) in tiles.iter_mut().enumerate() {
            if i < count {
                let row = (first + i) / across;
                let x = (first + i) % across;
                // A row of tiles shares two inputs with the next tile, a new row does not.
                line += if i == 0 {
                    0
                } else if x == 0 {
                    6
                } else {
                    4
                };
                last = Tile {
                    picture: row / high,
                    y: row % high,
                    x,
                    line,
                };
            }
            *tile = last;
        }
        Self {
            tiles,
            count,
            lanes: count.next_multiple_of(4),
        }
    }
}

/// out[n, o, oh, ow] of one group, as `implicit::forward`.
pub unsafe fn forward(s: &Shape, operands: Operands, scratch: *mut f32) {
    let Operands {
        x,
        weight,
        bias,
        to,
    } = operands;
    let channels = s.group_o();
    let u = scratch;
    let v = u.add(36 * (OUTPUTS * INPUTS + GAP));
    let m = v.add(36 * (INPUTS * TILES + GAP));
    let lines = m.add(36 * (OUTPUTS * TILES + GAP));
    let room = lines.add(6 * LINE);
    let total = s.n * s.oh.div_ceil(4) * s.ow.div_ceil(4);
    let mut c = 0;
    while c < s.group_c() {
        let inputs = next_width(s.group_c() - c, INPUTS);
        let mut o = 0;
        while o < channels {
            let outputs = (channels - o).min(OUTPUTS);
            transform_weights(weight, (o, outputs), (c, inputs), u);
            let onto = match (c, bias.is_null()) {
                (0, true) => Onto::Nothing,
                (0, false) => Onto::Bias(bias.add(o)),
                _ => Onto::Itself,
            };
            let mut first = 0;
            while first < total {
                let block = Block::new(s, first, (total - first).min(TILES));
                fill(6 * LINE, 0.0, lines);
                for i in 0..inputs {
                    let from = x.add((c + i) * s.h * s.w);
                    let to = v.add(i * block.lanes);
                    transform_inputs(s, &block, from, lines, room, to, inputs);
                }
                multiply(outputs, inputs, block.lanes, u, v, m);
                for i in 0..outputs {
                    let from = m.add(i * block.lanes);
                    let out = to.start.add((o + i) * s.pixels());
                    let onto = onto.below(i);
                    transform_outputs(s, &block, from, outputs, room, onto, out, to.picture);
                }
                first += block.count;
            }
            o += outputs;
        }
        c += inputs;
    }
}

/// Six vectors that follow each other.
#[inline(always)]
pub unsafe fn load_six(from: *const f32) -> [F32x4; 6] {
    [0, 4, 8, 12, 16, 20].map(|i| F32x4::load(from.add(i)))
}

/// G of three vectors.
#[inline(always)]
fn spread(g: [F32x4; 3]) -> [F32x4; 6] {
    let by = |x: F32x4, factor: f32| x * F32x4::splat(factor);
    let (a, b) = (
        by(g[0], -2.0 / 3.0) - by(g[2], 1.0 / 3.0),
        by(g[1], ROOT / 3.0),
    );
    let (c, d) = (
        by(g[0], 1.0 / 6.0) + by(g[2], 1.0 / 3.0),
        by(g[1], ROOT / 6.0),
    );
    [g[0], a - b, a + b, c + d, c - d, g[2]]
}

/// B^T of six vectors.
#[inline(always)]
fn differences(d: [F32x4; 6]) -> [F32x4; 6] {
    let plus = |x: F32x4, factor: f32, y: F32x4| x.mul_add(F32x4::splat(factor), y);
    let (a, b) = (
        plus(d[2], -2.0, d[4]),
        plus(d[1], -2.0, d[3]) * F32x4::splat(HALF_ROOT),
    );
    let (p, q) = (
        plus(d[2], -0.5, d[4]),
        plus(d[1], -0.5, d[3]) * F32x4::splat(ROOT),
    );
    let first = plus(d[2], -2.5, d[0] + d[4]);
    [
        first,
        a + b,
        a - b,
        p + q,
        p - q,
        plus(d[3], -2.5, d[1] + d[5]),
    ]
}

/// A^T of six vectors.
#[inline(always)]
fn sums(m: [F32x4; 6]) -> [F32x4; 4] {
    let plus = |x: F32x4, factor: f32, y: F32x4| x.mul_add(F32x4::splat(factor), y);
    let (a, b, c, d) = (m[1] + m[2], m[1] - m[2], m[3] + m[4], m[3] - m[4]);
    let second = plus(d, 2.0, b) * F32x4::splat(HALF_ROOT);
    let third = plus(c, 2.0, a * F32x4::splat(0.5));
    let fourth = plus(d, 8.0, b).mul_add(F32x4::splat(ROOT / 4.0), m[5]);
    [m[0] + (a + c), second, third, fourth]
}

/// G g G^T of the windows of `outputs` and `inputs` channels, four inputs at a time; each of the 36
/// results lies [outputs, inputs].
unsafe fn transform_weights(
    weight: Weights,
    (o, outputs): (usize, usize),
    (c, inputs): (usize, usize),
    u: *mut f32,
) {
    let (apart, fours) = (outputs * inputs + GAP, inputs.div_ceil(4));
    // In the order in which windows lie: others would miss the cache with each.
    let backwards = weight.output < weight.input;
    for n in 0..outputs * fours {
        let (i, four) = if backwards {
            (n % outputs, n / outputs)
        } else {
            (n / fours, n % fours)
        };
        let first = (4 * four).min(inputs - 4);
        let to = u.add(i * inputs + first);
        transform_windows(weight, weight.window(o + i, c + first), to, apart);
    }
}

/// The windows of four input channels from that at `g` on.
#[inline(never)]
unsafe fn transform_windows(weight: Weights, g: *const f32, to: *mut f32, apart: usize) {
    let start = if weight.column < 0 { g.sub(8) } else { g };
    let at = |i: usize| start.add(i * weight.input);
    let four = |k: usize| F32x4::transpose([0, 1, 2, 3].map(|i| F32x4::load(at(i).add(k))));
    let ([a, b, c0, d], [e, f, g0, h]) = (four(0), four(4));
    let last = F32x4::new(*at(0).add(8), *at(1).add(8), *at(2).add(8), *at(3).add(8));
    let mut values = [a, b, c0, d, e, f, g0, h, last];
    if weight.column < 0 {
        values.reverse();
    }
    let half = [0, 1, 2].map(|x| spread([values[x], values[3 + x], values[6 + x]]));
    for y in 0..6 {
        let line = spread([half[0][y], half[1][y], half[2][y]]);
        for (x, value) in line.iter().enumerate() {
            value.store(to.add((6 * y + x) * apart));
        }
    }
}

/// B^T d B of one channel of a block; each of the 36 results lies [inputs, tiles]. `lines` are zero
/// wherever the block's tiles reach beyond their pictures.
#[inline(never)]
pub unsafe fn transform_inputs(
    s: &Shape,
    block: &Block,
    x: *const f32,
    lines: *mut f32,
    room: *mut f32,
    to: *mut f32,
    inputs: usize,
) {
    let apart = inputs * block.lanes + GAP;
    let across = s.ow.div_ceil(4);
    let mut t = 0;
    while t < block.count {
        let tile = *block.tiles.get_unchecked(t);
        let run = (across - tile.x).min(block.count - t);
        let plane = x.add(tile.picture * s.c * s.h * s.w);
        let (left, wide) = ((4 * tile.x) as isize - s.pw, (4 * run + 2) as isize);
        let first = (-left).max(0).min(wide);
        let count = (s.w as isize - left).max(first).min(wide) - first;
        for i in 0..6 {
            let y = (4 * tile.y + i) as isize - s.ph;
            if y >= 0 && y < s.h as isize {
                let from = plane.offset(y * s.w as isize + left + first);
                let to = lines.add(i * LINE + tile.line).offset(first);
                copy(count as usize, from, to);
            }
        }
        t += run;
    }
    let mut t = 0;
    while t < block.lanes {
        let starts =
            [0, 1, 2, 3].map(|i| lines.add(block.tiles.get_unchecked(t + i).line) as *const f32);
        for i in 0..6 {
            let row = |skip: usize| starts.map(|start| F32x4::load(start.add(i * LINE + skip)));
            let [a, b, c, d] = F32x4::transpose(row(0));
            let [_, _, e, f] = F32x4::transpose(row(2));
            for (j, value) in differences([a, b, c, d, e, f]).iter().enumerate() {
                value.store(room.add(4 * (6 * j + i)));
            }
        }
        for j in 0..6 {
            let column = load_six(room.add(24 * j));
            for (i, value) in differences(column).iter().enumerate() {
                value.store(to.add((6 * i + j) * apart + t));
            }
        }
        t += 4;
    }
}

/// A^T m A of one channel of a block, added to the channel's planes.
#[inline(never)]
unsafe fn transform_outputs(
    s: &Shape,
    block: &Block,
    m: *const f32,
    outputs: usize,
    room: *mut f32,
    onto: Onto,
    out: *mut f32,
    out_step: usize,
) {
    let apart = outputs * block.lanes + GAP;
    let start = match onto {
        Onto::Bias(values) => F32x4::splat(*values),
        _ => F32x4::zero(),
    };
    let mut t = 0;
    while t < block.lanes {
        for j in 0..6 {
            let at = |i: usize| F32x4::load(m.add((6 * i + j) * apart + t));
            for (y, value) in sums([0, 1, 2, 3, 4, 5].map(at)).iter().enumerate() {
                value.store(room.add(4 * (6 * y + j)));
            }
        }
        let count = (block.count - t).min(4);
        for y in 0..4 {
            let row = sums(load_six(room.add(24 * y)));
            let rows = F32x4::transpose(row);
            for (tile, value) in block.tiles.get_unchecked(t..t + count).iter().zip(rows) {
                let line = 4 * tile.y + y;
                if line >= s.oh {
                    continue;
                }
                let at = line * s.ow + 4 * tile.x;
                let to = out.add(tile.picture * out_step + at);
                let left = s.ow - 4 * tile.x;
                let sum = match onto {
                    Onto::Itself => value + F32x4::load_up_to(to, left),
                    _ => value + start,
                };
                sum.store_up_to(to, left);
            }
        }
        t += 4;
    }
}
