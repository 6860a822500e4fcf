//! The weights of a convolution, and where its results go, as one of the products takes them; what
//! all products take.

use super::shape::Shape;
use crate::matmul::microkernel::Rows;
use crate::rows::take;

/// Weights [group, output, input, row, column], any way they lie: the forward product reads them
/// straight, an input gradient with input and output exchanged and its windows backwards, with
/// strides only some of the taps.
#[derive(Clone, Copy)]
pub struct Weights {
    pub start: *const f32,
    /// Steps in floats, to the next group and so on.
    pub group: usize,
    pub output: usize,
    pub input: usize,
    pub row: isize,
    pub column: isize,
}

impl Weights {
    /// weight[o, c / groups, kh, kw] as it lies.
    pub fn straight(s: &Shape, weight: *const f32) -> Self {
        Self {
            start: weight,
            group: s.group_o() * s.patch(),
            output: s.patch(),
            input: s.kh * s.kw,
            row: s.kw as isize,
            column: 1,
        }
    }

    /// Those of one group.
    pub unsafe fn of_group(self, group: usize) -> Self {
        let start = self.start.add(group * self.group);
        Self { start, ..self }
    }

    /// Those of the input channels from c on.
    pub unsafe fn starting_at_input(self, c: usize) -> Self {
        let start = self.start.add(c * self.input);
        Self { start, ..self }
    }

    /// The window of output channel o and input channel c.
    #[inline(always)]
    pub unsafe fn window(self, o: usize, c: usize) -> *const f32 {
        self.start.add(o * self.output + c * self.input)
    }

    /// to[i * row + k * tap] = value p + k of the patch of output channel o + i.
    pub unsafe fn copy(
        self,
        s: &Shape,
        (o, outputs): (usize, usize),
        (p, depth): (usize, usize),
        to: *mut f32,
        (row, tap): (usize, usize),
    ) {
        // Few outputs at a time: whatever way the weights lie, lines are read while they are in the
        // cache.
        const FEW: usize = 24;
        let mut first = 0;
        while first < outputs {
            let count = (outputs - first).min(FEW);
            let (c, at) = (p / (s.kh * s.kw), p % (s.kh * s.kw));
            let (mut y, mut x) = (at / s.kw, at % s.kw);
            let mut window = self.window(o + first, c);
            for k in 0..depth {
                let from = window.offset(y as isize * self.row + x as isize * self.column);
                let to = to.add(first * row + k * tap);
                if row == 1 {
                    take(count, from, self.output, to);
                } else {
                    for i in 0..count {
                        *to.add(i * row) = *from.add(i * self.output);
                    }
                }
                x += 1;
                if x == s.kw {
                    (y, x) = (y + 1, 0);
                }
                if y == s.kh {
                    (y, window) = (0, window.add(self.input));
                }
            }
            first += count;
        }
    }

    /// Whether the patch of an output channel is one run.
    pub fn lie(self, s: &Shape) -> bool {
        self.column == 1 && self.row == s.kw as isize && self.input == s.kh * s.kw
    }

    /// Output channels o .. o + outputs, values p .. p + depth of their patches, as rows; copied to
    /// `room` unless they lie so.
    pub unsafe fn rows(
        self,
        s: &Shape,
        (o, outputs): (usize, usize),
        (p, depth): (usize, usize),
        room: *mut f32,
    ) -> Rows {
        if self.lie(s) {
            return Rows {
                start: self.start.add(o * self.output + p),
                row: self.output,
                step: 1,
            };
        }
        self.copy(s, (o, outputs), (p, depth), room, (depth, 1));
        Rows {
            start: room,
            row: depth,
            step: 1,
        }
    }
}

/// Results [picture, channel, row, column]: dense for the forward product, apart where an input
/// gradient with strides computes some of the pixels.
#[derive(Clone, Copy)]
pub struct Target {
    pub start: *mut f32,
    /// Steps in floats, to the next picture and so on.
    pub picture: usize,
    pub channel: usize,
    pub row: usize,
    pub column: usize,
}

impl Target {
    /// out[n, o, oh, ow] as it lies.
    pub fn dense(s: &Shape, out: *mut f32) -> Self {
        Self {
            start: out,
            picture: s.o * s.pixels(),
            channel: s.pixels(),
            row: s.ow,
            column: 1,
        }
    }

    /// From channel c on.
    pub unsafe fn starting_at(self, c: usize) -> Self {
        let start = self.start.add(c * self.channel);
        Self { start, ..self }
    }

    /// Whether the pixels of a channel follow each other.
    #[inline(always)]
    pub fn is_dense(self, s: &Shape) -> bool {
        self.row == s.ow && self.column == 1
    }

    /// Where pixel `at` of a plane is.
    #[inline(always)]
    pub unsafe fn pixel(self, s: &Shape, picture: usize, c: usize, at: usize) -> *mut f32 {
        let plane = self.start.add(picture * self.picture + c * self.channel);
        plane.add(at / s.ow * self.row + at % s.ow * self.column)
    }

    /// Copies `n` pixels from `at` on of a channel to the array `near`, or from there.
    pub unsafe fn exchange(
        self,
        s: &Shape,
        (picture, c): (usize, usize),
        (at, n): (usize, usize),
        near: *mut f32,
        store: bool,
    ) {
        let mut i = 0;
        while i < n {
            // The rest of a row, or of the plane.
            let left = n - i;
            let run = if self.is_dense(s) {
                left
            } else {
                left.min(s.ow - (at + i) % s.ow)
            };
            let mut far = self.pixel(s, picture, c, at + i);
            for value in i..i + run {
                if store {
                    *far = *near.add(value);
                } else {
                    *near.add(value) = *far;
                }
                far = far.add(self.column);
            }
            i += run;
        }
    }
}

/// What a convolution reads and writes: of all groups, or of one, at whose first channels all of it
/// points.
#[derive(Clone, Copy)]
pub struct Operands {
    pub x: *const f32,
    pub weight: Weights,
    /// May be null.
    pub bias: *const f32,
    pub to: Target,
}

/// What the gradient by the weights of some output channels of a group reads and writes:
/// out[channels, patch], summed over all pictures; g has `g_step` floats between two of them.
#[derive(Clone, Copy)]
pub struct Gradient {
    pub x: *const f32,
    pub g: *const f32,
    pub g_step: usize,
    pub channels: usize,
    pub out: *mut f32,
}
