//! Batch normalisation of x `[n, c, s]`: every channel gets mean 0 and variance 1, then a factor
//! and an offset of its own. Layer normalisation is the same with one picture, whose channels are
//! the rows.
//!
//! Kernels work on the channels `first` to `end`, each computed alike whatever the range, so that
//! threads can share them. They go through memory in its own order, picture by picture, with what
//! they know of each channel at hand: a channel on its own lies in pieces, mostly so far apart that
//! they share a few sets of the caches. With `s == 1` the lanes of one vector are neighbouring
//! channels; otherwise they are neighbours along a channel's run of `s`.
//!
//! Moments are sums of x - k and (x - k)^2, with k the mean of the channel's first values: near
//! enough to the mean that a large one costs no digits, and one pass does. Sums are blocked; their
//! order depends on the sizes alone.

use crate::float::{Floats, Real, export_more};
use crate::reduce::Total;
use crate::simd::{Float, Vector};

const LANES: usize = Floats::LANES;

/// Vectors that are added plainly before they go into a `Total`.
const BLOCK: usize = 64;

/// Vectors of a channel that tell where its values lie.
const FIRST: usize = 16;

/// Channels, or vectors of them, that go through the pictures together.
const CHUNK: usize = 64;

/// x's sizes, and the channels to compute.
#[derive(Clone, Copy)]
struct Extent {
    n: usize,
    c: usize,
    s: usize,
    first: usize,
    end: usize,
}

/// One channel, or up to `left` neighbouring ones when `s` is 1. What is computed per channel is a
/// vector: equal lanes when `s > 1`.
#[derive(Clone, Copy)]
struct Channel {
    at: usize,
    left: usize,
    /// Values of one channel.
    count: usize,
    single: bool,
}

impl Channel {
    /// The channel's element of an array of all channels.
    #[inline(always)]
    unsafe fn load(&self, p: *const Real) -> Floats {
        let p = p.add(self.at);
        if self.single {
            Floats::splat(*p)
        } else {
            Floats::load_up_to(p, self.left)
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
        if self.single {
            *p = x.first();
        } else {
            x.store_up_to(p, self.left);
        }
    }
}

/// Sums over a channel in `K` vectors: plain ones, and behind them the totals.
#[derive(Clone, Copy)]
struct Sums<const K: usize> {
    plain: [Floats; K],
    totals: [Total; K],
}

impl<const K: usize> Sums<K> {
    #[inline(always)]
    fn zero() -> Self {
        Self {
            plain: [Floats::zero(); K],
            totals: [Total::zero(); K],
        }
    }

    #[inline(never)]
    fn settle(&mut self) {
        for (total, sum) in self.totals.iter_mut().zip(&mut self.plain) {
            total.add(*sum);
            *sum = Floats::zero();
        }
    }

    /// Adds a run, of which `f(offset, lanes, sums)` adds a vector. What is behind its last whole
    /// block stays in the plain sums.
    #[inline(always)]
    unsafe fn add_run(
        &mut self,
        length: usize,
        f: impl Fn(usize, usize, [Floats; K]) -> [Floats; K],
    ) {
        let mut i = 0;
        loop {
            let end = length.min(i + BLOCK * LANES);
            let mut sums = self.plain;
            // Four sums, to wait for none.
            let mut others = [[Floats::zero(); K]; 3];
            while LANES > 1 && i + 4 * LANES <= end {
                sums = f(i, LANES, sums);
                for (j, other) in others.iter_mut().enumerate() {
                    *other = f(i + (j + 1) * LANES, LANES, *other);
                }
                i += 4 * LANES;
            }
            while i < end {
                let inside = Floats::first_lanes(end - i);
                let more = f(i, end - i, sums);
                for (sum, more) in sums.iter_mut().zip(more) {
                    *sum = Floats::select(inside, more, *sum);
                }
                i += LANES;
            }
            for (j, to) in self.plain.iter_mut().enumerate() {
                *to = (sums[j] + others[0][j]) + (others[1][j] + others[2][j]);
            }
            if end == length {
                return;
            }
            self.settle();
        }
    }

