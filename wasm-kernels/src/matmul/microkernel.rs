//! Register tiles: `MR` rows by `NV` vectors of C stay in registers while k runs.
//!
//! Loop order: k outermost (these files call it the depth), then the vectors of B, then the rows of A, so
//! that one loaded vector of B is used `MR` times and one splat of A `NV` times.
//! V8 has 15 vector registers for us: MR * NV + min(MR, NV) + 1 <= 15. Two rows by six vectors (24 columns)
//! uses them best; narrower panels take more rows. Nothing is unrolled over k: LLVM would keep several steps of B
//! alive and V8 would spill them.
//!
//! Columns that are no multiple of four: the last vector of a tile is moved left, over its neighbour, instead of being
//! masked. Both hold the same sums for the shared columns, and all of C is read before any of it is written, so
//! adding to C stays right. A tile is therefore at least four columns wide.

use crate::simd::{F32x4, Vector};

/// The widest panel of B that one tile covers: six vectors.
pub const PANEL: usize = 24;

/// The rows of A: element (i, p) is `start[i * row + p * step]`.
#[derive(Clone, Copy)]
pub struct Rows {
    pub start: *const f32,
    pub row: usize,
    pub step: usize,
}

/// What the products are added to.
#[derive(Clone, Copy)]
pub enum Onto {
    Nothing,
    /// What C holds.
    Itself,
    /// One value for each row.
    Bias(*const f32),
}

impl Onto {
    /// For the rows from i on.
    #[inline(always)]
    unsafe fn from_row(self, i: usize) -> Self {
        match self {
            Onto::Bias(values) => Onto::Bias(values.add(i)),
            other => other,
        }
    }
}

impl From<bool> for Onto {
    fn from(accumulate: bool) -> Self {
        if accumulate {
            Onto::Itself
        } else {
            Onto::Nothing
        }
    }
}

/// The rows of a panel of B: `step` floats apart, packed or columns of a row-major matrix as they lie.
#[derive(Clone, Copy)]
pub struct Strided {
    pub start: *const f32,
    pub step: usize,
}

/// C[MR, width] (+)= A[MR, depth] B[depth, width], width in 4 * NV - 3 ..= 4 * NV and >= 4.
#[inline(never)]
unsafe fn tile<const MR: usize, const NV: usize>(
    depth: usize,
    a: Rows,
    b: Strided,
    width: usize,
    c: *mut f32,
    c_row: usize,
    onto: Onto,
) {
    let at = |j: usize| if j + 1 == NV { width - 4 } else { 4 * j };
    // Vector by vector, not row by row: LLVM keeps this order, and with it only one vector of B is alive at a time.
    let mut sums = [[F32x4::zero(); MR]; NV];
    let (mut left, mut row) = (a.start, b.start);
    for _ in 0..depth {
        let mut scale = [F32x4::zero(); MR];
        for (i, s) in scale.iter_mut().enumerate() {
            *s = F32x4::splat(*left.add(i * a.row));
        }
        left = left.add(a.step);
        for (j, sums) in sums.iter_mut().enumerate() {
            let v = F32x4::load(row.add(at(j)));
            for (i, sum) in sums.iter_mut().enumerate() {
                *sum = scale[i].mul_add(v, *sum);
            }
        }
        row = row.add(b.step);
    }
    match onto {
        Onto::Nothing => {}
        Onto::Itself => {
            for (j, sums) in sums.iter_mut().enumerate() {
                for (i, sum) in sums.iter_mut().enumerate() {
                    *sum = *sum + F32x4::load(c.add(i * c_row + at(j)));
                }
            }
        }
        Onto::Bias(values) => {
            for sums in sums.iter_mut() {
                for (i, sum) in sums.iter_mut().enumerate() {
                    *sum = *sum + F32x4::splat(*values.add(i));
                }
            }
        }
    }
    for (j, sums) in sums.iter().enumerate() {
        for (i, sum) in sums.iter().enumerate() {
            sum.store(c.add(i * c_row + at(j)));
        }
    }
}

