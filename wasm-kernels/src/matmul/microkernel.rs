//! Register tiles: `MR` rows by `NV` vectors of C stay in registers while k runs.
//!
//! Loop order: k outermost (these files call it the depth); inside a step the fewer of A's splats
//! and B's vectors are held and the others pass one at a time. V8 has 15 vector registers for us:
//! MR * NV + min(MR, NV) + 1 <= 15, one less where a product needs a register before it is added.
//! Two rows by six vectors (24 columns) use them best with fused products, two by five without
//! (`widest`, asked when they run: the processor decides, and what `unfused.ts` did);
//! narrower panels take more rows. One register too many costs half the speed (3x3 sums: 46
//! GFLOP/s where 4x3 made 24).
//!
//! The build keeps instructions in the order of this source (`sourceOrder` in
//! scripts/build_wasm.ts). LLVM's own order loads all of B's vectors before the first product, and
//! V8 spills: 29 GFLOP/s instead of 66, of 70 that a loop of products alone reaches.
//!
//! Columns that are no multiple of four: the last vector of a tile is moved left, over its
//! neighbour, instead of being masked. Both hold the same sums for the shared columns, and all of C
//! is read before any of it is written, so adding to C stays right. A tile is therefore at least
//! four columns wide.

// A tile's loops index several small arrays at once; iterators over one of them hide that.
#![allow(clippy::needless_range_loop)]

use crate::simd::{F32x4, Vector};

/// Columns of the widest panel of B that one tile covers: six vectors.
pub const PANEL: usize = 24;

/// Vectors in the widest tile: six, or five where a product needs a register before it is added.
#[inline(always)]
pub fn widest() -> usize {
    if F32x4::fused() { 6 } else { 5 }
}

