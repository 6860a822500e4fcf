//! How likely a bit is: what PAQ and its kin do, at a fraction of their cost.
//!
//! Three contexts, hashes of what stands around the bit, remember what the bit was there, as one
//! of sixteen states each. How often it is 1 where the three states are these, a table learns: so
//! it learns, too, which context to believe when. All numbers are integers, and the packer and
//! every engine see the same.

use crate::coder;

/// Kinds of bits: each has its part of the table.
#[derive(Clone, Copy)]
pub enum Kind {
    Byte,
    Declaration,
    Expected,
    Opcode,
    Type,
    Local,
    Same,
    Operand,
    Length,
}

const KINDS: usize = 9;

/// What becomes of the states with a 1, and with a 0, four bits each. State 0 is a context never
/// met, 1 to 5 had only ones and 6 to 10 only zeros, ever more; 11 to 15 had both, from few ones
/// to few zeros.
const WITH_ONE: u64 = 0xffed_cccc_cd55_4321;
const WITH_ZERO: u64 = 0xedcb_baa9_87ee_eed6;

/// How much the states speak for a 1 until that is learned, and for a 0.
const FOR_ONE: [u8; 16] = [16, 26, 28, 32, 37, 46, 10, 9, 8, 7, 6, 10, 13, 16, 20, 25];
const FOR_ZERO: [u8; 16] = [16, 10, 9, 8, 7, 6, 26, 28, 32, 37, 46, 25, 20, 16, 13, 10];

/// How slowly the table learns.
const INERTIA: u32 = 6;

/// A slot has a state and four bits of its context's hash, which tell others from it.
const SLOT_BITS: u32 = 19;
static mut SLOTS: [u8; 1 << SLOT_BITS] = [0; 1 << SLOT_BITS];

/// Chances of a 1, times 2^16, by kind and states. They stay away from 0 and 1 by themselves.
static mut CHANCES: [u16; KINDS << 12] = [0; KINDS << 12];

/// Adds to a hash; its upper bits are good ones.
#[inline(always)]
pub fn mix(a: u32, b: u32) -> u32 {
    (a.rotate_left(13) ^ b).wrapping_mul(0x9e37_79b1)
}

pub unsafe fn start() {
    let mut to = &raw mut CHANCES as *mut u16;
    for i in 0..1 << 12 {
        let of = |table: &[u8; 16]| {
            [i >> 8, i >> 4, i]
                .iter()
                .fold(1 << 14, |all, at| all * table[at & 15] as u64)
        };
        let (one, zero) = (of(&FOR_ONE), of(&FOR_ZERO));
        let chance = (one << 2) / ((one + zero) >> 14);
        for kind in 0..KINDS {
            *to.add(kind << 12) = chance as u16;
        }
        to = to.add(1);
    }
}

/// A context's slot, the part of its hash that is to be there, its state.
#[inline(always)]
unsafe fn slot(context: u32) -> (*mut u8, u32, u32) {
    let hash = context.wrapping_mul(0x2c1b_3c6d);
    let place = (&raw mut SLOTS as *mut u8).add((hash >> (32 - SLOT_BITS)) as usize);
    let (slot, check) = (*place as u32, hash & 0xf0);
    (
        place,
        check,
        if slot & 0xf0 == check { slot & 15 } else { 0 },
    )
}

/// A bit of a kind in its contexts, where `node` is a part of each: the bits before it. The packer
/// knows it.
#[inline(never)]
pub unsafe fn bit(kind: Kind, a: u32, b: u32, c: u32, node: u32, known: u32) -> u32 {
    coder::prepare();
    let salt = (node << 4 | kind as u32).wrapping_mul(0x85eb_ca6b);
    let (place_a, check_a, a) = slot(a ^ salt);
    let (place_b, check_b, b) = slot(b ^ salt.wrapping_add(0x3c6e_f372));
    let (place_c, check_c, c) = slot(c ^ salt.wrapping_add(0x78dd_e6e4));
    let states = (kind as u32) << 12 | a << 8 | b << 4 | c;
    let place = (&raw mut CHANCES as *mut u16).add(states as usize);
    let chance = *place as u32;
    let bit = coder::bit(chance, known);
    let (next, target) = if bit == 1 {
        (WITH_ONE, 0xffff)
    } else {
        (WITH_ZERO, 0)
    };
    *place = (chance + (target >> INERTIA) - (chance >> INERTIA)) as u16;
    *place_a = (check_a | (next >> (4 * a)) as u32 & 15) as u8;
    *place_b = (check_b | (next >> (4 * b)) as u32 & 15) as u8;
    *place_c = (check_c | (next >> (4 * c)) as u32 & 15) as u8;
    bit
}
