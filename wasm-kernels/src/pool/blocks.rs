//! Any windows over float32 planes, several outputs at a time.
//!
//! A block of inputs is copied to scratch with what the windows hang over filled in, and with its
//! columns sorted by the stride's phase: whatever the stride, the values under one tap of
//! neighbouring windows are neighbours. Blocks of 32 KB stay in the first cache. Loop order: plane,
//! block, four rows of output, four columns, taps.

// Several small arrays are walked at once.
#![allow(clippy::needless_range_loop)]

use super::Windows;
use crate::rows::{fill, inside, take};
use crate::simd::{F32x4, I32x4, Vector};

/// Floats of a block, if its windows are not larger; the most that fit into scratch (1 MiB).
const BLOCK: usize = 1 << 13;
const MOST: usize = 1 << 18;
/// Columns of output in a block, and of a window, at most.
const COLUMNS: usize = 256;
/// Rows and columns of output, at most: each has a divisor.
const OUTPUTS: usize = 1 << 16;
/// What a kernel reads beyond a row.
const SLACK: usize = 4;

/// How outputs are cut into blocks.
pub struct Blocks {
    pub s: Windows,
    /// Outputs of a block.
    rows: usize,
    columns: usize,
    /// Floats of one phase of a row.
    pub pitch: usize,
    pub start: *mut f32,
    /// For each column of a window, where its values begin in a row.
    pub taps: *mut u32,
    /// A mean divides by its row's number times its column's.
    pub high: *mut f32,
    pub wide: *mut f32,
}

/// A block: its plane, its first output, how many there are.
#[derive(Clone, Copy)]
pub struct Block {
    pub plane: usize,
    pub y: usize,
    pub x: usize,
    pub rows: usize,
    pub columns: usize,
}

/// How a block lies in its plane.
pub struct Place {
    rows: (usize, usize),
    columns: (usize, usize, isize),
}

impl Place {
    /// Of no block.
    pub const NOWHERE: Self = Self {
        rows: (1, 0),
        columns: (0, 0, 0),
    };
}

/// Inputs under `n` neighbouring windows.
pub fn span(n: usize, kernel: usize, stride: usize, dilation: usize) -> usize {
    (n - 1) * stride + (kernel - 1) * dilation + 1
}

impl Blocks {
    /// Takes scratch; none where not even one row of windows fits.
    pub unsafe fn new(s: &Windows, scratch: *mut f32) -> Option<Self> {
        let none = s.planes * s.oh * s.ow == 0;
        if none || s.kw > COLUMNS || s.oh > OUTPUTS || s.ow > OUTPUTS {
            return None;
        }
        let columns = s.ow.min(COLUMNS);
        let pitch = span(columns, s.kw, s.sw, s.dw).div_ceil(s.sw) + SLACK;
        let size = |rows: usize| span(rows, s.kh, s.sh, s.dh) * s.sw * pitch;
        if size(1) > MOST {
            return None;
        }
        let mut rows = 1;
        while rows < s.oh && size(rows + 1) <= BLOCK {
            rows += 1;
        }
        let taps = scratch as *mut u32;
        for kx in 0..s.kw {
            let at = kx * s.dw;
            *taps.add(kx) = (at % s.sw * pitch + at / s.sw) as u32;
        }
        let start = scratch.add(COLUMNS);
        let high = start.add(MOST);
        Some(Self {
            s: *s,
            rows,
            columns,
            pitch,
            start,
            taps,
            high,
            wide: high.add(OUTPUTS),
        })
    }

    /// Calls f for every block.
    #[inline(always)]
    pub fn each(&self, mut f: impl FnMut(Block)) {
        let s = &self.s;
        for plane in 0..s.planes {
            for y in (0..s.oh).step_by(self.rows) {
                for x in (0..s.ow).step_by(self.columns) {
                    f(Block {
                        plane,
                        y,
                        x,
                        rows: self.rows.min(s.oh - y),
                        columns: self.columns.min(s.ow - x),
                    });
                }
            }
        }
    }

    /// Which rows of a block are rows of its plane, and where the plane begins in it.
    fn rows(&self, b: Block) -> (usize, usize, isize) {
        let s = &self.s;
        let top = (b.y * s.sh) as isize - s.ph as isize;
        let (first, end) = inside(s.h, top, 1, span(b.rows, s.kh, s.sh, s.dh));
        (first, end, top)
    }

    /// Which values of a phase are columns of the plane, and the column of its first.
    fn columns(&self, b: Block, phase: usize) -> (usize, usize, isize) {
        let s = &self.s;
        let left = (b.x * s.sw + phase) as isize - s.pw as isize;
        let (first, end) = inside(s.w, left, s.sw, self.pitch);
        (first, end, left)
    }

