//! Walks through a module: which symbol comes next, and what stands around it.
//!
//! A function's opcodes come first, then what follows each of them: which local variable or number
//! it is shows much better when the next instructions are known, too.

use crate::alphabet::Alphabet;
use crate::guide;
use crate::locals::{Locals, Surroundings};
use crate::model::{self, Kind, mix};
use crate::operands::{LOCAL, MISCELLANEOUS, NOTHING, OPCODES, Shape, TABLE, VECTOR, operands};
use crate::repeats::Repeats;

/// Where places begin to be another number: an operand's place takes up to 20 bits.
const PLACE_BITS: u32 = 20;

/// The most bytes of a function's size.
const SIZE: usize = 5;

pub struct Loom {
    pub opcodes: Alphabet<OPCODES>,
    pub operands: Alphabet<256>,
    pub bytes: Alphabet<256>,
    /// All opcodes, and all operands.
    pub past: Repeats,
    pub uses: Repeats,
    /// Beside the items of `uses`: the opcode, and a local's place or where in `pool` they are.
    pub places: *mut u32,
    pub locals: Locals,
    /// All operands but locals, and where their end is.
    pub pool: *mut u8,
    pub pool_end: *mut u8,
    /// Where operands are taken from that are the same as others; null for no others.
    pub from: *const u8,
    /// Hashes of the last operands, and of those at hand up to now.
    pub last: u32,
    pub second: u32,
    pub hash: u32,
    /// Where the module's next byte goes, and where its end will be. Functions are moved when
    /// their size is known, and so are written behind it.
    pub to: *mut u8,
    pub end: *mut u8,
    /// The module's types, and which of them the next function has.
    pub types: *const u8,
    pub signature: *const u8,
    pub damaged: bool,
}

/// Reads a number of seven bits to the byte, the lowest first. A damaged stream gives 0s.
#[inline(always)]
unsafe fn number(mut next: impl FnMut() -> u32) -> u32 {
    let (mut value, mut shift) = (0u32, 0);
    loop {
        let byte = next();
        value |= (byte & 127).wrapping_shl(shift);
        shift += 7;
        if byte < 128 {
            return value;
        }
    }
}

impl Loom {
    pub const fn new() -> Self {
        Loom {
            opcodes: Alphabet::new(),
            operands: Alphabet::new(),
            bytes: Alphabet::new(),
            past: Repeats::new(),
            uses: Repeats::new(),
            places: core::ptr::null_mut(),
            locals: Locals::new(),
            pool: core::ptr::null_mut(),
            pool_end: core::ptr::null_mut(),
            from: core::ptr::null(),
            last: 0,
            second: 0,
            hash: 0,
            to: core::ptr::null_mut(),
            end: core::ptr::null_mut(),
            types: core::ptr::null(),
            signature: core::ptr::null(),
            damaged: false,
        }
    }

    #[inline(never)]
    unsafe fn put(&mut self, byte: u32) {
        if self.to == self.end.add(SIZE) {
            self.damaged = true;
            return;
        }
        *self.to = byte as u8;
        self.to = self.to.add(1);
    }

    #[inline(never)]
    unsafe fn put_number(&mut self, mut value: u32) {
        while value >= 128 {
            self.put(value & 127 | 128);
            value >>= 7;
        }
        self.put(value);
    }

    /// A byte outside of instructions, by those before it and by what it is in.
    #[inline(never)]
    unsafe fn byte(&mut self, kind: Kind, part: u32) -> u32 {
        let first = mix(part, *self.to.sub(1) as u32);
        let second = mix(first, *self.to.sub(2) as u32);
        let third = mix(second, *self.to.sub(3) as u32);
        let fourth = mix(third, *self.to.sub(4) as u32);
        let byte = self
            .bytes
            .symbol(kind, second, third, fourth, guide::byte());
        self.put(byte);
        if self.damaged { 0 } else { byte }
    }

    #[inline(never)]
    unsafe fn number(&mut self, kind: Kind, part: u32) -> u32 {
        number(|| self.byte(kind, part))
    }

