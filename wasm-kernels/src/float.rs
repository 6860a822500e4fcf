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

/// Defines exports named `<name>_f32` or `<name>_f64`, by the build. The overlay
/// has the functions, for its own kernels, but does not export them.
macro_rules! export {
    ($($item:tt)*) => {
        $crate::float::export_where! {
            not(any(feature = "float64", feature = "overlay")), $($item)*
        }
    };
}

/// As `export!`, in the overlay, too: for kernels that gain from fused
/// multiply-add.
macro_rules! export_fused {
    ($($item:tt)*) => {
        $crate::float::export_where! { not(feature = "float64"), $($item)* }
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
pub(crate) use {export, export_fused, export_where};
