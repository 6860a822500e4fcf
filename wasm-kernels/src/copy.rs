//! Strided copies: `(rank, layout, x, out)`, layout = sizes, x's strides,
//! out's strides.
//!
//! After merging axes three cases remain: contiguous rows (bulk copies), a
//! transpose (4x4 tiles for four bytes, so that both sides move whole cache
//! lines), and anything else, one element at a time.

use crate::simd::{F32x4, Vector};
use crate::strides::{Axis, Walk};

/// Rows shorter than this many elements are cheaper in a plain loop.
const BULK: usize = 32;

/// Copies along one axis.
type Row = unsafe fn(Axis, *const u8, *mut u8);
/// Copies along two: x is contiguous on the first, out on the second.
type Plane = unsafe fn(Axis, Axis, *const u8, *mut u8);

unsafe fn contiguous<T: Copy>(row: Axis, x: *const u8, out: *mut u8) {
    let (x, out) = (x as *const T, out as *mut T);
    if row.size >= BULK {
        return core::ptr::copy(x, out, row.size);
    }
    for i in 0..row.size {
        *out.add(i) = *x.add(i);
    }
}

unsafe fn strided<T: Copy>(row: Axis, x: *const u8, out: *mut u8) {
    let (mut x, mut out) = (x as *const T, out as *mut T);
    for _ in 0..row.size {
        *out = *x;
        (x, out) = (x.add(row.a), out.add(row.b));
    }
}

unsafe fn transpose<T: Copy>(rows: Axis, columns: Axis, x: *const u8, out: *mut u8) {
    let (x, out) = (x as *const T, out as *mut T);
    // Strips of columns: the lines of x that one strip touches stay cached.
    const STRIP: usize = 16;
    let mut start = 0;
    while start < columns.size {
        let end = columns.size.min(start + STRIP);
        for i in 0..rows.size {
            let mut from = x.add(i + start * columns.a);
            for j in start..end {
                *out.add(i * rows.b + j) = *from;
                from = from.add(columns.a);
            }
        }
        start = end;
    }
}

unsafe fn transpose_b32(rows: Axis, columns: Axis, x: *const u8, out: *mut u8) {
    let (x, out) = (x as *const f32, out as *mut f32);
    let (whole_rows, whole_columns) = (rows.size & !3, columns.size & !3);
    let mut j = 0;
    while j < whole_columns {
        let (mut from, mut to) = (x.add(j * columns.a), out.add(j));
        let mut i = 0;
        while i < whole_rows {
            let tile = F32x4::transpose([
                F32x4::load(from),
                F32x4::load(from.add(columns.a)),
                F32x4::load(from.add(2 * columns.a)),
                F32x4::load(from.add(3 * columns.a)),
            ]);
            for (lane, line) in tile.into_iter().enumerate() {
                line.store(to.add(lane * rows.b));
            }
            (from, to) = (from.add(4), to.add(4 * rows.b));
            i += 4;
        }
        j += 4;
    }
    let below = Axis {
        size: rows.size - whole_rows,
        ..rows
    };
    let rest = (x.add(whole_rows), out.add(whole_rows * rows.b));
    transpose::<u32>(below, columns, rest.0 as *const u8, rest.1 as *mut u8);
    let above = Axis {
        size: whole_rows,
        ..rows
    };
    let right = Axis {
        size: columns.size - whole_columns,
        ..columns
    };
    let rest = (x.add(whole_columns * columns.a), out.add(whole_columns));
    transpose::<u32>(above, right, rest.0 as *const u8, rest.1 as *mut u8);
}

/// One driver for all widths; the loops over elements come as functions.
#[inline(never)]
unsafe fn copy(
    rank: usize,
    layout: *const i32,
    x: *const u8,
    out: *mut u8,
    width: usize,
    contiguous: Row,
    strided: Row,
    transpose: Plane,
) {
    let mut walk = Walk::new(rank, layout);
    let row = walk.axis(0);
    let bulk = row.size == 1 || (row.a == 1 && row.b == 1);
    let mut plane = 0;
    if !bulk && row.b == 1 {
        // An axis along which x is contiguous, while out is along the innermost.
        plane = (1..walk.rank).find(|&i| walk.axis(i).a == 1).unwrap_or(0);
    }
    let rows = if plane > 0 { walk.remove(plane) } else { row };
    walk.for_each(1, |a, b| {
        let (x, out) = (x.add(a * width), out.add(b * width));
        if plane > 0 {
            transpose(rows, row, x, out)
        } else if bulk {
            contiguous(row, x, out)
        } else {
            strided(row, x, out)
        }
    })
}

macro_rules! copies {
    ($($name:ident $bits:ty, $transpose:expr;)*) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(
            rank: usize,
            layout: *const i32,
            x: *const u8,
            out: *mut u8,
        ) {
            const WIDTH: usize = size_of::<$bits>();
            let (bulk, one) = (contiguous::<$bits>, strided::<$bits>);
            copy(rank, layout, x, out, WIDTH, bulk, one, $transpose)
        }
    )*};
}

copies! {
    copy_b8 u8, transpose::<u8>;
    copy_b16 u16, transpose::<u16>;
    copy_b32 u32, transpose_b32;
    copy_b64 u64, transpose::<u64>;
}
