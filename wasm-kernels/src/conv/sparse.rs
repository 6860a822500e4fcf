//! Gradients of a convolution from a sparse gradient of its result: `count` values for each plane,
//! at listed pixels, as max pooling leaves them. Strides and dilations are 1, channels few.
//!
//! Pictures lie in scratch with their padding, channels innermost, so that a row of a window is one
//! run of kw * c floats. Loop order: picture, output channel, window rows and vectors of their runs
//! as far as they fit into registers, and innermost the pixels: a value meets the window under it.
//! That is one load for each product where the dense kernels have two for three, but a quarter of
//! the products or fewer, and what is zero is neither written nor read.

use super::shape::Shape;
use crate::rows::copy;
use crate::simd::{F32x4, Vector};

/// Pixels of a result, floats of a picture and of all windows that fit into scratch, with `SLACK`
/// for the last vector of a run.
const PIXELS: usize = 1 << 16;
const PICTURE: usize = 1 << 18;
const SLACK: usize = 4;

/// A sparse gradient: for each plane, values and their pixels.
#[derive(Clone, Copy)]
pub struct Sparse {
    pub count: usize,
    pub values: *const f32,
    pub index: *const i32,
}

impl Sparse {
    unsafe fn plane(self, plane: usize) -> Self {
        Self {
            values: self.values.add(plane * self.count),
            index: self.index.add(plane * self.count),
            ..self
        }
    }
}

/// Pictures with channels innermost, in scratch.
struct Pictures {
    /// For each pixel of the result, where its window begins, in bytes.
    places: *const u32,
    start: *mut f32,
    /// Floats of a pixel, of a row, and of all rows.
    pixel: usize,
    row: usize,
    size: usize,
    /// Floats of a row of all windows, whole vectors.
    run: usize,
    /// Room for all windows, row by row.
    windows: *mut f32,
}

impl Pictures {
    unsafe fn new(s: &Shape, scratch: *mut f32) -> Self {
        let places = scratch as *mut u32;
        // Whole vectors are neither split between lines of the cache nor read after a store of
        // half of them.
        let pixel = if s.c == 1 { 1 } else { s.c.next_multiple_of(4) };
        let row = (s.w + 2 * s.pw as usize) * pixel;
        let mut at = places;
        for y in 0..s.oh {
            for x in 0..s.ow {
                *at = 4 * (y * row + x * pixel) as u32;
                at = at.add(1);
            }
        }
        let start = scratch.add(PIXELS);
        Self {
            places,
            start,
            pixel,
            row,
            size: (s.h + 2 * s.ph as usize) * row + SLACK,
            run: (s.kw * pixel).next_multiple_of(4),
            windows: start.add(PICTURE),
        }
    }

    unsafe fn clear(&self) {
        core::ptr::write_bytes(self.start, 0, self.size);
    }

    /// Copies planes[c, h, w] to the picture, or back.
    unsafe fn exchange(&self, s: &Shape, planes: *mut f32, back: bool) {
        let plane = s.h * s.w;
        let border = s.ph as usize * self.row + s.pw as usize * self.pixel;
        for y in 0..s.h {
            let far = planes.add(y * s.w);
            let near = self.start.add(border + y * self.row);
            if self.pixel >= 4 && s.w >= 4 {
                for c in (0..s.c).step_by(4) {
                    let (far, near) = (far.add(c * plane), near.add(c));
                    self.exchange_four(s, (s.c - c).min(4), far, near, back);
                }
                continue;
            }
            if s.c == 1 {
                let (from, to) = if back { (near, far) } else { (far, near) };
                copy(s.w, from, to);
                continue;
            }
            for i in 0..s.c * s.w {
                let (c, x) = (i / s.w, i % s.w);
                let (far, near) = (far.add(c * plane + x), near.add(x * self.pixel + c));
                if back {
                    *far = *near;
                } else {
                    *near = *far;
                }
            }
        }
    }

    /// A row of up to four channels, of at least four pixels.
    #[inline(always)]
    unsafe fn exchange_four(
        &self,
        s: &Shape,
        channels: usize,
        far: *mut f32,
        near: *mut f32,
        back: bool,
    ) {
        // What lies behind the last channel is nobody's: it stands for them.
        let channel = |i: usize| far.add(i.min(channels - 1) * s.h * s.w);
        let mut x = 0;
        loop {
            let near = near.add(x * self.pixel);
            if back {
                let tile = core::array::from_fn(|i| F32x4::load(near.add(i * self.pixel)));
                let tile = F32x4::transpose(tile);
                for (i, v) in tile.into_iter().enumerate().rev() {
                    v.store(channel(i).add(x));
                }
            } else {
                let tile = core::array::from_fn(|i| F32x4::load(channel(i).add(x)));
                for (i, v) in F32x4::transpose(tile).into_iter().enumerate() {
                    v.store(near.add(i * self.pixel));
                }
            }
            if x + 4 == s.w {
                return;
            }
            // The last four are moved left over their neighbours.
            x = (x + 4).min(s.w - 4);
        }
    }

    /// Copies weight[kh, kw] windows of `channels` x c to the rows of windows, or back.
    unsafe fn exchange_windows(&self, s: &Shape, channels: usize, weight: *mut f32, back: bool) {
        let mut at = weight;
        for o in 0..channels {
            for c in 0..s.c {
                for y in 0..s.kh {
                    for x in 0..s.kw {
                        let near = self
                            .windows
                            .add((o * s.kh + y) * self.run + x * self.pixel + c);
                        if back {
                            *at = *near;
                        } else {
                            *near = *at;
                        }
                        at = at.add(1);
                    }
                }
            }
        }
    }