/// All rows of C over one panel of 4 to 24 columns.
#[inline(never)]
pub unsafe fn sweep(
    rows: usize,
    depth: usize,
    a: Rows,
    b: Strided,
    width: usize,
    c: *mut f32,
    c_row: usize,
    onto: Onto,
) {
    let mut i = 0;
    macro_rules! take {
        ($mr:literal, $nv:literal) => {
            while i + $mr <= rows {
                let part = Rows {
                    start: a.start.add(i * a.row),
                    ..a
                };
                let to = c.add(i * c_row);
                tile::<$mr, $nv>(depth, part, b, width, to, c_row, onto.from_row(i));
                i += $mr;
            }
        };
    }
    match width.div_ceil(4) {
        6 => {
            take!(2, 6);
            take!(1, 6);
        }
        5 => {
            take!(2, 5);
            take!(1, 5);
        }
        4 => {
            take!(2, 4);
            take!(1, 4);
        }
        3 => {
            take!(4, 3);
            take!(2, 3);
            take!(1, 3);
        }
        2 => {
            take!(4, 2);
            take!(2, 2);
            take!(1, 2);
        }
        _ => {
            take!(4, 1);
            take!(2, 1);
            take!(1, 1);
        }
    }
}

/// The width of the next panel when `left` columns remain and a panel takes at most `max` (a multiple of four, >= 8).
/// Panels get equal shares of the vectors, the larger ones last: none is narrower than four unless `left` is.
#[inline(always)]
pub fn next_width(left: usize, max: usize) -> usize {
    if left <= max {
        return left;
    }
    let vectors = left.div_ceil(4);
    4 * (vectors / vectors.div_ceil(max / 4))
}

/// Sums of products along rows that both lie contiguous: C[i, j] (+)= sum_p a[i * a_row + p] b[j * b_row + p].
/// No packing: what small `rows` want, where a packed panel would not be used often enough.
pub unsafe fn dots(
    rows: usize,
    columns: usize,
    depth: usize,
    a: *const f32,
    a_row: usize,
    b: *const f32,
    b_row: usize,
    c: *mut f32,
    c_row: usize,
    accumulate: bool,
) {
    let mut j = 0;
    while j < columns {
        let width = if columns - j >= 4 { 4 } else { 1 };
        let from = b.add(j * b_row);
        let mut i = 0;
        macro_rules! take {
            ($mr:literal) => {
                while i + $mr <= rows {
                    let (left, to) = (a.add(i * a_row), c.add(i * c_row + j));
                    if width == 4 {
                        dot_tile::<$mr, 4>(depth, left, a_row, from, b_row, to, c_row, accumulate);
                    } else {
                        dot_tile::<$mr, 1>(depth, left, a_row, from, b_row, to, c_row, accumulate);
                    }
                    i += $mr;
                }
            };
        }
        take!(3);
        take!(2);
        take!(1);
        j += width;
    }
}

#[inline(never)]
unsafe fn dot_tile<const MR: usize, const NR: usize>(
    depth: usize,
    a: *const f32,
    a_row: usize,
    b: *const f32,
    b_row: usize,
    c: *mut f32,
    c_row: usize,
    accumulate: bool,
) {
    let mut sums = [[F32x4::zero(); NR]; MR];
    let mut p = 0;
    while p + 4 <= depth {
        let mut left = [F32x4::zero(); MR];
        for (i, v) in left.iter_mut().enumerate() {
            *v = F32x4::load(a.add(i * a_row + p));
        }
        for j in 0..NR {
            let v = F32x4::load(b.add(j * b_row + p));
            for i in 0..MR {
                sums[i][j] = left[i].mul_add(v, sums[i][j]);
            }
        }
        p += 4;
    }
    for (i, row) in sums.iter().enumerate() {
        for (j, sum) in row.iter().enumerate() {
            let mut total = sum.sum_lanes();
            for q in p..depth {
                total += *a.add(i * a_row + q) * *b.add(j * b_row + q);
            }
            let to = c.add(i * c_row + j);
            *to = if accumulate { *to + total } else { total };
        }
    }
}
