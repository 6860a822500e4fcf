//! The means of windows in a block, and their gradient.

// Several small arrays are walked at once.
#![allow(clippy::needless_range_loop)]

use super::blocks::{Block, Blocks, span};
use crate::rows::fill;
use crate::simd::{F32x4, Vector};

impl Blocks {
    /// The sums of a block's windows, divided.
    pub unsafe fn means(&self, b: Block, out: *mut f32) {
        let s = &self.s;
        let line = s.dh * s.sw * self.pitch;
        self.each_four(b, |rows, x, n, from| unsafe {
            let mut sums = [F32x4::zero(); 4];
            let mut from = from;
            for _ in 0..s.kh {
                for kx in 0..s.kw {
                    let shift = *self.taps.add(kx) as usize;
                    for i in 0..4 {
                        sums[i] = sums[i] + F32x4::load(from[i].add(shift));
                    }
                }
                from = from.map(|from| from.add(line));
            }
            macro_rules! store {
                ($i:literal) => {
                    let to = (b.plane * s.oh + rows[$i]) * s.ow + x;
                    let high = F32x4::splat(*self.high.add(rows[$i]));
                    let divisor = high * F32x4::load(self.wide.add(x));
                    (sums[$i] / divisor).store_up_to(out.add(to), n);
                };
            }
            store!(0);
            store!(1);
            store!(2);
            store!(3);
        });
    }

    /// Each output's share of its gradient, added up over the inputs of a block. Taps are the
    /// outermost loop: no sum is read just after it was written.
    pub unsafe fn spread(&self, b: Block, g: *const f32) {
        let s = &self.s;
        let columns = b.columns.next_multiple_of(4);
        for y in 0..b.rows {
            let from = g.add((b.plane * s.oh + b.y + y) * s.ow + b.x);
            let rows = F32x4::splat(*self.high.add(b.y + y));
            for at in (0..columns).step_by(4) {
                let divisor = rows * F32x4::load(self.wide.add(b.x + at));
                let share = F32x4::load_up_to(from.add(at), b.columns - at) / divisor;
                share.store(self.shares.add(y * columns + at));
            }
        }
        let size = span(b.rows, s.kh, s.sh, s.dh) * s.sw * self.pitch;
        fill(size, 0.0, self.start);
        for i in 0..s.kh * s.kw {
            let (ky, kx) = (i / s.kw, i % s.kw);
            for y in 0..b.rows {
                let from = self.shares.add(y * columns);
                let to = self.row(y, ky).add(*self.taps.add(kx) as usize);
                for at in (0..columns).step_by(4) {
                    let sum = F32x4::load(to.add(at)) + F32x4::load(from.add(at));
                    sum.store(to.add(at));
                }
            }
        }
    }
}
