//! Matrix products as plain loops: int32, and the smallest of float32.
//!
//! Loop order i, p, j where B's rows are contiguous (the inner loop then runs along memory in B and
//! C), else i, j, p.

/// What the plain loops need of a number.
pub trait Number: Copy {
    const ZERO: Self;
    /// self + a * b; integers wrap.
    fn plus_product(self, a: Self, b: Self) -> Self;
    fn plus(self, other: Self) -> Self;
}

macro_rules! float_number {
    ($($t:ty)*) => { $(
        impl Number for $t {
            const ZERO: Self = 0.0;
            #[inline(always)]
            fn plus_product(self, a: Self, b: Self) -> Self {
                self + a * b
            }
            #[inline(always)]
            fn plus(self, other: Self) -> Self {
                self + other
            }
        }
    )* };
}

float_number! { f32 f64 }

impl Number for i32 {
    const ZERO: Self = 0;
    #[inline(always)]
    fn plus_product(self, a: Self, b: Self) -> Self {
        self.wrapping_add(a.wrapping_mul(b))
    }
    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
}

/// A matrix in memory: element (i, j) is `start[i * row + j * column]`.
#[derive(Clone, Copy)]
pub struct Matrix<T> {
    pub start: *const T,
    pub row: usize,
    pub column: usize,
}

impl<T: Copy> Matrix<T> {
    #[inline(always)]
    pub unsafe fn at(self, i: usize, j: usize) -> T {
        *self.start.add(i * self.row + j * self.column)
    }

    /// The same numbers with rows and columns exchanged.
    #[inline(always)]
    pub fn t(self) -> Self {
        Self {
            row: self.column,
            column: self.row,
            ..self
        }
    }
}

/// C[m, n] (+)= A[m, k] B[k, n]; C has rows `c_row` apart.
pub unsafe fn product<T: Number>(
    m: usize,
    n: usize,
    k: usize,
    a: Matrix<T>,
    b: Matrix<T>,
    c: *mut T,
    c_row: usize,
    accumulate: bool,
) {
    for i in 0..m {
        let to = c.add(i * c_row);
        if b.column == 1 && n > 1 {
            if !accumulate {
                for j in 0..n {
                    *to.add(j) = T::ZERO;
                }
            }
            for p in 0..k {
                let (x, from) = (a.at(i, p), b.start.add(p * b.row));
                for j in 0..n {
                    *to.add(j) = (*to.add(j)).plus_product(x, *from.add(j));
                }
            }
        } else {
            for j in 0..n {
                let mut sum = T::ZERO;
                for p in 0..k {
                    sum = sum.plus_product(a.at(i, p), b.at(p, j));
                }
                *to.add(j) = if accumulate {
                    (*to.add(j)).plus(sum)
                } else {
                    sum
                };
            }
        }
    }
}
