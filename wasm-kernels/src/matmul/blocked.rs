//! C (+)= A B in float32: chooses between the ways to walk a product.
//!
//! - a single number: a sum of products;
//! - outer: depth 1;
//! - scalar: a few dozen multiplications, or fewer than four columns and little depth;
//! - direct: B row-major and few rows: tiles read both operands where they lie;
//! - turned: few columns and A transposed: C^T = B^T A^T;
//! - stream: B row-major and large, a single row;
//! - dots: A's rows and B's columns contiguous, few rows and so much depth that it pays to add up
//!   lanes at its end: sums of products along both;
//! - packed: everything else. Loop order: depth in blocks of DEPTH (384: a 24-column panel of B is
//!   36 KB and stays in the first cache), rows in blocks of ROWS (256: the block of A, 384 KB,
//!   stays in the second cache), then panels of B, packed once for each block of rows, then tiles.
//!   B transposed becomes an ordinary panel while it is packed, A transposed an ordinary block, so
//!   that all four transpositions run at one speed.

use super::microkernel::{PANEL, Rows, Strided, dots, next_width, panel_width, sweep};
use super::pack::{copy_panel, transpose};
use super::plain::{Matrix, product};
use super::stream::stream;
use crate::reduce::sum_terms;
use crate::simd::{F32x4, Vector};
use crate::unary::map_two;

/// Depth of a packed panel.
pub const DEPTH: usize = 384;
/// Rows of A that share one packed panel.
pub const ROWS: usize = 256;
/// Floats of a B that tiles should not walk down panel by panel for a single row.
const LARGE: usize = 1 << 18;

/// Depth of the next block when `left` remain: two equal halves instead of a full block and a
/// sliver.
#[inline(always)]
pub fn next_depth(left: usize) -> usize {
    if left <= DEPTH {
        left
    } else if left < 2 * DEPTH {
        (left / 2).next_multiple_of(4)
    } else {
        DEPTH
    }
}

/// C[m, n] (+)= A[m, k] B[k, n]. An operand of which neither stride is 1 takes the plain loops. k =
/// 0 adds nothing.
pub unsafe fn gemm(
    m: usize,
    n: usize,
    k: usize,
    a: Matrix<f32>,
    b: Matrix<f32>,
    c: *mut f32,
    c_row: usize,
    accumulate: bool,
    scratch: *mut f32,
) {
    gemm_rows((m, m), n, k, a, b, c, c_row, accumulate, scratch);
}

/// `m` rows out of a product of `whole` rows with a row-major A: the same bits as in the whole, by
/// which the way is chosen.
pub unsafe fn gemm_rows(
    (m, whole): (usize, usize),
    n: usize,
    k: usize,
    a: Matrix<f32>,
    b: Matrix<f32>,
    c: *mut f32,
    c_row: usize,
    accumulate: bool,
    scratch: *mut f32,
) {
    // The stride of a dimension of one is never walked: with k = 1, A counts as row-major.
    let a = if k == 1 { Matrix { column: 1, ..a } } else { a };
    let b_straight = b.column == 1;
    let a_lies = a.column == 1 || a.row == 1 || m == 1;
    let b_lies = b_straight || b.row == 1 || k == 1 || n == 1;
    // What fits into the first cache as it lies gains nothing from copies.
    let small = k * n <= 16384 && (whole < 64 || a.column == 1 || whole * k < 16384);
    if !a_lies || !b_lies {
        product(m, n, k, a, b, c, c_row, accumulate);
    } else if n == 1 && whole == 1 && (k == 1 || (a.column == 1 && b.row == 1)) {
        let sum = sum_terms(k, |i, left| {
            F32x4::load_up_to(a.start.add(i), left) * F32x4::load_up_to(b.start.add(i), left)
        });
        *c = if accumulate { *c + sum } else { sum };
    } else if n < 4 {
        narrow((m, whole), n, k, a, b, c, c_row, accumulate, scratch);
    } else if k == 1 {
        outer(m, n, a, b, c, c_row, accumulate);
    } else if k == 0 || whole * n * k <= 48 && !b_straight {
        product(m, n, k, a, b, c, c_row, accumulate);
    } else if n <= 16 && whole >= 24 && a.row == 1 && a.column != 1 {
        turned(m, n, k, a, b, c, c_row, accumulate, scratch);
    } else if b_straight && m == 1 && k * n > LARGE {
        stream(n, k, a, b, c, accumulate, scratch);
    } else if b_straight && (whole < 24 || small) {
        direct(m, n, k, a, b, c, c_row, accumulate);
    } else if a.column == 1 && b.row == 1 && whole < 24 && k >= 16 * whole {
        let to = (c_row, 1);
        dots(
            m, n, k, a.start, a.row, b.start, b.column, c, to, accumulate,
        );
    } else {
        packed(m, n, k, a, b, c, c_row, accumulate, scratch);
    }
}

