//! Walking two strided arrays side by side.

/// The largest rank that the strided exports accept.
pub const MAX_RANK: usize = 16;

/// Axes of two arrays, innermost first, with as few axes as the strides allow:
/// size-1 axes are dropped, neighbours that step evenly are merged.
pub struct Walk {
    /// Number of axes, at least 1.
    pub rank: usize,
    /// Number of elements.
    pub total: usize,
    axes: [Axis; MAX_RANK],
}

/// One axis: its size and both arrays' steps, in elements.
#[derive(Clone, Copy, PartialEq)]
pub struct Axis {
    pub size: usize,
    pub a: usize,
    pub b: usize,
}

impl Walk {
    /// Reads sizes, a's strides and b's strides, outermost first.
    #[inline(never)]
    pub unsafe fn new(rank: usize, layout: *const i32) -> Walk {
        let unit = Axis {
            size: 1,
            a: 0,
            b: 0,
        };
        let mut walk = Walk {
            rank: 1,
            total: 1,
            axes: [unit; MAX_RANK],
        };
        let mut top: *mut Axis = walk.axes.as_mut_ptr();
        for i in (0..rank).rev() {
            let axis = Axis {
                size: *layout.add(i) as usize,
                a: *layout.add(rank + i) as usize,
                b: *layout.add(2 * rank + i) as usize,
            };
            walk.total *= axis.size;
            let inner = *top;
            if axis.size == 1 {
                continue;
            } else if inner.size == 1 {
                *top = axis;
            } else if axis.a == inner.a * inner.size && axis.b == inner.b * inner.size {
                (*top).size *= axis.size;
            } else {
                top = top.add(1);
                *top = axis;
                walk.rank += 1;
            }
        }
        walk
    }

    /// Axis `i`, 0 is the innermost.
    #[inline(always)]
    pub fn axis(&self, i: usize) -> Axis {
        // Never out of range; the remainder spares the check and its panic.
        self.axes[i % MAX_RANK]
    }

    /// Takes axis `i` out of the walk.
    pub fn remove(&mut self, i: usize) -> Axis {
        let axis = self.axis(i);
        self.rank -= 1;
        for j in i..self.rank {
            self.axes[j % MAX_RANK] = self.axes[(j + 1) % MAX_RANK];
        }
        axis
    }

    /// Calls `f(a's offset, b's offset)` for every index of the axes from
    /// `first` outwards, in row-major order.
    #[inline(always)]
    pub fn for_each(&self, first: usize, mut f: impl FnMut(usize, usize)) {
        let mut index = [0usize; MAX_RANK];
        let (mut a, mut b) = (0usize, 0usize);
        if self.total == 0 {
            return;
        }
        loop {
            f(a, b);
            let mut i = first;
            loop {
                if i >= self.rank {
                    return;
                }
                let axis = self.axis(i);
                let at = &mut index[i % MAX_RANK];
                *at += 1;
                a += axis.a;
                b += axis.b;
                if *at < axis.size {
                    break;
                }
                *at = 0;
                a -= axis.a * axis.size;
                b -= axis.b * axis.size;
                i += 1;
            }
        }
    }
}
