//! What follows an instruction's opcode.

/// Opcodes behind a prefix are numbered behind the others.
pub const VECTOR: u32 = 0x100;
pub const MISCELLANEOUS: u32 = 0x300;
pub const OPCODES: usize = 0x400;

/// So many numbers (of seven bits to the byte), then so many bytes. Shapes with a kind are told
/// apart only by the model.
#[derive(Clone, Copy, PartialEq)]
pub struct Shape {
    pub numbers: u8,
    pub bytes: u8,
    pub kind: u8,
}

impl Shape {
    pub fn number(self) -> u32 {
        (self.numbers as u32) << 8 | (self.bytes as u32) << 4 | self.kind as u32
    }
}

const fn shape(numbers: u8, bytes: u8, kind: u8) -> Shape {
    Shape {
        numbers,
        bytes,
        kind,
    }
}

pub const NOTHING: Shape = shape(0, 0, 0);
/// The number of a local variable.
pub const LOCAL: Shape = shape(1, 0, 1);
/// A number, one more numbers than it says.
pub const TABLE: Shape = shape(1, 0, 2);
const BLOCK: Shape = shape(1, 0, 0);
const CALLEE: Shape = shape(1, 0, 3);
const CONSTANT: Shape = shape(1, 0, 4);
/// Alignment and offset.
const PLACE: Shape = shape(2, 0, 0);
const PLACE_AND_LANE: Shape = shape(2, 1, 0);
const LANE: Shape = shape(0, 1, 0);

/// What follows.
#[inline(always)]
pub fn operands(opcode: u32) -> Shape {
    match opcode {
        0x02..=0x04 | 0x0c | 0x0d | 0x23 | 0x24 | 0x3f | 0x40 => BLOCK,
        0x0e => TABLE,
        0x10 => CALLEE,
        0x11 => shape(2, 0, 1),
        0x20..=0x22 => LOCAL,
        0x28..=0x3e => PLACE,
        0x41 | 0x42 => CONSTANT,
        0x43 => shape(0, 4, 0),
        0x44 => shape(0, 8, 0),
        // memory.copy and memory.fill name their memories.
        0x30a => shape(0, 2, 0),
        0x30b => LANE,
        0x100..=0x10b | 0x15c | 0x15d => PLACE,
        0x10c | 0x10d => shape(0, 16, 0),
        0x115..=0x122 => LANE,
        0x154..=0x15b => PLACE_AND_LANE,
        _ => NOTHING,
    }
}
