//! Conversions `cast_<from>_<to>(n, x, out)`.
//!
//! Floats to integers truncate and saturate, NaN gives 0. Integers to narrower
//! integers keep the low bits, as PyTorch does. Anything nonzero (NaN too) is
//! true.

#[inline(always)]
unsafe fn convert<A: Copy, B>(n: usize, mut x: *const A, mut out: *mut B, f: impl Fn(A) -> B) {
    for _ in 0..n {
        *out = f(*x);
        (x, out) = (x.add(1), out.add(1));
    }
}

macro_rules! casts {
    ($($name:ident $from:ty, $to:ty, $f:expr;)*) => {$(
        #[unsafe(no_mangle)]
        unsafe extern "C" fn $name(n: usize, x: *const $from, out: *mut $to) {
            convert(n, x, out, $f)
        }
    )*};
}

mod float32 {
    use super::convert;
    use crate::simd::{F32x4, I32x4, Vector};

    // Pictures, masks, labels: by vectors.
    macro_rules! vector_casts {
        ($($name:ident $from:ty, $to:ty, $four:expr, $f:expr;)*) => {$(
            #[unsafe(no_mangle)]
            unsafe extern "C" fn $name(n: usize, x: *const $from, out: *mut $to) {
                let whole = n & !3;
                for i in (0..whole).step_by(4) {
                    $four(x.add(i)).store(out.add(i));
                }
                convert(n - whole, x.add(whole), out.add(whole), $f)
            }
        )*};
    }

    vector_casts! {
        cast_u8_f32 u8, f32, |p| I32x4::load_u8(p).to_f32(), |x| x as f32;
        cast_i32_f32 i32, f32, |p| I32x4::load(p).to_f32(), |x| x as f32;
        cast_bool_f32 u8, f32, |p| ones(p).to_f32(), |x| (x != 0) as u8 as f32;
        cast_f32_i32 f32, i32, |p| F32x4::load(p).to_i32(), |x| x as i32;
        cast_bool_i32 u8, i32, |p| ones(p), |x| (x != 0) as i32;
    }

    /// 1 for each of four nonzero bytes.
    #[inline(always)]
    unsafe fn ones(p: *const u8) -> I32x4 {
        -I32x4(I32x4::load_u8(p).ne(I32x4::zero()))
    }

    casts! {
        cast_i8_f32 i8, f32, |x| x as f32;
        cast_f16_f32 u16, f32, from_half;
        cast_bf16_f32 u16, f32, |x| f32::from_bits((x as u32) << 16);
        cast_f32_u8 f32, u8, |x| x as u8;
        cast_f32_bool f32, u8, |x| (x != 0.0) as u8;
        cast_f32_i8 f32, i8, |x| x as i8;
        cast_f32_f16 f32, u16, to_half;
        cast_f32_bf16 f32, u16, to_bfloat;
        cast_i32_bool i32, u8, |x| (x != 0) as u8;
        cast_i32_u8 i32, u8, |x| x as u8;
        cast_i32_i8 i32, i8, |x| x as i8;
        cast_u8_i32 u8, i32, |x| x as i32;
        cast_i8_i32 i8, i32, |x| x as i32;
        cast_u8_bool u8, u8, |x| (x != 0) as u8;
        cast_i32_i64 i32, i64, |x| x as i64;
    }

    /// float16 to float32, exactly: the exponent is moved by a multiplication,
    /// which also normalises subnormals.
    #[inline(always)]
    fn from_half(half: u16) -> f32 {
        let magnitude = ((half & 0x7fff) as u32) << 13;
        // 2^112 = 2^(127 - 15)
        let scaled = f32::from_bits(magnitude) * f32::from_bits(0x7780_0000);
        let special = (magnitude >= 0x7c00 << 13) as u32 * 0x7f80_0000;
        f32::from_bits(scaled.to_bits() | special | ((half & 0x8000) as u32) << 16)
    }

    /// float32 to float16, to nearest even; overflow gives infinity.
    #[inline(always)]
    fn to_half(x: f32) -> u16 {
        let sign = (x.to_bits() >> 16 & 0x8000) as u16;
        let bits = x.to_bits() & 0x7fff_ffff;
        let magnitude = if bits > 0x7f80_0000 {
            0x7e00
        } else if bits < 0x3880_0000 {
            // Subnormal: adding 0.5 lets the hardware round at its last bit.
            (f32::from_bits(bits) + 0.5).to_bits() - 0x3f00_0000
        } else {
            let rounded = bits + 0xfff + (bits >> 13 & 1);
            ((rounded - 0x3800_0000) >> 13).min(0x7c00)
        };
        magnitude as u16 | sign
    }

    /// float32 to bfloat16, to nearest even.
    #[inline(always)]
    fn to_bfloat(x: f32) -> u16 {
        let bits = x.to_bits();
        if bits & 0x7fff_ffff > 0x7f80_0000 {
            return 0x7fc0 | (bits >> 16) as u16;
        }
        ((bits + 0x7fff + (bits >> 16 & 1)) >> 16) as u16
    }

    /// -1, or the position of the first value that int32 cannot hold.
    #[unsafe(no_mangle)]
    unsafe extern "C" fn cast_i64_i32(n: usize, x: *const i64, out: *mut i32) -> i32 {
        for i in 0..n {
            let value = *x.add(i);
            if value != value as i32 as i64 {
                return i as i32;
            }
            *out.add(i) = value as i32;
        }
        -1
    }
}
