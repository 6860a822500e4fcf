//! Convolution as matrix products over patches that never exist as a whole.
//!
//! Forward: out[o, pixels] = weight[o, patch] * patches[patch, pixels]. Loop order: depth of the
//! patch in blocks of 384, output channels in blocks of ROWS, then panels of 24 pixels, whose
//! patches are gathered once for all those channels (the copies cost about 1 / channels of the
//! arithmetic), then register tiles. Pictures of fewer than 16 pixels share panels. Weight
//! gradient: gw[o, patch] = g[o, pixels] * patches^T: blocks of up to 384 pixels, of several
//! pictures where one has fewer than 128, then panels of 24 patch values, gathered and transposed.

use super::patches::gather;
use super::shape::Shape;
use super::weights::{Gradient, Operands, Target, Weights};
use crate::matmul::blocked::{DEPTH, next_depth};
use crate::matmul::microkernel::{Onto, PANEL, Rows, Strided, next_width, panel_width, sweep};
use crate::matmul::pack::transpose;
use crate::rows::fill;

/// Output channels that share one panel of patches.
const ROWS: usize = 512;

/// The product of one group, at whose first channels the operands and `to` point.
pub unsafe fn forward(s: &Shape, operands: Operands, scratch: *mut f32) {
    let Operands {
        x,
        weight,
        bias,
        to,
    } = operands;
    let (channels, total) = (s.group_o(), s.n * s.pixels());
    let few = (4..=FEW).contains(&total) && total * s.patch() <= PATCHES;
    if few && channels >= 4 && !weight.lie(s) {
        return turned(s, operands, scratch);
    }
    let (panel, small) = (scratch, scratch.add(PANEL * DEPTH));
    let (most, room) = (panel_width(), small.add(PANEL * ROWS));
    let (pixels, patch) = (s.pixels(), s.patch());
    let shared = pixels < 16 || !to.is_dense(s);
    let mut p = 0;
    while p < patch {
        let depth = next_depth(patch - p);
        let mut i = 0;
        while i < channels {
            let rows = (channels - i).min(ROWS);
            let a = weight.rows(s, (i, rows), (p, depth), room);
            let onto = match (p, bias.is_null()) {
                (0, true) => Onto::Nothing,
                (0, false) => Onto::Bias(bias.add(i)),
                _ => Onto::Itself,
            };
            let mut q = 0;
            while q < total {
                let (picture, at) = (q / pixels, q % pixels);
                let left = if shared { total - q } else { pixels - at };
                let width = next_width(left, most);
                let lanes = width.max(4);
                if lanes > width {
                    fill(lanes * depth, 0.0, panel);
                }
                gather(s, x, q, width, p, depth, panel, lanes);
                let b = Strided {
                    start: panel,
                    step: lanes,
                };
                let to = to.starting_at(i);
                if shared || lanes > width {
                    if p != 0 {
                        exchange(s, rows, (q, width), to, small, lanes, false);
                    }
                    sweep(rows, depth, a, b, lanes, small, lanes, onto);
                    exchange(s, rows, (q, width), to, small, lanes, true);
                } else {
                    let to = to.start.add(picture * to.picture + at);
                    sweep(rows, depth, a, b, width, to, pixels, onto);
                }
                q += width;
            }
            i += rows;
        }
        p += depth;
    }
}

/// Pixels of a batch up to which weights that do not lie as the product reads them are the panels
/// and not the rows, and the values of all their patches (512 KiB).
const FEW: usize = 128;
const PATCHES: usize = 1 << 17;

/// The same as `forward`, with the same bits, for few pixels: those are the rows of the product, and
/// the weights are packed: out[pixels, o] = patches^T weight^T. Loop order: output channels in blocks
/// of ROWS, depth in blocks of 384 (all weights of which are packed in the order in which they lie),
/// panels of 24 channels, register tiles.
unsafe fn turned(s: &Shape, operands: Operands, scratch: *mut f32) {
    let Operands {
        x,
        weight,
        bias,
        to,
    } = operands;
    let (pixels, patch, window) = (s.pixels(), s.patch(), s.kh * s.kw);
    let total = s.n * pixels;
    let patches = scratch;
    let packed = patches.add(PATCHES);
    let sums = packed.add(ROWS * DEPTH);
    let channel = to.channel;
    gather(s, x, 0, total, 0, patch, patches, total);
    let mut first = 0;
    while first < s.group_o() {
        let channels = (s.group_o() - first).min(ROWS);
        let mut p = 0;
        while p < patch {
            let depth = next_depth(patch - p);
            let mut k = 0;
            while k < depth {
                // The rest of one window, for all channels.
                let taps = (window - (p + k) % window).min(depth - k);
                each_panel(channels, |o, width| {
                    let to = packed.add(o * depth + k * width);
                    weight.copy(s, (first + o, width), (p + k, taps), to, (1, width));
                });
                k += taps;
            }
            each_panel(channels, |o, width| {
                let a = Rows {
                    start: patches.add(p * total),
                    row: 1,
                    step: total,
                };
                let b = Strided {
                    start: packed.add(o * depth),
                    step: width,
                };
                let sums = sums.add(o * total);
                sweep(total, depth, a, b, width, sums, width, (p > 0).into());
                if p == 0 && !bias.is_null() {
                    for i in 0..total * width {
                        *sums.add(i) += *bias.add(first + o + i % width);
                    }
                }
            });
            p += depth;
        }
        each_panel(channels, |o, width| {
            for q in 0..total {
                let from = sums.add(o * total + q * width);
                let mut to = to.pixel(s, q / pixels, first + o, q % pixels);
                for j in 0..width {
                    *to = *from.add(j);
                    to = to.add(channel);
                }
            }
        });
        first += channels;
    }
}

