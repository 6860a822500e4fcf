//! A stream of modules: where everything is kept, the next module, and whether it is what was
//! packed.

use crate::coder;
use crate::model::{self, mix};
use crate::weave::Loom;

/// What is in front of arrays of which the items before the first are looked at, all 0.
const MARGIN: usize = 8;

static mut LOOM: Loom = Loom::new();

/// Prepares for a stream of modules that have `size` bytes in all, at most 2^20, and returns where
/// the first one will be. `room`, of 14 times as many bytes and some 100, is all 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn start(
    source: *const u8,
    source_end: *const u8,
    room: *mut u32,
    size: usize,
) -> *mut u8 {
    let loom = &raw mut LOOM;
    let loom = &mut *loom;
    (loom.past.items, loom.past.n) = (room, MARGIN);
    loom.uses.items = room.add(size + 2 * MARGIN);
    loom.places = loom.uses.items.add(size);
    loom.pool = (loom.places.add(size) as *mut u8).add(MARGIN);
    loom.pool_end = loom.pool;
    loom.to = loom.pool.add(size + MARGIN);
    model::start();
    coder::start(source, source_end);
    loom.opcodes.start();
    loom.operands.start();
    loom.bytes.start();
    loom.to
}

/// Makes the next module, of `size` bytes, behind the last one. Whether it is what was packed, and
/// the stream's end if it is the last.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn unpack(size: usize, last: bool) -> bool {
    let loom = &raw mut LOOM;
    let loom = &mut *loom;
    let mut at = loom.to;
    loom.end = at.add(size);
    loom.module();
    let (mut sum, mut said) = (0, 0);
    while at < loom.to {
        sum = mix(sum, *at as u32);
        at = at.add(1);
    }
    for i in (0..32).rev() {
        coder::prepare();
        said = said << 1 | coder::bit(1 << 15, sum >> i & 1);
    }
    let complete = !loom.damaged && loom.to == loom.end;
    complete && sum == said && coder::whole() && (!last || coder::ended())
}

/// The lengths of an alphabet's words, before `start`, and how often the packer met its symbols.
#[cfg(pack)]
mod pack {
    use super::*;

    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn lengths(alphabet: u32) -> *mut u8 {
        let loom = &raw mut LOOM;
        match alphabet {
            0 => (*loom).opcodes.lengths.as_mut_ptr(),
            1 => (*loom).operands.lengths.as_mut_ptr(),
            _ => (*loom).bytes.lengths.as_mut_ptr(),
        }
    }

    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn met(alphabet: u32) -> *mut u32 {
        let loom = &raw mut LOOM;
        match alphabet {
            0 => (*loom).opcodes.met(),
            1 => (*loom).operands.met(),
            _ => (*loom).bytes.met(),
        }
    }
}
