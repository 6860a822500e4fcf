//! Pooling over planes: `max` and `average`, in float32 over `blocks`; and `planes`, the moves
//! that are max pooling's gradient.

mod average;
mod blocks;
mod max;
mod means;
mod planes;

use average::{avg_pool, avg_pool_backward};
use max::max_pool;
use planes::{gather, scatter_add};

/// A pooling of planes[h, w] to [oh, ow].
#[derive(Clone, Copy)]
pub struct Windows {
    pub planes: usize,
    pub h: usize,
    pub w: usize,
    pub kh: usize,
    pub kw: usize,
    pub sh: usize,
    pub sw: usize,
    pub ph: usize,
    pub pw: usize,
    pub dh: usize,
    pub dw: usize,
    pub oh: usize,
    pub ow: usize,
}

impl Windows {
    /// Whether they are 2x2 with stride 2 and inside their planes, at least four in a row.
    fn are_pairs(&self) -> bool {
        let pairs = self.kh == 2 && self.kw == 2 && self.sh == 2 && self.sw == 2;
        let near = self.ph == 0 && self.pw == 0 && self.dh == 1 && self.dw == 1;
        let inside = 2 * self.oh <= self.h && 2 * self.ow <= self.w;
        pairs && near && inside && self.ow >= 4
    }
}

/// Zeros; every bit of a zero is zero.
unsafe fn clear<T>(n: usize, out: *mut T) {
    core::ptr::write_bytes(out, 0, n);
}

macro_rules! export_pool {
    ($t:ty, $max:ident, $backward:ident, $gather:ident, $avg:ident, $avg_backward:ident) => {
        /// The largest value of each window, and its flat position in its plane.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $max(
            planes: usize,
            h: usize,
            w: usize,
            kh: usize,
            kw: usize,
            sh: usize,
            sw: usize,
            ph: usize,
            pw: usize,
            dh: usize,
            dw: usize,
            oh: usize,
            ow: usize,
            x: *const $t,
            out: *mut $t,
            indices: *mut i32,
            scratch: *mut $t,
        ) {
            let s = Windows {
                planes,
                h,
                w,
                kh,
                kw,
                sh,
                sw,
                ph,
                pw,
                dh,
                dw,
                oh,
                ow,
            };
            max_pool(&s, x, out, indices, scratch);
        }

        /// out[planes, n_out]: the gradients g[planes, n_in] of max pooling at their positions, zeros
        /// elsewhere.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $backward(
            planes: usize,
            n_in: usize,
            n_out: usize,
            g: *const $t,
            idx: *const i32,
            out: *mut $t,
        ) {
            scatter_add(planes, n_in, n_out, g, idx, out);
        }

        /// out[planes, n_in] = x[planes, n_out] at the positions idx.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $gather(
            planes: usize,
            n_in: usize,
            n_out: usize,
            x: *const $t,
            idx: *const i32,
            out: *mut $t,
        ) {
            gather(planes, n_in, n_out, x, idx, out);
        }

        /// The mean of each window; padding counts as zeros, or not at all.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $avg(
            planes: usize,
            h: usize,
            w: usize,
            kh: usize,
            kw: usize,
            sh: usize,
            sw: usize,
            ph: usize,
            pw: usize,
            count_include_pad: i32,
            oh: usize,
            ow: usize,
            x: *const $t,
            out: *mut $t,
            scratch: *mut $t,
        ) {
            let s = Windows {
                planes,
                h,
                w,
                kh,
                kw,
                sh,
                sw,
                ph,
                pw,
                dh: 1,
                dw: 1,
                oh,
                ow,
            };
            avg_pool(&s, count_include_pad != 0, x, out, scratch);
        }

        /// out[planes, h, w]: every window's gradient, spread evenly over its values.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $avg_backward(
            planes: usize,
            h: usize,
            w: usize,
            kh: usize,
            kw: usize,
            sh: usize,
            sw: usize,
            ph: usize,
            pw: usize,
            count_include_pad: i32,
            oh: usize,
            ow: usize,
            g: *const $t,
            out: *mut $t,
            scratch: *mut $t,
        ) {
            let s = Windows {
                planes,
                h,
                w,
                kh,
                kw,
                sh,
                sw,
                ph,
                pw,
                dh: 1,
                dw: 1,
                oh,
                ow,
            };
            avg_pool_backward(&s, count_include_pad != 0, g, out, scratch);
        }
    };
}

export_pool! {
    f32,
    max_pool2d_f32,
    max_pool2d_backward_f32,
    plane_gather_f32,
    avg_pool2d_f32,
    avg_pool2d_backward_f32
}
