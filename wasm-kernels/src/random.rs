//! Random numbers: Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel
//! random numbers: as easy as 1, 2, 3", 2011).
//!
//! The state is four uint32: key (low, high), counter (low, high). Block c of
//! the stream is a pure function of key and c, so that an array's numbers do
//! not depend on how it was cut into calls of whole blocks; every call advances
//! the counter by the number of blocks (four words each) that it used. Four
//! blocks are computed at once, a lane each.

use crate::simd::F32x4;
use crate::simd::{I32x4, Vector};

/// The four words of four consecutive blocks: word w of block j is lane j of
/// `words[w]`.
type Blocks = [I32x4; 4];

struct Philox {
    key: (u32, u32),
    counter: u64,
}

impl Philox {
    unsafe fn load(state: *const u32) -> Philox {
        let counter = *state.add(2) as u64 | (*state.add(3) as u64) << 32;
        Philox {
            key: (*state, *state.add(1)),
            counter,
        }
    }

    /// Writes the counter back, `blocks` further than it was loaded.
    unsafe fn advance(state: *mut u32, blocks: usize) {
        let counter = Philox::load(state).counter.wrapping_add(blocks as u64);
        *state.add(2) = counter as u32;
        *state.add(3) = (counter >> 32) as u32;
    }

    /// The next four blocks.
    #[inline(never)]
    fn next(&mut self) -> Blocks {
        let low = |i: u64| self.counter.wrapping_add(i) as u32 as i32;
        let high = |i: u64| (self.counter.wrapping_add(i) >> 32) as u32 as i32;
        let mut w = [
            I32x4::new(low(0), low(1), low(2), low(3)),
            I32x4::new(high(0), high(1), high(2), high(3)),
            I32x4::zero(),
            I32x4::zero(),
        ];
        let (mut k0, mut k1) = self.key;
        let (m0, m1) = (
            I32x4::splat(0xd251_1f53_u32 as i32),
            I32x4::splat(0xcd9e_8d57_u32 as i32),
        );
        for _ in 0..10 {
            let (high0, low0) = w[0].wide_mul(m0);
            let (high1, low1) = w[2].wide_mul(m1);
            w = [
                high1.xor(w[1]).xor(I32x4::splat(k0 as i32)),
                low1,
                high0.xor(w[3]).xor(I32x4::splat(k1 as i32)),
                low0,
            ];
            k0 = k0.wrapping_add(0x9e37_79b9);
            k1 = k1.wrapping_add(0xbb67_ae85);
        }
        self.counter = self.counter.wrapping_add(4);
        w
    }
}

/// Draws `n` elements, 16 or 8 at a time; `f` turns four blocks into vectors in
/// the order of memory.
#[inline(always)]
unsafe fn draw<V: Vector, const N: usize>(
    n: usize,
    state: *mut u32,
    out: *mut V::Scalar,
    f: impl Fn(Blocks) -> [V; N],
) {
    let mut philox = Philox::load(state);
    let mut i = 0;
    while i < n {
        for v in f(philox.next()) {
            if i < n {
                v.store_up_to(out.add(i), n - i);
            }
            i += V::LANES;
        }
    }
    let per_block = N * V::LANES / 4;
    Philox::advance(state, n.div_ceil(per_block));
}

/// Vectors of words in memory order: the words of block 0, then of block 1, ...
#[inline(always)]
fn in_order(w: Blocks) -> Blocks {
    F32x4::transpose(w.map(I32x4::as_f32)).map(|v| I32x4(v.0))
}

/// A whole number below `range` from 64 random bits (multiply-shift).
#[inline(always)]
fn below(range: u64, low: u32, high: u32) -> u32 {
    let tail = (low as u64 * range) >> 32;
    ((high as u64 * range + tail) >> 32) as u32
}

mod float32 {
    use super::*;
    use crate::simd::Float;
    use crate::trigonometry::sin_cos;

    /// Multiples of 2^-24 in [0, 1).
    #[inline(always)]
    fn unit(words: I32x4) -> F32x4 {
        words.unsigned_shr(8).to_f32() * F32x4::splat(1.0 / 16_777_216.0)
    }

