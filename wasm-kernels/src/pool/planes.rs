//! Moves between planes by positions: max pooling's gradient, and that gradient's own.

use crate::simd::Scalar;

/// out[planes, to] = 0, then out[plane, index] += value for every value of src[planes, from].
pub unsafe fn scatter_add<T: Scalar>(
    planes: usize,
    from: usize,
    to: usize,
    src: *const T,
    indices: *const i32,
    out: *mut T,
) {
    for plane in 0..planes {
        let target = out.add(plane * to);
        for i in 0..to {
            *target.add(i) = T::ZERO;
        }
        for i in plane * from..(plane + 1) * from {
            let at = target.add(*indices.add(i) as usize);
            *at = *at + *src.add(i);
        }
    }
}

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
