//! Reading, writing and adding by an int32 index along the middle axis. x is
//! `[outer, n, inner]`; a select has one index per row, a gather one per
//! element `[outer, k, inner]`.
//!
//! All return -1, or the position of the first index outside [0, n), which is
//! looked for before anything is written.

use crate::float::{Floats, Real, export_more};
use crate::simd::{I32x4, Scalar, Vector};

/// -1, or the first position whose value is not in [0, n).
unsafe fn first_outside(count: usize, index: *const i32, n: usize) -> i32 {
    let mut i = 0;
    while i + I32x4::LANES <= count && !I32x4::load(index.add(i)).any_from(n as u32) {
        i += I32x4::LANES;
    }
    while i < count {
        if *index.add(i) as u32 >= n as u32 {
            return i as i32;
        }
        i += 1;
    }
    -1
}

/// `out[o, j, :] = x[o, index[j], :]`
#[inline(always)]
unsafe fn select<T: Copy>(
    outer: usize,
    n: usize,
    inner: usize,
    k: usize,
    x: *const T,
    index: *const i32,
    out: *mut T,
) -> i32 {
    let bad = first_outside(k, index, n);
    if bad >= 0 {
        return bad;
    }
    for o in 0..outer {
        for j in 0..k {
            let from = x.add((o * n + *index.add(j) as usize) * inner);
            copy_row(inner, from, out.add((o * k + j) * inner));
        }
    }
    -1
}

/// `select` of single elements. Indices that count up or down by one, as those of paddings, rolls
/// and flips, take four elements at a time.
unsafe fn select_b32(
    outer: usize,
    n: usize,
    inner: usize,
    k: usize,
    x: *const u32,
    index: *const i32,
    out: *mut u32,
) -> i32 {
    if inner != 1 {
        return select(outer, n, inner, k, x, index, out);
    }
    let bad = first_outside(k, index, n);
    if bad >= 0 {
        return bad;
    }
    let (up, down) = (I32x4::new(0, 1, 2, 3), I32x4::new(0, -1, -2, -3));
    for o in 0..outer {
        let (x, out) = (x.add(o * n) as *const i32, out.add(o * k) as *mut i32);
        let mut j = 0;
        while j < k {
            let from = x.add(*index.add(j) as usize);
            let left = k - j;
            if left >= I32x4::LANES {
                let steps = I32x4::load(index.add(j)) - I32x4::splat(*index.add(j));
                let back = !(steps - down).any();
                if back || !(steps - up).any() {
                    let v = I32x4::load(if back { from.sub(3) } else { from });
                    (if back { v.reversed() } else { v }).store(out.add(j));
                    j += I32x4::LANES;
                    continue;
                }
            }
            let end = j + left.min(I32x4::LANES);
            while j < end {
                *out.add(j) = *x.add(*index.add(j) as usize);
                j += 1;
            }
        }
    }
    -1
}

/// Short rows by a loop: a call of `memory.copy` costs more than they do.
#[inline(always)]
unsafe fn copy_row<T: Copy>(n: usize, from: *const T, to: *mut T) {
    if n < 32 {
        for c in 0..n {
            *to.add(c) = *from.add(c);
        }
    } else {
        core::ptr::copy(from, to, n);
    }
}

/// `out[o, index[j], :] += source[o, j, :]`
#[inline(always)]
unsafe fn add_rows<V: Vector>(
    outer: usize,
    n: usize,
    inner: usize,
    k: usize,
    source: *const V::Scalar,
    index: *const i32,
    out: *mut V::Scalar,
) -> i32 {
    let bad = first_outside(k, index, n);
    if bad >= 0 {
        return bad;
    }
    for o in 0..outer {
        for j in 0..k {
            let from = source.add((o * k + j) * inner);
            let to = out.add((o * n + *index.add(j) as usize) * inner);
            let mut c = 0;
            while c + V::LANES <= inner {
                (V::load(to.add(c)) + V::load(from.add(c))).store(to.add(c));
                c += V::LANES;
            }
            while c < inner {
                *to.add(c) = *to.add(c) + *from.add(c);
                c += 1;
            }
        }
    }
    -1
}

/// Calls `f(position in the index, position in [outer, n, inner])`.
#[inline(always)]
unsafe fn each_element(
    outer: usize,
    n: usize,
    inner: usize,
    k: usize,
    index: *const i32,
    mut f: impl FnMut(usize, usize),
) -> i32 {
    let bad = first_outside(outer * k * inner, index, n);
    if bad >= 0 {
        return bad;
    }
    let (mut i, mut c) = (0, 0);
    for o in 0..outer {
        for _ in 0..k * inner {
            f(i, (o * n + *index.add(i) as usize) * inner + c);
            i += 1;
            c = if c + 1 == inner { 0 } else { c + 1 };
        }
    }
    -1
}

