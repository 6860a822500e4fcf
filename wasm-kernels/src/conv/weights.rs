//! The weights of one group, as the forward product or as the input gradient reads them.

use super::shape::Shape;
use crate::matmul::microkernel::Rows;

/// Rows of `patch` weights, one for each output channel.
#[derive(Clone, Copy)]
pub enum Weights {
    /// As they lie.
    Rows(*const f32),
    /// weight[o, c, ky, kx] read as [c, o, kh - 1 - ky, kw - 1 - kx]: with them, the input gradient
    /// of a convolution with stride 1 is a convolution of g.
    Flipped(*const f32),
}

impl Weights {
    /// Rows i .. i + rows of `channels`, values p .. p + depth; flipped ones are copied to `room`.
    pub unsafe fn block(
        self,
        s: &Shape,
        channels: usize,
        (i, rows): (usize, usize),
        (p, depth): (usize, usize),
        room: *mut f32,
    ) -> Rows {
        let weight = match self {
            Weights::Rows(weight) => {
                let row = s.patch();
                return Rows {
                    start: weight.add(i * row + p),
                    row,
                    step: 1,
                };
            }
            Weights::Flipped(weight) => weight,
        };
        let window = s.kh * s.kw;
        for r in 0..rows {
            let (mut o, mut at) = (p / window, p % window);
            for to in 0..depth {
                let from = weight.add((o * channels + i + r) * window + window - 1 - at);
                *room.add(r * depth + to) = *from;
                at += 1;
                if at == window {
                    (o, at) = (o + 1, 0);
                }
            }
        }
        Rows {
            start: room,
            row: depth,
            step: 1,
        }
    }

    /// The window of output channel o and input channel c: its first value, and the step to the next.
    #[inline(always)]
    pub unsafe fn window(
        self,
        s: &Shape,
        channels: usize,
        o: usize,
        c: usize,
    ) -> (*const f32, isize) {
        let size = s.kh * s.kw;
        match self {
            Weights::Rows(weight) => (weight.add((o * s.group_c() + c) * size), 1),
            Weights::Flipped(weight) => (weight.add((c * channels + o) * size + size - 1), -1),
        }
    }
}