    #[inline(never)]
    unsafe fn opcode(&mut self, i: usize) -> u32 {
        let past = &self.past;
        let before = past.items.add(past.n);
        let (trust, expected) = (past.trust(), *past.items.add(past.next));
        let first = *before.sub(1);
        let second = mix(first, *before.sub(2));
        let fourth = mix(mix(second, *before.sub(3)), *before.sub(4));
        let known = guide::opcode(i);
        let mut other = 0;
        if trust > 0 {
            let near = mix(mix(first, expected), trust.min(4));
            let wide = mix(second, expected);
            let known = (known == expected) as u32;
            if model::bit(Kind::Expected, near, wide, trust, 0, known) == 1 {
                return expected;
            }
            other = mix(mix(expected, first), trust.min(4));
        }
        let hint = mix(first, other);
        self.opcodes
            .symbol(Kind::Opcode, second, fourth, hint, known)
    }

    /// A byte of operands, the one in place `i` of them.
    #[inline(never)]
    unsafe fn operand_byte(&mut self, shape: Shape, i: u32, around: &Surroundings) -> u32 {
        let known = guide::byte();
        let byte;
        if self.from.is_null() {
            let hash = self.hash;
            let pair = (*self.pool_end.sub(1) as u32) << 8 | *self.pool_end.sub(2) as u32;
            let a = mix(around.ahead, hash);
            let b = mix(mix(around.before, self.last), hash);
            let c = mix(shape.number() << 2 | i & 3, pair);
            byte = self.operands.symbol(Kind::Operand, a, b, c, known);
        } else {
            byte = *self.from as u32;
            self.from = self.from.add(1);
        }
        self.put(byte);
        if self.damaged {
            return 0;
        }
        *self.pool_end = byte as u8;
        self.pool_end = self.pool_end.add(1);
        self.hash = mix(self.hash, byte);
        byte
    }

    /// An instruction's operands but locals. Those of the last time are expected.
    #[inline(never)]
    unsafe fn operands(&mut self, shape: Shape, around: &Surroundings, expected: u32) {
        self.from = core::ptr::null();
        self.hash = around.opcode;
        if around.trust > 0 {
            let from = self.pool.add(around.expected);
            let a = mix(around.trust, around.opcode);
            let b = mix(around.wide, expected);
            let c = mix(mix(self.last, self.second), expected);
            if model::bit(Kind::Same, a, b, c, 0, guide::same(shape, from)) == 1 {
                self.from = from;
            }
        }
        let (mut i, mut value) = (0, 0);
        let mut next = || {
            i += 1;
            self.operand_byte(shape, i - 1, around)
        };
        for _ in 0..shape.numbers {
            value = number(&mut next);
        }
        if shape == TABLE {
            while value < 1 << 16 {
                number(&mut next);
                value = value.wrapping_sub(1);
            }
        }
        for _ in 0..shape.bytes {
            next();
        }
        (self.last, self.second) = (self.hash, self.last);
    }

    /// What follows the opcode in `past.items`.
    #[inline(never)]
    unsafe fn follow(&mut self, at: *const u32, shape: Shape) {
        let (opcode, before, behind) = (*at, *at.sub(1), *at.add(1));
        let near = mix(mix(before, opcode), behind);
        let mut around = Surroundings {
            opcode,
            before,
            near,
            wide: mix(mix(near, *at.sub(2)), *at.add(2)),
            ahead: mix(mix(opcode, behind), *at.add(2)),
            expected: usize::MAX,
            trust: 0,
        };
        let (uses, trust) = (self.uses.next, self.uses.trust());
        let place = *self.places.add(uses);
        if trust > 0 && place >> PLACE_BITS == opcode {
            around.expected = (place & ((1 << PLACE_BITS) - 1)) as usize;
            around.trust = trust;
        }
        let (item, place) = if shape == LOCAL {
            let Some((local, place)) = self.locals.next(&around, guide::local()) else {
                self.damaged = true;
                return;
            };
            self.put_number(local);
            (mix(place, opcode), place)
        } else {
            let place = self.pool_end.offset_from_unsigned(self.pool) as u32;
            self.operands(shape, &around, *self.uses.items.add(uses));
            (self.hash, place)
        };
        *self.places.add(self.uses.n) = opcode << PLACE_BITS | place;
        self.uses.push(item, 1 << 5);
    }

