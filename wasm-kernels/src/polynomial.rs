//! Polynomials and their constants.

use crate::simd::Vector;

/// A constant that is read from memory: V8 makes those of the code anew at each use, in three
/// instructions. What is marked as used the compiler takes for a variable.
macro_rules! held {
    ($x:expr) => {{
        #[used]
        static mut HELD: f32 = $x;
        $crate::math::splat(unsafe { HELD })
    }};
}
pub(crate) use held;

/// Horner's rule with such constants, highest coefficient first.
macro_rules! horner {
    ($x:expr, $first:expr $(, $c:expr)* $(,)?) => {
        $crate::polynomial::held!($first)$(.mul_add($x, $crate::polynomial::held!($c)))*
    };
}
pub(crate) use horner;

/// Horner's rule, highest coefficient first.
#[inline(always)]
pub fn polynomial<V: Vector, const N: usize>(x: V, coefficients: [V::Scalar; N]) -> V {
    let mut sum = V::splat(coefficients[0]);
    for &c in &coefficients[1..] {
        sum = sum.mul_add(x, V::splat(c));
    }
    sum
}
