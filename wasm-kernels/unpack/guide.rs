//! What the packer knows and the unpacker is to find out: both ask the same questions, and the
//! unpacker does not look at the answers.

#[cfg(not(pack))]
mod half {
    use crate::alphabet::Codes;
    use crate::operands::Shape;

    #[inline(always)]
    pub unsafe fn byte() -> u32 {
        0
    }
    #[inline(always)]
    pub unsafe fn function() {}
    #[inline(always)]
    pub unsafe fn opcode(_i: usize) -> u32 {
        0
    }
    #[inline(always)]
    pub unsafe fn skip_opcode() {}
    #[inline(always)]
    pub unsafe fn local() -> u32 {
        0
    }
    #[inline(always)]
    pub unsafe fn same(_shape: Shape, _other: *const u8) -> u32 {
        0
    }
    #[inline(always)]
    pub unsafe fn word(_codes: &mut Codes, _symbol: u32) -> u32 {
        0
    }
}

#[cfg(pack)]
mod half {
    use crate::alphabet::{Codes, LONGEST};
    use crate::operands::{MISCELLANEOUS, Shape, TABLE, VECTOR, operands};

    /// The module's next byte.
    static mut AT: *const u8 = core::ptr::null();
    /// A function's opcodes.
    static mut OPCODES: [u16; 1 << 18] = [0; 1 << 18];

    /// Reads a number, seven bits to the byte, the lowest first.
    unsafe fn number(at: &mut *const u8) -> u32 {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = **at as u32;
            *at = at.add(1);
            value |= (byte & 127).wrapping_shl(shift);
            shift += 7;
            if byte < 128 {
                return value;
            }
        }
    }

    unsafe fn read_opcode(at: &mut *const u8) -> u32 {
        let byte = **at as u32;
        *at = at.add(1);
        match byte {
            0xfc => MISCELLANEOUS + number(at),
            0xfd => VECTOR + number(at),
            _ => byte,
        }
    }

    /// Where an instruction's operands end.
    unsafe fn behind(shape: Shape, mut at: *const u8) -> *const u8 {
        let mut value = 0;
        for _ in 0..shape.numbers {
            value = number(&mut at);
        }
        if shape == TABLE {
            for _ in 0..=value {
                number(&mut at);
            }
        }
        at.add(shape.bytes as usize)
    }

    /// Names the module that is packed next.
    #[unsafe(no_mangle)]
    pub unsafe extern "C" fn guide(module: *const u8) {
        AT = module;
    }

    pub unsafe fn byte() -> u32 {
        let byte = *AT as u32;
        AT = AT.add(1);
        byte
    }

    /// Reads a function's size, and its opcodes in advance.
    pub unsafe fn function() {
        let mut at = AT;
        let size = number(&mut at);
        AT = at;
        let end = at.add(size as usize);
        for _ in 0..number(&mut at) {
            number(&mut at);
            at = at.add(1);
        }
        let mut to = &raw mut OPCODES as *mut u16;
        while at < end {
            let opcode = read_opcode(&mut at);
            *to = opcode as u16;
            to = to.add(1);
            at = behind(operands(opcode), at);
        }
    }

    /// The function's opcode `i`.
    pub unsafe fn opcode(i: usize) -> u32 {
        OPCODES[i] as u32
    }

    pub unsafe fn skip_opcode() {
        let mut at = AT;
        read_opcode(&mut at);
        AT = at;
    }

    pub unsafe fn local() -> u32 {
        let mut at = AT;
        let local = number(&mut at);
        AT = at;
        local
    }

    /// Whether the next operands are those at `other`.
    pub unsafe fn same(shape: Shape, other: *const u8) -> u32 {
        let n = behind(shape, AT).offset_from_unsigned(AT);
        (0..n).all(|i| *AT.add(i) == *other.add(i)) as u32
    }

    /// A symbol's word, from the highest of `LONGEST - 1` bits on. Counts the symbol.
    pub unsafe fn word(codes: &mut Codes, symbol: u32) -> u32 {
        codes.met[symbol as usize] += 1;
        let (mut word, mut from) = (0, 0);
        for length in 1..LONGEST {
            word <<= 1;
            let count = codes.counts[length] as usize;
            for i in 0..count {
                if *codes.sorted.add(from + i) as u32 == symbol {
                    return (word + i as u32) << (LONGEST - 1 - length);
                }
            }
            word += count as u32;
            from += count;
        }
        core::arch::wasm32::unreachable()
    }
}

pub use half::*;