/// Columns of the widest panel that is filled: PANEL or less.
#[inline(always)]
pub fn panel_width() -> usize {
    4 * widest()
}

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
    pub unsafe fn below(self, i: usize) -> Self {
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

/// The rows of a panel of B: `step` floats apart, packed or columns of a row-major matrix as they
/// lie.
#[derive(Clone, Copy)]
pub struct Strided {
    pub start: *const f32,
    pub step: usize,
}

/// One step: every row's scale times the row of B. The order of these loops is the order in wasm
/// (see `sourceOrder` in scripts/build_wasm.ts): the fewer of both operands are held, the others
/// pass one at a time.
#[inline(always)]
unsafe fn products<const MR: usize, const NV: usize>(
    sums: &mut [[F32x4; NV]; MR],
    scale: [F32x4; MR],
    row: *const f32,
    at: &impl Fn(usize) -> usize,
) {
    if MR <= NV {
        for j in 0..NV {
            let v = F32x4::load(row.add(at(j)));
            for i in 0..MR {
                sums[i][j] = scale[i].mul_add(v, sums[i][j]);
            }
        }
    } else {
        let v: [F32x4; NV] = core::array::from_fn(|j| F32x4::load(row.add(at(j))));
        for i in 0..MR {
            for j in 0..NV {
                sums[i][j] = scale[i].mul_add(v[j], sums[i][j]);
            }
        }
    }
}

/// C[MR, width] (+)= A[MR, depth] B[depth, width], width in 4 * NV - 3 ..= 4 * NV and >= 4.
/// `fours`: steps that may go by four, a multiple of four; 0 unless A's steps are neighbours.
#[inline(never)]
unsafe fn tile<const MR: usize, const NV: usize>(
    depth: usize,
    fours: usize,
    a: Rows,
    b: Strided,
    width: usize,
    c: *mut f32,
    c_row: usize,
    onto: Onto,
) {
    let at = |j: usize| if j + 1 == NV { width - 4 } else { 4 * j };
    let mut sums = [[F32x4::zero(); NV]; MR];
    let (mut left, mut row) = (a.start, b.start);
    let mut steps = depth;
    if MR == 2 && NV > 3 && fours > 0 {
        // Saves loop control and, where registers are left for it, loads: four steps of A are one
        // load for each row, spread by shuffles. Every step ends in a way out, never taken before
        // the last: without it LLVM would join the four steps of each sum and keep four rows of B
        // alive.
        let mut steps_left = fours;
        'quads: loop {
            let four = if NV < 6 {
                [F32x4::load(left), F32x4::load(left.add(a.row))]
            } else {
                [F32x4::zero(); 2]
            };
            let first = left;
            left = left.add(4);
            macro_rules! step {
                ($lane:literal) => {
                    let scale: [F32x4; MR] = core::array::from_fn(|i| {
                        if NV < 6 {
                            four[i & 1].spread::<$lane>()
                        } else {
                            F32x4::splat(*first.add($lane).add(i * a.row))
                        }
                    });
                    products(&mut sums, scale, row, &at);
                    row = row.add(b.step);
                    steps_left -= 1;
                    if steps_left == 0 {
                        break 'quads;
                    }
                };
            }
            step!(0);
            step!(1);
            step!(2);
            step!(3);
        }
        steps = depth - fours;
    }
    for _ in 0..steps {
        let scale: [F32x4; MR] = core::array::from_fn(|i| F32x4::splat(*left.add(i * a.row)));
        products(&mut sums, scale, row, &at);
        left = left.add(a.step);
        row = row.add(b.step);
    }
    match onto {
        Onto::Nothing => {}
        Onto::Itself => {
            for (i, sums) in sums.iter_mut().enumerate() {
                for (j, sum) in sums.iter_mut().enumerate() {
                    *sum = *sum + F32x4::load(c.add(i * c_row + at(j)));
                }
            }
        }
        Onto::Bias(values) => {
            for (i, sums) in sums.iter_mut().enumerate() {
                for sum in sums.iter_mut() {
                    *sum = *sum + F32x4::splat(*values.add(i));
                }
            }
        }
    }
    for (i, sums) in sums.iter().enumerate() {
        for (j, sum) in sums.iter().enumerate() {
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
    let vectors = width.div_ceil(4);
    // Without fused products the widest tile has no registers left for them.
    let by_four = a.step == 1 && (vectors != 5 || F32x4::fused());
    let fours = if by_four { depth & !3 } else { 0 };
    let mut i = 0;
    macro_rules! take {
        ($mr:expr, $nv:literal) => {
            while rows - i >= $mr {
                let part = Rows {
                    start: a.start.add(i * a.row),
                    ..a
                };
                let to = c.add(i * c_row);
                tile::<{ $mr }, $nv>(depth, fours, part, b, width, to, c_row, onto.below(i));
                i += $mr;
            }
        };
    }
    match vectors {
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
            take!(3, 3);
            take!(2, 3);
            take!(1, 3);
        }
        2 => {
            if F32x4::fused() {
                take!(6, 2);
            }
            take!(5, 2);
            take!(3, 2);
            take!(1, 2);
        }
        _ => {
            take!(8, 1);
            take!(3, 1);
            take!(1, 1);
        }
    }
}

/// The width of the next panel when `left` columns remain and a panel takes at most `max` (a
/// multiple of four, >= 8). Panels get equal shares of the vectors, the larger ones last: none is
/// narrower than four unless `left` is.
#[inline(always)]
pub fn next_width(left: usize, max: usize) -> usize {
    if left <= max {
        return left;
    }
    let vectors = left.div_ceil(4);
    4 * (vectors / vectors.div_ceil(max / 4))
}

/// Sums of products along rows that both lie contiguous:
/// C[i * c_row + j * c_column] (+)= sum_p a[i * a_row + p] b[j * b_row + p].
///
/// No packing, for depth >= 4: what few `rows` want, where a packed panel would not be used often enough. Tiles of
/// two by six or five sums, each a vector until its lanes are added at the end.
pub unsafe fn dots(
    rows: usize,
    columns: usize,
    depth: usize,
    a: *const f32,
    a_row: usize,
    b: *const f32,
    b_row: usize,
    c: *mut f32,
    (c_row, c_column): (usize, usize),
    accumulate: bool,
) {
    let steps = (c_row, c_column);
    let mut j = 0;
    while j < columns {
        let from = b.add(j * b_row);
        macro_rules! take {
            ($nr:literal) => {{
                let mut i = 0;
                while i < rows {
                    let (left, to) = (a.add(i * a_row), c.add(i * c_row + j * c_column));
                    if rows - i >= 2 {
                        dot_tile::<2, $nr>(depth, left, a_row, from, b_row, to, steps, accumulate);
                    } else {
                        dot_tile::<1, $nr>(depth, left, a_row, from, b_row, to, steps, accumulate);
                    }
                    i += 2;
                }
                j += $nr;
            }};
        }
        match columns - j {
            6.. if F32x4::fused() => take!(6),
            5.. if !F32x4::fused() => take!(5),
            3.. => take!(3),
            _ => take!(1),
        }
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
    (c_row, c_column): (usize, usize),
    accumulate: bool,
) {
    let mut sums = [[F32x4::zero(); NR]; MR];
    macro_rules! step {
        ($p:expr, $load:expr) => {
            let left: [F32x4; MR] = core::array::from_fn(|i| $load(a.add(i * a_row + $p)));
            for j in 0..NR {
                let v = $load(b.add(j * b_row + $p));
                for i in 0..MR {
                    sums[i][j] = left[i].mul_add(v, sums[i][j]);
                }
            }
        };
    }
    let mut p = 0;
    while p + 4 <= depth {
        step!(p, |from| F32x4::load(from));
        p += 4;
    }
    if p < depth {
        // The last four, without those that were counted: in both operands, since 0 * inf is not 0.
        let counted = F32x4::first_lanes(4 - (depth - p));
        step!(depth - 4, |from| F32x4::load(from).without(counted));
    }
    // By `map`, which is unrolled: a loop would keep the sums in memory from the start.
    let totals = sums.map(|row| row.map(|sum| sum.sum_lanes()));
    for i in 0..MR {
        for j in 0..NR {
            let to = c.add(i * c_row + j * c_column);
            *to = if accumulate {
                *to + totals[i][j]
            } else {
                totals[i][j]
            };
        }
    }
}
