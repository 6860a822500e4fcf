//! The means of windows in a block.

// Several small arrays are walked at once.
#![allow(clippy::needless_range_loop)]

use super::blocks::{Block, Blocks};
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
}
