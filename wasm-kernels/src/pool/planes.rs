//! Moves between planes by positions: max pooling's gradient, and that gradient's own.

use super::clear;
use crate::simd::Scalar;

/// out[planes, to] = 0, then out[plane, index] += g for every value of g[planes, from]; where x, what
/// was pooled, is given, only where it is not <= 0: the gradient of relu before the pooling as well.
pub unsafe fn scatter_add<T: Scalar>(
    planes: usize,
    from: usize,
    to: usize,
    g: *const T,
    indices: *const i32,
    x: *const T,
    out: *mut T,
) {
    // Plane by plane: what was just cleared is in the cache.
    for plane in 0..planes {
        let target = out.add(plane * to);
        clear(to, target);
        let add = |i: usize, at: usize| unsafe {
            *target.add(at) = *target.add(at) + *g.add(i);
        };
        let values = plane * from..(plane + 1) * from;
        if x.is_null() {
            for i in values {
                add(i, *indices.add(i) as usize);
            }
        } else {
            for i in values {
                let at = *indices.add(i) as usize;
                // As relu's gradient: a NaN lets it through.
                if *x.add(plane * to + at) <= T::ZERO {
                    continue;
                }
                add(i, at);
            }
        }
    }
}

/// out[planes, from] = x[planes, to] at the positions.
pub unsafe fn gather<T: Scalar>(
    planes: usize,
    from: usize,
    to: usize,
    x: *const T,
    indices: *const i32,
    out: *mut T,
) {
    for plane in 0..planes {
        let source = x.add(plane * to);
        for i in plane * from..(plane + 1) * from {
            *out.add(i) = *source.add(*indices.add(i) as usize);
        }
    }
}