    /// The totals: per lane, or over all lanes and then in each.
    #[inline(always)]
    fn values(mut self, single: bool) -> [Floats; K] {
        self.settle();
        self.totals.map(|total| {
            if single {
                Floats::splat(total.value())
            } else {
                total.lanes()
            }
        })
    }
}

/// What both kernels do: `shift` finds a value of each channel, `add(shift, offset, lanes, sums)`
/// adds a vector to `K` sums over it, `close` turns them into `V` values, and `apply(values, offset,
/// lanes)` uses those on every vector.
#[inline(always)]
unsafe fn each_channel<const K: usize, const V: usize>(
    Extent {
        n,
        c,
        s,
        first,
        end,
    }: Extent,
    summed: bool,
    applies: bool,
    shift: impl Fn(&Channel) -> Floats,
    add: impl Fn(Floats, usize, usize, [Floats; K]) -> [Floats; K],
    close: impl Fn(&Channel, Floats, [Floats; K]) -> [Floats; V],
    apply: impl Fn([Floats; V], usize, usize),
) {
    if s == 0 {
        return;
    }
    let single = s > 1;
    let step = if single { 1 } else { LANES };
    let mut sums = [Sums::zero(); CHUNK];
    let mut bases = [Floats::zero(); CHUNK];
    let mut values = [[Floats::zero(); V]; CHUNK];
    // Runs that are short make a block together.
    let block = (BLOCK * LANES / (s * step)).max(1);
    let mut at = first;
    while at < end {
        // Of a single picture each channel lies in one piece.
        let most = if n == 1 { 1 } else { CHUNK };
        let count = most.min((end - at).div_ceil(step));
        // Indices below are checked, and panics linked, where LLVM forgets it.
        core::hint::assert_unchecked(count <= CHUNK);
        let channel = |k| Channel {
            at: at + k * step,
            left: end - at - k * step,
            count: n * s,
            single,
        };
        let length = |k| {
            if single {
                s
            } else {
                LANES.min(end - at - k * step)
            }
        };
        for k in 0..count {
            bases[k] = shift(&channel(k));
            sums[k] = Sums::zero();
        }
        for run in 0..if summed { n } else { 0 } {
            let settles = run % block == block - 1;
            for k in 0..count {
                let start = (run * c + at + k * step) * s;
                let base = bases[k];
                sums[k].add_run(length(k), |i, lanes, sums| {
                    add(base, start + i, lanes, sums)
                });
                if settles {
                    sums[k].settle();
                }
            }
        }
        for k in 0..count {
            values[k] = close(&channel(k), bases[k], sums[k].values(single));
        }
        for run in 0..if applies { n } else { 0 } {
            for k in 0..count {
                let start = (run * c + at + k * step) * s;
                let values = values[k];
                let (mut i, length) = (0, length(k));
                while i + LANES <= length {
                    apply(values, start + i, LANES);
                    i += LANES;
                }
                if i < length {
                    apply(values, start + i, length - i);
                }
            }
        }
        at += count * step;
    }
}

/// The mean of a channel's first values.
#[inline(never)]
unsafe fn first_mean(e: &Extent, channel: &Channel, x: *const Real) -> Floats {
    let from = x.add(channel.at * e.s);
    if !channel.single {
        let rows = e.n.min(FIRST);
        let mut sum = Floats::zero();
        for row in 0..rows {
            sum = sum + Floats::load_up_to(from.add(row * e.c), channel.left);
        }
        return sum / Floats::c(rows as f64);
    }
    if e.s < LANES {
        return Floats::splat(*from);
    }
    let vectors = (e.s / LANES).min(FIRST);
    let mut sum = Floats::zero();
    for i in 0..vectors {
        sum = sum + Floats::load(from.add(i * LANES));
    }
    Floats::splat(sum.sum_lanes()) / Floats::c((vectors * LANES) as f64)
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
    let unbiased = variance * Floats::c(channel.count as f64 / (channel.count as f64 - 1.0));
    for (value, running) in [(mean, running_mean), (unbiased, running_var)] {
        channel.store(new * value + old * channel.load(running), running);
    }
}

export_more! {
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
        let training = training != 0;
        let extent = Extent { n, c, s, first, end };
        each_channel(
            extent,
            training,
            true,
            |channel| {
                if !training {
                    return channel.load(running_mean);
                }
                first_mean(&extent, channel, x)
            },
            |base, i, lanes, [sum, squares]| {
                let d = Floats::load_up_to(x.add(i), lanes) - base;
                [sum + d, d.mul_add(d, squares)]
            },
            |channel, base, [sum, squares]| {
                let (m, variance) = if training {
                    let count = Floats::c(channel.count as f64);
                    let d = sum / count;
                    let variance = (squares / count - d * d).at_least(Floats::zero());
                    let both = [base + d, variance];
                    track(channel, momentum, both, running_mean, running_var);
                    (both[0], both[1])
                } else {
                    (base, channel.load(running_var))
                };
                let r = Floats::c(1.0) / (variance + Floats::c(eps)).sqrt();
                channel.store(m, mean);
                channel.store(r, invstd);
                [m, r * channel.load_or(weight, 1.0), channel.load_or(bias, 0.0)]
            },
            |[m, factor, offset], i, lanes| {
                let d = Floats::load_up_to(x.add(i), lanes) - m;
                d.mul_add(factor, offset).store_up_to(out.add(i), lanes);
            },
        );
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
        let training = training != 0;
        let extent = Extent { n, c, s, first, end };
        each_channel(
            extent,
            training || !gw.is_null() || !gb.is_null(),
            !gx.is_null(),
            |channel| channel.load(mean),
            |m, i, lanes, [sum, dot]| {
                let g = Floats::load_up_to(g.add(i), lanes);
                let d = Floats::load_up_to(x.add(i), lanes) - m;
                [sum + g, g.mul_add(d, dot)]
            },
            |channel, m, [sum, dot]| {
                let r = channel.load(invstd);
                channel.store(dot * r, gw);
                channel.store(sum, gb);
                let factor = r * channel.load_or(weight, 1.0);
                let share = -factor / Floats::c(channel.count as f64);
                [m, factor, share * r * r * dot, share * sum]
            },
            |[m, factor, slope, offset], i, lanes| {
                let g = Floats::load_up_to(g.add(i), lanes);
                let y = if training {
                    let d = Floats::load_up_to(x.add(i), lanes) - m;
                    g.mul_add(factor, d.mul_add(slope, offset))
                } else {
                    g * factor
                };
                y.store_up_to(gx.add(i), lanes);
            },
        );
    }
}
