//! Batch normalisation of x `[n, c, s]`: every channel gets mean 0 and variance 1, then a factor
//! and an offset of its own. Layer normalisation is the same with one picture, whose channels are
//! the rows.
//!
//! Mean and variance take two passes, so that a large mean costs no digits, in blocked sums whose
//! order depends on the sizes alone. Kernels work on the channels `first` to `end`, each computed
//! alike whatever the range, so that threads can share them.
//!
//! With `s == 1` lanes are neighbouring channels; otherwise they are neighbours along `s`.

use crate::float::{Floats, Real, export};
use crate::reduce::Total;
use crate::simd::{Float, Vector};

const LANES: usize = Floats::LANES;

/// Vectors, or rows, that are added plainly before they go into a `Total`.
const BLOCK: usize = 64;

/// The values of one channel, or of up to `left` neighbouring channels when `s` is 1: `n` runs of
/// `s`, `step` apart. What is computed per channel is a vector: equal lanes when `s > 1`.
#[derive(Clone, Copy)]
struct Channel {
    at: usize,
    n: usize,
    s: usize,
    step: usize,
    left: usize,
}

#[inline(always)]
fn accumulate<const K: usize>(sums: &mut [Floats; K], terms: [Floats; K]) {
    for (sum, term) in sums.iter_mut().zip(terms) {
        *sum = *sum + term;
    }
}

impl Channel {
    /// Sums over the channel of terms that `f(offset, lanes)` computes.
    #[inline(always)]
    unsafe fn sums<const K: usize>(&self, f: impl Fn(usize, usize) -> [Floats; K]) -> [Floats; K] {
        let mut totals = [Total::zero(); K];
        if self.s == 1 {
            let mut row = 0;
            while row < self.n {
                let end = self.n.min(row + BLOCK);
                let mut sums = [Floats::zero(); K];
                while row < end {
                    accumulate(&mut sums, f(row * self.step, self.left));
                    row += 1;
                }
                for (total, sum) in totals.iter_mut().zip(sums) {
                    total.add(sum);
                }
            }
            return totals.map(Total::lanes);
        }
        for run in 0..self.n {
            let mut i = run * self.step;
            let last = i + self.s;
            while i < last {
                let end = last.min(i + BLOCK * LANES);
                let mut sums = [[Floats::zero(); K]; 4];
                while i + 4 * LANES <= end {
                    for (j, sums) in sums.iter_mut().enumerate() {
                        accumulate(sums, f(i + j * LANES, LANES));
                    }
                    i += 4 * LANES;
                }
                let [mut sums, b, c, d] = sums;
                accumulate(&mut sums, b);
                accumulate(&mut sums, c);
                accumulate(&mut sums, d);
                while i + LANES <= end {
                    accumulate(&mut sums, f(i, LANES));
                    i += LANES;
                }
                if i < end {
                    let inside = Floats::first_lanes(end - i);
                    let terms = f(i, end - i);
                    accumulate(
                        &mut sums,
                        terms.map(|term| Floats::select(inside, term, Floats::zero())),
                    );
                    i = end;
                }
                for (total, sum) in totals.iter_mut().zip(sums) {
                    total.add(sum);
                }
            }
        }
        totals.map(|total| Floats::splat(total.value()))
    }

    /// Calls `f(offset, lanes)` for every vector of the channel.
    #[inline(always)]
    unsafe fn each(&self, f: impl Fn(usize, usize)) {
        for run in 0..self.n {
            let mut i = run * self.step;
            if self.s == 1 {
                f(i, self.left);
                continue;
            }
            let end = i + self.s;
            while i + LANES <= end {
                f(i, LANES);
                i += LANES;
            }
            if i < end {
                f(i, end - i);
            }
        }
    }

    /// The channel's element of an array of all channels.
    #[inline(always)]
    unsafe fn load(&self, p: *const Real) -> Floats {
        let p = p.add(self.at);
        if self.s == 1 {
            Floats::load_up_to(p, self.left)
        } else {
            Floats::splat(*p)
        }
    }

    #[inline(always)]
    unsafe fn load_or(&self, p: *const Real, otherwise: f64) -> Floats {
        if p.is_null() {
            Floats::c(otherwise)
        } else {
            self.load(p)
        }
    }

    /// Writes the channel's element, unless there is no array.
    #[inline(always)]
    unsafe fn store(&self, x: Floats, p: *mut Real) {
        if p.is_null() {
            return;
        }
        let p = p.add(self.at);
        if self.s == 1 {
            x.store_up_to(p, self.left);
        } else {
            *p = x.first();
        }
    }

    /// Values of one channel, as a divisor.
    #[inline(always)]
    fn count(&self) -> f64 {
        (self.n * self.s) as f64
    }
}