    /// Uniform in [low, high).
    #[unsafe(no_mangle)]
    unsafe extern "C" fn random_uniform_f32(
        n: usize,
        low: f32,
        high: f32,
        state: *mut u32,
        out: *mut f32,
    ) {
        let (start, width) = (F32x4::splat(low), F32x4::splat(high - low));
        // Rounding may reach `high`; an empty interval keeps `low`.
        let last = F32x4::splat(high.next_down().max(low));
        draw(n, state, out, |w| {
            // Not fused: both builds must draw the same numbers.
            in_order(w).map(|words| (unit(words) * width + start).at_most(last))
        })
    }

    /// Normal, by Box and Muller: words 0 and 1 of a block give a pair, words 2
    /// and 3 another.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn random_normal_f32(
        n: usize,
        mean: f32,
        std: f32,
        state: *mut u32,
        out: *mut f32,
    ) {
        let (mean, std) = (F32x4::splat(mean), F32x4::splat(std));
        draw(n, state, out, |w| {
            let [a, b] = pair(w[0], w[1]);
            let [c, d] = pair(w[2], w[3]);
            F32x4::transpose([a, b, c, d]).map(|z| z * std + mean)
        })
    }

    /// r cos(t) and r sin(t), r = sqrt(-2 log u) with u in (0, 1].
    #[inline(never)]
    fn pair(radius: I32x4, angle: I32x4) -> [F32x4; 2] {
        const UNIT: f32 = 1.0 / 4_294_967_296.0;
        let u = radius.unsigned_to_f32() * F32x4::splat(UNIT) + F32x4::splat(UNIT / 2.0);
        let r = (u.log() * F32x4::splat(-2.0))
            .at_least(F32x4::zero())
            .sqrt();
        let (sin, cos) = sin_cos(unit(angle) * F32x4::splat(core::f32::consts::TAU));
        [r * cos, r * sin]
    }

    /// 1 with probability p, else 0.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn random_bernoulli_f32(n: usize, p: f32, state: *mut u32, out: *mut f32) {
        let p = F32x4::splat(p);
        let one = F32x4::splat(1.0);
        draw(n, state, out, |w| {
            in_order(w).map(|words| F32x4::select(unit(words).lt(p), one, F32x4::zero()))
        })
    }

    /// Whole numbers in [low, high), two words each.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn random_int_i32(
        n: usize,
        low: i32,
        high: i32,
        state: *mut u32,
        out: *mut i32,
    ) {
        let range = high.wrapping_sub(low) as u32 as u64;
        draw(n, state, out, |w| {
            let pick = |low_words: I32x4, high_words: I32x4, lane: usize| {
                let (l, h) = (low_words.to_array()[lane], high_words.to_array()[lane]);
                low.wrapping_add(below(range, l as u32, h as u32) as i32)
            };
            let four = |lane: usize| {
                I32x4::new(
                    pick(w[0], w[1], lane),
                    pick(w[2], w[3], lane),
                    pick(w[0], w[1], lane + 1),
                    pick(w[2], w[3], lane + 1),
                )
            };
            [four(0), four(2)]
        })
    }

    /// A permutation of 0 to n - 1 (Fisher and Yates), two words per element.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn random_permutation_i32(n: usize, state: *mut u32, out: *mut i32) {
        for i in 0..n {
            *out.add(i) = i as i32;
        }
        let mut philox = Philox::load(state);
        let mut left = n;
        while left > 1 {
            let w = philox.next().map(I32x4::to_array);
            for draw in 0..8 {
                if left > 1 {
                    let (lane, half) = (draw / 2, draw % 2 * 2);
                    let (l, h) = (w[half][lane], w[half + 1][lane]);
                    let at = below(left as u64, l as u32, h as u32) as usize;
                    left -= 1;
                    core::ptr::swap(out.add(left), out.add(at));
                }
            }
        }
        Philox::advance(state, n.div_ceil(2));
    }
}
