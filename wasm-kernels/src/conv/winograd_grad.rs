//! The weight gradient by Winograd's tiles: `winograd` transposed.
//!
//! dg = G^T [(A dY A^T) (B^T d B)] G, where the products are summed over all tiles of all pictures:
//! 36 matrix products of transformed gradients [o, tiles] and transformed inputs [c, tiles]. Loop
//! order: blocks of output channels, of input channels, of 48 tiles: transform, add the products;
//! the sums (up to 590 KB) are transformed at last. Outputs beyond the picture's edge are zeros.

use super::shape::Shape;
use super::weights::Gradient;
use super::winograd::{Block, HALF_ROOT, LINE, MOST, ROOT, load_six, transform_inputs};
use super::winograd_products::{GAP, add_products};
use crate::matmul::microkernel::next_width;
use crate::rows::fill;
use crate::simd::{F32x4, Vector};

/// Floats of transformed gradients that fit into scratch (1.2 MB).
const GRADS: usize = 300_000;
/// Input and output channels of a block of sums: one panel, if the gradients of all tiles fit beside
/// it and are transformed once for all inputs; else blocks that share both transforms.
const FEW: (usize, usize) = (24, 128);
const MANY: (usize, usize) = (64, 64);

/// gw[channels, c, 3, 3] of one group, summed over all pictures, as `implicit::grad_weight`.
pub unsafe fn grad_weight(s: &Shape, parts: Gradient, scratch: *mut f32) {
    let Gradient {
        x,
        g,
        g_step,
        channels,
        out,
    } = parts;
    let total = s.n * s.oh.div_ceil(4) * s.ow.div_ceil(4);
    let blocks = total.div_ceil(MOST);
    let fitting = (GRADS / (36 * (total + 4 * blocks))) & !3;
    let kept = fitting >= 32;
    let (most_inputs, most_outputs) = if kept {
        (FEW.0, FEW.1.min(fitting))
    } else {
        MANY
    };
    let m = scratch;
    let v = m.add(36 * (most_inputs * most_outputs + GAP));
    let lines = v.add(36 * (most_inputs * MOST + GAP));
    let room = lines.add(6 * LINE);
    let panel = room.add(4 * 36);
    let u = panel.add(24 * MOST);
    let mut o = 0;
    while o < channels {
        let outputs = (channels - o).min(most_outputs);
        let mut c = 0;
        while c < s.group_c() {
            // Equal blocks of at least four: a panel is never narrower.
            let inputs = next_width(s.group_c() - c, most_inputs);
            let (mut first, mut u) = (0, u);
            while first < total {
                let block = Block::new(s, first, (total - first).min(MOST));
                fill(6 * LINE, 0.0, lines);
                for i in 0..inputs {
                    let from = x.add((c + i) * s.h * s.w);
                    let to = v.add(i * block.lanes);
                    transform_inputs(s, &block, from, lines, room, to, inputs);
                }
                if !kept || c == 0 {
                    for i in 0..outputs {
                        let from = g.add((o + i) * s.pixels());
                        let to = u.add(i * block.lanes);
                        transform_grads(s, &block, from, g_step, room, to, outputs);
                    }
                }
                let onto = (first > 0).into();
                add_products(outputs, inputs, block.lanes, u, v, m, onto, panel);
                first += block.count;
                if kept {
                    u = u.add(36 * (outputs * block.lanes + GAP));
                }
            }
            for i in 0..outputs {
                let to = out.add(((o + i) * s.group_c() + c) * 9);
                transform_sums(m.add(i * inputs), outputs * inputs + GAP, inputs, to);
            }
            c += inputs;
        }
        o += outputs;
    }
}

/// A of four vectors.
#[inline(always)]
fn spread(y: [F32x4; 4]) -> [F32x4; 6] {
    let plus = |x: F32x4, factor: f32, y: F32x4| x.mul_add(F32x4::splat(factor), y);
    let (a, b) = (
        plus(y[2], 0.5, y[0]),
        plus(y[3], 0.5, y[1]) * F32x4::splat(HALF_ROOT),
    );
    let (c, d) = (
        plus(y[2], 2.0, y[0]),
        plus(y[3], 2.0, y[1]) * F32x4::splat(ROOT),
    );
    [y[0], a + b, a - b, c + d, c - d, y[3]]
}

/// G^T of six vectors.
#[inline(always)]
fn sums(m: [F32x4; 6]) -> [F32x4; 3] {
    let by = |x: F32x4, factor: f32| x * F32x4::splat(factor);
    let (a, b, c, d) = (m[1] + m[2], m[2] - m[1], m[3] + m[4], m[3] - m[4]);
    [
        m[0] + (by(c, 1.0 / 6.0) - by(a, 2.0 / 3.0)),
        by(b, ROOT / 3.0) + by(d, ROOT / 6.0),
        by(c - a, 1.0 / 3.0) + m[5],
    ]
}

/// A dY A^T of one channel of a block; each of the 36 results lies [outputs, tiles].
#[inline(never)]
unsafe fn transform_grads(
    s: &Shape,
    block: &Block,
    g: *const f32,
    g_step: usize,
    room: *mut f32,
    to: *mut f32,
    outputs: usize,
) {
    let apart = outputs * block.lanes + GAP;
    let mut t = 0;
    while t < block.lanes {
        let count = (block.count - t).min(4);
        for y in 0..4 {
            let mut rows = [F32x4::zero(); 4];
            for (tile, row) in block
                .tiles
                .get_unchecked(t..t + count)
                .iter()
                .zip(&mut rows)
            {
                let line = 4 * tile.y + y;
                if line < s.oh {
                    let at = line * s.ow + 4 * tile.x;
                    let from = g.add(tile.picture * g_step + at);
                    *row = F32x4::load_up_to(from, s.ow - 4 * tile.x);
                }
            }
            for (j, value) in spread(F32x4::transpose(rows)).iter().enumerate() {
                value.store(room.add(4 * (6 * j + y)));
            }
        }
        for j in 0..6 {
            let [a, b, c, d, _, _] = load_six(room.add(24 * j));
            for (i, value) in spread([a, b, c, d]).iter().enumerate() {
                value.store(to.add((6 * i + j) * apart + t));
            }
        }
        t += 4;
    }
}

/// G^T m G of the windows of one output channel and `inputs` input channels, four at a time; the 36
/// sums of a window are `apart` floats from each other.
#[inline(never)]
unsafe fn transform_sums(m: *const f32, apart: usize, inputs: usize, to: *mut f32) {
    let mut c = 0;
    loop {
        let column = |x: usize| {
            let at = |y: usize| F32x4::load(m.add((6 * y + x) * apart + c));
            sums([0, 1, 2, 3, 4, 5].map(at))
        };
        let half = [0, 1, 2, 3, 4, 5].map(column);
        let [[a, b, d], [e, f, g], [h, i, last]] =
            [0, 1, 2].map(|y| sums(half.map(|column| *column.get_unchecked(y))));
        let first = F32x4::transpose([a, b, d, e]);
        let second = F32x4::transpose([f, g, h, i]);
        for (i, value) in last.to_array().iter().enumerate() {
            let window = to.add(9 * (c + i));
            first[i].store(window);
            second[i].store(window.add(4));
            *window.add(8) = *value;
        }
        if c + 4 == inputs {
            return;
        }
        c = (c + 4).min(inputs - 4);
    }
}