/// Calls f(first channel, channels) for every panel.
pub unsafe fn each_panel(channels: usize, mut f: impl FnMut(usize, usize)) {
    let (most, mut o) = (panel_width(), 0);
    while o < channels {
        let width = next_width(channels - o, most);
        f(o, width);
        o += width;
    }
}

/// Copies pixels q .. q + width of `rows` channels between the target and a dense tile.
unsafe fn exchange(
    s: &Shape,
    rows: usize,
    (q, width): (usize, usize),
    to: Target,
    tile: *mut f32,
    tile_row: usize,
    store: bool,
) {
    let mut j = 0;
    while j < width {
        let (picture, at) = ((q + j) / s.pixels(), (q + j) % s.pixels());
        let n = (s.pixels() - at).min(width - j);
        for r in 0..rows {
            let near = tile.add(r * tile_row + j);
            to.exchange(s, (picture, r), (at, n), near, store);
        }
        j += n;
    }
}

/// gw[channels, patch] of one group, summed over all pictures; g has `g_step` floats between two
/// pictures.
pub unsafe fn grad_weight(s: &Shape, parts: Gradient, scratch: *mut f32) {
    let Gradient {
        x,
        g,
        g_step,
        channels,
        out,
    } = parts;
    let panel = scratch;
    let lines = scratch.add(PANEL * DEPTH);
    let (most, block) = (panel_width(), lines.add(PANEL * DEPTH));
    let (pixels, patch) = (s.pixels(), s.patch());
    let total = s.n * pixels;
    let shared = pixels < 128;
    let mut q = 0;
    while q < total {
        let (picture, at) = (q / pixels, q % pixels);
        let depth = next_depth(if shared { total - q } else { pixels - at });
        let mut i = 0;
        while i < channels {
            let rows = (channels - i).min(ROWS);
            let a = if shared {
                let from = Target {
                    start: g.add(i * pixels) as *mut f32,
                    picture: g_step,
                    ..Target::dense(s, block)
                };
                exchange(s, rows, (q, depth), from, block, depth, false);
                Rows {
                    start: block,
                    row: depth,
                    step: 1,
                }
            } else {
                let start = g.add(picture * g_step + i * pixels + at);
                Rows {
                    start,
                    row: pixels,
                    step: 1,
                }
            };
            let mut p = 0;
            while p < patch {
                let width = next_width(patch - p, most);
                let lanes = width.max(4);
                gather(s, x, q, depth, p, width, lines, depth);
                if lanes > width {
                    fill((lanes - width) * depth, 0.0, lines.add(width * depth));
                }
                transpose(lanes, depth, lines, depth, panel, lanes);
                let b = Strided {
                    start: panel,
                    step: lanes,
                };
                let onto = if q == 0 { Onto::Nothing } else { Onto::Itself };
                if lanes > width {
                    // Fewer than four values in a patch: sums go through a dense tile.
                    let tile = block.add(ROWS * DEPTH);
                    sweep(rows, depth, a, b, lanes, tile, lanes, Onto::Nothing);
                    for r in 0..rows {
                        for j in 0..width {
                            let to = out.add((i + r) * patch + p + j);
                            let sum = *tile.add(r * lanes + j);
                            *to = if q == 0 { sum } else { *to + sum };
                        }
                    }
                } else {
                    sweep(
                        rows,
                        depth,
                        a,
                        b,
                        width,
                        out.add(i * patch + p),
                        patch,
                        onto,
                    );
                }
                p += width;
            }
            i += rows;
        }
        q += depth;
    }
}