#[inline(always)]
unsafe fn one_hot_rows<S: Scalar>(
    rows: usize,
    classes: usize,
    target: *const i32,
    out: *mut S,
) -> i32 {
    let bad = first_outside(rows, target, classes);
    if bad < 0 {
        // All bits 0 is 0 in every element type.
        core::ptr::write_bytes(out, 0, rows * classes);
        for row in 0..rows {
            *out.add(row * classes + *target.add(row) as usize) = S::ONE;
        }
    }
    bad
}

export_more! {
    fn index_add(
        outer: usize, n: usize, inner: usize, k: usize,
        source: *const Real, index: *const i32, out: *mut Real,
    ) -> i32 {
        add_rows::<Floats>(outer, n, inner, k, source, index, out)
    }

    /// `out[o, index[o, j, c], c] += source[o, j, c]`
    fn scatter_add(
        outer: usize, n: usize, inner: usize, k: usize,
        source: *const Real, index: *const i32, out: *mut Real,
    ) -> i32 {
        each_element(outer, n, inner, k, index, |i, at| *out.add(at) += *source.add(i))
    }

    /// Labels to rows of 0 and 1.
    fn one_hot(rows: usize, classes: usize, target: *const i32, out: *mut Real) -> i32 {
        one_hot_rows(rows, classes, target, out)
    }
}

mod bits {
    use super::*;

    macro_rules! indexed {
    ($($(#[$meta:meta])* $name:ident $type:ty, $f:expr;)*) => {$(
        $(#[$meta])*
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(
            outer: usize,
            n: usize,
            inner: usize,
            k: usize,
            x: *const $type,
            index: *const i32,
            out: *mut $type,
        ) -> i32 {
            $f(outer, n, inner, k, x, index, out)
        }
    )*};
}

    indexed! {
        index_select_b8 u8, select;
        index_select_b32 u32, select_b32;
        index_select_b64 u64, select;
        index_copy_b8 u8, put_rows;
        index_copy_b32 u32, put_rows;
        gather_b32 u32, gather;
        gather_b64 u64, gather;
        scatter_b32 u32, scatter;
        scatter_b64 u64, scatter;
        index_add_i32 i32, add_rows::<I32x4>;
        scatter_add_i32 i32, scatter_add;
    }

    /// `out[o, j, c] = x[o, index[o, j, c], c]`
    #[inline(always)]
    unsafe fn gather<T: Copy>(
        outer: usize,
        n: usize,
        inner: usize,
        k: usize,
        x: *const T,
        index: *const i32,
        out: *mut T,
    ) -> i32 {
        each_element(outer, n, inner, k, index, |i, at| *out.add(i) = *x.add(at))
    }

    /// `out[o, index[j], :] = x[o, j, :]`; of equal indices the last stays.
    #[inline(always)]
    unsafe fn put_rows<T: Copy>(
        outer: usize,
        n: usize,
        inner: usize,
        k: usize,
        x: *const T,
        index: *const i32,
        out: *mut T,
    ) -> i32 {
        let bad = first_outside(k, index, n);
        if bad >= 0 {
            return bad;
        }
        for o in 0..outer {
            for j in 0..k {
                let to = out.add((o * n + *index.add(j) as usize) * inner);
                copy_row(inner, x.add((o * k + j) * inner), to);
            }
        }
        -1
    }

    /// `out[o, index[o, j, c], c] = x[o, j, c]`; of equal indices the last stays.
    #[inline(always)]
    unsafe fn scatter<T: Copy>(
        outer: usize,
        n: usize,
        inner: usize,
        k: usize,
        x: *const T,
        index: *const i32,
        out: *mut T,
    ) -> i32 {
        each_element(outer, n, inner, k, index, |i, at| *out.add(at) = *x.add(i))
    }

    #[inline(always)]
    unsafe fn scatter_add(
        outer: usize,
        n: usize,
        inner: usize,
        k: usize,
        source: *const i32,
        index: *const i32,
        out: *mut i32,
    ) -> i32 {
        each_element(outer, n, inner, k, index, |i, at| {
            *out.add(at) = (*out.add(at)).wrapping_add(*source.add(i))
        })
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn one_hot_i32(
        rows: usize,
        classes: usize,
        target: *const i32,
        out: *mut i32,
    ) -> i32 {
        one_hot_rows(rows, classes, target, out)
    }
}
