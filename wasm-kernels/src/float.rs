//! The floating point type of the kernels, its vectors, and the exports' names.
//! (float64 is TypeScript: `../float64`.)

pub type Floats = crate::simd::F32x4;
pub type Real = f32;

/// Defines exports named `<name>_f32`, of `base`. Other modules that call them
/// have a copy without that name.
macro_rules! export {
    ($($item:tt)*) => {
        $crate::float::export_where! {
            feature = "base", $($item)*
        }
    };
}

/// As `export!`, for kernels that gain from fused multiply-add: they are in
/// `products`, and without their names in `layers`, which contains it.
#[allow(unused_macros)]
macro_rules! export_fused {
    ($($item:tt)*) => {
        $crate::float::export_where! {
            all(feature = "products", not(feature = "layers")), $($item)*
        }
    };
}

/// As `export_fused!`, for convolution and recurrence, which are in `layers`.
#[allow(unused_macros)]
macro_rules! export_layers {
    ($($item:tt)*) => {
        $crate::float::export_where! { feature = "layers", $($item)* }
    };
}

/// As `export!`, for kernels that few programs need: they are in `more`.
#[allow(unused_macros)]
macro_rules! export_more {
    ($($item:tt)*) => {
        $crate::float::export_where! { feature = "more", $($item)* }
    };
}

macro_rules! export_where {
    ($exported:meta, $($(#[$meta:meta])* $vis:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block)*) => {$(
        $(#[$meta])*
        #[cfg_attr($exported, unsafe(export_name = concat!(stringify!($name), "_f32")))]
        $vis unsafe extern "C" fn $name($($arg: $type),*) $(-> $result)? $body
    )*};
}
pub(crate) use {export, export_where};
#[allow(unused_imports)]
pub(crate) use {export_fused, export_layers, export_more};

/// In float64, which long sums are kept in.
#[inline(always)]
pub fn wide(x: Real) -> f64 {
    x as f64
}

/// Rounded back from [`wide`].
#[inline(always)]
pub fn narrow(x: f64) -> Real {
    x as Real
}
