//! Which floating point type this build serves: everything that is written
//! once for float32 and float64 says `Floats`, `Real` and `export!`, or
//! `export_fused!`.

#[cfg(not(feature = "float64"))]
pub type Floats = crate::simd::F32x4;
#[cfg(not(feature = "float64"))]
pub type Real = f32;

#[cfg(feature = "float64")]
pub type Floats = crate::simd::F64x1;
#[cfg(feature = "float64")]
pub type Real = f64;

/// Defines exports named `<name>_f32` or `<name>_f64`, by the module. Without
/// their names the module `products` has them, too, for its own kernels.
macro_rules! export {
    ($($item:tt)*) => {
        $crate::float::export_where! {
            not(any(feature = "float64", feature = "products")), $($item)*
        }
    };
}

/// As `export!`, for kernels that gain from fused multiply-add: they are in
/// `products`.
#[allow(unused_macros)]
macro_rules! export_fused {
    ($($item:tt)*) => {
        $crate::float::export_where! { feature = "products", $($item)* }
    };
}

macro_rules! export_where {
    ($float32:meta, $($(#[$meta:meta])* fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block)*) => {$(
        $(#[$meta])*
        #[cfg_attr($float32, unsafe(export_name = concat!(stringify!($name), "_f32")))]
        #[cfg_attr(feature = "float64", unsafe(export_name = concat!(stringify!($name), "_f64")))]
        unsafe extern "C" fn $name($($arg: $type),*) $(-> $result)? $body
    )*};
}
#[allow(unused_imports)]
pub(crate) use export_fused;
pub(crate) use {export, export_where};

/// In float64, which sums of float32 are kept in; as it is where `Real` is float64 already.
#[inline(always)]
#[allow(clippy::unnecessary_cast)]
pub fn wide(x: Real) -> f64 {
    x as f64
}

/// Rounded back from [`wide`].
#[inline(always)]
#[allow(clippy::unnecessary_cast)]
pub fn narrow(x: f64) -> Real {
    x as Real
}
