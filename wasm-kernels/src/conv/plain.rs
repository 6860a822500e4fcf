//! Convolution as plain loops: float64, the reference that gradient checks need.
//!
//! All three products walk the same six loops (picture, output channel, output row and column,
//! window row and column, innermost the channels' planes) and differ in which of x, weight and
//! output they add to.

use core::ops::Range;

use super::shape::Shape;
use crate::matmul::plain::Number;

/// Calls f(offset in x, offset in weight, offset in the output) for every product in the
/// convolution that belongs to output channels in `range`.
#[inline(always)]
fn products(s: &Shape, range: Range<usize>, mut f: impl FnMut(usize, usize, usize)) {
    let (gc, go) = (s.group_c(), s.group_o());
    for i in 0..s.n * s.o {
        let (picture, channel) = (i / s.o, i % s.o);
        if !range.contains(&channel) {
            continue;
        }
        let first = picture * s.c + channel / go * gc;
        for oy in 0..s.oh {
            for ox in 0..s.ow {
                let at = (i * s.oh + oy) * s.ow + ox;
                for ky in 0..s.kh {
                    let y = s.y(oy, ky);
                    if y < 0 || y >= s.h as isize {
                        continue;
                    }
                    for kx in 0..s.kw {
                        let x = s.x(ox, kx);
                        if x < 0 || x >= s.w as isize {
                            continue;
                        }
                        for c in 0..gc {
                            let from = ((first + c) * s.h + y as usize) * s.w + x as usize;
                            let weight = ((channel * gc + c) * s.kh + ky) * s.kw + kx;
                            f(from, weight, at);
                        }
                    }
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn clear<T: Number>(n: usize, out: *mut T) {
    for i in 0..n {
        *out.add(i) = T::ZERO;
    }
}

#[inline(always)]
unsafe fn plus<T: Number>(at: *mut T, a: T, b: T) {
    *at = (*at).plus_product(a, b);
}

pub unsafe fn forward<T: Number>(
    s: &Shape,
    x: *const T,
    weight: *const T,
    bias: *const T,
    out: *mut T,
) {
    for i in 0..s.n * s.o {
        let start = if bias.is_null() {
            T::ZERO
        } else {
            *bias.add(i % s.o)
        };
        for p in 0..s.pixels() {
            *out.add(i * s.pixels() + p) = start;
        }
    }
    products(s, 0..s.o, |from, at, to| unsafe {
        plus(out.add(to), *x.add(from), *weight.add(at))
    });
}

pub unsafe fn grad_input<T: Number>(s: &Shape, g: *const T, weight: *const T, out: *mut T) {
    clear(s.n * s.c * s.h * s.w, out);
    products(s, 0..s.o, |to, at, from| unsafe {
        plus(out.add(to), *g.add(from), *weight.add(at))
    });
}

pub unsafe fn grad_weight<T: Number>(
    s: &Shape,
    range: Range<usize>,
    x: *const T,
    g: *const T,
    out: *mut T,
) {
    clear(range.len() * s.patch(), out.add(range.start * s.patch()));
    products(s, range, |from, at, to| unsafe {
        plus(out.add(at), *g.add(to), *x.add(from))
    });
}

/// The float64 exports' kernels, under the names and signatures of the float32 ones.
pub mod exports {
    use super::{Range, Shape};

    pub unsafe fn forward(
        s: &Shape,
        x: *const f64,
        weight: *const f64,
        bias: *const f64,
        out: *mut f64,
        _scratch: *mut f64,
    ) {
        super::forward(s, x, weight, bias, out);
    }

    pub unsafe fn grad_input(
        s: &Shape,
        g: *const f64,
        weight: *const f64,
        out: *mut f64,
        _scratch: *mut f64,
    ) {
        super::grad_input(s, g, weight, out);
    }

    pub unsafe fn grad_weight(
        s: &Shape,
        range: Range<usize>,
        x: *const f64,
        g: *const f64,
        out: *mut f64,
        _scratch: *mut f64,
    ) {
        super::grad_weight(s, range, x, g, out);
    }

    pub unsafe fn grad_bias(n: usize, o: usize, hw: usize, g: *const f64, out: *mut f64) {
        for j in 0..o {
            let mut total = 0.0;
            for i in 0..n * hw {
                total += *g.add((i / hw * o + j) * hw + i % hw);
            }
            *out.add(j) = total;
        }
    }
}