/// Depth 1: multiples of B's one row.
unsafe fn outer(
    m: usize,
    n: usize,
    a: Matrix<f32>,
    b: Matrix<f32>,
    c: *mut f32,
    c_row: usize,
    accumulate: bool,
) {
    for i in 0..m {
        let (x, to) = (F32x4::splat(a.at(i, 0)), c.add(i * c_row));
        let mut j = 0;
        if b.column == 1 && accumulate {
            map_two(n, b.start, to, to, |y, sum| x.mul_add(y, sum));
            continue;
        } else if b.column == 1 {
            // Four at a time: in this module LLVM gives a short loop four counters.
            while j + 16 <= n {
                for w in 0..4 {
                    let at = j + 4 * w;
                    (x * F32x4::load(b.start.add(at))).store(to.add(at));
                }
                j += 16;
            }
            while j + 4 <= n {
                (x * F32x4::load(b.start.add(j))).store(to.add(j));
                j += 4;
            }
        }
        while j < n {
            let old = if accumulate { *to.add(j) } else { 0.0 };
            *to.add(j) = old + x.first() * b.at(0, j);
            j += 1;
        }
    }
}

/// Tiles straight from both operands; B's rows are contiguous. Depth comes in the blocks of
/// `packed`, so that both have the same bits.
unsafe fn direct(
    m: usize,
    n: usize,
    k: usize,
    a: Matrix<f32>,
    b: Matrix<f32>,
    c: *mut f32,
    c_row: usize,
    accumulate: bool,
) {
    let (most, mut p) = (panel_width(), 0);
    loop {
        let depth = next_depth(k - p);
        let add = accumulate || p != 0;
        let rows = Rows {
            start: a.start.add(p * a.column),
            row: a.row,
            step: a.column,
        };
        let mut j = 0;
        while j < n {
            let width = next_width(n - j, most);
            let panel = Strided {
                start: b.start.add(p * b.row + j),
                step: b.row,
            };
            sweep(m, depth, rows, panel, width, c.add(j), c_row, add.into());
            j += width;
        }
        p += depth;
        if p == k {
            return;
        }
    }
}

/// Fewer than four columns: they become the rows of a product that has many columns.
unsafe fn narrow(
    (m, whole): (usize, usize),
    n: usize,
    k: usize,
    a: Matrix<f32>,
    b: Matrix<f32>,
    c: *mut f32,
    c_row: usize,
    accumulate: bool,
    scratch: *mut f32,
) {
    let along = a.column == 1 && k >= 4;
    if along && b.row == 1 {
        return dots(
            n,
            m,
            k,
            b.start,
            b.column,
            a.start,
            a.row,
            c,
            (1, c_row),
            accumulate,
        );
    }
    // B's columns next to each other, as far as there is room for them.
    if along && whole >= 8 && k <= 32768 {
        transpose(k, n, b.start, b.row, scratch, k);
        return dots(
            n,
            m,
            k,
            scratch,
            k,
            a.start,
            a.row,
            c,
            (1, c_row),
            accumulate,
        );
    }
    if a.row == 1 && a.column != 1 && m >= 8 {
        return turned(m, n, k, a, b, c, c_row, accumulate, scratch);
    }
    match n {
        3 => columns::<3>(m, k, a, b, c, c_row, accumulate),
        2 => columns::<2>(m, k, a, b, c, c_row, accumulate),
        1 => columns::<1>(m, k, a, b, c, c_row, accumulate),
        _ => {}
    }
}

