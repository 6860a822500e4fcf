//! The weight gradient of 3x3 windows with stride 1 over one channel: its nine sums stay in
//! registers.
//!
//! Loop order as in `window3`: picture, output channels, strips of four columns, and innermost the
//! rows: a row of x at three shifts meets the three rows of g above it, nine products for four
//! loads. Sums lie in scratch between pictures, a vector for each weight; their lanes are added
//! once, after the last. The last columns come with some that were counted already, which are masked
//! in both operands: nothing is multiplied that does not belong (0 * inf is not 0).

use super::shape::Shape;
use super::weights::Gradient;
use super::window3::{self, PLANE, clear, padded, padded_size, three};
use crate::rows::fill;
use crate::simd::{F32x4, Mask, Vector};

/// Weights whose sums fit into scratch, as vectors (512 KiB).
const SUMS: usize = 1 << 15;

pub fn fits(s: &Shape) -> bool {
    // With strides a kernel of its own would be twice as fast as `direct_grad`, for half a kilobyte.
    s.sw == 1 && window3::fits(s) && 9 * s.group_o() <= SUMS
}

/// gw[channels, 1, 3, 3] of one group, summed over all pictures, as `implicit::grad_weight`.
pub unsafe fn grad_weight(s: &Shape, parts: Gradient, scratch: *mut f32) {
    let Gradient {
        x,
        g,
        g_step,
        channels,
        out,
    } = parts;
    let (room, sums) = (scratch, scratch.add(PLANE));
    let (part, (_, wide)) = (s.ow % 4, padded_size(s));
    clear(s, room);
    fill(36 * channels, 0.0, sums);
    for picture in 0..s.n {
        let x = padded(s, x.add(picture * s.c * s.h * s.w), room);
        for o in 0..channels {
            let to = sums.add(36 * o);
            let g = g.add(picture * g_step + o * s.pixels());
            strips::<false>(s, wide, x, g, s.ow - part, F32x4::zero().0, to);
            if part > 0 {
                let at = s.ow - 4;
                let counted = F32x4::first_lanes(4 - part);
                strips::<true>(s, wide, x.add(at), g.add(at), 4, counted, to);
            }
        }
    }
    for i in 0..9 * channels {
        *out.add(i) = F32x4::load(sums.add(4 * i)).sum_lanes();
    }
}

/// Adds the products of `columns` columns to the nine sums, without the lanes in `counted`.
#[inline(never)]
unsafe fn strips<const PART: bool>(
    s: &Shape,
    wide: usize,
    x: *const f32,
    g: *const f32,
    columns: usize,
    counted: Mask,
    sums: *mut f32,
) {
    let mut total: [[F32x4; 3]; 3] =
        core::array::from_fn(|y| core::array::from_fn(|x| F32x4::load(sums.add(4 * (3 * y + x)))));
    let kept = |v: F32x4| if PART { v.without(counted) } else { v };
    let mut at = 0;
    while at < columns {
        let (mut row, mut from) = (x.add(at), g.add(at));
        macro_rules! step {
            ($($y:literal $g:ident)*) => {
                let v = three::<1>(row);
                let v = [kept(v[0]), kept(v[1]), kept(v[2])];
                row = row.add(wide);
                $(
                    for (sum, v) in total[$y].iter_mut().zip(v) {
                        *sum = $g.mul_add(v, *sum);
                    }
                )*
            };
        }
        let mut a = kept(F32x4::load(from));
        step!(0 a);
        from = from.add(s.ow);
        let mut b = kept(F32x4::load(from));
        step!(0 b 1 a);
        for _ in 2..s.oh {
            from = from.add(s.ow);
            let next = kept(F32x4::load(from));
            step!(0 next 1 b 2 a);
            (a, b) = (b, next);
        }
        step!(1 b 2 a);
        step!(2 b);
        let _ = row;
        at += 4;
    }
    for (y, row) in total.iter().enumerate() {
        for (x, sum) in row.iter().enumerate() {
            sum.store(sums.add(4 * (3 * y + x)));
        }
    }
}
