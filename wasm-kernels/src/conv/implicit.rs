//! Convolution as matrix products over patches that never exist as a whole.
//!
//! Forward: out[o, pixels] = weight[o, patch] * patches[patch, pixels]. Loop order: depth of the
//! patch in blocks of 384, output channels in blocks of ROWS, then panels of 24 pixels, whose
//! patches are gathered once for all those channels (the copies cost about 1 / channels of the
//! arithmetic), then register tiles. Pictures of fewer than 16 pixels share panels. Weight
//! gradient: gw[o, patch] = g[o, pixels] * patches^T: blocks of up to 384 pixels, of several
//! pictures where one has fewer than 128, then panels of 24 patch values, gathered and transposed.
//! Input gradient with strides: columns[patch, pixels] = weight^T g, a slab at a time, added back
//! onto the pictures.

use super::patches::{copy, fill, gather};
use super::shape::Shape;
use super::weights::Weights;
use crate::matmul::blocked::{DEPTH, gemm, next_depth};
use crate::matmul::microkernel::{Onto, PANEL, Rows, Strided, next_width, sweep};
use crate::matmul::pack::transpose;
use crate::matmul::plain::Matrix;

/// Output channels that share one panel of patches.
const ROWS: usize = 512;

/// out[n, o, pixels] of one group; `x`, `weight`, `bias`, `out` point at the group's first channel.
/// `out_step` floats lie between the outputs of two pictures.
pub unsafe fn forward(
    s: &Shape,
    x: *const f32,
    weight: Weights,
    channels: usize,
    bias: *const f32,
    out: *mut f32,
    out_step: usize,
    scratch: *mut f32,
) {
    let (panel, small) = (scratch, scratch.add(PANEL * DEPTH));
    let room = small.add(PANEL * ROWS);
    let (pixels, patch) = (s.pixels(), s.patch());
    let shared = pixels < 16;
    let total = s.n * pixels;
    let mut p = 0;
    while p < patch {
        let depth = next_depth(patch - p);
        let mut i = 0;
        while i < channels {
            let rows = (channels - i).min(ROWS);
            let a = weight.block(s, channels, (i, rows), (p, depth), room);
            let onto = match (p, bias.is_null()) {
                (0, true) => Onto::Nothing,
                (0, false) => Onto::Bias(bias.add(i)),
                _ => Onto::Itself,
            };
            let mut q = 0;
            while q < total {
                let (picture, at) = (q / pixels, q % pixels);
                let left = if shared { total - q } else { pixels - at };
                let width = next_width(left, PANEL);
                let lanes = width.max(4);
                if lanes > width {
                    fill(lanes * depth, 0.0, panel);
                }
                gather(s, x, q, width, p, depth, panel, lanes);
                let b = Strided {
                    start: panel,
                    step: lanes,
                };
                let to = out.add(picture * out_step + i * pixels);
                if shared || lanes > width {
                    let to = out.add(i * pixels);
                    if p != 0 {
                        exchange(rows, q, width, pixels, to, out_step, small, lanes, false);
                    }
                    sweep(rows, depth, a, b, lanes, small, lanes, onto);
                    exchange(rows, q, width, pixels, to, out_step, small, lanes, true);
                } else {
                    sweep(rows, depth, a, b, width, to.add(at), pixels, onto);
                }
                q += width;
            }
            i += rows;
        }
        p += depth;
    }
}

/// Copies the panel of pixels q .. q + width of `rows` channels between out and a dense tile.
unsafe fn exchange(
    rows: usize,
    q: usize,
    width: usize,
    pixels: usize,
    out: *mut f32,
    out_step: usize,
    tile: *mut f32,
    tile_row: usize,
    store: bool,
) {
    let mut j = 0;
    while j < width {
        let (picture, at) = ((q + j) / pixels, (q + j) % pixels);
        let n = (pixels - at).min(width - j);
        for r in 0..rows {
            let far = out.add(picture * out_step + r * pixels + at);
            let near = tile.add(r * tile_row + j);
            if store {
                copy(n, near, far);
            } else {
                copy(n, far, near);
            }
        }
        j += n;
    }
}

/// gw[channels, patch] of one group, summed over all pictures; g has `g_step` floats between two
/// pictures.
pub unsafe fn grad_weight(
    s: &Shape,
    x: *const f32,
    g: *const f32,
    g_step: usize,
    channels: usize,
    out: *mut f32,
    scratch: *mut f32,
) {
    let panel = scratch;
    let lines = scratch.add(PANEL * DEPTH);
    let block = lines.add(PANEL * DEPTH);
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
                let from = g.add(i * pixels) as *mut f32;
                exchange(rows, q, depth, pixels, from, g_step, block, depth, false);
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
                let width = next_width(patch - p, PANEL);
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

/// Floats of the slab of columns that `grad_input` makes at a time (1 MiB).
const SLAB: usize = 1 << 18;
/// Scratch that `gemm` uses, in floats (512 KiB).
const GEMM: usize = 1 << 17;

/// gx of one group for any stride; false when one output row of one channel does not fit into the
/// slab.
pub unsafe fn grad_input(
    s: &Shape,
    g: *const f32,
    weight: *const f32,
    out: *mut f32,
    scratch: *mut f32,
) -> bool {
    let (pixels, patch, window) = (s.pixels(), s.patch(), s.kh * s.kw);
    let line = window * s.ow;
    if line > SLAB {
        return false;
    }
    let (channels, plane) = (s.group_c(), s.h * s.w);
    let slab = scratch.add(GEMM);
    let high = (SLAB / line).min(s.oh);
    let most = (SLAB / (line * high)).min(channels);
    for picture in 0..s.n {
        let to = out.add(picture * s.c * plane);
        let from = g.add(picture * s.o * pixels);
        fill(channels * plane, 0.0, to);
        let mut y = 0;
        while y < s.oh {
            let rows = (s.oh - y).min(high);
            let mut c = 0;
            while c < channels {
                let count = (channels - c).min(most);
                let a = Matrix {
                    start: weight.add(c * window),
                    row: 1,
                    column: patch,
                };
                let b = Matrix {
                    start: from.add(y * s.ow),
                    row: pixels,
                    column: 1,
                };
                let n = rows * s.ow;
                gemm(
                    count * window,
                    n,
                    s.group_o(),
                    a,
                    b,
                    slab,
                    n,
                    false,
                    scratch,
                );
                spread(s, count, y, rows, slab, to.add(c * plane));
                c += count;
            }
            y += rows;
        }
    }
    true
}

/// Adds columns[count * window, rows * ow] onto `count` planes.
unsafe fn spread(
    s: &Shape,
    count: usize,
    y: usize,
    rows: usize,
    columns: *const f32,
    to: *mut f32,
) {
    let window = s.kh * s.kw;
    for i in 0..count * window {
        let (c, ky, kx) = (i / window, i % window / s.kw, i % s.kw);
        for r in 0..rows {
            let at = s.y(y + r, ky);
            if at < 0 || at >= s.h as isize {
                continue;
            }
            let row = to.add((c * s.h + at as usize) * s.w);
            let from = columns.add((i * rows + r) * s.ow);
            for ox in 0..s.ow {
                let x = s.x(ox, kx);
                if x >= 0 && x < s.w as isize {
                    *row.offset(x) += *from.add(ox);
                }
            }
        }
    }
}
