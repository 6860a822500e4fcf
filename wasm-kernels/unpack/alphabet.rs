//! Symbols as bits: a Huffman code, so that frequent ones take few. The lengths of its words come
//! with the stream.

use crate::guide;
use crate::model::{self, Kind};

/// Words have fewer bits than that.
pub const LONGEST: usize = 16;

pub struct Alphabet<const SIZE: usize> {
    /// The bits of each symbol's word; 0 if it has none.
    pub lengths: [u8; SIZE],
    codes: Codes,
    sorted: [u16; SIZE],
}

/// What finds a symbol.
pub struct Codes {
    /// How many words there are of each length,
    pub counts: [u16; LONGEST],
    /// and the symbols in the order of their words.
    pub sorted: *mut u16,
    /// How often the packer met each symbol.
    #[cfg(pack)]
    pub met: [u32; 1024],
}

impl<const SIZE: usize> Alphabet<SIZE> {
    pub const fn new() -> Self {
        Alphabet {
            lengths: [0; SIZE],
            codes: Codes::new(),
            sorted: [0; SIZE],
        }
    }

    /// Reads the lengths.
    pub unsafe fn start(&mut self) {
        self.codes.sorted = self.sorted.as_mut_ptr();
        self.codes.start(self.lengths.as_mut_ptr(), SIZE);
    }

    /// A symbol in its contexts.
    #[inline(always)]
    pub unsafe fn symbol(&mut self, kind: Kind, a: u32, b: u32, c: u32, known: u32) -> u32 {
        self.codes.symbol(kind, a, b, c, known)
    }

    #[cfg(pack)]
    pub fn met(&mut self) -> *mut u32 {
        self.codes.met.as_mut_ptr()
    }
}

impl Codes {
    const fn new() -> Self {
        Codes {
            counts: [0; LONGEST],
            sorted: core::ptr::null_mut(),
            #[cfg(pack)]
            met: [0; 1024],
        }
    }

    #[inline(never)]
    unsafe fn start(&mut self, lengths: *mut u8, size: usize) {
        let (mut last, mut second) = (0, 0);
        for i in 0..size {
            let length = lengths.add(i);
            let known = *length as u32;
            let mut node = 1;
            for bit in (0..4).rev() {
                let known = known >> bit & 1;
                let pair = last << 4 | second;
                node = node << 1 | model::bit(Kind::Length, last, pair, 0, node, known);
            }
            (second, last) = (last, node & 15);
            *length = last as u8;
            *self.counts.get_unchecked_mut(last as usize) += 1;
        }
        let mut to = self.sorted;
        for length in 1..LONGEST {
            for i in 0..size {
                if *lengths.add(i) as usize == length {
                    *to = i as u16;
                    to = to.add(1);
                }
            }
        }
    }

    #[inline(never)]
    unsafe fn symbol(&mut self, kind: Kind, a: u32, b: u32, c: u32, known: u32) -> u32 {
        let word = guide::word(self, known);
        let (mut node, mut from, mut above) = (1, 0, 0);
        for length in 1..LONGEST {
            let known = word >> (LONGEST - 1 - length) & 1;
            let bit = model::bit(kind, a, b, c, node, known);
            node = node << 1 | bit;
            // Words of one length are numbers in a row, which begins behind twice the last.
            above = above << 1 | bit;
            let count = *self.counts.get_unchecked(length) as u32;
            if above < count {
                return *self.sorted.add((from + above) as usize) as u32;
            }
            above -= count;
            from += count;
        }
        // There is no such word: the stream is damaged, and what is made of it will not add up.
        0
    }
}
