//! Two-dimensional convolution, its input gradient and its weight gradient, over pictures in n, c,
//! h, w order.
//!
//! float32 chooses (in `float32`) between `winograd` and `winograd_grad` (3x3, stride 1, 16 channels
//! or more), `window3` and `window3_grad` (3x3, stride 1, one channel), `direct` and `direct_grad`
//! (what fits into scratch), `implicit` (the rest: small pictures, many weights) and `tapwise` (the
//! smallest); a 1x1 window without stride or padding is a matrix product as it lies. An input
//! gradient is a forward product of other weights, or several (`phases`). The choice never depends on how a batch
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

use float32::{forward, grad_bias, grad_input, grad_weight};
use shape::Shape;

macro_rules! export_conv {
    ($t:ty, $forward:ident, $grad_input:ident, $grad_weight:ident, $grad_bias:ident) => {
        /// out[n, o, oh, ow] = x[n, c, h, w] * weight[o, c / groups, kh, kw] + bias[o] (null:
        /// none).
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $forward(
            n: usize,
            c: usize,
            h: usize,
            w: usize,
            o: usize,
            kh: usize,
            kw: usize,
            stride_h: usize,
            stride_w: usize,
            pad_h: usize,
            pad_w: usize,
            dil_h: usize,
            dil_w: usize,
            groups: usize,
            x: *const $t,
            weight: *const $t,
            bias: *const $t,
            out: *mut $t,
            scratch: *mut $t,
        ) {
            let sizes = [
                n, c, h, w, o, kh, kw, stride_h, stride_w, pad_h, pad_w, dil_h, dil_w, groups,
            ];
            forward(&Shape::new(sizes), x, weight, bias, out, scratch);
        }

        /// out[n, c, h, w]: the gradient by x of `g`[n, o, oh, ow].
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $grad_input(
            n: usize,
            c: usize,
            h: usize,
            w: usize,
            o: usize,
            kh: usize,
            kw: usize,
            stride_h: usize,
            stride_w: usize,
            pad_h: usize,
            pad_w: usize,
            dil_h: usize,
            dil_w: usize,
            groups: usize,
            g: *const $t,
            weight: *const $t,
            out: *mut $t,
            scratch: *mut $t,
        ) {
            let sizes = [
                n, c, h, w, o, kh, kw, stride_h, stride_w, pad_h, pad_w, dil_h, dil_w, groups,
            ];
            grad_input(&Shape::new(sizes), g, weight, out, scratch);
        }

        /// out[o, c / groups, kh, kw]: the gradient by the weights of `g`[n, o, oh, ow], for the
        /// output channels from `first` up to `end`; no other is written. Each has the same bits
        /// in whatever range.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $grad_weight(
            n: usize,
            c: usize,
            h: usize,
            w: usize,
            o: usize,
            kh: usize,
            kw: usize,
            stride_h: usize,
            stride_w: usize,
            pad_h: usize,
            pad_w: usize,
            dil_h: usize,
            dil_w: usize,
            groups: usize,
            first: usize,
            end: usize,
            x: *const $t,
            g: *const $t,
            out: *mut $t,
            scratch: *mut $t,
        ) {
            let sizes = [
                n, c, h, w, o, kh, kw, stride_h, stride_w, pad_h, pad_w, dil_h, dil_w, groups,
            ];
            grad_weight(&Shape::new(sizes), first..end, x, g, out, scratch);
        }

        /// out[o]: the sums of g[n, o, hw] over pictures and pixels.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $grad_bias(
            n: usize,
            o: usize,
            hw: usize,
            g: *const $t,
            out: *mut $t,
        ) {
            grad_bias(n, o, hw, g, out);
        }
    };
}

export_conv! {
    f32,
    conv2d_f32,
    conv2d_grad_input_f32,
    conv2d_grad_weight_f32,
    conv2d_grad_bias_f32
}
