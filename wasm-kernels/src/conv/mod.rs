//! Two-dimensional convolution, its input gradient and its weight gradient, over pictures in n, c,
//! h, w order.
//!
//! float32 chooses (in `float32`) between `winograd` and `winograd_grad` (3x3, stride 1, 16 channels
//! or more), `window3` and `window3_grad` (3x3, one channel), `direct` and `direct_grad` (what fits
//! into scratch), `implicit` (the rest: small pictures, many weights) and `tapwise` (the smallest); a
//! 1x1 window without stride or padding is a matrix product as it lies. An input gradient is a
//! forward product of other weights, or several (`phases`). The choice never depends on how a batch
//! or its channels are cut into parts.

mod direct;
mod direct_grad;
mod float32;
mod implicit;
mod patches;
mod phases;
mod planes;
mod shape;
mod sparse;
mod tapwise;
mod weights;
mod window3;
mod window3_grad;
mod winograd;
mod winograd_grad;
mod winograd_products;

use crate::float::export_layers;
use shape::Shape;

/// Exports whose arguments begin with the sizes of a convolution, which `$shape` gathers.
macro_rules! export_conv {
    ($($(#[$meta:meta])* fn $name:ident($shape:ident; $($arg:ident: $type:ty),*) $body:block)*) => {
        export_layers! {$(
            $(#[$meta])*
            fn $name(
                n: usize, c: usize, h: usize, w: usize, o: usize, kh: usize, kw: usize,
                stride_h: usize, stride_w: usize, pad_h: usize, pad_w: usize,
                dil_h: usize, dil_w: usize, groups: usize, $($arg: $type),*
            ) {
                let $shape = &Shape::new([
                    n, c, h, w, o, kh, kw, stride_h, stride_w, pad_h, pad_w, dil_h, dil_w, groups,
                ]);
                $body
            }
        )*}
    };
}

export_conv! {
    /// out[n, o, oh, ow] = x[n, c, h, w] * weight[o, c / groups, kh, kw] + bias[o] (null: none).
    fn conv2d(
        s; x: *const f32, weight: *const f32, bias: *const f32, out: *mut f32, scratch: *mut f32
    ) {
        float32::forward(s, x, weight, bias, out, scratch);
    }

    /// out[n, c, h, w]: the gradient by x of `g`[n, o, oh, ow].
    fn conv2d_grad_input(
        s; g: *const f32, weight: *const f32, out: *mut f32, scratch: *mut f32
    ) {
        float32::grad_input(s, g, weight, out, scratch);
    }

    /// out[o, c / groups, kh, kw]: the gradient by the weights of `g`[n, o, oh, ow], for the output
    /// channels from `first` up to `end`; no other is written. Each has the same bits in whatever
    /// range.
    fn conv2d_grad_weight(
        s; first: usize, end: usize, x: *const f32, g: *const f32, out: *mut f32, scratch: *mut f32
    ) {
        float32::grad_weight(s, first..end, x, g, out, scratch);
    }
}

export_layers! {
    /// out[o]: the sums of g[n, o, hw] over pictures and pixels.
    fn conv2d_grad_bias(n: usize, o: usize, hw: usize, g: *const f32, out: *mut f32) {
        float32::grad_bias(n, o, hw, g, out);
    }
}
