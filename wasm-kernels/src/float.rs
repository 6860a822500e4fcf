//! Which floating point type this build serves: everything that is written
//! once for float32 and float64 says `Floats`, `Real` and `export!`.

#[cfg(not(feature = "float64"))]
pub type Floats = crate::simd::F32x4;
#[cfg(not(feature = "float64"))]
pub type Real = f32;

#[cfg(feature = "float64")]
pub type Floats = crate::simd::F64x2;
#[cfg(feature = "float64")]
pub type Real = f64;

/// Defines exports named `<name>_f32` or `<name>_f64`, by the build.
macro_rules! export {
    ($($(#[$meta:meta])* fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block)*) => {$(
        $(#[$meta])*
        #[cfg_attr(not(feature = "float64"), unsafe(export_name = concat!(stringify!($name), "_f32")))]
        #[cfg_attr(feature = "float64", unsafe(export_name = concat!(stringify!($name), "_f64")))]
        unsafe extern "C" fn $name($($arg: $type),*) $(-> $result)? $body
    )*};
}
pub(crate) use export;