#[inline(always)]
unsafe fn each_channel([n, c, s, first, end]: [usize; 5], mut f: impl FnMut(Channel)) {
    let mut at = first;
    while at < end {
        f(Channel {
            at,
            n,
            s,
            step: c * s,
            left: end - at,
        });
        at += if s == 1 { LANES } else { 1 };
    }
}

/// Mean and biased variance.
#[inline(never)]
unsafe fn moments(channel: &Channel, x: *const Real) -> [Floats; 2] {
    let count = Floats::c(channel.count());
    let load = |i: usize, left: usize| Floats::load_up_to(x.add(i), left);
    let [sum] = channel.sums(|i, left| [load(i, left)]);
    let mean = sum / count;
    let [squares] = channel.sums(|i, left| {
        let d = load(i, left) - mean;
        [d * d]
    });
    [mean, squares / count]
}

/// Moves running mean and variance towards those of the batch; the variance unbiased.
unsafe fn track(
    channel: &Channel,
    momentum: f64,
    [mean, variance]: [Floats; 2],
    running_mean: *mut Real,
    running_var: *mut Real,
) {
    if running_mean.is_null() {
        return;
    }
    let (new, old) = (Floats::c(momentum), Floats::c(1.0 - momentum));
    let unbiased = variance * Floats::c(channel.count() / (channel.count() - 1.0));
    for (value, running) in [(mean, running_mean), (unbiased, running_var)] {
        channel.store(new * value + old * channel.load(running), running);
    }
}

export! {
    /// out = (x - mean) / sqrt(variance + eps) * weight + bias, by the batch's moments when
    /// training, else by the running ones; writes the mean and 1 / sqrt(variance + eps) that it
    /// used. When training, running moments (0: none) move by `momentum`.
    fn batch_norm(
        n: usize, c: usize, s: usize, first: usize, end: usize,
        training: i32, momentum: f64, eps: f64,
        x: *const Real, weight: *const Real, bias: *const Real,
        running_mean: *mut Real, running_var: *mut Real,
        out: *mut Real, mean: *mut Real, invstd: *mut Real,
    ) {
        each_channel([n, c, s, first, end], |channel| {
            let (x, out) = (x.add(channel.at * s), out.add(channel.at * s));
            let [m, variance] = if training != 0 {
                let both = moments(&channel, x);
                track(&channel, momentum, both, running_mean, running_var);
                both
            } else {
                [channel.load(running_mean), channel.load(running_var)]
            };
            let r = Floats::c(1.0) / (variance + Floats::c(eps)).sqrt();
            channel.store(m, mean);
            channel.store(r, invstd);
            let factor = r * channel.load_or(weight, 1.0);
            let offset = channel.load_or(bias, 0.0);
            channel.each(|i, left| {
                let d = Floats::load_up_to(x.add(i), left) - m;
                d.mul_add(factor, offset).store_up_to(out.add(i), left);
            });
        });
    }

    /// The gradients to x, weight and bias; a zero pointer skips one. With x' = (x - mean) invstd:
    /// gb = sum g, gw = sum g x', gx = weight invstd (g - gb / count - x' gw / count), where the
    /// moments were the batch's; weight invstd g where they were constants.
    fn batch_norm_backward(
        n: usize, c: usize, s: usize, first: usize, end: usize, training: i32,
        x: *const Real, weight: *const Real, g: *const Real,
        mean: *const Real, invstd: *const Real,
        gx: *mut Real, gw: *mut Real, gb: *mut Real,
    ) {
        each_channel([n, c, s, first, end], |channel| {
            let (x, g) = (x.add(channel.at * s), g.add(channel.at * s));
            let (m, r) = (channel.load(mean), channel.load(invstd));
            let load = |p: *const Real, i: usize, left: usize| Floats::load_up_to(p.add(i), left);
            let [sum, dot] = channel.sums(|i, left| {
                let (g, d) = (load(g, i, left), load(x, i, left) - m);
                [g, g * d]
            });
            channel.store(dot * r, gw);
            channel.store(sum, gb);
            if gx.is_null() {
                return;
            }
            let gx = gx.add(channel.at * s);
            let factor = r * channel.load_or(weight, 1.0);
            if training == 0 {
                channel.each(|i, left| (load(g, i, left) * factor).store_up_to(gx.add(i), left));
                return;
            }
            let share = -factor / Floats::c(channel.count());
            let (slope, offset) = (share * r * r * dot, share * sum);
            channel.each(|i, left| {
                let d = load(x, i, left) - m;
                let y = load(g, i, left).mul_add(factor, d.mul_add(slope, offset));
                y.store_up_to(gx.add(i), left);
            });
        });
    }
}
