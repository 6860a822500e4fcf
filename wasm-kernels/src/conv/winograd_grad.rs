//! The weight gradient by Winograd's tiles: of a 3x3 window with stride 1 and many channels.
//!
//! The transpose of `winograd`: dg = G^T [(A dY A^T) (B^T d B)] G, where the products are summed over
//! all tiles of all pictures: for each of the 16 values a matrix product of transformed gradients
//! [o, tiles] and transformed inputs [c, tiles]. Loop order: input and output channels in blocks of
//! 64, tiles in blocks of 48: transform both, add 16 products (256 KB of sums), at last transform
//! the sums. Outputs beyond the picture's edge are zeros.

// Small fixed matrices read best as loops over their indices.
#![allow(clippy::needless_range_loop)]

use super::shape::Shape;
use super::winograd::{Block, LINE, TILES, transform_inputs};
use super::winograd_products::{GAP, add_products};
use crate::matmul::microkernel::next_width;
use crate::rows::fill;
use crate::simd::{F32x4, Vector};

/// Channels, of input and of output, in one block.
const CHANNELS: usize = 64;

/// gw[channels, c, 3, 3] of one group, summed over all pictures, as `implicit::grad_weight`.
pub unsafe fn grad_weight(
    s: &Shape,
    x: *const f32,
    g: *const f32,
    g_step: usize,
    channels: usize,
    out: *mut f32,
    scratch: *mut f32,
) {
    let m = scratch;
    let v = m.add(16 * (CHANNELS * CHANNELS + GAP));
    let u = v.add(16 * (CHANNELS * TILES + GAP));
    let lines = u.add(16 * (CHANNELS * TILES + GAP));
    let panel = lines.add(4 * LINE);
    let (high, across) = (s.oh.div_ceil(2), s.ow.div_ceil(2).next_multiple_of(4));
    let mut c = 0;
    while c < s.group_c() {
        // Equal blocks of at least four: a panel is never narrower.
        let inputs = next_width(s.group_c() - c, CHANNELS);
        let mut o = 0;
        while o < channels {
            let outputs = (channels - o).min(CHANNELS);
            fill(16 * (outputs * inputs + GAP), 0.0, m);
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
                        let from = x.add((c + i) * s.h * s.w);
                        transform_inputs(s, block, from, lines, to, inputs);
                    }
                    for i in 0..outputs {
                        let to = u.add(i * rows * wide);
                        let from = g.add((o + i) * s.pixels());
                        transform_grads(s, block, from, g_step, to, outputs);
                    }
                    add_products(16, outputs, inputs, rows * wide, u, v, m, panel);
                    row += rows;
                }
                column += wide;
            }
            for i in 0..outputs * inputs {
                let to = out.add(((o + i / inputs) * s.group_c() + c + i % inputs) * 9);
                transform_sums(m.add(i), outputs * inputs + GAP, to);
            }
            o += outputs;
        }
        c += inputs;
    }
}

/// A of two vectors.
#[inline(always)]
fn spread(a: F32x4, b: F32x4) -> [F32x4; 4] {
    [a, a + b, a - b, -b]
}

/// A dY A^T of one channel of a block of tiles; each of the 16 results lies [outputs, tiles].
#[inline(never)]
unsafe fn transform_grads(
    s: &Shape,
    block: Block,
    g: *const f32,
    g_step: usize,
    to: *mut f32,
    outputs: usize,
) {
    let Block {
        row,
        rows,
        column,
        wide,
    } = block;
    let high = s.oh.div_ceil(2);
    let apart = outputs * rows * wide + GAP;
    for r in 0..rows {
        let (picture, tile_row) = ((row + r) / high, (row + r) % high);
        let plane = g.add(picture * g_step);
        let to = to.add(r * wide);
        let mut t = 0;
        while t < wide {
            let at = 2 * (column + t);
            let left = s.ow.saturating_sub(at);
            let mut rows = [[F32x4::zero(); 4]; 2];
            for y in 0..2 {
                if 2 * tile_row + y < s.oh && left > 0 {
                    let from = plane.add((2 * tile_row + y) * s.ow + at);
                    let first = F32x4::load_up_to(from, left);
                    let second = if left > 4 {
                        F32x4::load_up_to(from.add(4), left - 4)
                    } else {
                        F32x4::zero()
                    };
                    let (even, odd) = first.unzip(second);
                    rows[y] = spread(even, odd);
                }
            }
            for j in 0..4 {
                let column = spread(rows[0][j], rows[1][j]);
                for i in 0..4 {
                    column[i].store(to.add((4 * i + j) * apart + t));
                }
            }
            t += 4;
        }
    }
}

/// G^T m G of one window, whose 16 sums are `apart` floats from each other.
#[inline(always)]
unsafe fn transform_sums(m: *const f32, apart: usize, to: *mut f32) {
    let columns = |a: f32, b: f32, c: f32, d: f32| {
        let (sum, difference) = (0.5 * (b + c), 0.5 * (b - c));
        [a + sum, difference, sum + d]
    };
    let mut half = [[0.0; 4]; 3];
    for x in 0..4 {
        let at = |y: usize| *m.add((4 * y + x) * apart);
        let column = columns(at(0), at(1), at(2), at(3));
        for y in 0..3 {
            half[y][x] = column[y];
        }
    }
    for y in 0..3 {
        let [a, b, c, d] = half[y];
        let row = columns(a, b, c, d);
        for x in 0..3 {
            *to.add(3 * y + x) = row[x];
        }
    }
}
