//! The matrix products of Winograd's tiles, one for each of the 36 values of a transformed tile.

use crate::matmul::microkernel::{Onto, Rows, Strided, next_width, panel_width, sweep};
use crate::matmul::pack::transpose;

/// Floats between the ends and starts of the matrices of one kind: without them all would share
/// cache sets.
pub const GAP: usize = 16;

/// The products m[outputs, tiles] = u[outputs, inputs] v[inputs, tiles].
pub unsafe fn multiply(
    outputs: usize,
    inputs: usize,
    tiles: usize,
    u: *const f32,
    v: *const f32,
    m: *mut f32,
) {
    let most = panel_width();
    for i in 0..36 {
        let a = Rows {
            start: u.add(i * (outputs * inputs + GAP)),
            row: inputs,
            step: 1,
        };
        let mut t = 0;
        while t < tiles {
            let width = next_width(tiles - t, most);
            let b = Strided {
                start: v.add(i * (inputs * tiles + GAP) + t),
                step: tiles,
            };
            let to = m.add(i * (outputs * tiles + GAP) + t);
            sweep(outputs, inputs, a, b, width, to, tiles, Onto::Nothing);
            t += width;
        }
    }
}

/// The products u[outputs, tiles] v[inputs, tiles]^T, onto m[outputs, inputs] or not.
pub unsafe fn add_products(
    outputs: usize,
    inputs: usize,
    tiles: usize,
    u: *const f32,
    v: *const f32,
    m: *mut f32,
    onto: Onto,
    panel: *mut f32,
) {
    let most = panel_width();
    for i in 0..36 {
        let a = Rows {
            start: u.add(i * (outputs * tiles + GAP)),
            row: tiles,
            step: 1,
        };
        let mut c = 0;
        while c < inputs {
            let width = next_width(inputs - c, most);
            let from = v.add(i * (inputs * tiles + GAP) + c * tiles);
            transpose(width, tiles, from, tiles, panel, width);
            let b = Strided {
                start: panel,
                step: width,
            };
            let to = m.add(i * (outputs * inputs + GAP) + c);
            sweep(outputs, tiles, a, b, width, to, inputs, onto);
            c += width;
        }
    }
}
