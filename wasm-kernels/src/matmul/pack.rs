//! Copies of operand blocks in the order in which the register tiles read them.
//!
//! A remainder of a multiple of four is handled by moving the last group of four left, over the one
//! before it: the shared values are written twice, and nothing is ever read outside the operand.

use crate::simd::{F32x4, Vector};

/// to[p * width + j] = from[p * step + j] for p < depth, j < width; width >= 4.
pub unsafe fn copy_panel(depth: usize, width: usize, from: *const f32, step: usize, to: *mut f32) {
    for p in 0..depth {
        let (s, d) = (from.add(p * step), to.add(p * width));
        let mut j = 0;
        while j + 4 <= width {
            F32x4::load(s.add(j)).store(d.add(j));
            j += 4;
        }
        F32x4::load(s.add(width - 4)).store(d.add(width - 4));
    }
}

/// to[j * to_row + i] = from[i * from_row + j] for i < rows, j < columns: 4x4 tiles through
/// registers.
#[inline(never)]
pub unsafe fn transpose(
    rows: usize,
    columns: usize,
    from: *const f32,
    from_row: usize,
    to: *mut f32,
    to_row: usize,
) {
    if rows < 4 || columns < 4 {
        for i in 0..rows {
            for j in 0..columns {
                *to.add(j * to_row + i) = *from.add(i * from_row + j);
            }
        }
        return;
    }
    let mut i = 0;
    loop {
        let s = from.add(i * from_row);
        let mut j = 0;
        loop {
            let q = s.add(j);
            let t = F32x4::transpose([
                F32x4::load(q),
                F32x4::load(q.add(from_row)),
                F32x4::load(q.add(2 * from_row)),
                F32x4::load(q.add(3 * from_row)),
            ]);
            let d = to.add(j * to_row + i);
            for (x, v) in t.iter().enumerate() {
                v.store(d.add(x * to_row));
            }
            if j + 4 == columns {
                break;
            }
            j = (j + 4).min(columns - 4);
        }
        if i + 4 == rows {
            break;
        }
        i = (i + 4).min(rows - 4);
    }
}