    /// Adds the next function's parameters to its locals.
    #[inline(always)]
    unsafe fn parameters(&mut self) -> u32 {
        let signature = *self.signature as u32;
        self.signature = self.signature.add(1);
        let mut at = self.types;
        for _ in 0..signature {
            // A form, then two lists: counts and types.
            at = at.add(2 + *at.add(1) as usize);
            at = at.add(1 + *at as usize);
            if at >= self.to {
                self.damaged = true;
                return 0;
            }
        }
        for i in 0..*at.add(1) as usize {
            self.locals.add(*at.add(2 + i) as u32, true);
        }
        signature
    }

    #[inline(always)]
    unsafe fn declarations(&mut self, signature: u32) {
        let mut groups = self.number(Kind::Declaration, signature);
        while groups > 0 && !self.damaged {
            groups -= 1;
            let mut n = self.number(Kind::Declaration, signature);
            let kind = self.byte(Kind::Declaration, signature);
            while n > 0 && !self.damaged {
                n -= 1;
                self.damaged = !self.locals.add(kind & 0x7f, false);
            }
        }
    }

    /// A function's opcodes, up to the end that closes it.
    #[inline(never)]
    unsafe fn instructions(&mut self) {
        let first = self.past.n;
        let mut room = self.end.add(SIZE).offset_from_unsigned(self.to);
        let mut depth = 1;
        while depth > 0 {
            if room == 0 {
                self.damaged = true;
                return;
            }
            room -= 1;
            let opcode = self.opcode(self.past.n - first);
            self.past.push(opcode, 1 << 3);
            match opcode {
                0x02..=0x04 => depth += 1,
                0x0b => depth -= 1,
                _ => {}
            }
        }
        let mut at = self.past.items.add(first);
        let end = self.past.items.add(self.past.n);
        while at < end && !self.damaged {
            let opcode = *at;
            guide::skip_opcode();
            if opcode >= VECTOR {
                let (prefix, first) = if opcode < MISCELLANEOUS {
                    (0xfd, VECTOR)
                } else {
                    (0xfc, MISCELLANEOUS)
                };
                self.put(prefix);
                self.put_number(opcode - first);
            } else {
                self.put(opcode);
            }
            let shape = operands(opcode);
            if shape != NOTHING {
                self.follow(at, shape);
            }
            at = at.add(1);
        }
    }

    #[inline(never)]
    unsafe fn function(&mut self) {
        guide::function();
        self.locals.clear();
        let signature = self.parameters();
        // The size comes first and is known last.
        let start = self.to;
        for _ in 0..SIZE {
            self.put(0);
        }
        let body = self.to;
        self.declarations(signature);
        self.instructions();
        let size = self.to.offset_from_unsigned(body);
        self.to = start;
        self.put_number(size as u32);
        core::ptr::copy(body, self.to, size);
        self.to = self.to.add(size);
    }

    #[inline(always)]
    pub unsafe fn module(&mut self) {
        for _ in 0..8 {
            self.byte(Kind::Byte, 0);
        }
        while self.to < self.end && !self.damaged {
            let section = self.byte(Kind::Byte, 0);
            let mut size = self.number(Kind::Byte, section);
            match section {
                1 => self.types = self.to.add(1),
                3 => self.signature = self.to.add(if size <= 128 { 1 } else { 2 }),
                10 => size = self.number(Kind::Byte, section),
                _ => {}
            }
            while size > 0 && !self.damaged {
                size -= 1;
                if section == 10 {
                    self.function();
                } else {
                    self.byte(Kind::Byte, section);
                }
            }
        }
    }
}
