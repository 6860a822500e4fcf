//! Sine, cosine and tangent of four float32 lanes, for every finite angle, and
//! the angles of tangents.
//!
//! Angles are reduced to [-pi/4, pi/4] in float64 (exact enough below 2^27);
//! the few beyond take Payne and Hanek's road, one lane at a time.

use crate::math::splat;
use crate::polynomial::polynomial;
use crate::simd::{F32x4, F64x2, Float, I32x4, Mask, Vector};

/// pi / 2 in two parts; n * HALF_PI_HIGH is exact for |n| < 2^28.
const HALF_PI_HIGH: f64 = f64::from_bits(0x3ff9_21fb_5000_0000);
const HALF_PI_LOW: f64 = 1.589_325_477_352_819_7e-8;
const LARGE: f32 = 134_217_728.0;

/// 2 / pi, 192 bits behind the point.
const TWO_OVER_PI: [u32; 6] = [
    0x28be_60db,
    0x9391_054a,
    0x7f09_d5f4,
    0x7d4d_3770,
    0x36d8_a566,
    0x4f10_e410,
];

/// `(r, q)`: the angle is r + q pi/2, |r| <= pi/4.
#[inline(always)]
fn reduce(x: F32x4) -> (F32x4, I32x4) {
    let (low, q_low) = reduce_pair(x.low_f64());
    let (high, q_high) = reduce_pair(x.high_f64());
    let r = F32x4::from_f64(low, high);
    let q = F64x2::to_i32(q_low, q_high);
    let finite = x.abs().lt(splat(f32::INFINITY));
    let large = I32x4(splat(LARGE).le(x.abs())).and(I32x4(finite));
    if large.any() {
        reduce_large(x, r, q)
    } else {
        (r, q)
    }
}

#[inline(always)]
fn reduce_pair(x: F64x2) -> (F64x2, F64x2) {
    let n = (x * F64x2::splat(core::f64::consts::FRAC_2_PI)).nearest_f64();
    let r = x - n * F64x2::splat(HALF_PI_HIGH);
    (r - n * F64x2::splat(HALF_PI_LOW), n)
}

#[cold]
#[inline(never)]
fn reduce_large(x: F32x4, r: F32x4, q: I32x4) -> (F32x4, I32x4) {
    let (x, mut r, mut q) = (x.to_array(), r.to_array(), q.to_array());
    for i in 0..4 {
        if x[i].abs() >= LARGE && x[i].abs() < f32::INFINITY {
            (r[i], q[i]) = payne_hanek(x[i]);
        }
    }
    (
        F32x4::new(r[0], r[1], r[2], r[3]),
        I32x4::new(q[0], q[1], q[2], q[3]),
    )
}

/// The mantissa times those bits of 2/pi that matter at its exponent.
fn payne_hanek(x: f32) -> (f32, i32) {
    let bits = x.to_bits();
    let mantissa = (bits << 8) | 0x8000_0000;
    let exponent = ((bits >> 23) & 255) - 126;
    let word = |i: u32| match i {
        0 => 0,
        i => TWO_OVER_PI[(i as usize - 1).min(5)],
    };
    let (first, shift) = (exponent >> 5, exponent & 31);
    let (a, b) = (word(first), word(first + 1));
    let (c, d) = (word(first + 2), word(first + 3));
    let join = |high: u32, low: u32| ((((high as u64) << 32) | low as u64) << shift >> 32) as u32;
    let (high, middle, low) = (join(a, b), join(b, c), join(c, d));
    let product = mantissa as u64 * low as u64;
    let product = (mantissa as u64 * middle as u64).wrapping_add(product >> 32);
    let product = product.wrapping_add((mantissa.wrapping_mul(high) as u64) << 32);
    // Two bits of quadrant, then the fraction of one, rounded to nearest.
    let quadrant = (product >> 62) as i32 + ((product >> 61) & 1) as i32;
    let fraction = ((product << 2) as i64) >> 2;
    // pi / 2 / 2^62
    let r = (fraction as f64 * 3.406_121_580_086_555e-19) as f32;
    if x < 0.0 {
        (-r, -quadrant)
    } else {
        (r, quadrant)
    }
}

#[inline(always)]
fn sin_near_0(r: F32x4) -> F32x4 {
    let z = r * r;
    let q = polynomial(z, [-1.951_529_6e-4, 8.332_161e-3, -1.666_665_5e-1]);
    (q * z).mul_add(r, r)
}

#[inline(always)]
fn cos_near_0(r: F32x4) -> F32x4 {
    let z = r * r;
    let q = polynomial(z, [2.443_315_7e-5, -1.388_731_6e-3, 4.166_664_6e-2]);
    let tail = (q * z).mul_add(z, z * splat(-0.5));
    tail + splat(1.0)
}

/// Lanes whose quadrant is odd.
#[inline(always)]
fn odd(q: I32x4) -> Mask {
    q.and(I32x4::splat(1)).eq(I32x4::splat(1))
}

