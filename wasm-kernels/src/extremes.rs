//! The largest and the smallest of the middle axis: x `[outer, n, inner]`, out
//! `[outer, inner]`. NaN wins.

use crate::float::{Floats, Real, export};
use crate::simd::Vector;

const LANES: usize = Floats::LANES;

/// Vectors of columns, or of a row, that are held at a time.
const WIDE: usize = 4;

/// The largest of what it sees in each lane, and all bits where it saw a NaN: to look for those
/// apart takes half as long as a maximum that keeps them. Signs are turned where `flip` has them,
/// which makes it the smallest.
#[derive(Clone, Copy)]
struct Extreme {
    best: Floats,
    nan: Floats,
}

impl Extreme {
    #[inline(always)]
    fn none() -> Extreme {
        Extreme {
            best: Floats::splat(Floats::LOWEST),
            nan: Floats::zero(),
        }
    }

    #[inline(always)]
    fn see(&mut self, x: Floats, flip: Floats) {
        self.best = x.flip_signs(flip).at_least(self.best);
        self.nan = self.nan.with_bits(x.not_a_number());
    }

    #[inline(always)]
    fn join(&mut self, best: Floats, nan: Floats) {
        self.best = best.at_least(self.best);
        self.nan = nan.with_bits(self.nan);
    }

    #[inline(always)]
    fn value(self, flip: Floats) -> Floats {
        self.best.flip_signs(flip).with_bits(self.nan)
    }
}

/// Of `W` vectors in n rows `step` apart, the last of `left` lanes when W is 1.
#[inline(always)]
unsafe fn extremes<const W: usize>(
    n: usize,
    step: usize,
    x: *const Real,
    left: usize,
    flip: Floats,
) -> [Extreme; W] {
    let mut all = [Extreme::none(); W];
    let mut from = x;
    for _ in 0..n {
        for (w, extreme) in all.iter_mut().enumerate() {
            let p = from.add(w * LANES);
            let v = if W == 1 {
                Floats::load_up_to(p, left)
            } else {
                Floats::load(p)
            };
            extreme.see(v, flip);
        }
        from = from.add(step);
    }
    all
}

/// The largest of a row, or the smallest; NaN wins.
#[inline(never)]
pub unsafe fn row_extreme(n: usize, x: *const Real, smallest: bool) -> Real {
    let flip = sign_if(smallest);
    let mut all = Extreme::none();
    let mut i = 0;
    if n >= WIDE * LANES {
        i = n - n % (WIDE * LANES);
        for e in extremes::<WIDE>(n / (WIDE * LANES), WIDE * LANES, x, 0, flip) {
            all.join(e.best, e.nan);
        }
    }
    while i + LANES <= n {
        all.see(Floats::load(x.add(i)), flip);
        i += LANES;
    }
    if i < n && n >= LANES {
        // Some of them once more.
        all.see(Floats::load(x.add(n - LANES)), flip);
        i = n;
    }
    while i < n {
        all.see(Floats::splat(*x.add(i)), flip);
        i += 1;
    }
    all.join(all.best.high_half(), all.nan.high_half());
    all.join(all.best.second(), all.nan.second());
    all.value(flip).first()
}

fn sign_if(smallest: bool) -> Floats {
    Floats::splat(if smallest { -0.0 } else { 0.0 })
}

#[inline(never)]
unsafe fn extreme(
    outer: usize,
    n: usize,
    inner: usize,
    x: *const Real,
    out: *mut Real,
    smallest: bool,
) {
    let flip = sign_if(smallest);
    for o in 0..outer {
        let x = x.add(o * n * inner);
        let out = out.add(o * inner);
        if inner == 1 {
            *out = row_extreme(n, x, smallest);
            continue;
        }
        let mut c = 0;
        while c + WIDE * LANES <= inner {
            for e in extremes::<WIDE>(n, inner, x.add(c), 0, flip) {
                e.value(flip).store(out.add(c));
                c += LANES;
            }
        }
        while c < inner {
            let [e] = extremes::<1>(n, inner, x.add(c), inner - c, flip);
            e.value(flip).store_up_to(out.add(c), inner - c);
            c += LANES;
        }
    }
}

export! {
    fn amax(outer: usize, n: usize, inner: usize, x: *const Real, out: *mut Real) {
        extreme(outer, n, inner, x, out, false)
    }

    fn amin(outer: usize, n: usize, inner: usize, x: *const Real, out: *mut Real) {
        extreme(outer, n, inner, x, out, true)
    }
}