    /// Calls the kernel for all vectors of one output channel's windows.
    unsafe fn each<const SPREAD: bool>(&self, s: &Shape, g: Sparse, o: usize) {
        let mut y = 0;
        while y < s.kh {
            let rows = if y + 3 <= s.kh { 3 } else { 1 };
            let mut j = 0;
            while j < self.run {
                let x = self.start.add(y * self.row + j);
                let window = self.windows.add((o * s.kh + y) * self.run + j);
                macro_rules! go {
                    ($rows:literal $vectors:literal) => {{
                        walk::<SPREAD, $rows, $vectors>(
                            g,
                            self.places,
                            x,
                            self.row,
                            window,
                            self.run,
                        );
                        j += 4 * $vectors;
                    }};
                }
                match (rows, (self.run - j) / 4) {
                    (3, 3..) => go!(3 3),
                    (3, _) => go!(3 1),
                    (_, 3..) => go!(1 3),
                    _ => go!(1 1),
                }
            }
            y += rows;
        }
    }
}

/// Rows of a window under each value: added to the window times the value or, to spread, the window
/// added to them.
#[inline(never)]
unsafe fn walk<const SPREAD: bool, const ROWS: usize, const VECTORS: usize>(
    g: Sparse,
    places: *const u32,
    x: *mut f32,
    row: usize,
    window: *mut f32,
    run: usize,
) {
    let mut w: [[F32x4; VECTORS]; ROWS] = core::array::from_fn(|y| {
        core::array::from_fn(|j| F32x4::load(window.add(y * run + 4 * j)))
    });
    let (mut value, mut index) = (g.values, g.index);
    let end = value.add(g.count);
    while value != end {
        let mut at = (x as *mut u8).add(*places.add(*index as usize) as usize) as *mut f32;
        let scale = F32x4::splat(*value);
        for w in w.iter_mut() {
            for (j, w) in w.iter_mut().enumerate() {
                let v = F32x4::load(at.add(4 * j));
                if SPREAD {
                    scale.mul_add(*w, v).store(at.add(4 * j));
                } else {
                    *w = scale.mul_add(v, *w);
                }
            }
            at = at.add(row);
        }
        value = value.add(1);
        index = index.add(1);
    }
    if !SPREAD {
        for (y, w) in w.iter().enumerate() {
            for (j, w) in w.iter().enumerate() {
                w.store(window.add(y * run + 4 * j));
            }
        }
    }
}

/// gw[first .. end, c, kh, kw], summed over all pictures.
pub unsafe fn grad_weight(
    s: &Shape,
    (first, end): (usize, usize),
    x: *const f32,
    g: Sparse,
    out: *mut f32,
    scratch: *mut f32,
) {
    let pictures = Pictures::new(s, scratch);
    pictures.clear();
    let channels = end - first;
    core::ptr::write_bytes(pictures.windows, 0, channels * s.kh * pictures.run);
    for i in 0..s.n {
        pictures.exchange(s, x.add(i * s.c * s.h * s.w) as *mut f32, false);
        for o in 0..channels {
            pictures.each::<false>(s, g.plane(i * s.o + first + o), o);
        }
    }
    pictures.exchange_windows(s, channels, out.add(first * s.patch()), true);
}

/// gx[n, c, h, w].
pub unsafe fn grad_input(
    s: &Shape,
    g: Sparse,
    weight: *const f32,
    out: *mut f32,
    scratch: *mut f32,
) {
    let pictures = Pictures::new(s, scratch);
    core::ptr::write_bytes(pictures.windows, 0, s.o * s.kh * pictures.run);
    pictures.exchange_windows(s, s.o, weight as *mut f32, false);
    for i in 0..s.n {
        pictures.clear();
        for o in 0..s.o {
            pictures.each::<true>(s, g.plane(i * s.o + o), o);
        }
        pictures.exchange(s, out.add(i * s.c * s.h * s.w), true);
    }
}

/// The same convolution from its sizes, with strides, dilations and groups of 1.
fn shape(s: [usize; 9]) -> Shape {
    let [n, c, h, w, o, kh, kw, ph, pw] = s;
    Shape::new([n, c, h, w, o, kh, kw, 1, 1, ph, pw, 1, 1, 1])
}

/// out[o, c, kh, kw], of the output channels from `first` up to `end`: the gradient by the weights of
/// a sparse g: values[n, o, count] at the pixels index[n, o, count], and zeros.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn conv2d_sparse_grad_weight_f32(
    n: usize,
    c: usize,
    h: usize,
    w: usize,
    o: usize,
    kh: usize,
    kw: usize,
    ph: usize,
    pw: usize,
    count: usize,
    first: usize,
    end: usize,
    x: *const f32,
    values: *const f32,
    index: *const i32,
    out: *mut f32,
    scratch: *mut f32,
) {
    let s = shape([n, c, h, w, o, kh, kw, ph, pw]);
    let g = Sparse {
        count,
        values,
        index,
    };
    grad_weight(&s, (first, end), x, g, out, scratch);
}

/// out[n, c, h, w]: the gradient by x of such a g.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn conv2d_sparse_grad_input_f32(
    n: usize,
    c: usize,
    h: usize,
    w: usize,
    o: usize,
    kh: usize,
    kw: usize,
    ph: usize,
    pw: usize,
    count: usize,
    values: *const f32,
    index: *const i32,
    weight: *const f32,
    out: *mut f32,
    scratch: *mut f32,
) {
    let s = shape([n, c, h, w, o, kh, kw, ph, pw]);
    let g = Sparse {
        count,
        values,
        index,
    };
    grad_input(&s, g, weight, out, scratch);
}
