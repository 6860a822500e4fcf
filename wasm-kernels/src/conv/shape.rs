//! The sizes of one convolution, and where its windows fall.

/// Sizes of a convolution of x[n, c, h, w] with weight[o, c / groups, kh, kw]. Padding is signed:
/// the input gradient of a convolution padded by more than its window is a convolution that crops.
#[derive(Clone, Copy)]
pub struct Shape {
    pub n: usize,
    pub c: usize,
    pub h: usize,
    pub w: usize,
    pub o: usize,
    pub kh: usize,
    pub kw: usize,
    pub sh: usize,
    pub sw: usize,
    pub ph: isize,
    pub pw: isize,
    pub dh: usize,
    pub dw: usize,
    pub groups: usize,
    pub oh: usize,
    pub ow: usize,
}

/// floor((size + 2 * pad - dilation * (kernel - 1) - 1) / stride) + 1, zero where the window does
/// not fit.
fn windows(size: usize, kernel: usize, stride: usize, pad: usize, dilation: usize) -> usize {
    let padded = size + 2 * pad;
    let span = dilation * (kernel - 1) + 1;
    if padded < span {
        0
    } else {
        (padded - span) / stride + 1
    }
}

impl Shape {
    /// From the export's arguments, in the ABI's order.
    #[inline(always)]
    pub fn new(s: [usize; 14]) -> Self {
        let [n, c, h, w, o, kh, kw, sh, sw, ph, pw, dh, dw, groups] = s;
        let oh = windows(h, kh, sh, ph, dh);
        let ow = windows(w, kw, sw, pw, dw);
        let (ph, pw) = (ph as isize, pw as isize);
        Self {
            n,
            c,
            h,
            w,
            o,
            kh,
            kw,
            sh,
            sw,
            ph,
            pw,
            dh,
            dw,
            groups,
            oh,
            ow,
        }
    }

    /// A convolution of one row as that of one column: the same numbers in memory.
    pub fn upright(&self) -> Self {
        let s = *self;
        if s.h != 1 || s.oh != 1 || s.kh != 1 {
            return s;
        }
        Self {
            h: s.w,
            w: s.h,
            kh: s.kw,
            kw: s.kh,
            sh: s.sw,
            sw: s.sh,
            ph: s.pw,
            pw: s.ph,
            dh: s.dw,
            dw: s.dh,
            oh: s.ow,
            ow: s.oh,
            ..s
        }
    }

    /// Output pixels of one picture.
    #[inline(always)]
    pub fn pixels(&self) -> usize {
        self.oh * self.ow
    }

    /// Channels of x that one group reads.
    #[inline(always)]
    pub fn group_c(&self) -> usize {
        self.c / self.groups
    }

    /// Channels of the output that one group writes.
    #[inline(always)]
    pub fn group_o(&self) -> usize {
        self.o / self.groups
    }

    /// Values of one patch: the weights of one output channel.
    #[inline(always)]
    pub fn patch(&self) -> usize {
        self.group_c() * self.kh * self.kw
    }

    /// Row of x under row `ky` of the window of output row `oy`; may lie outside.
    #[inline(always)]
    pub fn y(&self, oy: usize, ky: usize) -> isize {
        (oy * self.sh + ky * self.dh) as isize - self.ph
    }

    /// Column of x under column `kx` of the window of output column `ox`; may lie outside.
    #[inline(always)]
    pub fn x(&self, ox: usize, kx: usize) -> isize {
        (ox * self.sw + kx * self.dw) as isize - self.pw
    }
}
