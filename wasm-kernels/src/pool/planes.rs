//! Moves between planes by positions: max pooling's gradient, and that gradient's own.

use super::clear;
use crate::simd::Scalar;

/// out[planes, to] = 0, then out[plane, index] += g for every value of g[planes, from].
pub unsafe fn scatter_add<T: Scalar>(
    planes: usize,
    from: usize,
    to: usize,
    g: *const T,
    indices: *const i32,
    out: *mut T,
) {
    // Plane by plane: what was just cleared is in the cache.
    for plane in 0..planes {
        let target = out.add(plane * to);
        clear(to, target);
        for i in plane * from..(plane + 1) * from {
            let at = target.add(*indices.add(i) as usize);
            *at = *at + *g.add(i);
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