/// Few columns and a row-major A^T: C^T = B^T A^T has few rows, many columns and nothing to pack.
unsafe fn turned(
    m: usize,
    n: usize,
    k: usize,
    a: Matrix<f32>,
    b: Matrix<f32>,
    c: *mut f32,
    c_row: usize,
    accumulate: bool,
    scratch: *mut f32,
) {
    /// Columns of C^T that are computed in scratch and then put in their places.
    const CHUNK: usize = 4096;
    if n == 1 && c_row == 1 {
        if m * k > LARGE {
            stream(m, k, b.t(), a.t(), c, accumulate, scratch);
        } else {
            direct(1, m, k, b.t(), a.t(), c, 0, accumulate);
        }
        return;
    }
    let mut i = 0;
    while i < m {
        let rows = next_width(m - i, CHUNK);
        let part = Matrix {
            start: a.start.add(i),
            ..a
        };
        let to = c.add(i * c_row);
        if accumulate {
            transpose(rows, n, to, c_row, scratch, rows);
        }
        direct(n, rows, k, b.t(), part.t(), scratch, rows, accumulate);
        transpose(n, rows, scratch, rows, to, c_row);
        i += rows;
    }
}

/// Row by row, the sums of all N columns in scalars.
#[inline(always)]
unsafe fn columns<const N: usize>(
    m: usize,
    k: usize,
    a: Matrix<f32>,
    b: Matrix<f32>,
    c: *mut f32,
    c_row: usize,
    accumulate: bool,
) {
    for i in 0..m {
        let mut sums = [0.0; N];
        for p in 0..k {
            let x = a.at(i, p);
            for (j, sum) in sums.iter_mut().enumerate() {
                *sum += x * b.at(p, j);
            }
        }
        for (j, sum) in sums.iter().enumerate() {
            let to = c.add(i * c_row + j);
            *to = if accumulate { *to + sum } else { *sum };
        }
    }
}

unsafe fn packed(
    m: usize,
    n: usize,
    k: usize,
    a: Matrix<f32>,
    b: Matrix<f32>,
    c: *mut f32,
    c_row: usize,
    accumulate: bool,
    scratch: *mut f32,
) {
    let (most, block) = (panel_width(), scratch.add(PANEL * DEPTH));
    let mut p = 0;
    while p < k {
        let depth = next_depth(k - p);
        let add = accumulate || p != 0;
        let mut i = 0;
        while i < m {
            let rows = if m - i < ROWS { m - i } else { ROWS };
            let from = a.start.add(i * a.row + p * a.column);
            let left = if a.column == 1 {
                Rows {
                    start: from,
                    row: a.row,
                    step: 1,
                }
            } else {
                // 16 floats more than the block is deep: rows then start in different cache sets.
                let row = DEPTH + 16;
                transpose(depth, rows, from, a.column, block, row);
                Rows {
                    start: block,
                    row,
                    step: 1,
                }
            };
            let mut j = 0;
            while j < n {
                let width = next_width(n - j, most);
                let from = b.start.add(p * b.row + j * b.column);
                if b.column == 1 {
                    copy_panel(depth, width, from, b.row, scratch);
                } else {
                    transpose(width, depth, from, b.column, scratch, width);
                }
                let panel = Strided {
                    start: scratch,
                    step: width,
                };
                sweep(
                    rows,
                    depth,
                    left,
                    panel,
                    width,
                    c.add(i * c_row + j),
                    c_row,
                    add.into(),
                );
                j += width;
            }
            i += rows;
        }
        p += depth;
    }
}