/// sin(r + q pi/2).
#[inline(always)]
fn turned(sin: F32x4, cos: F32x4, q: I32x4) -> F32x4 {
    let y = F32x4::select(odd(q), cos, sin);
    I32x4(y.0).xor(q.shr(1).shl(31)).as_f32()
}

#[inline(always)]
pub fn sin(x: F32x4) -> F32x4 {
    // Also keeps the sign of -0.
    F32x4::select(x.abs().lt(splat(1e-4)), x, sin_turned(x, 0))
}

#[inline(always)]
pub fn cos(x: F32x4) -> F32x4 {
    sin_turned(x, 1)
}

/// sin(x + quarters pi/2): one body for sine and cosine.
#[inline(never)]
#[allow(improper_ctypes_definitions)]
extern "C" fn sin_turned(x: F32x4, quarters: i32) -> F32x4 {
    let (r, q) = reduce(x);
    turned(sin_near_0(r), cos_near_0(r), q + I32x4::splat(quarters))
}

#[inline(always)]
pub fn tan(x: F32x4) -> F32x4 {
    let (r, q) = reduce(x);
    let (sin, cos) = (sin_near_0(r), cos_near_0(r));
    let y = F32x4::select(odd(q), -cos / sin, sin / cos);
    F32x4::select(x.abs().lt(splat(1e-4)), x, y)
}

/// Both at once, for angles below 2^27.
#[inline(always)]
pub fn sin_cos(x: F32x4) -> (F32x4, F32x4) {
    let (r, q) = reduce(x);
    let (sin, cos) = (sin_near_0(r), cos_near_0(r));
    (turned(sin, cos, q), turned(sin, cos, q + I32x4::splat(1)))
}

/// arcsine of |x|, also as `2 asin(sqrt((1 - |x|) / 2))` when that is smaller:
/// `(value, whether it is the second form)`.
#[inline(always)]
fn arcsine(x: F32x4) -> (F32x4, Mask) {
    let a = x.abs();
    let large = splat(0.5).lt(a);
    let half = (splat(1.0) - a) * splat(0.5);
    let z = F32x4::select(large, half, a * a);
    let s = F32x4::select(large, half.sqrt(), a);
    let q = polynomial(
        z,
        [
            4.216_32e-2,
            2.418_131e-2,
            4.547_002_6e-2,
            7.495_3e-2,
            1.666_675_2e-1,
        ],
    );
    let p = (q * z).mul_add(s, s);
    (F32x4::select(large, p + p, p), large)
}

#[inline(always)]
pub fn asin(x: F32x4) -> F32x4 {
    let (p, large) = arcsine(x);
    let y = F32x4::select(large, splat(core::f32::consts::FRAC_PI_2) - p, p);
    y.copy_sign(x)
}

#[inline(always)]
pub fn acos(x: F32x4) -> F32x4 {
    let (p, large) = arcsine(x);
    let far = splat(core::f32::consts::PI) - p;
    let far = F32x4::select(x.lt(F32x4::zero()), far, p);
    let near = splat(core::f32::consts::FRAC_PI_2) - p.copy_sign(x);
    F32x4::select(large, far, near)
}

/// Shared by the kernels of `atan` and `atan2`.
#[inline(never)]
#[allow(improper_ctypes_definitions)]
pub extern "C" fn atan(x: F32x4) -> F32x4 {
    let (a, one) = (x.abs(), splat(1.0));
    let large = splat(2.414_213_6).lt(a);
    let middle = splat(0.414_213_57).lt(a);
    let t = F32x4::select(middle, (a - one) / (a + one), a);
    let t = F32x4::select(large, -one / a, t);
    let quarter = splat(core::f32::consts::FRAC_PI_4);
    let base = F32x4::select(middle, quarter, F32x4::zero());
    let base = F32x4::select(large, splat(core::f32::consts::FRAC_PI_2), base);
    let z = t * t;
    let q = polynomial(
        z,
        [8.053_744_4e-2, -1.387_768_6e-1, 1.997_771e-1, -3.333_295e-1],
    );
    (base + (q * z).mul_add(t, t)).copy_sign(x)
}

/// The angle of the point (x, y), which is y's arctangent at x = 1.
#[inline(always)]
pub fn atan2(y: F32x4, x: F32x4) -> F32x4 {
    let (a, b) = (x.abs(), y.abs());
    let (least, most) = (a.min(b), a.max(b));
    // Equal parts, infinite ones too, are an angle of pi / 4; 0 / 0 is 0.
    let ratio = F32x4::select(least.eq(most), splat(1.0), least / most);
    let ratio = F32x4::select(most.eq(F32x4::zero()), F32x4::zero(), ratio);
    let angle = atan(ratio);
    let steep = splat(core::f32::consts::FRAC_PI_2) - angle;
    let angle = F32x4::select(a.lt(b), steep, angle);
    let left = I32x4(x.0).shr(31).0; // -0 lies to the left, too
    let angle = F32x4::select(left, splat(core::f32::consts::PI) - angle, angle);
    angle.copy_sign(y)
}
