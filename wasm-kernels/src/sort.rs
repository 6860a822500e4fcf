//! Positions in sorted order along the middle axis: x `[outer, n, inner]`, out
//! `[outer, k, inner]`, the first k of n. Stable; NaN comes after everything,
//! and first where descending.
//!
//! Numbers are mapped to unsigned keys of the same order. Few results come from
//! an insertion sort that keeps the best k: after some elements nearly all fail
//! one comparison. Others come from a radix sort by bytes from the lowest on,
//! which leaves out bytes that are equal in all keys.

use crate::float::{Real, export_more};

/// Up to so many results an insertion sort is the faster way.
const FEW: usize = 32;

/// An unsigned number that is sorted by its bytes.
trait Key: Copy + Ord {
    const BYTES: usize;
    fn byte(self, i: usize) -> usize;
    fn reversed(self) -> Self;
}

/// An element whose key has its order.
trait Sortable: Copy {
    type Key: Key;
    fn key(self) -> Self::Key;
}

macro_rules! key {
    ($key:ty, $bytes:expr) => {
        impl Key for $key {
            const BYTES: usize = $bytes;
            #[inline(always)]
            fn byte(self, i: usize) -> usize {
                (self >> (8 * i)) as usize & 255
            }
            #[inline(always)]
            fn reversed(self) -> Self {
                !self
            }
        }
    };
}

/// Floats: negative numbers are mirrored, all NaN and both zeros are one.
macro_rules! float_key {
    ($float:ty, $key:ty, $bytes:expr) => {
        key!($key, $bytes);

        impl Sortable for $float {
            type Key = $key;
            #[inline(always)]
            #[allow(clippy::eq_op)]
            fn key(self) -> $key {
                if self != self {
                    return <$key>::MAX;
                }
                // Without a branch on the sign, which nothing could predict.
                let bits = (self + 0.0).to_bits();
                let mirror = bits.cast_signed() >> (8 * $bytes - 1);
                bits ^ (mirror.cast_unsigned() | 1 << (8 * $bytes - 1))
            }
        }
    };
}

float_key!(f32, u32, 4);

/// Keeps the best k of the keys seen so far, in order, at their front.
#[inline(never)]
unsafe fn insert<K: Key>(n: usize, k: usize, keys: *mut K, at: *mut i32) {
    let mut count = 0;
    for i in 0..n {
        let key = *keys.add(i);
        if count == k {
            if key >= *keys.add(count - 1) {
                continue;
            }
            count -= 1;
        }
        let mut j = count;
        while j > 0 && key < *keys.add(j - 1) {
            *keys.add(j) = *keys.add(j - 1);
            *at.add(j) = *at.add(j - 1);
            j -= 1;
        }
        *keys.add(j) = key;
        *at.add(j) = i as i32;
        count += 1;
    }
}

/// Sorts by the bytes of the keys; returns where the positions are then.
#[inline(never)]
unsafe fn distribute<K: Key>(n: usize, keys: *mut K, at: *mut i32) -> *mut i32 {
    let mut counts = [[0u32; 256]; 8];
    for i in 0..n {
        *at.add(i) = i as i32;
        for (byte, counts) in counts.iter_mut().enumerate().take(K::BYTES) {
            counts[(*keys.add(i)).byte(byte)] += 1;
        }
    }
    let (mut from, mut to) = ((keys, at), (keys.add(n), at.add(n)));
    for (byte, starts) in counts.iter_mut().enumerate().take(K::BYTES) {
        if starts[(*from.0).byte(byte)] as usize == n {
            continue;
        }
        let mut start = 0;
        for count in starts.iter_mut() {
            (start, *count) = (start + *count, start);
        }
        for i in 0..n {
            let key = *from.0.add(i);
            let slot = &mut starts[key.byte(byte)];
            let j = *slot as usize;
            *slot += 1;
            *to.0.add(j) = key;
            *to.1.add(j) = *from.1.add(i);
        }
        (from, to) = (to, from);
    }
    from.1
}

#[inline(always)]
unsafe fn rows<S: Sortable>(
    outer: usize,
    n: usize,
    inner: usize,
    k: usize,
    descending: usize,
    x: *const S,
    out: *mut i32,
    scratch: *mut u8,
) {
    if k == 0 {
        return;
    }
    let keys = scratch as *mut S::Key;
    let at = keys.add(2 * n) as *mut i32;
    for o in 0..outer {
        for c in 0..inner {
            for i in 0..n {
                let key = (*x.add((o * n + i) * inner + c)).key();
                *keys.add(i) = if descending != 0 { key.reversed() } else { key };
            }
            let sorted = if k <= FEW {
                insert(n, k, keys, at);
                at
            } else {
                distribute(n, keys, at)
            };
            for i in 0..k {
                *out.add((o * k + i) * inner + c) = *sorted.add(i);
            }
        }
    }
}

export_more! {
    /// The positions of the first k of n elements in order. `scratch` has room
    /// for two keys, as wide as an element, and two int32 per element.
    fn argsort(
        outer: usize, n: usize, inner: usize, k: usize, descending: usize,
        x: *const Real, out: *mut i32, scratch: *mut u8,
    ) {
        rows(outer, n, inner, k, descending, x, out, scratch)
    }
}

mod int {
    use super::*;

    impl Sortable for i32 {
        type Key = u32;
        #[inline(always)]
        fn key(self) -> u32 {
            self as u32 ^ 1 << 31
        }
    }

    #[unsafe(no_mangle)]
    unsafe extern "C" fn argsort_i32(
        outer: usize,
        n: usize,
        inner: usize,
        k: usize,
        descending: usize,
        x: *const i32,
        out: *mut i32,
        scratch: *mut u8,
    ) {
        rows(outer, n, inner, k, descending, x, out, scratch)
    }
}