    /// Copies the inputs of a block; `value` stands where there are none, and is written only when the
    /// block lies otherwise in its plane than the one before.
    pub unsafe fn load(&self, b: Block, x: *const f32, value: f32, before: &mut Place) {
        let s = &self.s;
        let line = s.sw * self.pitch;
        let (first, end, top) = self.rows(b);
        let (a, e, left) = self.columns(b, 0);
        let whole = left >= 0 && left as usize + line <= s.w;
        let place = Place {
            rows: (first, end),
            columns: if whole { (a, e, 0) } else { (a, e, left) },
        };
        let rows = span(b.rows, s.kh, s.sh, s.dh);
        if place.columns != before.columns {
            fill(rows * line, value, self.start);
        } else if place.rows != before.rows {
            fill(first * line, value, self.start);
            fill((rows - end) * line, value, self.start.add(end * line));
        }
        *before = place;
        if first == end {
            return;
        }
        let row = x
            .add(b.plane * s.h * s.w)
            .offset((top + first as isize) * s.w as isize);
        let to = self.start.add(first * line);
        // Values of both phases of a stride of two, by one pass over whole vectors, the last moved
        // left over its neighbour.
        let (both, until) = (a, self.columns(b, s.sw - 1).1);
        let pairs = s.sw == 2 && both + 4 <= until;
        if pairs {
            let (mut from, mut to) = (row.offset(left), to);
            for _ in first..end {
                let mut i = both;
                loop {
                    let p = from.add(2 * i);
                    let (even, odd) = F32x4::load(p).unzip(F32x4::load(p.add(4)));
                    even.store(to.add(i));
                    odd.store(to.add(self.pitch + i));
                    if i + 4 == until {
                        break;
                    }
                    i = (i + 4).min(until - 4);
                }
                from = from.add(s.w);
                to = to.add(line);
            }
        }
        for phase in 0..s.sw {
            let (a, e, left) = self.columns(b, phase);
            let (from, to) = (row.offset(left), to.add(phase * self.pitch));
            if !pairs {
                let (mut from, mut to) = (from.add(a * s.sw), to.add(a));
                for _ in first..end {
                    take(e - a, from, s.sw, to);
                    from = from.add(s.w);
                    to = to.add(line);
                }
                continue;
            }
            for i in (a..both).chain(until..e) {
                let (mut from, mut to) = (from.add(2 * i), to.add(i));
                for _ in first..end {
                    *to = *from;
                    from = from.add(s.w);
                    to = to.add(line);
                }
            }
        }
    }

    /// Where output row `y` of a block finds window row `ky`.
    #[inline(always)]
    pub unsafe fn row(&self, y: usize, ky: usize) -> *mut f32 {
        let s = &self.s;
        self.start.add((y * s.sh + ky * s.dh) * s.sw * self.pitch)
    }

    /// Calls f(rows of outputs, first column, how many, where each row's first tap is) for every four
    /// windows of four rows: enough independent sums to hide what each waits for. Rows beyond the
    /// last are the last.
    #[inline(always)]
    pub unsafe fn each_four(
        &self,
        b: Block,
        mut f: impl FnMut([usize; 4], usize, usize, [*const f32; 4]),
    ) {
        for y in (0..b.rows).step_by(4) {
            let rows = [0, 1, 2, 3].map(|i| (y + i).min(b.rows - 1));
            let from = rows.map(|y| unsafe { self.row(y, 0) as *const f32 });
            for at in (0..b.columns).step_by(4) {
                let from = from.map(|from| unsafe { from.add(at) });
                f(rows.map(|y| b.y + y), b.x + at, b.columns - at, from);
            }
        }
    }

    /// The largest values of a block's windows and their positions in the plane. Windows with a NaN,
    /// and those of nothing but -inf, are left to `alone`.
    pub unsafe fn largest(
        &self,
        b: Block,
        out: *mut f32,
        indices: *mut i32,
        alone: impl Fn(usize, usize) -> (f32, usize),
    ) {
        let s = &self.s;
        let lanes = I32x4::new(0, 1, 2, 3) * I32x4::splat(s.sw as i32);
        let line = s.dh * s.sw * self.pitch;
        self.each_four(b, |rows, x, n, from| unsafe {
            let mut best = [F32x4::splat(f32::NEG_INFINITY); 4];
            let mut nan = I32x4::zero();
            // One more than the tap's distance from the first: taps come in rising order, so the
            // last to win is the largest, and 0 is none.
            let mut winner = [I32x4::zero(); 4];
            let mut from = from;
            for ky in 0..s.kh {
                let mut tap = (ky * s.dh * s.w) as i32 + 1;
                for kx in 0..s.kw {
                    let shift = *self.taps.add(kx) as usize;
                    let number = I32x4::splat(tap);
                    for i in 0..4 {
                        let v = F32x4::load(from[i].add(shift));
                        let wins = I32x4(best[i].lt(v));
                        best[i] = best[i].at_least(v);
                        winner[i] = winner[i].max(wins.and(number));
                        nan = nan.or(I32x4(v.ne(v)));
                    }
                    tap += s.dw as i32;
                }
                from = from.map(|from| from.add(line));
            }
            let mut rare = nan;
            // Written out: arrays that a loop indexes would live in memory.
            macro_rules! store {
                ($i:literal) => {
                    let y = rows[$i];
                    let to = (b.plane * s.oh + y) * s.ow + x;
                    // Position of the first tap, which may lie outside.
                    let row = ((y * s.sh) as isize - s.ph as isize) * s.w as isize;
                    let first = row + (x * s.sw) as isize - s.pw as isize;
                    let position = winner[$i] + lanes + I32x4::splat(first as i32 - 1);
                    best[$i].store_up_to(out.add(to), n);
                    position.store_up_to(indices.add(to), n);
                    rare = rare.or(I32x4(winner[$i].eq(I32x4::zero())));
                };
            }
            store!(0);
            store!(1);
            store!(2);
            store!(3);
            if rare.and(I32x4(F32x4::first_lanes(n))).any() {
                for y in rows {
                    let to = (b.plane * s.oh + y) * s.ow + x;
                    for j in 0..n.min(4) {
                        let (value, at) = alone(y, x + j);
                        *out.add(to + j) = value;
                        *indices.add(to + j) = at as i32;
                    }
                }
            }
        });
    }
}
